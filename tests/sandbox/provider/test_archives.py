"""The same code makes the same zip, wherever and whenever it lies."""

import io
import os
import zipfile
from pathlib import Path

import pulumi
import pytest

from sandbox.provider.archives import ELIDED, code_sha256, elided_hash, zip_bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "handlers" / "domain").mkdir(parents=True)
    (tmp_path / "handlers" / "intake.py").write_text("x = 1\n")
    (tmp_path / "handlers" / "domain" / "plan.py").write_text("y = 2\n")
    script = tmp_path / "handlers" / "run"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    return tmp_path / "handlers"


def content(code: object) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(zip_bytes(code))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_folder_becomes_entries(folder: Path) -> None:
    """A FileArchive's files lie at the root of the zip."""
    assert content(pulumi.FileArchive(str(folder))) == {
        "domain/plan.py": b"y = 2\n",
        "intake.py": b"x = 1\n",
        "run": b"#!/bin/sh\n",
    }


def test_parts_lie_where_they_are_named(folder: Path) -> None:
    """An AssetArchive puts folders, files and texts under their names."""
    code = pulumi.AssetArchive(
        {
            "handlers": pulumi.FileArchive(str(folder)),
            "cell.json": pulumi.StringAsset("{}"),
            "one.py": pulumi.FileAsset(str(folder / "intake.py")),
            "nested": pulumi.AssetArchive({"a.txt": pulumi.StringAsset("a")}),
        }
    )
    assert sorted(content(code)) == [
        "cell.json",
        "handlers/domain/plan.py",
        "handlers/intake.py",
        "handlers/run",
        "nested/a.txt",
        "one.py",
    ]


def test_bytes_do_not_depend_on_time_or_umask(folder: Path) -> None:
    """A fresh checkout of the same files is no change."""
    before = code_sha256(pulumi.FileArchive(str(folder)))
    os.utime(folder / "intake.py", (1, 1))
    (folder / "intake.py").chmod(0o600)
    assert code_sha256(pulumi.FileArchive(str(folder))) == before


def test_content_and_execute_bit_count(folder: Path) -> None:
    """A changed line changes the digest, and so does a file that may no longer run."""
    digests = {code_sha256(pulumi.FileArchive(str(folder)))}
    (folder / "run").chmod(0o644)
    digests.add(code_sha256(pulumi.FileArchive(str(folder))))
    (folder / "intake.py").write_text("x = 2\n")
    digests.add(code_sha256(pulumi.FileArchive(str(folder))))
    assert len(digests) == 3


def test_zip_file_is_taken_as_it_is(tmp_path: Path) -> None:
    """What was built elsewhere is not packed a second time."""
    (tmp_path / "layer.zip").write_bytes(b"bytes of a zip")
    assert zip_bytes(pulumi.FileArchive(str(tmp_path / "layer.zip"))) == b"bytes of a zip"


def test_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    """A layer that nobody built is named."""
    with pytest.raises(FileNotFoundError, match=r"layer is neither a folder nor a zip: build it before deploying"):
        zip_bytes(pulumi.FileArchive(str(tmp_path / "layer")))


def test_code_from_elsewhere_is_refused() -> None:
    """Nothing is fetched from the network."""
    with pytest.raises(TypeError, match="a RemoteArchive would be fetched from elsewhere: give files or text"):
        zip_bytes(pulumi.RemoteArchive("https://example.com/a.zip"))


def test_elided_code_keeps_its_hash() -> None:
    """Code without content is told apart from code with it, also when the hash is empty."""
    assert elided_hash(pulumi.RemoteArchive(f"{ELIDED}abc")) == "abc"
    assert elided_hash(pulumi.RemoteArchive(ELIDED)) == ""
    assert elided_hash(pulumi.StringAsset("a")) is None
    assert elided_hash("a text") is None
