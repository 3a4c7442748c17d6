"""Every metric that a cell writes, in one place: handlers write, and alarms and dashboard watch, what stands here.

CloudWatch bills each metric once per set of dimension values and hour (docs/signals.md), so every dimension is bounded: a cell
has its tiers, and its failure classes by strategy. Stack names are never a dimension: they stand in the logs.
"""

from collections.abc import Mapping
from enum import StrEnum

from handlers.domain.outcome import Escalation, Restraint, Settlement

NAMESPACE = "Stackmend"
SERVICE = "stackmend"
NONE = "none"
"""The value of a dimension that does not apply, for one the strategy of a recovery that never found one."""


class Metric(StrEnum):
    """A metric's name."""

    LEASE_HELD = "LeaseHeld"  # 1 or 0, at every heartbeat
    UNRESOLVED = "Unresolved"  # failures on the list, at every heartbeat
    ENTERED = "EnteredByHeartbeat"  # stacks that no event had told of
    LASTING = "LastingOperations"  # stacks in progress beyond their limit
    OVERDUE = "OverdueAttempts"  # attempts beyond their deadline
    WAITING = "WaitingFailures"  # failures that a switch, a pause or a freeze holds
    BREAKER_OPEN = "BreakerOpen"  # circuit breakers that are open, at every heartbeat that sees one
    FAILED_ITEM = "FailedItem"  # messages that go back into their queue
    VAULT_FINDING = "VaultFinding"  # something in the vault was not what its digest says
    STARTED = "RecoveryStarted"
    SUCCEEDED = "RecoverySucceeded"  # 1 or 0 at the end of each recovery, so that the average is the success rate
    FAILED = "RecoveryFailed"  # ended with a person, and not because the mode asks for one
    SECONDS_TO_DETECTED = "SecondsToDetected"  # each from the moment of the failure
    SECONDS_TO_ACTED = "SecondsToActed"
    SECONDS_TO_PROVEN = "SecondsToProven"


class Grain(StrEnum):
    """By what a metric is told apart, beside environment and cell."""

    CELL = "cell"
    TIER = "tier"
    KIND = "kind"  # failure class and strategy


DIMENSIONS: Mapping[Grain, tuple[str, ...]] = {
    Grain.CELL: (),
    Grain.TIER: ("tier",),
    Grain.KIND: ("failure_class", "strategy"),
}

GRAINS: Mapping[Metric, tuple[Grain, ...]] = {
    Metric.LEASE_HELD: (Grain.CELL,),
    Metric.UNRESOLVED: (Grain.CELL,),
    Metric.ENTERED: (Grain.CELL,),
    Metric.LASTING: (Grain.CELL,),
    Metric.OVERDUE: (Grain.CELL,),
    Metric.WAITING: (Grain.CELL,),
    Metric.BREAKER_OPEN: (Grain.CELL,),
    Metric.FAILED_ITEM: (Grain.CELL,),
    Metric.VAULT_FINDING: (Grain.CELL,),
    Metric.STARTED: (Grain.CELL,),
    Metric.SUCCEEDED: (Grain.TIER, Grain.KIND),
    Metric.FAILED: (Grain.TIER,),
    Metric.SECONDS_TO_DETECTED: (Grain.CELL,),
    Metric.SECONDS_TO_ACTED: (Grain.CELL,),
    Metric.SECONDS_TO_PROVEN: (Grain.TIER,),
}

_ASKED_FOR = frozenset({Escalation.PROPOSED, Escalation.APPROVAL_DUE, Escalation.APPROVAL_REJECTED, Escalation.APPROVAL_EXPIRED})
"""A person was wanted from the beginning, so nothing has failed."""


class UnknownGrainError(ValueError):
    """A metric is written or watched by other dimensions than the catalogue has for it."""


def dimensions(environment: str, cell: str, grain: Grain = Grain.CELL, **values: str) -> dict[str, str]:
    """The dimensions of a metric of this cell, complete: CloudWatch finds nothing under a part of them."""
    if tuple(values) != DIMENSIONS[grain]:
        raise UnknownGrainError(f"a metric by {grain} has the dimensions {DIMENSIONS[grain]}, not {tuple(values)}")
    return {
        "service": SERVICE,
        "environment": environment,
        "cell": cell,
        **{name: value or NONE for name, value in values.items()},
    }


def has_succeeded(code: StrEnum) -> bool | None:
    """Whether a recovery that ended so has done what it was for; None where nothing was to be done, not yet, or by a person."""
    if isinstance(code, Settlement):
        return True if code is Settlement.RECOVERED else None
    return None if code in _ASKED_FOR or isinstance(code, Restraint) else False
