"""The run's own certificate authority."""

import stat
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from sandbox.emulator.certificate import LIFETIME, write_certificate


def test_certificate_is_the_authoritys_and_names_the_loopback(tmp_path: Path) -> None:
    """Signed by it, good for 127.0.0.1 and localhost, for a few days only."""
    paths = write_certificate(tmp_path)
    authority, server = (x509.load_pem_x509_certificate(path.read_bytes()) for path in paths[:2])

    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert server.not_valid_after_utc <= datetime.now(UTC) + LIFETIME


def test_key_is_the_owners_only(tmp_path: Path) -> None:
    """Nobody else on the machine may read it."""
    assert stat.S_IMODE(write_certificate(tmp_path)[2].stat().st_mode) == 0o600


def test_two_runs_share_no_authority(tmp_path: Path) -> None:
    """A client of one run does not trust another's emulator."""
    first, second = (write_certificate(tmp_path / name)[0].read_bytes() for name in "ab")

    assert first != second
