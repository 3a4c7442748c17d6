"""The layer's build: whole or not at all, and only when something has changed."""

from pathlib import Path

import pytest

from layer import build as layer_build
from layer.build import LayerBuildError, Platform, build, folder_of, stamp_of


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock without any package: what can be installed everywhere, without network."""
    file = tmp_path / "lambda.txt"
    file.write_text("# nothing\n", encoding="utf-8")
    return file


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Platform]:
    """Stands in for uv, and says for what it was called."""
    calls: list[Platform] = []

    def install(platform: Platform, target: Path, lock: Path) -> None:
        calls.append(platform)
        target.mkdir(parents=True)
        (target / "library.py").write_text(lock.read_text(encoding="utf-8"), encoding="utf-8")

    monkeypatch.setattr(layer_build, "_install", install)
    return calls


def test_a_second_build_does_nothing(tmp_path: Path, lock: Path, installed: list[Platform]) -> None:
    """So that it needs no network."""
    assert build(Platform.ARM64, root=tmp_path, lock=lock) is True
    assert build(Platform.ARM64, root=tmp_path, lock=lock) is False
    assert installed == [Platform.ARM64]


def test_a_changed_lock_is_built_again(tmp_path: Path, lock: Path, installed: list[Platform]) -> None:
    """And takes the place of the old build."""
    build(Platform.HOST, root=tmp_path, lock=lock)
    lock.write_text("# something\n", encoding="utf-8")

    assert build(Platform.HOST, root=tmp_path, lock=lock) is True
    assert (folder_of(Platform.HOST, tmp_path) / "python" / "library.py").read_text(encoding="utf-8") == "# something\n"


def test_platforms_do_not_disturb_each_other(tmp_path: Path, lock: Path, installed: list[Platform]) -> None:
    """The sandbox's build and the one for Lambda lie side by side."""
    build(Platform.HOST, root=tmp_path, lock=lock)
    build(Platform.ARM64, root=tmp_path, lock=lock)

    assert build(Platform.HOST, root=tmp_path, lock=lock) is False


def test_a_build_that_fails_leaves_the_old_one(tmp_path: Path, lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half-made is ever deployed."""
    old = folder_of(Platform.ARM64, tmp_path) / "python"
    old.mkdir(parents=True)

    def fail(platform: Platform, target: Path, lock: Path) -> None:
        target.mkdir(parents=True)
        raise LayerBuildError("no network")

    monkeypatch.setattr(layer_build, "_install", fail)

    with pytest.raises(LayerBuildError, match="no network"):
        build(Platform.ARM64, root=tmp_path, lock=lock)

    assert [path.name for path in (tmp_path / "build").iterdir()] == ["layer-arm64"]
    assert old.is_dir()


def test_what_uv_says_is_told(tmp_path: Path) -> None:
    """With the lock and the platform that it was about."""
    lock = tmp_path / "lambda.txt"
    lock.write_text("not a requirement!\n", encoding="utf-8")

    with pytest.raises(LayerBuildError, match=r"uv could not install lambda.txt for arm64:\n"):
        build(Platform.ARM64, root=tmp_path, lock=lock)


def test_an_empty_lock_is_built_by_uv_itself(tmp_path: Path, lock: Path) -> None:
    """The command line is one that uv takes."""
    assert build(Platform.ARM64, root=tmp_path, lock=lock) is True
    assert (folder_of(Platform.ARM64, tmp_path) / "python").is_dir()


def test_a_stamp_says_what_a_build_depends_on(lock: Path) -> None:
    """Lock, platform and Python."""
    stamps = {stamp_of(platform, lock) for platform in Platform}

    assert len(stamps) == len(Platform)
    assert stamp_of(Platform.ARM64, lock).endswith(" arm64 python3.13")
