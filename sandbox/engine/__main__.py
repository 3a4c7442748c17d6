"""Print the path of the engine, after building it where that is needed: `python -m sandbox.engine`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sandbox.engine.build import EngineBuildFailedError, EngineMissingError, Report, find_engine

_QUIET_SECONDS = 20.0
"""Where no terminal shows a clock, a line this often says that the build still lives."""


@contextmanager
def shown(console: Console, title: str) -> Iterator[Report]:
    """A reporter that shows *title*, the elapsed time and the newest line; plain lines where there is no terminal."""
    if not console.is_terminal:
        yield _plain_lines(console, title)
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), TextColumn("[dim]{task.fields[line]}")
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None, line="")
        yield lambda line: progress.update(task, line=escape(line[: console.width // 2]))


def _plain_lines(console: Console, title: str) -> Report:
    started = monotonic()
    last_shown: float | None = None

    def report(line: str) -> None:
        nonlocal last_shown
        now = monotonic()
        if last_shown is None or now - last_shown >= _QUIET_SECONDS:
            console.print(f"{title} {now - started:.0f} s: {line}", markup=False, soft_wrap=True)
            last_shown = now

    return report


def main() -> int:
    """Find or build, then print the path as the last line of standard output."""
    console = Console(stderr=True)
    try:
        with shown(console, "Pulumi engine") as report:
            engine = find_engine(report)
    except (EngineMissingError, EngineBuildFailedError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted: nothing half-built is left", style="yellow")
        return 130  # as a shell says "ended by SIGINT"
    print(engine)  # noqa: T201 - the answer, for a script to read
    return 0


if __name__ == "__main__":
    sys.exit(main())
