"""Find the Pulumi engine: the installed one where it is new enough, else one built from source once per user."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.engine.process import guarded
from sandbox.engine.versions import engine_version, least_go_version, numbers

HERE = Path(__file__).parent
PROGRAM_RUNNER = "pulumi-language-python-exec"
LANGUAGE_HOST = "pulumi-language-python"
HOST_VARIABLE = "STACKMEND_LANGUAGE_HOST"
"""Names the launcher of the run that starts the engine (`sandbox.engine.launcher`)."""

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_LEAST_SWITCHING_GO = (1, 21, 0)
"""From 1.21 on Go fetches the toolchain that go.mod asks for by itself (https://go.dev/doc/toolchain)."""

Report = Callable[[str], None]
"""Is told, in one line, what is being done now."""


class EngineMissingError(RuntimeError):
    """Neither a usable Pulumi nor a Go that could build one is on this machine."""


class EngineBuildFailedError(RuntimeError):
    """Go could not build the engine."""


def find_engine(progress: Report = lambda _line: None) -> Path:
    """The `pulumi` to run; building it, where it must be, takes minutes and is reported line by line to *progress*."""
    installed, why_not = installed_engine()
    if installed is not None:
        return installed
    built = built_engine()
    if is_whole(built.parent):
        return built
    go = _go(why_not)
    progress(f"{why_not}; building {engine_version()} once into {built.parent} (about 4 minutes on 2 cores)")
    with _alone(built.parent, progress):
        if not is_whole(built.parent):
            _build(go, built.parent, progress)
    return built


def installed_engine() -> tuple[Path | None, str]:
    """The installed `pulumi`, or None and the reason why there is none that can be used."""
    found = shutil.which("pulumi")
    if found is None:
        return None, "no pulumi is on PATH"
    stated = _output([found, "version"], {"PULUMI_SKIP_UPDATE_CHECK": "true"})
    if stated is None or numbers(stated) < numbers(engine_version()):
        return None, f"{found} is version {stated or 'unknown'}, older than {engine_version()}"
    if not has_language_host(Path(found)):
        return None, f"{found} has no {LANGUAGE_HOST} beside it"
    return Path(found), ""


def has_language_host(engine: Path) -> bool:
    """Whether *engine* came with its own Python language host; it looks for it beside itself, links resolved."""
    return (engine.resolve().parent / LANGUAGE_HOST).exists()


def built_engine() -> Path:
    """Where the engine of these sources lies in the user's cache, built or not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256((HERE / "go.sum").read_bytes()).hexdigest()[:12]
    return cache / "stackmend" / "engine" / f"{engine_version()}-{digest}" / "pulumi"


def is_whole(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("pulumi", PROGRAM_RUNNER, LANGUAGE_HOST))


def _go(why_no_engine: str) -> str:
    """The `go` command, when it is able to build the engine."""
    least = least_go_version()
    remedy = f"install the Pulumi CLI {engine_version()} or newer, or Go {least} or newer, and try again"
    go = shutil.which("go")
    if go is None:
        raise EngineMissingError(f"{why_no_engine}, and no go is on PATH that could build it: {remedy}")
    stated = _output([go, "env", "GOVERSION"], {"GOTOOLCHAIN": "local"}) or "go0.0"
    can_switch = numbers(stated) >= _LEAST_SWITCHING_GO and _output([go, "env", "GOTOOLCHAIN"], {}) != "local"
    if numbers(stated) < numbers(least) and not can_switch:
        raise EngineMissingError(f"{why_no_engine}, and {go} is {stated}, older than {least}: {remedy}")
    return go


def _output(command: list[str], extra: dict[str, str]) -> str | None:
    # run from the root folder: a go.mod in the caller's folder would make Go switch its version
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={**os.environ, **extra})
    return done.stdout.strip() if done.returncode == 0 else None


@contextmanager
def _alone(folder: Path, progress: Report) -> Iterator[None]:
    """Hold the lock on *folder*'s build; the kernel gives it back whatever becomes of this process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is building the engine: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(go: str, folder: Path, progress: Report) -> None:
    """Build beside *folder* and rename, so that it is whole or not there. Called under the lock."""
    for left_behind in folder.parent.glob(f"{folder.name}.partial-*"):  # of a build that was killed
        shutil.rmtree(left_behind)
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.partial-", dir=folder.parent))
    try:
        _run_go(go, partial, progress)
        _copy_program_runner(go, partial)
        write_host_door(partial)
        shutil.rmtree(partial / "tmp")
        shutil.rmtree(folder, ignore_errors=True)
        partial.chmod(0o755)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _run_go(go: str, partial: Path, progress: Report) -> None:
    (partial / "tmp").mkdir()
    flags = f"-s -w -X {_SDK}/go/common/version.Version=v{engine_version()}"
    command = [go, "build", "-v", "-trimpath", "-ldflags", flags, "-o", str(partial / "pulumi"), _PACKAGE]
    said: list[str] = []
    with guarded(command, cwd=HERE, environment=_go_environment(partial / "tmp")) as process:
        for line in process.stdout or ():
            said.append(line.rstrip())
            progress(said[-1])
        code = process.wait()
    if code != 0:
        last = "\n".join(said[-20:])
        raise EngineBuildFailedError(
            f"go build of the engine ended with {code}: see what Go says below (its module proxy must be reachable,"
            f" and about 2 GB of disk free), or install the Pulumi CLI {engine_version()} or newer\n{last}"
        )


def _copy_program_runner(go: str, partial: Path) -> None:
    """Take the script that runs a Python program out of the SDK's module, so that running needs no Go."""
    command = [go, "list", "-m", "-f", "{{.Dir}}", _SDK]
    environment = _go_environment(partial / "tmp")
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE, env=environment)
    source = Path(found.stdout.strip()) / "python" / "cmd" / PROGRAM_RUNNER
    if found.returncode != 0 or not source.exists():
        raise EngineBuildFailedError(f"{source} is not where the Pulumi SDK keeps it: {found.stderr.strip()}")
    shutil.copyfile(source, partial / PROGRAM_RUNNER)


def write_host_door(folder: Path) -> None:
    """
    Put a language host beside the engine that passes on to the one of the run.

    The engine warns twice in every run about a language host that it finds on PATH instead.
    """
    door = folder / LANGUAGE_HOST
    door.write_text(f'#!/bin/sh\nexec "${{{HOST_VARIABLE}:?start the engine through sandbox.project}}" "$@"\n', encoding="utf-8")
    door.chmod(0o755)


def _go_environment(temporary: Path) -> dict[str, str]:
    return {**os.environ, "GOTMPDIR": str(temporary), "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}
