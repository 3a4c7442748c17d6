"""Who may answer what, and when an answer lets a step be done: each row alone, and all of them over anything that can come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handlers.domain.approval import (
    Answer,
    Asking,
    Request,
    Said,
    Step,
    Word,
    approval_id,
    is_same_person,
    is_session_of,
    person_of,
    why_not_approved,
    why_refused,
)
from handlers.domain.identity import StackKey
from handlers.domain.outcome import ApproveOutcome, Escalation
from handlers.domain.records import Claim, ClaimState
from handlers.domain.situation import Risk

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ACCOUNT, ROLE = "222222222222", "people/approver"
KEY = StackKey(account=ACCOUNT, region="us-east-1", name="app-one")
ALICE = f"arn:aws:sts::{ACCOUNT}:assumed-role/approver/alice"
BOB = f"arn:aws:sts::{ACCOUNT}:assumed-role/approver/bob"
ALICE_OPERATES = f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/alice"
ID = approval_id(recovery="r-1", plan_digest="digest", strategy="roll")

REQUEST = Request(
    approval_id=ID,
    recovery_id="r-1",
    failure_id="f-1",
    stack=KEY,
    stack_id="id",
    fence=7,
    attempt=1,
    strategy="roll",
    risk=Risk.REVERSIBLE,
    reason="why",
    plan_digest="digest",
    status="UPDATE_ROLLBACK_FAILED",
    requested_at=NOON,
    valid_until=NOON + timedelta(hours=4),
    task_token="task",
)
SAID = Said(approval_id=ID, word=Word.APPROVED, reason="looked at it", plan_digest="digest")
ANSWER = Answer.to(REQUEST, SAID, by=ALICE, at=NOON)
CLAIM = Claim(stack=KEY, stack_id="id", recovery_id="r-1", failure_id="f-1", fence=7, claimed_at=NOON)
ASKING = Asking(
    request=REQUEST,
    answer=None,
    said=SAID,
    by=ALICE,
    account=ACCOUNT,
    approver_role=ROLE,
    claim=CLAIM,
    status="UPDATE_ROLLBACK_FAILED",
    now=NOON,
)
STEP = Step(
    approval_id=ID,
    recovery_id="r-1",
    fence=7,
    strategy="roll",
    plan_digest="digest",
    status="UPDATE_ROLLBACK_FAILED",
    started_by=None,
    account=ACCOUNT,
    approver_role=ROLE,
    now=NOON,
)


def test_an_approver_answers_what_was_asked() -> None:
    """When no row objects."""
    assert why_refused(ASKING) is None


@pytest.mark.parametrize(
    ("change", "outcome", "sentence"),
    [
        (
            {"by": ALICE_OPERATES},
            ApproveOutcome.NOT_AN_APPROVER,
            f"{ALICE_OPERATES} is not a session of the role people/approver in 222222222222",
        ),
        (
            {"by": ALICE.replace(ACCOUNT, "333333333333")},
            ApproveOutcome.NOT_AN_APPROVER,
            f"{ALICE.replace(ACCOUNT, '333333333333')} is not a session of the role people/approver in 222222222222",
        ),
        ({"request": None}, ApproveOutcome.NO_SUCH_REQUEST, f"nobody has asked for {ID} in this cell"),
        (
            {"answer": ANSWER.model_copy(update={"by": BOB})},
            ApproveOutcome.ALREADY_ANSWERED,
            f"{BOB} has approved it at 2026-03-04T12:00:00.000Z: looked at it",
        ),
        (
            {"answer": ANSWER.model_copy(update={"word": Word.REJECTED})},
            ApproveOutcome.ALREADY_ANSWERED,
            f"{ALICE} has rejected it at 2026-03-04T12:00:00.000Z: looked at it",
        ),
        (
            {"now": NOON + timedelta(hours=4)},
            ApproveOutcome.EXPIRED,
            "it expired at 2026-03-04T16:00:00.000Z: nothing is done, and a person is called",
        ),
        (
            {"request": REQUEST.model_copy(update={"asked_for": ALICE_OPERATES})},
            ApproveOutcome.OWN_REQUEST,
            f"{ALICE_OPERATES} started this recovery: somebody else must approve it",
        ),
        (
            {"said": SAID.model_copy(update={"plan_digest": "stale"})},
            ApproveOutcome.OTHER_PLAN,
            "the answer is to plan stale, asked is digest: read it again",
        ),
        ({"claim": None}, ApproveOutcome.RECOVERY_OVER, "the recovery r-1 has ended, or its fence 7 has passed"),
        (
            {"claim": CLAIM.model_copy(update={"fence": 8})},
            ApproveOutcome.RECOVERY_OVER,
            "the recovery r-1 has ended, or its fence 7 has passed",
        ),
        (
            {"claim": CLAIM.model_copy(update={"state": ClaimState.RELEASED})},
            ApproveOutcome.RECOVERY_OVER,
            "the recovery r-1 has ended, or its fence 7 has passed",
        ),
        (
            {"status": "UPDATE_ROLLBACK_COMPLETE"},
            ApproveOutcome.STACK_CHANGED,
            "the stack was UPDATE_ROLLBACK_FAILED when it was asked for, and is UPDATE_ROLLBACK_COMPLETE now",
        ),
    ],
)
def test_what_stands_against_an_answer(change: dict[str, Any], outcome: ApproveOutcome, sentence: str) -> None:
    """Each row, with everything else as it should be."""
    refused = why_refused(replace(ASKING, **change))

    assert refused is not None
    assert (refused.outcome, refused.sentence) == (outcome, sentence)


def test_ones_own_may_be_rejected() -> None:
    """That is the safe side."""
    own = REQUEST.model_copy(update={"asked_for": ALICE_OPERATES})
    said = SAID.model_copy(update={"word": Word.REJECTED})

    assert why_refused(replace(ASKING, request=own, said=said)) is None


def test_a_repeat_is_taken() -> None:
    """The first answer may have been kept, and the recovery not woken."""
    assert why_refused(replace(ASKING, answer=ANSWER)) is None


def test_who_is_no_approver_learns_nothing() -> None:
    """Not even whether a request is there."""
    refused = why_refused(replace(ASKING, by=ALICE_OPERATES, request=None))

    assert refused is not None
    assert refused.outcome is ApproveOutcome.NOT_AN_APPROVER


def test_an_approved_step_may_be_done() -> None:
    """When all is as it was approved."""
    assert why_not_approved(ANSWER, STEP) is None


@pytest.mark.parametrize(
    ("answer", "change", "reason"),
    [
        (
            None,
            {},
            f"approval_void: nobody has answered {ID}: a task token only wakes, it approves nothing",
        ),
        (
            {"by": ALICE_OPERATES},
            {},
            f"approval_void: {ALICE_OPERATES} is no approver",
        ),
        ({"word": Word.REJECTED}, {}, "approval_rejected: alice rejected it: looked at it"),
        ({}, {"started_by": ALICE_OPERATES}, f"approval_void: {ALICE} started the recovery and approved it"),
        (
            {},
            {"now": NOON + timedelta(hours=4)},
            "approval_expired: approved by alice, but it expired at 2026-03-04T16:00:00.000Z",
        ),
        ({}, {"recovery_id": "r-2"}, "approval_void: the recovery was r-1 when alice approved, and is r-2 now"),
        ({}, {"fence": 8}, "approval_void: the fence was 7 when alice approved, and is 8 now"),
        ({}, {"strategy": "cut"}, "approval_void: the step was roll when alice approved, and is cut now"),
        (
            {},
            {"status": "UPDATE_FAILED"},
            "approval_void: the stack's status was UPDATE_ROLLBACK_FAILED when alice approved, and is UPDATE_FAILED now",
        ),
        ({}, {"plan_digest": "other"}, "approval_void: the plan was digest when alice approved, and is other now"),
    ],
)
def test_what_stands_against_an_approved_step(answer: dict[str, Any] | None, change: dict[str, Any], reason: str) -> None:
    """Each condition alone, read immediately before the call."""
    found = None if answer is None else ANSWER.model_copy(update=answer)

    assert str(why_not_approved(found, replace(STEP, **change))) == reason


PEOPLE = st.sampled_from([ALICE, BOB, ALICE_OPERATES, f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:iam::{ACCOUNT}:root"])
ANSWERS = st.builds(
    Answer,
    approval_id=st.sampled_from([ID, "a-0000000000000000"]),
    word=st.sampled_from(Word),
    by=PEOPLE,
    at=st.just(NOON),
    reason=st.just("why"),
    recovery_id=st.sampled_from(["r-1", "r-2"]),
    fence=st.sampled_from([7, 8]),
    strategy=st.sampled_from(["roll", "cut"]),
    plan_digest=st.sampled_from(["digest", "other"]),
    status=st.sampled_from(["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"]),
    valid_until=st.sampled_from([NOON, NOON + timedelta(seconds=1)]),
)
STEPS = st.builds(
    Step,
    approval_id=st.just(ID),
    recovery_id=st.sampled_from(["r-1", "r-2"]),
    fence=st.sampled_from([7, 8]),
    strategy=st.sampled_from(["roll", "cut"]),
    plan_digest=st.sampled_from(["digest", "other"]),
    status=st.sampled_from(["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"]),
    started_by=st.none() | PEOPLE,
    account=st.just(ACCOUNT),
    approver_role=st.sampled_from([ROLE, "people/other"]),
    now=st.just(NOON),
)


@given(answer=st.none() | ANSWERS, step=STEPS)
def test_nothing_is_done_without_an_approvers_word_on_it(answer: Answer | None, step: Step) -> None:
    """Whatever comes together: a step is allowed only by another person's approval of exactly this, while it is fresh."""
    if why_not_approved(answer, step) is not None:
        return

    assert answer is not None
    assert answer.word is Word.APPROVED
    assert answer.by in {ALICE, BOB}
    assert step.approver_role == ROLE
    assert step.started_by is None or person_of(step.started_by) != person_of(answer.by)
    assert answer.valid_until > step.now
    bound = ("approval_id", "recovery_id", "fence", "strategy", "plan_digest", "status")
    assert [getattr(answer, name) for name in bound] == [getattr(step, name) for name in bound]


