"""The ledger's records: what is known of failures, claims, recoveries and attempts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from handlers.domain.criteria import CriterionResult
from handlers.domain.diagnosis_types import Diagnosis
from handlers.domain.graph import EdgeKind
from handlers.domain.identity import StackKey
from handlers.domain.moment import Moment, iso
from handlers.domain.situation import Plan

REASON_LENGTH = 500
"""Characters of each reason, so that a record stays near one kilobyte."""
EVIDENCE_KEPT = 5
"""A record stays near one kilobyte, which is one write unit; the whole evidence belongs into the vault."""


class _Record(BaseModel):
    """A later version's fields are kept out of the way, not refused: cells are upgraded one by one."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FailureState(StrEnum):
    """Whether somebody still has to answer for a failure."""

    OPEN = "open"
    WAITING = "waiting"  # for a switch, a pause or a freeze to end; the heartbeat brings it again then
    PARKED = "parked"  # behind failed stacks that it needs; whoever is recovered last of them brings it again
    SETTLED = "settled"
    ESCALATED = "escalated"


class ClaimState(StrEnum):
    """Whether a recovery holds the stack."""

    HELD = "held"
    RELEASED = "released"


class AttemptState(StrEnum):
    """How far a call to CloudFormation has come, as far as the ledger knows."""

    ORDERED = "ordered"  # the token is kept; the call may or may not have been made
    ACCEPTED = "accepted"
    ENDED = "ended"


class SeenBy(StrEnum):
    """By which net a failure was caught."""

    EVENT = "event"
    HEARTBEAT = "heartbeat"
    PERSON = "person"  # who asked for its recovery


class Behind(_Record):
    """A failed stack that another one needs, and how that is known."""

    producer: str
    """The text of its key."""
    kind: EdgeKind
    evidence: str


class Failure(_Record):
    """A managed stack at rest in a failed status; its id is the id of CloudFormation's own event about it."""

    failure_id: str
    stack: StackKey
    stack_id: str
    status: str
    seen_by: SeenBy
    failed_at: Moment
    detected_at: Moment
    recovery_id: str = ""
    """Empty while it waits for its first recovery."""
    turn: int = 0
    """How often it has been taken up again after it had to wait or its mode was raised; each turn is a recovery of its own."""
    taken_up_at: Moment | None = None
    """When it was, the last time."""
    reason: str = ""
    state: FailureState = FailureState.OPEN
    failure_class: str | None = None
    """Known where its class's breaker may hold it."""
    outcome: str | None = None
    closed_at: Moment | None = None
    behind: tuple[Behind, ...] = ()
    """The failed stacks that it needs, as they were when it was parked, or given up, behind them."""
    waits_for: tuple[str, ...] = ()
    """Those of them whose recovery has not ended: a set, so that a release that comes twice takes nothing away twice.

    Empty in a parked stack that waits for nothing but room.
    """
    offers: int = 0
    """How often a recovery that ended has offered its place; a number, so that two cannot offer theirs to the same stack."""
    parked_at: Moment | None = None
    root: str | None = None
    """The stack that could not be recovered, where this one was given up behind it."""
    healthy_at: Moment | None = None
    """When its stack was seen to have left the failed status, after the failure had been closed."""
    approval_id: str | None = None
    """The request whose answer its recovery waits for; None while it waits for nobody."""

    @property
    def begun_at(self) -> datetime:
        """Since when its recovery should run."""
        return self.taken_up_at or self.detected_at


class Waiter(_Record):
    """The word that a parked stack leaves with one of those that it waits for."""

    behind: StackKey
    stack: StackKey
    failure_id: str


class Claim(_Record):
    """The right of one recovery to act on one stack, under a fence; all that its execution is started with."""

    stack: StackKey
    stack_id: str
    recovery_id: str
    failure_id: str
    fence: int
    claimed_at: Moment
    slot: int | None = None
    """Its place among the recoveries that its cell allows at once."""
    state: ClaimState = ClaimState.HELD

    def machine_input(self) -> dict[str, Any]:
        """The execution's input: ids only."""
        return self.model_dump(mode="json", include={"recovery_id", "failure_id", "fence", "stack", "stack_id"})


