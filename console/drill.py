"""`stackmend drill`: list the rehearsed failures, and play them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console import kill_anywhere
from console.drill_table import show
from console.rehearsal import rehearse
from drills.catalogue import DRILLS
from drills.journal import Verdict
from drills.model import Drill
from drills.report import verdict_of

app = typer.Typer(no_args_is_help=True, help="Rehearse failures and prove what holds.")
app.command("kill-anywhere")(kill_anywhere.run)
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
    names: Annotated[list[str] | None, typer.Argument(help="Drills by name, as `drill list` prints them; none: all.")] = None,
    reports: Annotated[Path, typer.Option(help="The folder for the reports' files.")] = REPORTS,
    as_json: AsJson = False,
) -> None:
    """Play drills one after another in one sandbox of their own; exit code 0 only when every expectation held."""
    drills = [_known(name) for name in names or DRILLS]
    progress = Console(stderr=True)
    try:
        with progress.status(f"{len(drills)} drills") as status:
            played = rehearse(drills, lambda text: _say(progress, status.update, text))
    except KeyboardInterrupt:
        progress.print("interrupted; the sandbox is gone, nothing is left behind")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    files = [report.write(reports) for report in played]
    verdict = verdict_of(played)
    if as_json:
        document = {"schema_version": 1, "verdict": verdict, "reports": [report.as_data() for report in played]}
        typer.echo(json.dumps(document))
    else:
        show(played, _wide(Console()))
        for page, data in files:
            typer.echo(f"report: {page} and {data}")
    if verdict is not Verdict.HELD:
        raise typer.Exit(EXIT_DEVIATED)


def _known(name: str) -> Drill:
    if name not in DRILLS:
        typer.echo(f"drill {name!r} is not known; `stackmend drill list` prints those that are: {', '.join(DRILLS)}", err=True)
        raise typer.Exit(EXIT_USAGE)
    return DRILLS[name]


def _wide(console: Console) -> Console:
    """A log has no width of its own; the table needs this many columns."""
    return console if console.is_terminal else Console(width=LOG_COLUMNS)


def _say(progress: Console, update: Callable[[str], None], text: str) -> None:
    update(text)
    if not progress.is_terminal:  # a log wants lines, a terminal wants one that changes
        progress.print(text, highlight=False, soft_wrap=True)
