"""End a process group and remove its folder. Run as a process of its own when the group's starter is gone."""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

GONE_SECONDS = 2.0  # a killed process is gone within milliseconds; a zombie that nobody reaps looks alive for ever
LOOK_SECONDS = 0.02  # nobody tells a process that another, which is not its child, has ended


def sweep(group: int, folder: Path) -> None:
    """Kill every process of *group*, wait until none is left, and remove *folder*."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    deadline = time.monotonic() + GONE_SECONDS
    while _lives(group) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        return False
    return True


if __name__ == "__main__":
    sweep(int(sys.argv[1]), Path(sys.argv[2]))
