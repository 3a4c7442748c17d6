"""A token only wakes: what a person allowed is read by Act immediately before the call, and held against what would be done."""

from typing import Any

import pytest

from handlers.acting import handle
from handlers.domain.approval import Word
from handlers.domain.errors import RefusedError
from handlers.domain.outcome import ActOutcome
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import ROLE, FakeStack
from tests.handlers.journey import broken, diagnosed, order
from tests.handlers.test_approvals import ALICE, answer, asked

ACT = {"route": "act", "group": "roll", "strategy": "continue_update_rollback", "attempt": 1, "wait_seconds": 0, "reason": ""}


@pytest.fixture
def stack(bench: BenchRuntime) -> FakeStack:
    """A broken stack to which its pattern lends a role, for which a person must be asked."""
    return broken(bench, "lent-one", role_arn=None)


@pytest.fixture
def state(bench: BenchRuntime, stack: FakeStack) -> dict[str, Any]:
    """Its recovery, in which a person has been asked."""
    state = {**diagnosed(bench, stack), "decision": ACT}
    asked(bench, state)
    return state


def refusal(bench: BenchRuntime, state: dict[str, Any]) -> str:
    """Why Act does nothing."""
    with pytest.raises(RefusedError) as refused:
        handle(order(bench, state), bench)
    assert bench.cloudformation.accepted == []
    return str(refused.value)


def test_an_approved_step_is_done(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """With the role that was approved."""
    answer(bench, ALICE)

    assert handle(order(bench, state), bench) is ActOutcome.ORDERED
    assert [role for _, _, role in bench.cloudformation.accepted] == ["arn:aws:iam::222222222222:role/repair"]


def test_a_holder_of_the_token_alone_gets_nothing_done(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Whoever may wake one token may wake all (SendTask calls know no resource); a request is no answer."""
    assert bench.fake_machine.nudge("ask-1", "a-0000000000000000")

    assert refusal(bench, state).startswith("approval_void: nobody has answered a-")


def test_a_rejected_step_is_told_with_who_and_why(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """And not done."""
    answer(bench, ALICE, Word.REJECTED)

    assert refusal(bench, state) == "approval_rejected: alice rejected it: seen"


def test_an_answer_grows_old(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """It is valid no longer than the request was."""
    answer(bench, ALICE)
    bench.time.pass_seconds(14400)
    bench.renew()

    assert refusal(bench, state) == "approval_expired: approved by alice, but it expired at 2026-03-04T16:00:00.000Z"


def test_a_plan_that_changed_under_the_approval_is_not_done(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """The settings were deployed anew, and lend another role than the one that was approved."""
    answer(bench, ALICE)
    data = bench.cell.model_dump(mode="json")
    for pattern in data["patterns"]:
        pattern["repair_role"] = pattern["repair_role"] and pattern["repair_role"].replace("repair", "mightier")
    bench.cell = type(bench.cell).model_validate(data)

    assert refusal(bench, state).startswith("approval_void: the plan was ")


def test_who_started_the_recovery_cannot_have_approved_it(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Act looks for itself: the rule holds also where the answer came in before it was known who started."""
    answer(bench, ALICE)
    payload = order(bench, state)
    bench.ledger.amend(payload.stack, payload.recovery_id, started_by="arn:aws:sts::222222222222:assumed-role/operator/alice")

    assert refusal(bench, state).startswith(f"approval_void: {ALICE} started the recovery")


def test_an_answer_of_another_recovery_is_none(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Each recovery asks for itself."""
    answer(bench, ALICE)
    (key, item), *_ = bench.approvals_table.items.items()
    bench.approvals_table.items[key] = item | {"recovery_id": "r-another"}

    assert refusal(bench, state).startswith("approval_void: the recovery was r-another")


@pytest.mark.parametrize(("name", "role_arn"), [("ask-one", ROLE), ("lent-one", None)])
def test_a_state_that_skips_the_question_is_refused(bench: BenchRuntime, name: str, role_arn: str | None) -> None:
    """Whoever sends Act a decision: whether a person must be asked stands in settings and ledger."""
    state = {**diagnosed(bench, broken(bench, name, role_arn=role_arn)), "decision": ACT}

    assert refusal(bench, state).startswith("approval_void: nobody has answered a-")


def test_where_nobody_may_be_asked_nothing_is_approved(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Not even by an answer that lies in the table."""
    answer(bench, ALICE)
    bench.cell = bench.cell.model_copy(update={"approvals": None})

    assert refusal(bench, state).startswith("approval_due: a person must allow this")


def test_what_needs_no_word_asks_for_none(bench: BenchRuntime) -> None:
    """The fast path reads no answer."""
    bench.answers.find = lambda _: pytest.fail("nobody was asked")  # type: ignore[method-assign, assignment]

    assert handle(order(bench, diagnosed(bench, broken(bench))), bench) is ActOutcome.ORDERED
