"""`stackmend drill kill-anywhere`: every AWS call of a recovery with its function killed before and after it."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from console.rehearsal import LEASE_SECONDS, WORKLOAD, Deployed, deployed
from drills.field import Field
from drills.killed_anywhere import SCENARIOS, Killed, kill_anywhere
from drills.killed_heartbeat import HEARTBEAT, SITUATIONS, kill_heartbeat
from drills.probes import cell_holds_its_lease
from sandbox.emulator.additions import ADDITIONS

REGION = "us-east-1"
COLUMNS = 150
KINDS = (*SCENARIOS, *SITUATIONS)
EXIT_DEVIATED, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


def run(
    sample: Annotated[int | None, typer.Option(min=1, help="Kill at so many calls of each strategy; at all without it.")] = None,
    strategy: Annotated[list[str] | None, typer.Option(help="Only this strategy or situation; may be repeated.")] = None,
    reports: Annotated[Path, typer.Option(help="The folder for the report's file.")] = Path("reports"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")] = False,
) -> None:
    """Kill a function at every AWS call of a recovery, before and after it; exit code 0 only when every end was good."""
    names = strategy or list(KINDS)
    unknown = [one for one in names if one not in KINDS]
    if unknown:
        typer.echo(f"strategy {unknown[0]!r} is not known; there are {', '.join(KINDS)}", err=True)
        raise typer.Exit(EXIT_USAGE)
    progress = Console(stderr=True)
    try:
        with deployed(lambda text: progress.print(text, highlight=False)) as world:
            rows, problems = play(world, names, sample, lambda text: progress.print(text, highlight=False))
    except KeyboardInterrupt:
        progress.print("interrupted; the sandbox is gone, nothing is left behind")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    data = report(rows, problems)
    path = _write(data, reports)
    typer.echo(json.dumps(data)) if as_json else show(rows, problems, Console(width=COLUMNS))
    typer.echo(f"report: {path}", err=as_json)
    if problems or any(row.problem for row in rows):
        raise typer.Exit(EXIT_DEVIATED)


def play(
    world: Deployed, names: Sequence[str], sample: int | None, say: Callable[[str], None]
) -> tuple[tuple[Killed, ...], list[str]]:
    """Put these strategies through it on a deployment that stands; answers what became of them, and what is left."""
    field = world.field(WORKLOAD, REGION, say)
    field.wait("the heartbeat takes the cell's lease", lambda: cell_holds_its_lease(field) is None, seconds=LEASE_SECONDS)
    problems: list[str] = []
    rows: list[Killed] = []
    for name in names:
        if name in SCENARIOS:
            rows += kill_anywhere(field, SCENARIOS[name], sample, problems)
        else:
            rows += kill_heartbeat(field, partial(_beat, world, field), SITUATIONS[name], sample, problems)
    return tuple(rows), problems


def _beat(world: Deployed, field: Field, stack: str) -> None:
    """A beat beside those of the schedule; what its event says is read by nobody but whoever kills it."""
    client = world.emulator.session(field.cell.account, field.cell.region).client("lambda")
    client.invoke(FunctionName=f"stackmend-{field.cell.environment}-{HEARTBEAT}", Payload=json.dumps({"about": stack}))


def report(rows: Sequence[Killed], problems: Sequence[str]) -> dict[str, object]:
    """All of it as plain data, with its schema version."""
    return {
        "schema_version": 1,
        "at": datetime.fromtimestamp(time.time(), UTC).isoformat(),
        "runs": [asdict(row) for row in rows],
        "held": not problems and all(row.problem is None for row in rows),
        "undo_problems": list(problems),
        "simulated": "the kill itself: " + next(one.why for one in ADDITIONS if one.module == "killed_functions"),
    }


def show(rows: Sequence[Killed], problems: Sequence[str], to: Console) -> None:
    """Print a line per kill, and the verdict."""
    table = Table(title="Killed anywhere (seconds from the failure to the end of its recovery)")
    for heading in ("function", "killed", "call", "outcome", "status"):
        table.add_column(heading, no_wrap=True)
    for heading in ("attempts", "mutations", "seconds"):
        table.add_column(heading, justify="right")
    for row in rows:
        point = row.point
        call = f"{point.action} #{point.number}"
        seconds = "-" if row.seconds is None else f"{row.seconds:.1f}"
        table.add_row(point.function, point.moment, call, row.outcome, row.status, str(row.attempts), str(row.mutations), seconds)
    to.print(table)
    for row in rows:
        if row.problem:
            to.print(f"  [red]did not hold[/red]  {row.stack} ({row.point}): {row.problem}", highlight=False)
    for problem in problems:
        to.print(f"  [red]not undone[/red]  {problem}", highlight=False)
    bad = sum(row.problem is not None for row in rows)
    to.print(f"{len(rows)} kills, {len(rows) - bad} ended well, {bad} did not")


def _write(data: dict[str, object], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"kill-anywhere-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(data, indent=2) + "\n")
    return path
