"""Which causes are tried again: whether what stopped an operation can be gone by the next time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handlers.domain.diagnosis_types import Cause as Failure
from handlers.domain.failure_class import FailureClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Whether a class of failure can be gone when the same operation is tried again, and why; or what to remove first."""

    may_pass: bool
    why: str


CAUSES = {
    FailureClass.TRANSIENT: Cause(may_pass=True, why="AWS itself stumbled"),
    FailureClass.THROTTLING: Cause(may_pass=True, why="the same call works later"),
    FailureClass.CAPACITY: Cause(may_pass=True, why="capacity comes and goes"),
    FailureClass.NOT_STABILIZED: Cause(may_pass=True, why="what was slow to become healthy may be healthy by now"),
    FailureClass.DEPENDENCY_IN_USE: Cause(may_pass=True, why="what uses it may be gone by now (network interfaces linger)"),
    FailureClass.DRIFT_OR_CONFLICT: Cause(may_pass=True, why="the other operation may have ended"),
    FailureClass.CUSTOM_RESOURCE: Cause(may_pass=True, why="the code behind it is the team's own and changes without the stack"),
    FailureClass.CANCELLED: Cause(may_pass=True, why="only a consequence is known; going on shows the cause or ends well"),
    FailureClass.NO_OP: Cause(may_pass=True, why="there was nothing to change; going on has nothing to break"),
    FailureClass.UNKNOWN: Cause(may_pass=True, why="the text does not say; going on changes nothing that works and tells more"),
    FailureClass.PERMISSION: Cause(may_pass=False, why="grant the missing right, or restore the role"),
    FailureClass.QUOTA: Cause(may_pass=False, why="raise the limit or free something"),
    FailureClass.INVALID_INPUT: Cause(may_pass=False, why="the old version asks for what cannot be: repair by hand, or skip it"),
    FailureClass.NOT_FOUND: Cause(may_pass=False, why="put back what the old version refers to, or skip the resource"),
    FailureClass.ALREADY_EXISTS: Cause(may_pass=False, why="remove or rename what has taken the name"),
    FailureClass.TERMINAL_STATE: Cause(may_pass=False, why="bring the resource out of the state where this is not legal"),
}
"""The one place that says which causes are tried again. Every try costs minutes and leaves a failed state behind, so for a
permanent cause even a reversible one is pointless until a person has removed it."""


def permanent(causes: Iterable[Failure]) -> str:
    """Name what has to be removed before these failures can end; empty where all of them can pass by themselves."""
    return "; ".join(f"{_named(each)}: {CAUSES[each.failure_class].why}" for each in _lasting(causes))


def lasting(causes: Iterable[Failure]) -> str:
    """The same without the remedies, which are those of a rollback: going on with a failed operation asks for the new version."""
    return "; ".join(_named(each) for each in _lasting(causes))


def _lasting(causes: Iterable[Failure]) -> Iterator[Failure]:
    return (each for each in causes if not CAUSES[each.failure_class].may_pass)


def _named(each: Failure) -> str:
    return f"{each.evidence.logical_id or 'the stack'} failed for a permanent cause ({each.failure_class.value})"
