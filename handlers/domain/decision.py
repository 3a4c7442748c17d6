"""Where a recovery goes next: from what was found and planned to the machine's route."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from handlers.domain.cell import Mode, Tier
from handlers.domain.criteria import CriterionResult, broken
from handlers.domain.moment import iso
from handlers.domain.operations import OperationFacts
from handlers.domain.outcome import Escalation, Reason, Settlement
from handlers.domain.plan import ACTED_ON, Plan, group_of, most_attempts
from handlers.domain.situation import Step
from handlers.domain.status import Kind, StackStatus


class Route(StrEnum):
    """The branches of the machine's Choice."""

    ACT = "act"
    PAUSE = "pause"  # and then act
    SETTLE = "settle"
    SIMULATE = "simulate"  # and then settle: the plan is written, nothing is changed
    ESCALATE = "escalate"


class Decision(BaseModel):
    """What the machine's states hand on; every key is always there, since JSONPath fails on a missing one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: Route
    group: str = ""
    """Which act function is to act; none where nobody is."""
    strategy: str = ""
    attempt: int = 1
    wait_seconds: int = 0
    reason: str = ""


def _settle(code: Settlement, sentence: str, attempt: int = 1) -> Decision:
    return Decision(route=Route.SETTLE, attempt=attempt, reason=str(Reason(code=code, sentence=sentence)))


def _escalate(code: Escalation, sentence: str, attempt: int = 1) -> Decision:
    return Decision(route=Route.ESCALATE, attempt=attempt, reason=str(Reason(code=code, sentence=sentence)))


def no_longer_ours(status: StackStatus, attempt: int = 1) -> Decision | None:
    """Settle what is gone or in somebody else's operation, whose end is an event of its own; None for the rest."""
    if status.kind in {Kind.GONE, Kind.UNBORN}:
        return _settle(Settlement.VANISHED, f"the stack is {status}", attempt)
    if status.kind is Kind.IN_PROGRESS:
        return _settle(Settlement.IN_OTHER_HANDS, f"the stack is {status} by an operation that is not ours", attempt)
    return None


def simulated(would: Decision) -> Decision:
    """What a simulation does in the place of *would*: it says so, and goes no further."""
    sentence = f"would {would.route.value} ({would.strategy or 'no strategy'}): {would.reason}"
    return Decision(
        route=Route.SIMULATE, strategy=would.strategy, reason=str(Reason(code=Settlement.SIMULATED, sentence=sentence))
    )