class DiagnosisNote(_Record):
    """A diagnosis, shortened to what an operator reads first."""

    failure_class: str
    root_cause: str | None
    resource_type: str | None
    reason: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, diagnosis: Diagnosis) -> "DiagnosisNote":
        """Shorten *diagnosis*."""
        lines = [f"{each.at} {each.logical_id} {each.status} {each.reason}" for each in diagnosis.evidence[:EVIDENCE_KEPT]]
        return cls(
            failure_class=diagnosis.failure_class.value,
            root_cause=diagnosis.root_cause,
            resource_type=diagnosis.resource_type,
            reason=diagnosis.reason[:REASON_LENGTH],
            evidence=tuple(line[:REASON_LENGTH] for line in lines),
        )


class Recovery(_Record):
    """One run of the machine for one stack: its stages, its diagnosis and plan, and how it ended."""

    recovery_id: str
    failure_id: str
    stack: StackKey
    stack_id: str
    fence: int
    turn: int = 0
    """Above 0 when its failure had to wait for people or the calendar, or for a mode that allows more."""
    started_by: str | None = None
    """The ARN of the person who started it; None where an event or the heartbeat did."""
    request_id: str | None = None
    """The request that the person made, by which whoever waits finds it."""
    failed_at: Moment
    detected_at: Moment
    diagnosed_at: Moment | None = None
    acted_at: Moment | None = None
    ended_at: Moment | None = None
    proven_at: Moment | None = None
    settled_at: Moment | None = None
    diagnosis: DiagnosisNote | None = None
    plan: Plan | None = None
    plan_digest: str | None = None
    attempts: int = 0
    tried: tuple[str, ...] = ()
    """The strategy of each attempt that has been validated, in their order."""
    tries: tuple[str, ...] = ()
    """The open breakers for which it is the one recovery that tries."""
    exports_in_use: tuple[str, ...] | None = None
    """What other stacks imported of it when it was diagnosed; None where nobody has looked."""
    outcome: str | None = None
    reason: str | None = None
    criteria: tuple[CriterionResult, ...] = ()


class Attempt(_Record):
    """One call to CloudFormation, kept before it is made."""

    token: str
    stack: StackKey
    stack_id: str
    recovery_id: str
    attempt: int
    operation: str
    fence: int
    task_token: str
    claimed_at: Moment
    """When its recovery began: no event of this attempt is older, whichever repeat of it made the call."""
    ordered_at: Moment
    deadline: Moment
    state: AttemptState = AttemptState.ORDERED
    accepted_at: Moment | None = None
    request_id: str | None = None
    end_status: str | None = None
    ended_at: Moment | None = None
    end_event_id: str | None = None


class Switch(_Record):
    """A kill switch; what is not there is not thrown."""

    stopped: bool = False
    reason: str | None = None
    by: str | None = None
    at: Moment | None = None

    def why(self, of: str) -> str | None:
        """Who stopped what, and why; None while the switch is not thrown."""
        if not self.stopped:
            return None
        return f"the kill switch of the {of} is on: {self.reason or 'no reason given'} (by {self.by or 'unknown'})"


class Pause(_Record):
    """A person's word that one stack is to be left alone; the word that ended it stands in the same record."""

    stack: StackKey
    paused: bool = True
    reason: str
    by: str
    at: Moment
    until: Moment | None = None
    """When it ends by itself; without it a person ends it."""

    def holds(self, now: datetime) -> bool:
        """Whether the stack is to be left alone at *now*."""
        return self.paused and (self.until is None or now < self.until)

    def why(self) -> str:
        """Who paused the stack, why, and for how long."""
        end = f"until {iso(self.until)}" if self.until else "until somebody resumes it"
        return f"paused {end}: {self.reason} (by {self.by})"


class End(_Record):
    """How CloudFormation says that an operation of ours came to rest."""

    status: str
    at: Moment
    event_id: str
