"""Start a command so that it can never outlive us."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.engine import guard

GRACE_SECONDS = 10.0
"""How long a command may take to end by itself; Pulumi gives each plugin 5 s of its own (sdk `plugin.go`)."""

_SWEEP_SECONDS = 5.0  # for the guard, after the grace, to kill what is left


@contextmanager
def guarded(
    command: list[str], *, cwd: Path, environment: Mapping[str, str], grace_seconds: float = GRACE_SECONDS
) -> Iterator[subprocess.Popen[str]]:
    """A running *command* with its output to read; ended, with everything that it started, when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-P", guard.__file__, str(grace_seconds), *command],
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process, grace_seconds + _SWEEP_SECONDS)


def _end(process: subprocess.Popen[str], seconds: float) -> None:
    """Wait for the end; the guard interrupts the command when its input closes. A second Ctrl-C kills at once."""
    try:
        process.communicate(timeout=seconds)  # closes its input and keeps reading, so that nothing blocks on a full pipe
    except BaseException:
        guard.kill_session(process.pid)
        raise
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
