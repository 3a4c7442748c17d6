"""The provider as a process: serves the engine, and ends with it."""

import os
import sys
import threading

from sandbox.provider.serving import serve


def _end_with_the_engine() -> None:
    """The engine holds the other end of standard input for as long as it lives, also when it is killed."""
    sys.stdin.buffer.read()
    os._exit(0)  # the server's loop runs in another thread and knows no better way to be stopped


def main() -> None:
    threading.Thread(target=_end_with_the_engine, daemon=True).start()
    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
