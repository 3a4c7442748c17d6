"""One recovery as a page tells it: what broke, why, what was done, is it healthy and how do we know, what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from drills.field import Field
from drills.recoveries import records, recoveries
from handlers.aws.approvals import Answers
from handlers.aws.table import Table
from handlers.domain.approval import Answer, approval_id
from handlers.domain.criteria import CriterionResult, Verdict
from handlers.domain.outcome import Escalation, Restraint, Settlement
from handlers.domain.records import Attempt, Failure, Recovery
from handlers.domain.situation import Step


class Stage(StrEnum):
    """What a stretch of a recovery was spent on; the page has a colour for each."""

    FOUND = "found"
    DIAGNOSED = "diagnosed"
    ACTED = "acted"
    FAILED = "failed"  # an attempt that did not end as it was meant to
    PROVEN = "proven"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of a recovery, in seconds since the failure."""

    title: str
    stage: Stage
    begins: float
    ends: float

    @property
    def seconds(self) -> float:
        return self.ends - self.begins


@dataclass(frozen=True, kw_only=True)
class Story:
    """One recovery as its ledger has it, in sentences."""

    failure: Failure
    recovery: Recovery
    attempts: tuple[Attempt, ...]
    answers: tuple[Answer, ...]
    runbook_url: str

    @property
    def stack(self) -> str:
        return self.recovery.stack.name

    @property
    def is_good(self) -> bool:
        """Whether it ended with a stack that was proven healthy."""
        return self.recovery.outcome == Settlement.RECOVERED

    @property
    def broke(self) -> str:
        """What broke."""
        return f"{self.failure.status}, seen by {'its event' if self.failure.seen_by == 'event' else 'the heartbeat'}"

    @property
    def why(self) -> str:
        """Why it broke; the diagnosis where there is one, else what CloudFormation said of the stack."""
        found = self.recovery.diagnosis
        if found is None:
            return self.failure.reason or "it was not diagnosed"
        cause = f"{found.root_cause} ({found.resource_type})" if found.root_cause else "no single resource"
        return f"{found.failure_class.replace('_', ' ')}: {cause}. {found.reason}"

    @property
    def done(self) -> str:
        """What was done."""
        if not self.attempts:
            return "nothing was changed"
        return "; ".join(f"{one.operation} → {one.end_status or 'no end was heard of'}" for one in self.attempts)

    @property
    def health(self) -> str:
        """Whether it is healthy, as far as this recovery has looked."""
        rests = self.attempts[-1].end_status if self.attempts else self.failure.status
        if self.is_good:
            held = self._count(Verdict.HOLDS)
            open_ = self._count(Verdict.NOT_PROVEN)
            return f"yes: {rests}, {held} criteria hold" + (f", {open_} not looked at" if open_ else "")
        failing = [one.sentence for one in self.recovery.criteria if one.verdict is Verdict.FAILS]
        return f"not proven: it was last seen in {rests}" + (f"; {failing[0]}" if failing else "")

    @property
    def next(self) -> str:
        """What a person should do next."""
        outcome, found = self.recovery.outcome, self.recovery.diagnosis
        if self.is_good:
            cause = f" {found.root_cause}" if found and found.root_cause else ""
            return f"nothing for the stack; find out why{cause} failed before the change is deployed again"
        if outcome in set(Escalation):
            return f"follow {self.runbook_url}#{str(outcome).replace('_', '-')}"
        if outcome in set(Restraint):
            return "nothing: it is taken up when what holds it ends (`stackmend status` says what)"
        if outcome == Settlement.OBSERVED:
            return "repair it by hand, or let its pattern's mode be act"
        return "nothing" if outcome else "look at `stackmend status`: it had not ended when this was written"

    @property
    def decided(self) -> tuple[str, ...]:
        """Who decided what was done, or not done."""
        said = tuple(f"{one.word.value} by {one.by}: {one.reason}" for one in self.answers)
        began = (f"started by {self.recovery.started_by}",) if self.recovery.started_by else ()
        return (*began, *said) or (self._decided_alone,)

    @property
    def _decided_alone(self) -> str:
        if self.recovery.outcome in set(Restraint):
            return f"people or the calendar: {self.recovery.reason}"
        if self.recovery.outcome == Settlement.OBSERVED:
            return "the settings: mode observe lets the cell look and nothing more"
        if self.attempts:
            return "the cell itself: mode act, and no step that was taken needs a person's word"
        return f"the cell itself: {self.recovery.reason or 'there was nothing to decide'}"

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.recovery.plan.steps if self.recovery.plan else ()

    @property
    def ruled_out(self) -> tuple[tuple[str, str], ...]:
        """What was not to be tried, and why."""
        refusals = self.recovery.plan.refusals if self.recovery.plan else ()
        return tuple((one.strategy, f"{one.code.value}: {one.reason}") for one in refusals)

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        return self.recovery.criteria

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The recovery in time; between them it waited."""
        return tuple(self._stretches())

    def as_data(self) -> dict[str, Any]:
        """The answers for a program."""
        return {
            "stack": self.stack,
            "recovery_id": self.recovery.recovery_id,
            "broke": self.broke,
            "why": self.why,
            "done": self.done,
            "health": self.health,
            "next": self.next,
            "decided": list(self.decided),
            "plan_digest": self.recovery.plan_digest,
        }

    def _count(self, verdict: Verdict) -> int:
        return sum(one.verdict is verdict for one in self.recovery.criteria)

    def _stretches(self) -> Iterator[Stretch]:
        one = self.recovery
        reached = one.detected_at
        yield self._stretch("found", Stage.FOUND, one.failed_at, reached)
        if one.diagnosed_at:
            yield self._stretch("diagnosed and planned", Stage.DIAGNOSED, reached, one.diagnosed_at)
            reached = one.diagnosed_at
        for attempt in self.attempts:
            ended = attempt.ended_at or one.settled_at or attempt.ordered_at
            stage = Stage.FAILED if str(attempt.end_status).endswith("_FAILED") else Stage.ACTED
            yield self._stretch(f"{attempt.attempt}. {attempt.operation}", stage, attempt.ordered_at, ended)
            reached = max(reached, ended)
        if one.proven_at:
            yield self._stretch("proven", Stage.PROVEN, reached, one.proven_at)
            reached = max(reached, one.proven_at)
        if one.settled_at:
            yield self._stretch(str(one.outcome or "settled").replace("_", " "), Stage.SETTLED, reached, one.settled_at)

    def _stretch(self, title: str, stage: Stage, begins: datetime, ends: datetime) -> Stretch:
        """An end that EventBridge tells in whole seconds can lie before its beginning: then it took no time that we know of."""
        start = self.recovery.failed_at
        first = max(0.0, (begins - start).total_seconds())
        return Stretch(title=title, stage=stage, begins=first, ends=max(first, (ends - start).total_seconds()))


def stories(field: Field, stacks: Sequence[str]) -> tuple[Story, ...]:
    """Every recovery of these stacks, oldest first for each."""
    return tuple(story for stack in stacks for story in _of(field, stack))


def _of(field: Field, stack: str) -> Iterator[Story]:
    failures = {str(one["failure_id"]): Failure.model_validate(one) for one in records(field, stack, "FAILURE#")}
    attempts = sorted(map(Attempt.model_validate, records(field, stack, "ATTEMPT#")), key=lambda one: one.ordered_at)
    for recovery in map(Recovery.model_validate, recoveries(field, stack)):
        failure = failures[recovery.failure_id]
        yield Story(
            failure=failure,
            recovery=recovery,
            attempts=tuple(one for one in attempts if one.recovery_id == recovery.recovery_id),
            answers=_answers(field, failure, recovery),
            runbook_url=field.cell.runbook_url,
        )


def _answers(field: Field, failure: Failure, recovery: Recovery) -> tuple[Answer, ...]:
    """What people said about the plan that stands in the ledger, and to the last thing that was asked."""
    door = field.cell.approvals
    if door is None:
        return ()
    said = Answers(Table(field.operator.client("dynamodb"), door.table), days=field.cell.ledger_days)
    steps = recovery.plan.steps if recovery.plan else ()
    asked = [
        approval_id(recovery=recovery.recovery_id, plan_digest=recovery.plan_digest or "", strategy=step.strategy)
        for step in steps
    ]
    names = dict.fromkeys((*asked, *((failure.approval_id,) if failure.approval_id else ())))
    return tuple(answer for name in names if (answer := said.find(name)) is not None)
