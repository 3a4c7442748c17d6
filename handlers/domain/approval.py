"""A person's word on one step: what is asked, what is answered, and when an answer counts. A token only wakes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from handlers.domain.identity import StackKey
from handlers.domain.moment import Moment, iso
from handlers.domain.outcome import ApproveOutcome, Escalation, Reason
from handlers.domain.records import Claim, ClaimState
from handlers.domain.situation import Risk

ON_EXPIRY = "nothing is done, and a person is called"
"""What happens when nobody answers: always the safe side."""

_SESSION_PARTS = 3  # assumed-role/ROLE/SESSION


class Word(StrEnum):
    """What a person may answer."""

    APPROVED = "approved"
    REJECTED = "rejected"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Request(_Frozen):
    """What a recovery asks: one step of one plan for one stack as it was then."""

    approval_id: str
    recovery_id: str
    failure_id: str
    stack: StackKey
    stack_id: str
    fence: int
    attempt: int
    strategy: str
    risk: Risk
    reason: str
    plan_digest: str
    status: str
    """The stack's, when the request was made."""
    asked_for: str | None = None
    """The ARN of who started the recovery; None where an event did."""
    requested_at: Moment
    valid_until: Moment
    task_token: str
    told: tuple[str, ...] = ()
    """Which calls went out: the first, and the one for a second approver."""

    def shown(self) -> dict[str, Any]:
        """What an approver reads; the task token is nobody's concern."""
        return self.model_dump(mode="json", exclude={"task_token", "told"}) | {"on_expiry": ON_EXPIRY}


class Answer(_Frozen):
    """What a person said, when and why, with everything that it is bound to."""

    approval_id: str
    word: Word
    by: str
    """The ARN under which IAM knew the caller."""
    at: Moment
    reason: str
    recovery_id: str
    fence: int
    strategy: str
    plan_digest: str
    status: str
    valid_until: Moment

    @classmethod
    def to(cls, request: Request, said: "Said", *, by: str, at: datetime) -> Self:
        """Bind what was said to the request that it answers."""
        bound = request.model_dump(
            include={"approval_id", "recovery_id", "fence", "strategy", "plan_digest", "status", "valid_until"}
        )
        return cls(**bound, word=said.word, reason=said.reason, by=by, at=at)


class Said(BaseModel):
    """What comes in from an approver: never who it is, which only IAM may say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    approval_id: Annotated[str, Field(pattern=r"^a-[0-9a-f]{16}$")]
    word: Word
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    plan_digest: Annotated[str, Field(min_length=1, max_length=64)]
    """Of the plan that the approver has read."""


def approval_id(*, recovery: str, plan_digest: str, strategy: str) -> str:
    """Name what is asked: the same step of the same plan in the same recovery is asked once, whatever the attempt."""
    return f"a-{hashlib.sha256(f'{recovery}|{plan_digest}|{strategy}'.encode()).hexdigest()[:16]}"


def person_of(arn: str) -> str:
    """Who stands behind an ARN: the user's name, or the session's, which the approver role's trust fixes to it."""
    resource = arn.split(":", 5)[-1]
    return resource.rsplit("/", 1)[-1]


def is_session_of(arn: str, *, account: str, role: str) -> bool:
    """Whether *arn* is a session of *role* in *account*; the ARN of a session bears no path."""
    head, _, resource = arn.rpartition(":")
    parts = resource.split("/")
    name = role.rsplit("/", 1)[-1]
    return head.endswith(f":sts::{account}") and len(parts) == _SESSION_PARTS and parts[:2] == ["assumed-role", name]


