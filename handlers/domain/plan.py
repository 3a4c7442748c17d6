"""From a diagnosed failure to the steps that are worth trying."""

from dataclasses import dataclass

from handlers.domain.cell import Mode
from handlers.domain.diagnosis_types import Diagnosis
from handlers.domain.failure_class import FailureClass
from handlers.domain.outcome import Escalation
from handlers.domain.situation import Plan, Refusal, Risk, Situation, Step
from handlers.domain.status import Operation
from handlers.domain.strategies import continue_update_rollback, rollback_stack

__all__ = ["CAUSES", "Cause", "Plan", "Refusal", "Risk", "Situation", "Step", "make_plan", "operation_of"]

STRATEGIES = (continue_update_rollback, rollback_stack)
"""In order of preference: the mildest first."""

_OPERATIONS = {
    continue_update_rollback.NAME: continue_update_rollback.OPERATION,
    rollback_stack.NAME: rollback_stack.OPERATION,
}


class UnknownStrategyError(ValueError):
    """A decision names a strategy that this version has not got: it was made by another version. Escalate takes it over."""


def operation_of(strategy: str) -> Operation:
    """Name the operation of CloudFormation that *strategy* orders."""
    if strategy not in _OPERATIONS:
        raise UnknownStrategyError(f"strategy {strategy!r} is not known; known are {', '.join(_OPERATIONS)}")
    return _OPERATIONS[strategy]


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


def make_plan(situation: Situation) -> Plan:
    """Choose the steps for *situation*; a plan without steps says why in its refusals."""
    ruled_out = _ruled_out(situation)
    if ruled_out is not None:
        return Plan(refusals=(ruled_out,))
    offers = [offer for strategy in STRATEGIES if (offer := strategy.propose(situation)) is not None]
    steps = tuple(offer for offer in offers if isinstance(offer, Step))
    refusals = tuple(offer for offer in offers if isinstance(offer, Refusal))
    return Plan(steps=steps, refusals=refusals)


def _ruled_out(situation: Situation) -> Refusal | None:
    """What makes every strategy pointless or unlawful."""
    if situation.mode is Mode.OFF:
        return Refusal(strategy="any", code=Escalation.MODE_FORBIDS, reason="the stack's pattern is switched off")
    if all(strategy.propose(situation) is None for strategy in STRATEGIES):
        reason = f"no strategy of this version leads from {situation.status} to a healthy stack"
        return Refusal(strategy="any", code=Escalation.NO_STRATEGY, reason=reason)
    return _hindered(situation.diagnosis)


def _hindered(diagnosis: Diagnosis) -> Refusal | None:
    """What would stop the rollback again: its own permanent causes. Why the update failed does not count, it is given up."""
    said = "; ".join(
        f"{each.evidence.logical_id or 'the stack'} failed for a permanent cause ({each.failure_class.value}): "
        f"{CAUSES[each.failure_class].why}"
        for each in diagnosis.rollback_stopped_by
        if not CAUSES[each.failure_class].may_pass
    )
    return Refusal(strategy="any", code=Escalation.CAUSE_MUST_BE_REMOVED, reason=said) if said else None
