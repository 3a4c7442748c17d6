"""How `stackmend status` reads at 3 a.m.: the sum first, then what needs somebody, each with what to do; quiet things last."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from console.plainly import one_line
from console.status_report import CellRow, CellState, FailureRow, Group, Hold, Report

HEADINGS = {
    Group.NEEDS_A_PERSON: "NEEDS A PERSON",
    Group.WAITS: "WAITS",
    Group.UNDER_REPAIR: "UNDER REPAIR",
    Group.OBSERVED: "BROKEN, ONLY OBSERVED",
}
_STATES = {CellState.ACTS: "acts", CellState.STOPPED: "STOPPED", CellState.NO_LEASE: "NO LEASE", CellState.NOT_READ: "NOT READ"}


def as_text(report: Report) -> str:
    """The whole report."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield _sum(report)
    if (stopped := report.switch.why("environment")) is not None:
        yield one_line(stopped)
    now = datetime.fromisoformat(report.at)
    for group, heading in HEADINGS.items():
        rows = [row for row in report.failures if row.group is group]
        if rows:
            yield from ("", heading)
            for row in rows:
                yield from _failure(row, now)
    if report.holds:
        yield from ("", "PAUSES AND FREEZES")
        yield from map(_hold, report.holds)
    yield from ("", "CELLS")
    yield from _cells(report.cells)


def _sum(report: Report) -> str:
    counts = {group: sum(row.group is group for row in report.failures) for group in Group}
    broken = [
        _counted(counts[Group.NEEDS_A_PERSON], "stack needs a person", "stacks need a person"),
        _counted(counts[Group.WAITS], "waits", "wait"),
        _counted(counts[Group.UNDER_REPAIR], "is under repair", "are under repair"),
        _counted(counts[Group.OBSERVED], "is broken and only observed", "are broken and only observed"),
    ]
    said = ", ".join(filter(None, broken)) or "no stack is known to be broken"
    acting = sum(row.state is CellState.ACTS for row in report.cells)
    unread = sum(row.state is CellState.NOT_READ for row in report.cells)
    cells = f"{acting} of {len(report.cells)} cells act" + (f", {unread} could not be read" if unread else "")
    return f"{report.environment} at {report.at}: {said}; {cells}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""


def _failure(row: FailureRow, now: datetime) -> Iterator[str]:
    age = lasted(now - datetime.fromisoformat(row.failed_at))
    yield f"  {row.stack}  {row.account_name}/{row.region}  {row.status} for {age}  ({row.code})"
    yield f"      why:  {one_line(row.why) or 'no reason was given'}"
    yield f"      next: {one_line(row.next)}"


def _hold(hold: Hold) -> str:
    until = f" until {hold.until}" if hold.until and hold.kind == "freeze" else ""
    return f"  {hold.kind} {hold.what}{until}: {one_line(hold.why)}"


def _cells(rows: Iterable[CellRow]) -> Iterator[str]:
    named = [(f"{row.account_name}/{row.region}", row) for row in rows]
    width = max((len(name) for name, _ in named), default=0)
    for name, row in sorted(named, key=lambda each: (each[1].state is CellState.ACTS, each[0])):
        why = one_line(row.why) or f"lease until {row.lease_until} (epoch {row.lease_epoch})"
        yield f"  {name:{width}}  {_STATES[row.state]:8}  {why}"


def lasted(span: timedelta) -> str:
    """How long, in the two largest units."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes and not days else ""]
    return " ".join(filter(None, parts)) or "less than a minute"
