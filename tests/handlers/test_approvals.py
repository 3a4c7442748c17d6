"""Asking and answering: the request is kept before anybody is told, the answer before anybody is woken."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from handlers import approve, ask
from handlers.approve import Reply
from handlers.ask import AskPayload
from handlers.domain.approval import Request, Word
from handlers.domain.errors import RefusedError
from handlers.domain.identity import StackKey
from handlers.domain.outcome import ApproveOutcome, AskOutcome
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import ACCOUNT, FakeStack
from tests.handlers.journey import broken, diagnosed, settle_as

ALICE = f"arn:aws:sts::{ACCOUNT}:assumed-role/approver/alice"
BOB = f"arn:aws:sts::{ACCOUNT}:assumed-role/approver/bob"
STRANGER = f"arn:aws:sts::{ACCOUNT}:assumed-role/team/alice"


@pytest.fixture
def stack(bench: BenchRuntime) -> FakeStack:
    """A broken stack without a service role; its pattern lends it one, for which a person must be asked."""
    return broken(bench, "lent-one", role_arn=None)


@pytest.fixture
def state(bench: BenchRuntime, stack: FakeStack) -> dict[str, Any]:
    """The machine's state when it asks."""
    return {**diagnosed(bench, stack), "decision": {"route": "act", "group": "roll", "strategy": "continue_update_rollback"}}


def asked(bench: BenchRuntime, state: dict[str, Any], task_token: str = "ask-1", call: str = "first") -> AskOutcome:  # noqa: S107
    """What the machine does: it waits with a token, and calls."""
    bench.fake_machine.executions[state["recovery_id"]].waits_with = task_token
    return ask.handle(AskPayload.model_validate({**state, "task_token": task_token, "call": call}), bench)


def request_of(bench: BenchRuntime) -> Request:
    """The one request in the ledger."""
    (item,) = [item for (_, sk), item in bench.table.items.items() if sk == "REQUEST"]
    return Request.model_validate(item)


def answer(bench: BenchRuntime, by: str | None, word: Word = Word.APPROVED, /, **change: str) -> Reply:
    """What an approver sends, as the URL hands it on."""
    request = request_of(bench)
    said = {"approval_id": request.approval_id, "word": word.value, "reason": "seen", "plan_digest": request.plan_digest}
    return approve.handle(event(by, json.dumps(said | change)), bench)


def event(by: str | None, body: str = "", **query: str) -> dict[str, Any]:
    """A call of the function's URL."""
    authorizer = {"authorizer": {"iam": {"userArn": by, "accountId": ACCOUNT}}} if by else {}
    encoded = base64.b64encode(body.encode()).decode()
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": "POST"}, **authorizer},
        "isBase64Encoded": True,
        **({"body": encoded} if body else {}),
        **({"queryStringParameters": query} if query else {}),
    }


def woken(bench: BenchRuntime, state: dict[str, Any]) -> dict[str, Any] | None:
    return bench.fake_machine.executions[state["recovery_id"]].woken_with


