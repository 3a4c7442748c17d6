"""How a recovery's end is counted, whichever of Settle and Escalate it ended in."""

from enum import StrEnum

from handlers.domain.cell import Cell
from handlers.domain.identity import StackKey
from handlers.domain.patterns import match
from handlers.domain.records import Recovery
from handlers.domain.signals import NONE, Grain, Metric, has_succeeded
from handlers.telemetry import count_by


def tier_of(cell: Cell, stack: StackKey) -> str:
    """The tier that a stack's objectives are taken from; none when no pattern matches it any more."""
    pattern = match(stack.name, cell.patterns)
    return pattern.tier if pattern else NONE


def book(cell: Cell, stack: StackKey, code: StrEnum, recovery: Recovery | None, strategy: str) -> None:
    """Count a recovery's end once, as a success or a failure; one in which nothing was to be done is neither."""
    succeeded = has_succeeded(code)
    if succeeded is None:
        return
    failure_class = recovery.diagnosis.failure_class if recovery and recovery.diagnosis else NONE
    tier, value = tier_of(cell, stack), float(succeeded)
    count_by(cell, Grain.TIER, Metric.SUCCEEDED, value, tier=tier)
    count_by(cell, Grain.KIND, Metric.SUCCEEDED, value, failure_class=failure_class, strategy=strategy)
    if not succeeded:
        count_by(cell, Grain.TIER, Metric.FAILED, 1, tier=tier)
