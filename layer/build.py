"""Builds the functions' layer from the lock: `python -m layer.build --platform arm64|x86_64|host`.

A build that is there and matches the lock is kept, so a second run needs no network.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements" / "lambda.txt"
STAMP = "stamp"
PYTHON = "3.13"
"""Lambda's python3.13; the host's build takes the Python that runs this."""


class Platform(StrEnum):
    """Where the functions run."""

    ARM64 = "arm64"
    X86_64 = "x86_64"
    HOST = "host"  # this machine, for an emulator that starts functions with its own Python


TAGS = {Platform.ARM64: "aarch64-manylinux2014", Platform.X86_64: "x86_64-manylinux2014"}
"""uv's names; manylinux2014 (glibc 2.17) runs on the Amazon Linux 2023 of python3.13 (glibc 2.34)."""


class LayerBuildError(Exception):
    """The libraries could not be put together."""


def folder_of(platform: Platform, root: Path = ROOT) -> Path:
    """Where the build of *platform* lies; its `python` folder is what Lambda puts on the path."""
    return root / "build" / f"layer-{platform.value}"


def stamp_of(platform: Platform, lock: Path = LOCK) -> str:
    """What the build depends on: lock, platform and Python."""
    python = PYTHON if platform is not Platform.HOST else ".".join(map(str, sys.version_info[:2]))
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {platform.value} python{python}"


def build(platform: Platform, *, root: Path = ROOT, lock: Path = LOCK) -> bool:
    """Make the layer's folder, whole or not at all; False when the one that is there matches."""
    target, stamp = folder_of(platform, root), stamp_of(platform, lock)
    kept = target.with_name(f"{target.name}.{STAMP}")
    if target.is_dir() and kept.is_file() and kept.read_text(encoding="utf-8") == stamp:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.") as unfinished:
        folder = Path(unfinished) / "layer"
        _install(platform, folder / "python", lock)
        kept.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    kept.write_text(stamp, encoding="utf-8")
    return True


def _install(platform: Platform, target: Path, lock: Path) -> None:
    where = ["--python", sys.executable] if platform is Platform.HOST else ["--python-version", PYTHON]
    built_for = ["--python-platform", TAGS[platform]] if platform in TAGS else []
    only_wheels = ["--only-binary", ":all:"]  # a source build would be this machine's, not the function's
    command = [
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-compile", "--require-hashes"),
        *(*only_wheels, *where, *built_for, "--target", str(target), "--requirements", str(lock)),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise LayerBuildError(f"uv could not install {lock.name} for {platform.value}:\n{finished.stderr.strip()}")
    for cache in (*target.rglob("__pycache__"), target / "bin"):
        shutil.rmtree(cache, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", type=Platform, choices=list(Platform), default=Platform.ARM64)
    platform = parser.parse_args().platform
    try:
        was_built = build(platform)
    except LayerBuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{folder_of(platform)}: {'built' if was_built else 'up to date'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
