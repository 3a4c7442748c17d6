"""Code for Lambda: archives and assets as zip files, the same bytes for the same content."""

import base64
import hashlib
import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pulumi

from sandbox.provider.wire import Value

ELIDED: Final = "elided:"
"""Starts the address of code of which only the engine's hash is here."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip can hold


def zip_bytes(code: Value) -> bytes:
    """*code* as one zip; a path that already is a file is taken for a zip."""
    if isinstance(code, pulumi.FileArchive) and Path(code.path).is_file():
        return Path(code.path).read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, executable in sorted(_entries("", code)):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def code_sha256(code: Value) -> str:
    """The digest that Lambda shows for this code."""
    return base64.b64encode(hashlib.sha256(zip_bytes(code)).digest()).decode()


def elided_hash(code: Value) -> str | None:
    """The engine's own hash of code that came without its content; None where the content is here."""
    uri = getattr(code, "uri", "")
    return uri.removeprefix(ELIDED) if uri.startswith(ELIDED) else None


def _entries(prefix: str, code: Value) -> Iterator[tuple[str, bytes, bool]]:
    """(name in the zip, content, executable) of everything in *code*."""
    if isinstance(code, pulumi.StringAsset):
        yield prefix, code.text.encode(), False
    elif isinstance(code, pulumi.FileAsset):
        yield prefix, *_file(Path(code.path))
    elif isinstance(code, pulumi.AssetArchive):
        for name, part in code.assets.items():
            yield from _entries(f"{prefix}/{name}" if prefix else name, part)
    elif isinstance(code, pulumi.FileArchive):
        yield from _folder(prefix, Path(code.path))
    else:
        raise TypeError(f"code: a {type(code).__name__} would be fetched from elsewhere: give files or text")


def _folder(prefix: str, root: Path) -> Iterator[tuple[str, bytes, bool]]:
    if not root.is_dir():
        raise FileNotFoundError(f"code: {root} is neither a folder nor a zip: build it before deploying")
    for path in root.rglob("*"):
        if path.is_file():
            name = path.relative_to(root).as_posix()
            yield (f"{prefix}/{name}" if prefix else name), *_file(path)


def _file(path: Path) -> tuple[bytes, bool]:
    return path.read_bytes(), bool(path.stat().st_mode & stat.S_IXUSR)
