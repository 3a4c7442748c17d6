"""An engine is found or built whole, by one process at a time, or the reader is told what to install."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from sandbox.engine import build
from sandbox.engine.build import EngineBuildFailedError, EngineMissingError, built_engine, find_engine, installed_engine
from sandbox.engine.versions import engine_version, least_go_version

GO = """#!/bin/sh
echo "$@" >> {calls}
case "$1 $2" in
  "env GOVERSION") echo {version};;
  "env GOTOOLCHAIN") echo {toolchain};;
  "list -m") echo {sdk};;
  "build -v") {building};;
esac
"""
BUILDS = 'for last; do out=$before; before=$last; done; echo compiling; sleep 0.2; echo engine > "$out"'


class Machine:
    """A PATH, a cache and a Go that only pretends to build."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.cache = folder / "cache"
        self.sdk = folder / "sdk"
        self.calls = folder / "calls"
        self.bin.mkdir()
        (self.sdk / "python" / "cmd").mkdir(parents=True)
        (self.sdk / "python" / "cmd" / build.PROGRAM_RUNNER).write_text("runner")

    def has(self, name: str, script: str, folder: Path | None = None) -> Path:
        path = (folder or self.bin) / name
        path.write_text(script)
        path.chmod(0o755)
        return path

    def has_go(self, version: str = "go1.26.8", toolchain: str = "local", building: str = BUILDS) -> None:
        self.has("go", GO.format(calls=self.calls, version=version, toolchain=toolchain, sdk=self.sdk, building=building))

    def builds(self) -> int:
        return self.calls.read_text().count("build -v")

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.cache / "stackmend" / "engine").iterdir())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(made.cache))
    return made


def test_installed_engine_is_used(machine: Machine) -> None:
    """A Pulumi that is new enough and has its language host is taken as it is."""
    pulumi = machine.has("pulumi", "#!/bin/sh\necho v3.999.0")
    machine.has("pulumi-language-python", "#!/bin/sh")

    assert pulumi == find_engine()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("#!/bin/sh\necho v3.99.0", "is version v3.99.0, older than"),
        ("#!/bin/sh\nexit 1", "is version unknown, older than"),
        ("#!/bin/sh\necho v3.999.0", "has no pulumi-language-python beside it"),
    ],
)
def test_installed_engine_that_cannot_serve_is_passed_over(machine: Machine, script: str, why: str) -> None:
    """Too old, broken or without a language host: the reason is kept for the message."""
    machine.has("pulumi", script)

    found, reason = installed_engine()

    assert found is None
    assert why in reason


def test_engine_is_built_once(machine: Machine) -> None:
    """The second call finds what the first one built, whole: engine, program runner and door to the language host."""
    machine.has_go()
    said: list[str] = []

    first, second = find_engine(said.append), find_engine(said.append)

    assert first == second == built_engine()
    assert machine.builds() == 1
    assert sorted(path.name for path in first.parent.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    ]
    assert said[0].startswith("no pulumi is on PATH; building ")
    assert said[1:] == ["compiling"]


def test_two_builds_at_once_become_one(machine: Machine) -> None:
    """The second waits for the first one's lock, says so, and builds nothing."""
    machine.has_go()
    said: list[str] = []

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: find_engine(said.append), range(2)))

    assert found == [built_engine()] * 2
    assert machine.builds() == 1
    assert "another process is building the engine: waiting for it" in said


def test_waiting_build_starts_when_the_lock_is_free(machine: Machine) -> None:
    """A lock is waited for as long as its holder lives, and no longer."""
    machine.has_go()
    folder = built_engine().parent
    folder.parent.mkdir(parents=True)
    waits = Event()
    with ThreadPoolExecutor(1) as pool, folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = pool.submit(find_engine, lambda line: waits.set() if line.startswith("another") else None)
        assert waits.wait(10)
        assert machine.calls.read_text().count("build -v") == 0
        lock.close()

        assert built_engine() == found.result(10)


def test_failed_build_leaves_nothing_and_says_why(machine: Machine) -> None:
    """What Go said stands in the message, with the way around; the cache holds no half."""
    machine.has_go(building='echo "no space left on device"; exit 2')

    with pytest.raises(EngineBuildFailedError, match=r"ended with 2(.|\n)*or install the Pulumi CLI(.|\n)*no space left"):
        find_engine()

    assert machine.left() == [f"{built_engine().parent.name}.lock"]


def test_moved_program_runner_is_named(machine: Machine) -> None:
    """An SDK that no longer ships the runner is a failed build, not an engine that cannot run programs."""
    machine.has_go()
    (machine.sdk / "python" / "cmd" / build.PROGRAM_RUNNER).unlink()

    with pytest.raises(EngineBuildFailedError, match="is not where the Pulumi SDK keeps it"):
        find_engine()

    assert machine.left() == [f"{built_engine().parent.name}.lock"]


def test_next_build_clears_what_a_killed_one_left(machine: Machine) -> None:
    """A build that was killed could not tidy up; the next one does."""
    machine.has_go()
    killed = built_engine().parent.with_name(f"{built_engine().parent.name}.partial-1")
    killed.mkdir(parents=True)

    find_engine()

    assert machine.left() == [built_engine().parent.name, f"{built_engine().parent.name}.lock"]


def test_interrupted_build_leaves_nothing(machine: Machine) -> None:
    """Ctrl-C ends Go and what it started, and takes the half-built folder away."""
    machine.has_go(building="echo compiling; exec sleep 60")
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from sandbox.engine.__main__ import main; main()"
    running = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        deadline = time.monotonic() + 20
        while not (machine.calls.exists() and machine.builds()) and time.monotonic() < deadline:
            time.sleep(0.05)  # the pretended Go writes a file; nothing announces it
        os.kill(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=20)
    finally:
        running.kill()

    assert "interrupted: nothing half-built is left" in said
    assert machine.left() == [f"{built_engine().parent.name}.lock"]


def test_neither_pulumi_nor_go_names_both_remedies(machine: Machine) -> None:
    """The reader learns what is missing and the least version of either."""
    if Path("/usr/bin/go").exists() or Path("/bin/go").exists():
        pytest.skip("this machine has Go where PATH must look for the shell's own commands")

    with pytest.raises(EngineMissingError) as told:
        find_engine()

    assert str(told.value) == (
        "no pulumi is on PATH, and no go is on PATH that could build it: install the Pulumi CLI"
        f" {engine_version()} or newer, or Go {least_go_version()} or newer, and try again"
    )


@pytest.mark.parametrize(("version", "toolchain"), [("go1.24.1", "local"), ("go1.20.3", "auto")])
def test_old_go_that_cannot_switch_is_refused(machine: Machine, version: str, toolchain: str) -> None:
    """Before 1.21, or pinned to itself, an old Go would fail with a message about go.mod."""
    machine.has_go(version, toolchain)

    with pytest.raises(EngineMissingError, match=f"is {version}, older than {least_go_version()}: install"):
        find_engine()


def test_old_go_that_can_switch_builds(machine: Machine) -> None:
    """From 1.21 on Go fetches the toolchain that go.mod asks for by itself."""
    machine.has_go("go1.22.0", "auto")

    assert built_engine() == find_engine()


def test_cache_path_names_version_and_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another engine version or other dependencies never meet the old build."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/reader")

    folder = built_engine().parent

    assert Path("/home/reader/.cache/stackmend/engine") == folder.parent
    version, digest = folder.name.rsplit("-", 1)
    assert version == engine_version()
    assert len(digest) == 12
