"""
Run one command and end it, with all that it started, as soon as nobody waits for it any more.

Usage: guard.py GRACE_SECONDS COMMAND...  The starter keeps the other end of this process's standard input open;
its end (also by a crash or SIGKILL of the starter) or SIGINT/SIGTERM sends the command one SIGINT. What is left
after the grace is killed. The starter gives this process a session of its own: Pulumi puts every plugin into a
process group of its own, so the session is the only thing that holds them together.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType


def main(arguments: list[str]) -> int:
    grace_seconds, command = float(arguments[0]), arguments[1:]
    asked_to_stop = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked_to_stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_until_starter_leaves, args=(asked_to_stop,), daemon=True).start()
    threading.Thread(target=_stop_when_asked, args=(asked_to_stop, child, grace_seconds), daemon=True).start()
    code = child.wait()
    kill_session(os.getsid(0))
    return code if code >= 0 else 128 - code  # as a shell says "ended by signal"


def _until_starter_leaves(asked_to_stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    asked_to_stop.set()


def _stop_when_asked(asked_to_stop: threading.Event, child: subprocess.Popen[bytes], grace_seconds: float) -> None:
    asked_to_stop.wait()
    child.send_signal(signal.SIGINT)
    try:
        child.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        kill_session(os.getsid(0))


def kill_session(session: int) -> None:
    """Kill every process of *session* but the caller."""
    for process in session_members(session):
        if process != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def session_members(session: int) -> list[int]:
    return [process for process in _processes() if _session_of(process) == session]


def _session_of(process: int) -> int | None:
    try:
        return os.getsid(process)
    except (ProcessLookupError, PermissionError):  # ended meanwhile, or another user's
        return None


def _processes() -> list[int]:
    proc = Path("/proc")
    if (proc / "self").exists():
        return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()]
    listed = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, check=True, text=True)  # macOS has no /proc
    return [int(line) for line in listed.stdout.split()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
