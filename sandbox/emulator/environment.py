"""What the emulator's process is given to live with, and nothing of its starter's: functions inherit all of it."""

import os
from pathlib import Path

CALLS = "calls.jsonl"
LOG = "emulator.log"
TLS = "tls"

# What a process needs of its machine; no proxy, no CA bundle, no PYTHON*, no AWS_* of the starter's may reach a function.
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")

_FOLDER = [Path()]


def make(folder: Path, port: int, authority: Path, certificate: Path, key: Path) -> dict[str, str]:
    """The environment of the emulator that lives in *folder* and serves *port* of the loopback interface."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "STACKMEND_EMULATOR": str(folder),
        "HOME": str(folder),  # ~/.aws of whoever starts a drill is none of the functions' business
        "TMPDIR": str(temporary),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate),
        "MINISTACK_SSL_KEY": str(key),
        # Functions and custom resources speak to the emulator alone, so its authority is all that they trust.
        "AWS_CA_BUNDLE": str(authority),
        "REQUESTS_CA_BUNDLE": str(authority),
        "SSL_CERT_FILE": str(authority),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # its broker would listen on every interface
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",  # it would remove containers that it takes for its own
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def enter(folder: Path) -> None:
    """Remember, in the emulator's own process, where it lives."""
    _FOLDER[0] = folder


def folder() -> Path:
    """Where the emulator of this process lives."""
    return _FOLDER[0]
