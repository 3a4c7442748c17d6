"""UPDATE_FAILED with rollback disabled: rolled back after proof that the stack was stable, and never otherwise."""

import pytest

from handlers import acting, diagnose, intake, validate
from handlers.domain.decision import Route
from handlers.domain.errors import RefusedError
from handlers.domain.outcome import ActOutcome, IntakeOutcome
from handlers.domain.payload import ActPayload, Payload
from handlers.domain.status import LAST_KNOWN_STABLE
from tests.handlers.bench import KEY, BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.journey import decided, diagnosed, order

PERMANENT = "Access denied for operation 'CreateQueue' (Status Code: 403)"


def failed(bench: BenchRuntime) -> FakeStack:
    """A stack that was stable, and whose update has failed for a cause that never passes."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.fail_and_stay(stack, PERMANENT)
    return stack


def test_it_goes_back_to_what_was_stable(bench: BenchRuntime) -> None:
    """Whatever the update failed for: that is what is left behind."""
    stack = failed(bench)
    state = diagnosed(bench, stack)
    assert state["decision"]["strategy"] == "rollback_stack"
    assert "CREATE_COMPLETE" in state["decision"]["reason"]

    payload = order(bench, state)
    assert acting.handle(payload, bench) is ActOutcome.ORDERED
    attempt = bench.ledger.attempt(payload.stack, payload.client_token)
    assert attempt is not None
    assert attempt.operation == "RollbackStack"
    assert bench.cloudformation.accepted == [("app-one", payload.client_token, None)]

    bench.cloudformation.end_operation(stack, well=True)
    bench.ledger.end(payload.stack, payload.client_token, bench.stacks.trace(stack.stack_id, payload.client_token, bench.clock()))  # type: ignore[arg-type]
    decision = validate.handle(decided(state), bench)
    assert decision.reason == "recovered: rollback_stack ended in UPDATE_ROLLBACK_COMPLETE"


def test_its_own_rollback_fails_and_is_continued(bench: BenchRuntime) -> None:
    """The next attempt is of the other strategy, under a token of its own, and counts."""
    stack = failed(bench)
    state = diagnosed(bench, stack)
    first = order(bench, state)
    acting.handle(first, bench)
    bench.cloudformation.end_operation(stack, well=False)

    decision = validate.handle(decided(state), bench)
    assert (decision.route, decision.strategy, decision.attempt) == (Route.PAUSE, "continue_update_rollback", 2)

    second = ActPayload.model_validate({**first.model_dump(), "decision": decision})
    assert acting.handle(second, bench) is ActOutcome.ORDERED
    assert second.client_token != first.client_token


@pytest.mark.parametrize("updated", [True, False])
def test_a_stack_that_never_was_stable_is_left_to_a_person(bench: BenchRuntime, updated: bool) -> None:
    """It cannot go on while its cause stays, and rolling it back would delete it."""
    stack = bench.cloudformation.create_and_fail("app-one", updated=updated, reason=PERMANENT)
    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.STARTED

    given = next(iter(bench.fake_machine.executions.values())).given
    decision = diagnose.handle(Payload.model_validate(given), bench)

    assert decision.route is Route.ESCALATE
    assert decision.reason.startswith("cause_must_be_removed: it would fail again until that is removed: Chaos failed")
    recovery = bench.ledger.recovery(KEY, given["recovery_id"])
    assert recovery is not None
    assert recovery.plan is not None
    assert [one.strategy for one in recovery.plan.refusals if one.code == "never_stable"] == ["rollback_stack"]


def test_act_proves_it_again(bench: BenchRuntime) -> None:
    """Whoever sends the decision: what may delete a stack is not ordered on a word."""
    stack = bench.cloudformation.create_and_fail("app-one", updated=True)
    intake.handle(bench.event_of(stack), bench)
    given = next(iter(bench.fake_machine.executions.values())).given
    payload = order(bench, {**given, "decision": {"route": "act", "strategy": "rollback_stack"}})

    with pytest.raises(RefusedError, match="never_stable: no event proves"):
        acting.handle(payload, bench)
    assert bench.cloudformation.accepted == []


@pytest.mark.parametrize("status", sorted(LAST_KNOWN_STABLE))
def test_every_status_that_cloudformation_calls_stable_proves_it(bench: BenchRuntime, status: str) -> None:
    """And it is read through any number of failed operations since."""
    stack = bench.cloudformation.begin("app-one")
    bench.cloudformation.say(stack, status, "", token="deploy-1")
    for _ in range(5):
        bench.cloudformation.fail_and_stay(stack)

    assert bench.stacks.last_stable(stack.stack_id) == status


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_FAILED", "CREATE_FAILED"])
def test_no_other_status_does(bench: BenchRuntime, status: str) -> None:
    """A completed rollback of a creation is nothing to go back to."""
    stack = bench.cloudformation.begin("app-one")
    bench.cloudformation.say(stack, status, "", token="deploy-1")

    assert bench.stacks.last_stable(stack.stack_id) is None


def test_a_continued_rollback_is_never_ordered_there(bench: BenchRuntime) -> None:
    """ContinueUpdateRollback is not legal in UPDATE_FAILED: the machine is told what is, and plans anew."""
    stack = failed(bench)
    state = diagnosed(bench, stack)
    payload = order(bench, {**state, "decision": {"route": "act", "strategy": "continue_update_rollback"}})

    assert acting.handle(payload, bench) is ActOutcome.NOTHING_TO_WAIT_FOR
    assert bench.cloudformation.accepted == []
