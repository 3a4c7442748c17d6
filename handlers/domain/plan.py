"""From a diagnosed failure to the steps that are worth trying, in the order in which they would be."""

from collections.abc import Iterator
from typing import Protocol

from handlers.domain.cell import Mode
from handlers.domain.operations import OPERATIONS, Group, Operation
from handlers.domain.outcome import Escalation
from handlers.domain.situation import Plan, Refusal, Risk, Situation, Step, When
from handlers.domain.status import StackStatus
from handlers.domain.strategies import (
    continue_skipping,
    continue_update_rollback,
    delete_retaining,
    delete_stack,
    force_delete,
    resume,
    rollback_stack,
)

__all__ = ["Plan", "Refusal", "Risk", "Situation", "Step", "group_of", "make_plan", "most_attempts", "operation_of", "unlawful"]


class Strategy(Protocol):
    """What a module of `handlers.domain.strategies` is: one way from one kind of failure to a healthy stack."""

    NAME: str
    OPERATION: Operation

    def propose(self, situation: Situation) -> Step | Refusal | None:
        """Offer a step, say why there is none, or have nothing to say."""


STRATEGIES: tuple[Strategy, ...] = (
    continue_update_rollback,
    resume,
    rollback_stack,
    continue_skipping,
    delete_stack,
    delete_retaining,
    force_delete,
)
"""In order of preference: the mildest first."""

ACTED_ON = frozenset({Group.ROLL, Group.CHANGE})
"""The groups that have an act function. What belongs to another one is planned, and proposed to a person."""

_OPERATIONS = {strategy.NAME: strategy.OPERATION for strategy in STRATEGIES}


class UnknownStrategyError(ValueError):
    """A decision names a strategy that this version has not got: it was made by another version. Escalate takes it over."""


def operation_of(strategy: str) -> Operation:
    """Name the operation of CloudFormation that *strategy* orders."""
    if strategy not in _OPERATIONS:
        raise UnknownStrategyError(f"strategy {strategy!r} is not known; known are {', '.join(_OPERATIONS)}")
    return _OPERATIONS[strategy]


def group_of(strategy: str) -> Group:
    """Name the group of act functions that *strategy* belongs to."""
    return OPERATIONS[operation_of(strategy)].group


def make_plan(situation: Situation) -> Plan:
    """Choose the steps for *situation*; a plan without steps says why in its refusals."""
    if situation.mode is Mode.OFF:
        return _none(Escalation.MODE_FORBIDS, "the stack's pattern is switched off")
    if situation.owner:
        return _none(Escalation.OWNED_ELSEWHERE, f"{situation.owner} owns the stack: repair it there, or it is undone")
    steps: dict[str, Step] = {}
    refusals: dict[str, Refusal] = {}
    _lay(situation, steps, refusals, When.FIRST, "")
    if not steps and not refusals:
        reason = f"no strategy of this version leads from {situation.status} to a healthy stack"
        return _none(Escalation.NO_STRATEGY, reason)
    return Plan(steps=tuple(steps.values()), refusals=tuple(each for each in refusals.values() if each.strategy not in steps))


def _none(code: Escalation, reason: str) -> Plan:
    return Plan(refusals=(Refusal(strategy="any", code=code, reason=reason),))


def _lay(situation: Situation, steps: dict[str, Step], refusals: dict[str, Refusal], when: When, after: str) -> None:
    """Take the first strategy that offers a step, and lay out what follows from each of its ends."""
    for strategy in STRATEGIES:
        if strategy.NAME in steps:
            continue
        offer = _offer(strategy, situation)
        if isinstance(offer, Refusal):
            refusals.setdefault(strategy.NAME, offer)
        if isinstance(offer, Step):
            steps[strategy.NAME] = offer.model_copy(update={"when": when, "after": after, "begins_in": situation.status})
            for follows, end in _ends(strategy):
                _lay(situation.after(strategy.NAME, end), steps, refusals, follows, strategy.NAME)
            return


def _offer(strategy: Strategy, situation: Situation) -> Step | Refusal | None:
    """What a strategy offers for as long as it has attempts left."""
    offer = strategy.propose(situation)
    made = situation.tried.count(strategy.NAME)
    if isinstance(offer, Step) and made >= offer.max_attempts:
        sentence = f"{made} of {offer.max_attempts} attempts ended in {situation.status}"
        return Refusal(strategy=strategy.NAME, code=Escalation.ATTEMPTS_SPENT, reason=sentence)
    return offer


def _ends(strategy: Strategy) -> Iterator[tuple[When, StackStatus]]:
    facts = OPERATIONS[strategy.OPERATION]
    yield from ((When.SUCCEEDED, status) for status in sorted(facts.succeeds_in))
    yield from ((When.FAILED, status) for status in sorted(facts.fails_in))


def unlawful(status: StackStatus, plan: Plan) -> tuple[Step, ...]:
    """The steps of *plan* that CloudFormation would refuse where they begin, or that begin where the step before cannot end."""
    return tuple(step for step in plan.steps if not _is_lawful(status, step))


def _is_lawful(status: StackStatus, step: Step) -> bool:
    is_legal = step.begins_in in OPERATIONS[operation_of(step.strategy)].legal_from
    if step.when is When.FIRST:
        return is_legal and step.begins_in == status
    before = OPERATIONS[operation_of(step.after)]
    return is_legal and step.begins_in in (before.succeeds_in if step.when is When.SUCCEEDED else before.fails_in)


def most_attempts(tier_attempts: int) -> int:
    """The attempts of one recovery, all strategies together: one may be repeated as often as its tier says, each other once."""
    return tier_attempts + len(STRATEGIES) - 1