def test_a_person_is_asked_with_everything_to_judge_by(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """What, why, risk, expiry, how to answer; the request is in the ledger and on the failure."""
    assert asked(bench, state) is AskOutcome.ASKED

    request = request_of(bench)
    ((subject, text),) = bench.fake_alerts.raised
    assert subject == f"Stackmend test: lent-one waits for an approval ({request.approval_id})"
    for part in (
        "What would be done: continue_update_rollback (attempt 1)",
        "Risk: reversible",
        "role/repair, which stays with the stack",
        "Without an answer until 2026-03-04T16:00:00.000Z: nothing is done, and a person is called.",
        f"stackmend approve {request.approval_id} --reason",
        f"plan {request.plan_digest}",
        "https://runbooks.example/stackmend#approvals",
    ):
        assert part in text
    assert (request.status, request.fence, request.task_token) == ("UPDATE_ROLLBACK_FAILED", state["fence"], "ask-1")
    assert [failure.approval_id for failure in bench.ledger.unresolved().failures] == [request.approval_id]
    assert "ask-1" not in text


def test_a_repeat_keeps_the_times_and_tells_nobody_twice(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """A Retry brings a new token; the old one is dead."""
    asked(bench, state)
    first = request_of(bench)
    bench.time.pass_seconds(60)

    assert asked(bench, state, "ask-2") is AskOutcome.ASKED_BEFORE
    again = request_of(bench)
    assert again == first.model_copy(update={"task_token": "ask-2", "told": ("first",)})
    assert len(bench.fake_alerts.raised) == 1


def test_a_second_approver_is_called(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Once, and the request goes on to end when it was to end."""
    asked(bench, state)
    bench.time.pass_seconds(1800)

    assert asked(bench, state, "ask-2", "second") is AskOutcome.ASKED
    assert asked(bench, state, "ask-3", "second") is AskOutcome.ASKED_BEFORE
    _, (subject, text) = bench.fake_alerts.raised
    assert "nobody has answered for lent-one: a second approver is asked" in subject
    assert "until 2026-03-04T16:00:00.000Z" in text


@pytest.mark.parametrize("word", list(Word))
def test_an_answer_is_kept_and_wakes(bench: BenchRuntime, state: dict[str, Any], word: Word) -> None:
    """By whom IAM says, bound to all that was asked."""
    asked(bench, state)
    request = request_of(bench)

    reply = answer(bench, ALICE, word)

    assert reply.outcome is ApproveOutcome.ANSWERED
    kept = bench.answers.find(request.approval_id)
    assert kept is not None
    assert (kept.by, kept.word, kept.plan_digest, kept.fence) == (ALICE, word, request.plan_digest, request.fence)
    assert woken(bench, state) == {"approval_id": request.approval_id}
    assert [failure.approval_id for failure in bench.ledger.unresolved().failures] == [None]


def test_an_answer_between_two_calls_is_found(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """The first wait was over and the second had no token yet: who stores one looks whether the answer is there."""
    asked(bench, state)
    bench.fake_machine.executions[state["recovery_id"]].waits_with = None
    assert answer(bench, ALICE).outcome is ApproveOutcome.ANSWERED
    assert woken(bench, state) is None

    assert asked(bench, state, "ask-2", "second") is AskOutcome.ANSWERED
    assert woken(bench, state) is not None
    assert len(bench.fake_alerts.raised) == 1


def test_the_same_answer_again_wakes_again(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """The first one may have died before it woke anybody."""
    asked(bench, state)
    answer(bench, ALICE)
    bench.fake_machine.executions[state["recovery_id"]].waits_with = "ask-1"

    assert answer(bench, ALICE).outcome is ApproveOutcome.REPEATED
    assert bench.fake_machine.executions[state["recovery_id"]].waits_with is None


def test_the_first_answer_stands(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Two people in the same second: one of them is told who was quicker."""
    asked(bench, state)
    request = request_of(bench)
    honest = bench.answers.keep
    quick: list[bool] = []

    def after_bob(kept: Any) -> bool:
        if not quick:
            quick.append(honest(kept.model_copy(update={"by": BOB, "word": Word.REJECTED})))
        return honest(kept)

    bench.answers.keep = after_bob  # type: ignore[method-assign, assignment]

    assert answer(bench, ALICE).outcome is ApproveOutcome.ALREADY_ANSWERED
    kept = bench.answers.find(request.approval_id)
    assert kept is not None
    assert (kept.by, kept.word) == (BOB, Word.REJECTED)
    assert woken(bench, state) is None


@pytest.mark.parametrize(
    ("by", "change", "refusal"),
    [
        (None, {}, (ApproveOutcome.NO_IDENTITY, 403)),
        (STRANGER, {}, (ApproveOutcome.NOT_AN_APPROVER, 403)),
        (ALICE, {"plan_digest": "stale"}, (ApproveOutcome.OTHER_PLAN, 409)),
        (ALICE, {"approval_id": "a-0000000000000000"}, (ApproveOutcome.NO_SUCH_REQUEST, 404)),
        (ALICE, {"approval_id": "*"}, (ApproveOutcome.MALFORMED, 400)),
        (ALICE, {"by": BOB}, (ApproveOutcome.MALFORMED, 400)),
        (ALICE, {"reason": ""}, (ApproveOutcome.MALFORMED, 400)),
    ],
)
def test_a_refused_answer_leaves_no_trace(
    bench: BenchRuntime, state: dict[str, Any], by: str | None, change: dict[str, str], refusal: tuple[ApproveOutcome, int]
) -> None:
    """Nothing is kept and nobody is woken."""
    asked(bench, state)

    reply = answer(bench, by, **change)

    assert (reply.outcome, reply.http()["statusCode"]) == refusal
    assert not bench.approvals_table.items
    assert woken(bench, state) is None


def test_who_started_the_recovery_cannot_approve_it(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Under whichever role; somebody else can."""
    key = StackKey.model_validate(state["stack"])
    bench.ledger.amend(key, state["recovery_id"], started_by=f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/alice")
    asked(bench, state)

    assert answer(bench, ALICE).outcome is ApproveOutcome.OWN_REQUEST
    assert answer(bench, BOB).outcome is ApproveOutcome.ANSWERED
    assert "alice, who may not approve it" in bench.fake_alerts.raised[0][1]


def test_too_late_is_too_late(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """To the second."""
    asked(bench, state)
    bench.time.pass_seconds(14400)

    assert answer(bench, ALICE).outcome is ApproveOutcome.EXPIRED


def test_a_stack_that_has_moved_on_is_not_approved_for(bench: BenchRuntime, stack: FakeStack, state: dict[str, Any]) -> None:
    """Somebody repaired it meanwhile."""
    asked(bench, state)
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=True)

    assert answer(bench, ALICE).outcome is ApproveOutcome.STACK_CHANGED


def test_a_recovery_that_has_ended_is_not_approved(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Its claim is released; and the machine cannot ask for it any more."""
    asked(bench, state)
    settle_as(bench, "vanished")

    assert answer(bench, ALICE).outcome is ApproveOutcome.RECOVERY_OVER
    with pytest.raises(RefusedError, match="claim_lost: "):
        asked(bench, state, "ask-2")


def test_a_step_that_nobody_planned_is_not_asked_for(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """A person could judge nothing."""
    with pytest.raises(RefusedError, match="approval_void: the ledger's plan has no step 'rollback_stack'"):
        asked(bench, state | {"decision": {"route": "act", "strategy": "rollback_stack"}})


def test_an_approver_reads_what_is_asked(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """With the diagnosis, and without the token that wakes; nobody else reads anything."""
    asked(bench, state)
    request = request_of(bench)

    reply = approve.handle(event(ALICE, approval_id=request.approval_id), bench)
    told = json.loads(reply.http()["body"])

    assert reply.outcome is ApproveOutcome.SHOWN
    assert told["request"]["plan_digest"] == request.plan_digest
    assert told["request"]["diagnosis"]["failure_class"] == "throttling"
    assert told["request"]["on_expiry"] == "nothing is done, and a person is called"
    assert "ask-1" not in reply.http()["body"]
    assert approve.handle(event(STRANGER, approval_id=request.approval_id), bench).outcome is ApproveOutcome.NOT_AN_APPROVER
    assert approve.handle(event(ALICE, approval_id="a-1"), bench).outcome is ApproveOutcome.NO_SUCH_REQUEST


def test_a_death_after_the_answer_is_mended_by_the_next_call(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """The answer stands, nobody was woken, and the approver does not come again: the second call finds it."""
    asked(bench, state)
    bench.fake_machine.nudge = lambda *_: (_ for _ in ()).throw(RuntimeError("dies"))  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        answer(bench, ALICE)
    del bench.fake_machine.nudge
    bench.time.pass_seconds(timedelta(minutes=30).total_seconds())

    assert asked(bench, state, "ask-2", "second") is AskOutcome.ANSWERED
    assert woken(bench, state) is not None