def after_diagnosis(*, status: StackStatus, mode: Mode, plan: Plan, grace_seconds: int = 0) -> Decision:
    """Route a stack at rest by its mode and its plan; before the first act comes its tier's grace."""
    if status.kind is Kind.HEALTHY:
        return _settle(Settlement.HEALED_ELSEWHERE, f"the stack is {status} before anything was done")
    if mode is Mode.OFF:
        return _settle(Settlement.SWITCHED_OFF, "no pattern lets this cell act on the stack any more")
    if mode is Mode.OBSERVE:
        return _settle(Settlement.OBSERVED, "mode observe: diagnosed and recorded, nothing was changed")
    return _by_plan(mode, plan, grace_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """An operation that is not ours and has gone on beyond its tier's limit."""

    status: StackStatus
    mode: Mode
    since: datetime
    limit_seconds: int
    waits_for: tuple[str, ...]


def lasting(found: Lasting) -> Decision:
    """Tell a person, once; the stack stays on the list, so that the heartbeat goes on looking at it."""
    if found.mode is Mode.OFF:
        return _settle(Settlement.SWITCHED_OFF, "no pattern lets this cell act on the stack any more")
    on = f"; it waits for {', '.join(found.waits_for)}" if found.waits_for else ""
    sentence = f"{found.status} since {iso(found.since)}, longer than the {found.limit_seconds} s of its tier{on}"
    if found.mode is Mode.OBSERVE:
        return _settle(Settlement.OBSERVED, f"mode observe: {sentence}")
    return _escalate(Escalation.STUCK_IN_PROGRESS, sentence)


def _by_plan(mode: Mode, plan: Plan, grace_seconds: int) -> Decision:
    if not plan.steps:
        return _without_steps(plan)
    step = plan.steps[0]
    if mode is Mode.PROPOSE:
        return _escalate(Escalation.PROPOSED, f"mode propose: a person must act; proposed is {step.strategy}: {step.reason}")
    return _leave(plan) or _take(step, wait_seconds=grace_seconds, reason=step.reason)


def _leave(plan: Plan, attempt: int = 1) -> Decision | None:
    """Leave the plan's first step to a person: one that needs an approval, or that no function of ours does. None for others.

    The escalation is named by what stands against the milder strategies, where something does: that is what has to be mended.
    """
    step = plan.steps[0]
    if step.needs_approval:
        code, sentence = Escalation.APPROVAL_DUE, f"{step.strategy} needs an approval: {step.reason}"
    elif group_of(step.strategy) not in ACTED_ON:
        code, sentence = Escalation.PROPOSED, f"a person must act; proposed is {step.strategy}: {step.reason}"
    else:
        return None
    if plan.refusals:
        first = plan.refusals[0]
        code, sentence = first.code, f"{first.reason}; what is left: {sentence}"
    return _escalate(code, sentence, attempt)


def _take(step: Step, *, wait_seconds: int, reason: str, attempt: int = 1) -> Decision:
    """Go on with a step, after a wait where one is due."""
    return Decision(
        route=Route.PAUSE if wait_seconds else Route.ACT,
        group=group_of(step.strategy).value,
        strategy=step.strategy,
        attempt=attempt,
        wait_seconds=wait_seconds,
        reason=reason,
    )


def _without_steps(plan: Plan, attempt: int = 1) -> Decision:
    first = plan.refusals[0]
    return _escalate(first.code, first.reason, attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterAttempt:
    """What Validate found: the stack, how our operation ended, the criteria, and a plan made anew."""

    status: StackStatus
    attempt: int
    strategy: str
    operation: OperationFacts
    end_status: str | None
    """Where our operation came to rest; None when no operation of this attempt is known to have ended."""
    criteria: tuple[CriterionResult, ...]
    plan: Plan
    tier: Tier
    tried: tuple[str, ...] = ()
    """The strategies of all attempts so far, this one included."""


def after_attempt(found: AfterAttempt) -> Decision:
    """Settle, go on with the plan's next step, or escalate naming what is wrong."""
    succeeded = found.end_status == found.status and found.status in found.operation.succeeds_in
    if succeeded and found.plan.steps:
        return _go_on(found, found.plan.steps[0], wait_seconds=0)
    if succeeded or found.status.kind is Kind.HEALTHY:
        return _healthy(found)
    if found.status not in found.operation.legal_from | found.operation.fails_in:
        sentence = f"the stack is {found.status}, which {found.strategy} cannot have led to"
        return _escalate(Escalation.CHANGED_UNDER_US, sentence, found.attempt)
    if not found.plan.steps:
        return _without_steps(found.plan, found.attempt)
    made_again = found.tried.count(found.plan.steps[0].strategy) or 1
    return _go_on(found, found.plan.steps[0], wait_seconds=found.tier.backoff_seconds * 2 ** (made_again - 1))


def _go_on(found: AfterAttempt, step: Step, wait_seconds: int) -> Decision:
    """What failed is followed after a pause, that doubles for the same again; what succeeded has its sequel at once."""
    limit = most_attempts(found.tier.max_attempts)
    if found.attempt >= limit:
        sentence = f"{found.attempt} of {limit} attempts ended in {found.status}"
        return _escalate(Escalation.ATTEMPTS_SPENT, sentence, found.attempt)
    left = _leave(found.plan, found.attempt)
    if left is not None:
        return left
    made = found.tried.count(step.strategy)
    ended = f"attempt {made} of {step.max_attempts} ended in {found.status}"
    return _take(
        step,
        wait_seconds=wait_seconds,
        reason=ended if made else f"{found.strategy} ended in {found.status}: {step.reason}",
        attempt=found.attempt + 1,
    )


def _healthy(found: AfterAttempt) -> Decision:
    failing = broken(found.criteria)
    if failing is not None:
        return _escalate(Escalation.CRITERION_FAILED, failing.sentence, found.attempt)
    if found.end_status in found.operation.succeeds_in:
        return _settle(Settlement.RECOVERED, f"{found.strategy} ended in {found.end_status}", found.attempt)
    return _settle(Settlement.HEALED_ELSEWHERE, f"the stack is {found.status}, and not by our doing", found.attempt)
