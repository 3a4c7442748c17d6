"""What failed with rollback disabled goes on where it stopped, with what CloudFormation holds of it."""

import pytest

from handlers import acting, validate
from handlers.domain.decision import Route
from handlers.domain.outcome import ActOutcome
from handlers.domain.payload import ActPayload
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.journey import PASSING, decided, diagnosed, order


def failed(bench: BenchRuntime) -> FakeStack:
    """A stack that was stable, whose update has failed for a cause that passes."""
    stack = bench.cloudformation.create("app-one")
    stack.parameters, stack.capabilities = ["Secret", "Size"], ["CAPABILITY_IAM"]
    bench.cloudformation.fail_and_stay(stack, PASSING)
    return stack


def test_it_goes_on_with_the_version_and_the_values_that_failed(bench: BenchRuntime) -> None:
    """No value is read or made up, a secret's neither, and a failure preserves what was made."""
    payload = order(bench, diagnosed(bench, failed(bench)))

    assert acting.handle(payload, bench) is ActOutcome.ORDERED
    assert bench.cloudformation.accepted == [("app-one", payload.client_token, None)]
    assert bench.cloudformation.updates == [
        {
            "UsePreviousTemplate": True,
            "Parameters": [
                {"ParameterKey": "Secret", "UsePreviousValue": True},
                {"ParameterKey": "Size", "UsePreviousValue": True},
            ],
            "Capabilities": ["CAPABILITY_IAM"],
            "DisableRollback": True,
        }
    ]


def test_a_stack_that_ends_its_update_is_recovered(bench: BenchRuntime) -> None:
    """At its new version."""
    stack = failed(bench)
    state = diagnosed(bench, stack)
    payload = order(bench, state)
    acting.handle(payload, bench)
    bench.cloudformation.end_resume(stack, well=True)
    bench.ledger.end(payload.stack, payload.client_token, bench.stacks.trace(stack.stack_id, payload.client_token, bench.clock()))  # type: ignore[arg-type]

    assert validate.handle(decided(state), bench).reason == "recovered: resume ended in UPDATE_COMPLETE"


def test_it_goes_back_once_its_attempts_are_spent(bench: BenchRuntime) -> None:
    """Each attempt under a token of its own; the rollback is the next strategy."""
    stack = failed(bench)
    state = diagnosed(bench, stack)
    strategies = []
    for _ in range(4):
        payload = order(bench, state)
        acting.handle(payload, bench)
        if stack.status == "UPDATE_IN_PROGRESS":
            bench.cloudformation.end_resume(stack, well=False, reason=PASSING)
        decision = validate.handle(decided(state), bench)
        strategies.append(payload.decision.strategy)
        state = {**state, "decision": decision.model_dump(mode="json")}

    assert strategies == ["resume", "resume", "resume", "rollback_stack"]
    assert len({token for _, token, _ in bench.cloudformation.accepted}) == 4


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_was_healed_meanwhile_is_left_alone(bench: BenchRuntime, status: str) -> None:
    """UpdateStack is legal there: what it would do is another update, which nobody planned."""
    stack = failed(bench)
    state = diagnosed(bench, stack)
    assert state["decision"]["strategy"] == "resume"
    bench.cloudformation.tell(stack, "Chaos", "UPDATE_COMPLETE", "", "person-1")
    bench.cloudformation.say(stack, status, "", token="person-1")

    payload = order(bench, state)
    assert acting.handle(payload, bench) is ActOutcome.NOTHING_TO_WAIT_FOR
    assert bench.cloudformation.accepted == []
    assert validate.handle(decided(state), bench).route is Route.SETTLE


def test_a_creation_goes_on_too(bench: BenchRuntime) -> None:
    """Its first attempt begins in CREATE_FAILED, its next one where that has left it."""
    stack = bench.cloudformation.begin("app-one")
    bench.cloudformation.tell(stack, "Chaos", "CREATE_FAILED", PASSING, "deploy-0")
    bench.cloudformation.say(stack, "CREATE_FAILED", "The following resource(s) failed to create: [Chaos].", token="deploy-0")
    state = diagnosed(bench, stack)
    first = order(bench, state)
    acting.handle(first, bench)
    bench.cloudformation.end_resume(stack, well=False, reason=PASSING)

    decision = validate.handle(decided(state), bench)
    assert (decision.route, decision.strategy, decision.attempt) == (Route.PAUSE, "resume", 2)
    second = ActPayload.model_validate({**first.model_dump(), "decision": decision})
    assert acting.handle(second, bench) is ActOutcome.ORDERED


@pytest.mark.parametrize("reason", [PASSING, "Access denied for operation 'CreateQueue' (Status Code: 403)"])
def test_a_repair_of_an_express_stack_waits_for_its_resources(bench: BenchRuntime, reason: str) -> None:
    """Resumed or rolled back; the mode is named for no other stack, since an older SDK does not know it."""
    stack = bench.cloudformation.create("app-one")
    stack.mode = "EXPRESS"
    bench.cloudformation.fail_and_stay(stack, reason)
    acting.handle(order(bench, diagnosed(bench, stack)), bench)

    assert bench.cloudformation.updates[0]["DeploymentConfig"] == {"Mode": "STANDARD"}
