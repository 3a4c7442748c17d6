"""The emulator's process: the pinned emulator with our additions, until it is told to stop or its starter is gone."""

import errno
import os
import subprocess
import sys
import threading
from importlib.metadata import version
from pathlib import Path

from sandbox.emulator import environment
from sandbox.emulator.errors import EmulatorVersionError

VERSION = "1.5.33"  # the additions hook into this one by name; sandbox/emulator/patches
PORT_TAKEN = 75  # EX_TEMPFAIL of sysexits.h: the starter tries another port
SWEEP = Path(__file__).with_name("sweep.py")


def check_version(installed: str) -> None:
    """Refuse any emulator but the one that the additions were written for."""
    if installed != VERSION:
        raise EmulatorVersionError(
            f"ministack is {installed}, the sandbox needs {VERSION}: install requirements/dev.txt into the virtual environment"
        )


def end_with(starter: int, folder: Path) -> None:
    """When the pipe *starter* closes, which it does however its writer dies, end this process group and remove *folder*."""
    while os.read(starter, 1024):
        pass
    command = [sys.executable, "-I", str(SWEEP), str(os.getpgrp()), str(folder)]
    subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)


def read_line(pipe: int) -> str:
    """One line from *pipe*, not a byte more."""
    line = b""
    while (byte := os.read(pipe, 1)) not in (b"\n", b""):
        line += byte
    return line.decode()


def main() -> int:
    """Serve until stopped; the first line on standard input is the token of the control channel, its end the starter's."""
    check_version(version("ministack"))
    token = read_line(sys.stdin.fileno())
    folder = Path(os.environ.pop("STACKMEND_EMULATOR"))  # functions inherit the environment
    environment.enter(folder)
    threading.Thread(target=end_with, args=(sys.stdin.fileno(), folder), daemon=True).start()
    from ministack import app  # noqa: PLC0415 - only the right version, and after the thread that ends us

    from sandbox.emulator import additions, control  # noqa: PLC0415 - both import the emulator

    app._port_is_bindable = lambda host, port: False  # noqa: ARG005 - it would serve 443 too, for sign-ins we have not
    additions.install()
    control.install(token)
    try:
        app.main()
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise
        return PORT_TAKEN
    except SystemExit as stopped:
        return PORT_TAKEN if stopped.code == 1 else 0  # 1 is its word for a port in use; a signal ends it with 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