@given(answer=ANSWERS, step=STEPS)
def test_a_rejection_never_allows(answer: Answer, step: Step) -> None:
    """And is told as one, with who and why, wherever an approver gave it."""
    reason = why_not_approved(answer.model_copy(update={"word": Word.REJECTED}), step)

    assert reason is not None
    if answer.approval_id == ID and answer.by in {ALICE, BOB} and step.approver_role == ROLE:
        assert reason.code is Escalation.APPROVAL_REJECTED


def test_a_request_is_named_by_what_is_asked() -> None:
    """Recovery, plan and step; the same question has the same name."""
    named = {
        approval_id(recovery=recovery, plan_digest=digest, strategy=step)
        for recovery in ("r-1", "r-2")
        for digest in ("d", "e")
        for step in ("roll", "cut")
    }

    assert len(named) == 8
    assert approval_id(recovery="r-1", plan_digest="d", strategy="roll") in named


@pytest.mark.parametrize(
    ("arn", "person"),
    [(ALICE, "alice"), (f"arn:aws:iam::{ACCOUNT}:user/people/alice", "alice"), (f"arn:aws:iam::{ACCOUNT}:root", "root")],
)
def test_a_person_is_known_by_name(arn: str, person: str) -> None:
    """Of a session or of a user, whatever the path."""
    assert person_of(arn) == person


def test_a_person_in_two_roles_is_one_person() -> None:
    """Else one could approve as approver what one started as operator."""
    assert is_same_person(ALICE, ALICE_OPERATES)
    assert not is_same_person(ALICE, BOB)


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/approver",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/approver",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/not-approver/approver",
        f"arn:aws:sts::{ACCOUNT}:federated-user/approver/alice",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/approver/alice/more",
        "",
    ],
)
def test_what_only_looks_like_an_approver(arn: str) -> None:
    """A session of this role in this account, and nothing else."""
    assert not is_session_of(arn, account=ACCOUNT, role=ROLE)


@pytest.mark.parametrize("change", [{"approval_id": "r-1"}, {"word": "yes"}, {"reason": ""}, {"by": ALICE}])
def test_what_comes_in_is_checked(change: dict[str, str]) -> None:
    """And can never say who it is from."""
    with pytest.raises(ValidationError):
        Said.model_validate(SAID.model_dump() | change)


def test_the_task_token_is_not_shown() -> None:
    """Who reads a request learns nothing that wakes anybody."""
    assert "task_token" not in REQUEST.shown()
    assert "task" not in REQUEST.shown().values()
