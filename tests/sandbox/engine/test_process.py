"""What is started here ends here, however its starter ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.engine.guard import kill_session, session_members
from sandbox.engine.process import guarded

ROOT = Path(__file__).parents[3]
STUBBORN = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
POLITE = "import signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nprint('up', flush=True)\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('bye', flush=True)"
PARENT = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}], process_group=0); import time; time.sleep(60)"
)


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _members(session: int) -> list[int]:
    """Who is left in *session*, waiting a moment for the kernel to take away what was killed."""
    deadline = time.monotonic() + 5
    while (left := [one for one in session_members(session) if not _is_zombie(one)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _is_zombie(process: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False).stdout
    return not state.strip() or state.startswith("Z")


def test_output_and_exit_code_come_through() -> None:
    """The guard in between changes neither what is written nor how it ends."""
    with guarded(_python("import sys; print('said'); sys.exit(7)"), cwd=ROOT, environment=os.environ) as process:
        said = list(process.stdout or ())

        assert process.wait() == 7
    assert said == ["said\n"]


def test_command_gets_only_the_environment_that_is_given(tmp_path: Path) -> None:
    """Nothing of the caller's own environment leaks in, and it runs where it was told to."""
    code = "import os; print(os.getcwd(), os.environ.get('GIVEN'), os.environ.get('HOME'))"
    with guarded(_python(code), cwd=tmp_path, environment={"GIVEN": "yes"}) as process:
        assert f"{tmp_path.resolve()} yes None\n" == (process.stdout or sys.stdin).readline()


def test_death_by_signal_is_an_exit_code() -> None:
    """A command that was killed did not succeed."""
    with guarded(_python("import os; os.kill(os.getpid(), 9)"), cwd=ROOT, environment=os.environ) as process:
        assert process.wait() == 128 + signal.SIGKILL


def test_leaving_early_interrupts_once_and_waits() -> None:
    """An interrupted block lets the command say good-bye."""
    process = _left_early(POLITE, grace_seconds=20)

    assert process.returncode == 0
    assert not _members(process.pid)


@pytest.mark.parametrize("code", [STUBBORN, PARENT.format(child=STUBBORN)])
def test_what_ignores_the_interrupt_is_killed_after_the_grace(code: str) -> None:
    """Also a grandchild in a process group of its own, which is where Pulumi puts plugins."""
    process = _left_early(code, grace_seconds=0.3)

    assert not _members(process.pid)


def _left_early(code: str, grace_seconds: float) -> subprocess.Popen[str]:
    """Start *code*, and leave its block by Ctrl-C as soon as it says that it is up."""
    started: list[subprocess.Popen[str]] = []

    def interrupted() -> None:
        with guarded(_python(code), cwd=ROOT, environment=os.environ, grace_seconds=grace_seconds) as process:
            started.append(process)
            (process.stdout or sys.stdin).readline()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    return started[0]


def test_what_the_command_leaves_behind_is_killed() -> None:
    """A command that ends by itself does not leave its children running."""
    code = PARENT.format(child=STUBBORN).replace("; import time; time.sleep(60)", "")
    with guarded(_python(code), cwd=ROOT, environment=os.environ) as process:
        assert process.wait(10) == 0

    assert not _members(process.pid)


def test_killed_starter_takes_the_command_along() -> None:
    """SIGKILL leaves the starter no time for anything; the guard sees its input close."""
    code = (
        "import os, sys; from pathlib import Path; from sandbox.engine.process import guarded\n"
        f"with guarded([sys.executable, '-c', {STUBBORN!r}], cwd=Path('/'), environment=os.environ, grace_seconds=0.3) as p:\n"
        "    p.stdout.readline(); print(p.pid, flush=True); p.wait()"
    )
    starter = subprocess.Popen(_python(code), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    session = int((starter.stdout or sys.stdin).readline())
    starter.kill()
    starter.communicate()

    assert not _members(session)


def test_kill_session_spares_the_caller() -> None:
    """A guard kills its session from inside, and lives to give the exit code back."""
    kill_session(session=-1)

    assert os.getpid() in session_members(os.getsid(0))
