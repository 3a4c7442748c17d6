"""What a drill prints for a person: a table of recoveries, what did not hold, the verdict."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from drills import measure
from drills.journal import Verdict
from drills.model import Standing
from drills.report import Report, verdict_of


def show(reports: Sequence[Report], to: Console) -> None:
    """Print the short form of what was played: one table, what held and what did not, one verdict."""
    to.print(_table(reports))
    for report in reports:
        to.print(f"{report.drill.name}: {report.drill.title}", highlight=False)
        for standing in (Standing.PROVEN, Standing.SIMULATED, Standing.NOT_PROVEN):
            for title in report.titles(standing):
                to.print(f"  {standing.value:>10}  {title}", highlight=False)
        for entry in report.journal.problems:
            to.print(f"  [red]did not hold[/red]  {entry.title}: {entry.problem}", highlight=False)
        for problem in report.journal.undo_problems:
            to.print(f"  [red]not undone[/red]  {problem}", highlight=False)
        if report.journal.verdict is not Verdict.HELD:
            to.print(f"  [red]{report.journal.verdict.value}[/red]", highlight=False)
    verdict = verdict_of(reports)
    colour = "green" if verdict is Verdict.HELD else "red"
    to.print(f"verdict: [{colour}]{verdict.value}[/{colour}]")


def _table(reports: Sequence[Report]) -> Table:
    table = Table(title="Recoveries (seconds since the failure)")
    for heading in ("stack", "found by", "outcome", *measure.STAGES, "attempts", "transitions", "cost"):
        table.add_column(heading, justify="left" if heading in {"stack", "found by", "outcome"} else "right", no_wrap=True)
    for row in (row for report in reports for row in report.rows):
        seconds = (f"{row.seconds[stage]:.2f}" if stage in row.seconds else "-" for stage in measure.STAGES)
        table.add_row(
            row.stack, row.seen_by, row.outcome, *seconds, str(row.attempts), str(row.transitions), f"${row.cost.promised:.6f}"
        )
    return table
