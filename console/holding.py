"""What keeps a cell from acting on a stack now, as a person is told it: its lease, and whatever holds the stack back."""

from dataclasses import dataclass
from datetime import datetime

from handlers.aws.lease import Authority
from handlers.aws.ledger import Unresolved
from handlers.domain.breaker import behind, held_by
from handlers.domain.cell import Cell
from handlers.domain.identity import StackKey
from handlers.domain.lease import why_not
from handlers.domain.moment import epoch_ms
from handlers.domain.outcome import Reason
from handlers.domain.patterns import match
from handlers.domain.records import Failure, Switch
from handlers.domain.restraint import restraint


def lease_problem(cell: Cell, authority: Authority, now: datetime) -> str | None:
    """Why the cell may start nothing, and where to read on; None when it may."""
    needed = cell.timings.act_function_seconds + cell.lease.skew_seconds
    problem = why_not(authority.lease, region=cell.region, now_ms=epoch_ms(now), needed_seconds=needed)
    errors = f" ({'; '.join(authority.errors)})" if authority.errors else ""
    return f"{problem}{errors}; runbook alarms.md#lease-not-held" if problem else None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A stack of a cell, with what the cell's ledger lists and the failure that it lists of the stack, where it does."""

    cell: Cell
    stack: StackKey
    failure: Failure | None
    unresolved: Unresolved


def held_back(one: Candidate, environment: Switch, now: datetime) -> Reason | None:
    """Which switch, pause, freeze or breaker holds the stack; None when nothing does."""
    cell, listed, failure = one.cell, one.unresolved, one.failure
    pattern = match(one.stack.name, cell.patterns)
    breakers = behind(listed.breakers, one.stack.name, failure.failure_class if failure else None)
    return restraint(
        switches=(("cell", listed.switch), ("environment", environment)),
        pause=next((each for each in listed.pauses if each.stack == one.stack), None),
        freezes=cell.freezes,
        tier=pattern.tier if pattern else "",
        now=now,
    ) or held_by(breakers, failure.recovery_id if failure else "", now=now, trial_seconds=cell.timings.machine_timeout_seconds)
