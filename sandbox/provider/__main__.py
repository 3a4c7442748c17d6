"""The provider as a process: serves the engine, and ends with it."""

import os
import signal
import sys
import threading
from types import FrameType

from sandbox.provider.serving import serve


def _end_with_the_engine() -> None:
    """The engine holds the other end of standard input for as long as it lives, also when it is killed."""
    sys.stdin.buffer.read()
    os._exit(0)  # the server's loop runs in another thread and knows no better way to be stopped


def _end_at_once(_number: int, _frame: FrameType | None) -> None:
    """The engine interrupts when all is done, one provider after another, and has 5 s for all of them (its host.go)."""
    os._exit(0)


def main() -> None:
    signal.signal(signal.SIGINT, _end_at_once)
    threading.Thread(target=_end_with_the_engine, daemon=True).start()
    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
