"""`stackmend drill`: list the rehearsed failures, and play one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.drill_table import show
from console.rehearsal import rehearse
from drills.catalogue import DRILLS
from drills.journal import Journal, Verdict

app = typer.Typer(no_args_is_help=True, help="Rehearse failures and prove what holds.")
REPORTS = Path("reports")
LOG_COLUMNS = 132
EXIT_DEVIATED, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output, progress on standard error.")]


@app.command("list")
def list_drills(as_json: AsJson = False) -> None:
    """List the drills by name."""
    if as_json:
        typer.echo(
            json.dumps({"schema_version": 1, "drills": [{"name": one.name, "title": one.title} for one in DRILLS.values()]})
        )
        return
    for drill in DRILLS.values():
        typer.echo(f"{drill.name:20} {drill.title}")


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="A drill's name, as `stackmend drill list` prints it.")],
    reports: Annotated[Path, typer.Option(help="The folder for the report's files.")] = REPORTS,
    as_json: AsJson = False,
) -> None:
    """Play one drill in a sandbox of its own; exit code 0 only when every expectation held."""
    if name not in DRILLS:
        typer.echo(f"drill {name!r} is not known; `stackmend drill list` prints those that are: {', '.join(DRILLS)}", err=True)
        raise typer.Exit(EXIT_USAGE)
    journal = Journal(drill=name)
    progress = Console(stderr=True)
    try:
        with progress.status(f"drill {name}") as status:
            report = rehearse(DRILLS[name], lambda text: _say(progress, status.update, text), journal)
    except KeyboardInterrupt:
        progress.print(f"drill {name}: interrupted; the sandbox is gone, nothing is left behind")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    page, data = report.write(reports)
    if as_json:
        typer.echo(json.dumps(report.as_data()))
    else:
        show(report, _wide(Console()))
        typer.echo(f"report: {page} and {data}")
    if journal.verdict is not Verdict.HELD:
        raise typer.Exit(EXIT_DEVIATED)


def _wide(console: Console) -> Console:
    """A log has no width of its own; the table needs this many columns."""
    return console if console.is_terminal else Console(width=LOG_COLUMNS)


def _say(progress: Console, update: Callable[[str], None], text: str) -> None:
    update(text)
    if not progress.is_terminal:  # a log wants lines, a terminal wants one that changes
        progress.print(text, highlight=False, soft_wrap=True)
