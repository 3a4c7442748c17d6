"""The end of a process group and its folder."""

import subprocess
import sys
from pathlib import Path

from sandbox.emulator.sweep import sweep

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"


def test_ends_a_group_that_does_not_listen(tmp_path: Path) -> None:
    """Every process of the group goes, and the folder with what is in it."""
    folder = tmp_path / "state"
    (folder / "deep").mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    process.stdout.readline()

    sweep(process.pid, folder)

    assert process.wait(5) == -9
    process.stdout.close()
    assert not folder.exists()


def test_nothing_to_sweep_is_no_error(tmp_path: Path) -> None:
    """A group that has ended and a folder that is gone are what was wanted."""
    process = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    process.wait()

    sweep(process.pid, tmp_path / "never")
