"""Write the language host that a self-built engine starts in this run."""

import shlex
import sys
from pathlib import Path

from sandbox.engine.build import HERE, PROGRAM_RUNNER

_LANGUAGE_HOST = HERE / "language_host.py"  # imported, it would load gRPC for nothing


def write_launcher(launcher: Path, engine: Path) -> None:
    """
    Write *launcher*, which starts the language host for *engine* in the interpreter that runs now.

    A shell line rather than a shebang: a shebang breaks on paths with spaces and over 127 characters.
    """
    command = [sys.executable, "-P", str(_LANGUAGE_HOST), str(engine.parent / PROGRAM_RUNNER)]
    launcher.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
