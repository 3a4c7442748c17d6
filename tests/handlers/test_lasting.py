"""An operation that lasts longer than its tier allows: noticed by the heartbeat, told once, and watched on."""

import json

import pytest

from handlers import diagnose, escalate, heartbeat, intake
from handlers.aws.ledger import Unresolved
from handlers.domain.escalation import read_case
from handlers.domain.outcome import CloseOutcome, IntakeOutcome
from handlers.domain.payload import Payload
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack

INTAKE = "stackmend-test-intake"
LIMIT_SECONDS = 7200


def going_on(bench: BenchRuntime, name: str = "app-one", seconds: int = LIMIT_SECONDS + 1) -> FakeStack:
    """A deployment that began so many seconds ago and waits for one resource."""
    stack = bench.cloudformation.create(name)
    bench.cloudformation.begin_update(stack)
    bench.time.pass_seconds(seconds)
    bench.renew()
    return stack


def beat(bench: BenchRuntime) -> list[IntakeOutcome]:
    """One heartbeat, and what intake makes of it."""
    heartbeat.handle(bench)
    bodies = bench.fake_mail.queues.pop(INTAKE, [])
    return [intake.handle(body, bench) for body in bodies]


def run(bench: BenchRuntime) -> str:
    """The newest execution, from Diagnose to Escalate; answers the decision's reason."""
    execution = list(bench.fake_machine.executions.values())[-1]
    decision = diagnose.handle(Payload.model_validate(execution.given), bench)
    if decision.route == "escalate":
        case = read_case({**execution.given, "decision": decision.model_dump(mode="json")})
        assert escalate.handle(case, bench) is CloseOutcome.CLOSED
    execution.status = "SUCCEEDED"
    return decision.reason


def test_it_is_told_once_with_what_it_waits_for(bench: BenchRuntime) -> None:
    """One message and one alert, however many heartbeats follow."""
    going_on(bench)

    assert beat(bench) == [IntakeOutcome.STARTED]
    assert run(bench) == (
        "stuck_in_progress: UPDATE_IN_PROGRESS since 2026-03-04T12:00:00.000Z, longer than the 7200 s of its tier;"
        " it waits for Chaos"
    )
    for _ in range(3):
        bench.time.pass_seconds(60)
        assert beat(bench) == []
    assert len(bench.fake_alerts.raised) == 1
    (message,) = bench.fake_mail.queues["stackmend-test-escalation"]
    assert json.loads(message)["runbook_url"] == "https://runbooks.example/stackmend#stuck-in-progress"


def test_within_its_limit_it_is_nobodys_business(bench: BenchRuntime) -> None:
    """Two hours are allowed."""
    going_on(bench, seconds=LIMIT_SECONDS - 1)

    assert beat(bench) == []


def test_the_list_alone_does_not_accuse(bench: BenchRuntime) -> None:
    """A stack made long ago and deleted just now shows only its creation in the list; its events say when the deletion began."""
    stack = bench.cloudformation.create("app-one")
    bench.time.pass_seconds(LIMIT_SECONDS * 2)
    bench.cloudformation.say(stack, "DELETE_IN_PROGRESS", "User Initiated", token="person")
    bench.time.pass_seconds(60)
    bench.renew()

    assert beat(bench) == [IntakeOutcome.WITHIN_LIMIT]
    assert bench.failures() == []


def test_its_own_rollback_is_a_part_of_the_operation(bench: BenchRuntime) -> None:
    """A stack that hangs in its rollback has been told of already: the same beginning, the same failure."""
    stack = going_on(bench)
    beat(bench)
    run(bench)
    bench.cloudformation.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "", token=stack.token)

    assert beat(bench) == [IntakeOutcome.DUPLICATE]
    assert len(bench.fake_alerts.raised) == 1


def test_it_ends_well_and_is_forgotten(bench: BenchRuntime) -> None:
    """The stack is watched until it rests healthy."""
    stack = going_on(bench)
    beat(bench)
    run(bench)
    assert len(bench.ledger.unresolved().failures) == 1

    bench.cloudformation.say(stack, "UPDATE_COMPLETE", "", token=stack.token)
    beat(bench)

    assert bench.ledger.unresolved() == Unresolved()


def test_it_fails_in_the_end_and_is_taken_up(bench: BenchRuntime) -> None:
    """By its own event or, as here where that is lost, by the heartbeat."""
    stack = going_on(bench)
    beat(bench)
    run(bench)
    bench.cloudformation.say(stack, "UPDATE_ROLLBACK_FAILED", "", token=stack.token)

    assert beat(bench) == [IntakeOutcome.STARTED]
    assert run(bench).startswith("the rollback can go on")


def test_it_has_failed_before_the_execution_looks(bench: BenchRuntime) -> None:
    """Its event finds the stack claimed; the recovery that holds it answers for what it finds."""
    stack = going_on(bench)
    beat(bench)
    bench.cloudformation.say(stack, "UPDATE_ROLLBACK_FAILED", "", token=stack.token)

    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.HELD
    assert run(bench).startswith("the rollback can go on")


def test_another_operation_has_begun_before_the_execution_looks(bench: BenchRuntime) -> None:
    """That one is not too old."""
    stack = going_on(bench)
    beat(bench)
    bench.cloudformation.say(stack, "UPDATE_COMPLETE", "", token=stack.token)
    bench.cloudformation.begin_update(stack)

    assert run(bench).startswith("in_other_hands: ")


@pytest.mark.parametrize(("name", "reason"), [("shadow-one", "observed: mode observe: UPDATE_IN_PROGRESS since")])
def test_in_mode_observe_it_is_recorded(bench: BenchRuntime, name: str, reason: str) -> None:
    """And nobody is called."""
    going_on(bench, name)
    beat(bench)

    assert run(bench).startswith(reason)
    assert bench.fake_alerts.raised == []