def is_same_person(one: str, other: str) -> bool:
    """Whether two ARNs may be one person's; by name too, since a person comes in several roles."""
    return one == other or person_of(one) == person_of(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """All that decides whether an answer is taken, read consistently."""

    request: Request | None
    answer: Answer | None
    """What has been answered before."""
    said: Said
    by: str
    account: str
    approver_role: str
    claim: Claim | None
    status: str
    """The stack's, now."""
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why an answer is not taken."""

    outcome: ApproveOutcome
    sentence: str


def _not_an_approver(asking: Asking) -> Refused | None:
    if is_session_of(asking.by, account=asking.account, role=asking.approver_role):
        return None
    sentence = f"{asking.by} is not a session of the role {asking.approver_role} in {asking.account}"
    return Refused(outcome=ApproveOutcome.NOT_AN_APPROVER, sentence=sentence)


def _no_such_request(asking: Asking) -> Refused | None:
    if asking.request is not None:
        return None
    return Refused(
        outcome=ApproveOutcome.NO_SUCH_REQUEST, sentence=f"nobody has asked for {asking.said.approval_id} in this cell"
    )


def _answered(asking: Asking) -> Refused | None:
    """The first answer stands; the same one again by the same person is a repeat, and no refusal."""
    answer = asking.answer
    if answer is None or (answer.word is asking.said.word and answer.by == asking.by):
        return None
    sentence = f"{answer.by} has {answer.word.value} it at {iso(answer.at)}: {answer.reason}"
    return Refused(outcome=ApproveOutcome.ALREADY_ANSWERED, sentence=sentence)


def _expired(asking: Asking) -> Refused | None:
    request = _request(asking)
    if asking.now < request.valid_until:
        return None
    return Refused(outcome=ApproveOutcome.EXPIRED, sentence=f"it expired at {iso(request.valid_until)}: {ON_EXPIRY}")


def _own(asking: Asking) -> Refused | None:
    """To reject one's own is the safe side, and allowed."""
    started_by = _request(asking).asked_for
    if asking.said.word is Word.REJECTED or started_by is None or not is_same_person(started_by, asking.by):
        return None
    sentence = f"{started_by} started this recovery: somebody else must approve it"
    return Refused(outcome=ApproveOutcome.OWN_REQUEST, sentence=sentence)


def _other_plan(asking: Asking) -> Refused | None:
    asked, read = _request(asking).plan_digest, asking.said.plan_digest
    if asked == read:
        return None
    return Refused(outcome=ApproveOutcome.OTHER_PLAN, sentence=f"the answer is to plan {read}, asked is {asked}: read it again")


def _recovery_over(asking: Asking) -> Refused | None:
    """The claim's fence is the lease's epoch: when another region has taken over, nobody acts on this request any more."""
    request, claim = _request(asking), asking.claim
    is_held = claim is not None and claim.state is ClaimState.HELD
    if claim is not None and is_held and (claim.recovery_id, claim.fence) == (request.recovery_id, request.fence):
        return None
    sentence = f"the recovery {request.recovery_id} has ended, or its fence {request.fence} has passed"
    return Refused(outcome=ApproveOutcome.RECOVERY_OVER, sentence=sentence)


def _stack_changed(asking: Asking) -> Refused | None:
    asked = _request(asking).status
    if asking.status == asked:
        return None
    sentence = f"the stack was {asked} when it was asked for, and is {asking.status} now"
    return Refused(outcome=ApproveOutcome.STACK_CHANGED, sentence=sentence)


def _request(asking: Asking) -> Request:
    if asking.request is None:  # the table has answered that before
        raise ValueError(f"{asking.said.approval_id} is not known")
    return asking.request


ANSWERING: tuple[Callable[[Asking], Refused | None], ...] = (
    _not_an_approver,
    _no_such_request,
    _answered,
    _expired,
    _own,
    _other_plan,
    _recovery_over,
    _stack_changed,
)
"""Who may answer what, first row that applies. Nobody but an approver learns whether a request is there."""


def why_refused(asking: Asking) -> Refused | None:
    """Say why an answer is not taken; None when it is."""
    return next((refused for row in ANSWERING if (refused := row(asking)) is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What Act is about to order, as it finds it immediately before: the plan is made anew, the stack is read anew."""

    approval_id: str
    recovery_id: str
    fence: int
    strategy: str
    plan_digest: str
    status: str
    started_by: str | None
    account: str
    approver_role: str
    now: datetime


def why_not_approved(answer: Answer | None, step: Step) -> Reason | None:
    """Say why *answer* does not allow *step*; None when it does. Whoever woke the recovery plays no part in it."""
    if answer is None or answer.approval_id != step.approval_id:
        return _void(f"nobody has answered {step.approval_id}: a task token only wakes, it approves nothing")
    if not is_session_of(answer.by, account=step.account, role=step.approver_role):
        return _void(f"{answer.by} is no approver")
    if answer.word is Word.REJECTED:
        return Reason(code=Escalation.APPROVAL_REJECTED, sentence=f"{person_of(answer.by)} rejected it: {answer.reason}")
    if step.started_by is not None and is_same_person(step.started_by, answer.by):
        return _void(f"{answer.by} started the recovery and approved it")
    if step.now >= answer.valid_until:
        sentence = f"approved by {person_of(answer.by)}, but it expired at {iso(answer.valid_until)}"
        return Reason(code=Escalation.APPROVAL_EXPIRED, sentence=sentence)
    return _changed(answer, step)


def _changed(answer: Answer, step: Step) -> Reason | None:
    compared = (
        ("recovery", answer.recovery_id, step.recovery_id),
        ("fence", str(answer.fence), str(step.fence)),
        ("step", answer.strategy, step.strategy),
        ("stack's status", answer.status, step.status),
        ("plan", answer.plan_digest, step.plan_digest),
    )
    differing = next(((what, then, now) for what, then, now in compared if then != now), None)
    if differing is None:
        return None
    what, then, now = differing
    return _void(f"the {what} was {then} when {person_of(answer.by)} approved, and is {now} now")


def _void(sentence: str) -> Reason:
    return Reason(code=Escalation.APPROVAL_VOID, sentence=sentence)
