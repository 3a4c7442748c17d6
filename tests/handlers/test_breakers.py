"""Repeated failure stops further attempts, people are called once, and one trial decides when it goes on."""

from datetime import timedelta
from typing import Any

import pytest

from handlers import acting, diagnose, escalate, heartbeat, intake
from handlers.aws.people import NotOpenError, Word
from handlers.domain.breaker import CELL_BREAKER, BreakerState, class_breaker, stack_breaker
from handlers.domain.cell import BreakerLimits
from handlers.domain.errors import HeldError, TransientError
from handlers.domain.escalation import EscalationMessage, read_case
from handlers.domain.events import OpenBreaker
from handlers.domain.outcome import ActOutcome, BreakerOutcome, CloseOutcome, Escalation, IntakeOutcome
from handlers.domain.payload import Payload, SettlePayload
from handlers.domain.records import FailureState
from handlers.settle import handle as settle
from handlers.tripping import count_end, tend
from tests.handlers.bench import WORD, BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.journey import broken, order

LIMITS = BreakerLimits(stack_failures=2, class_stacks=3, cell_stacks=50, open_seconds=300)
THROTTLING = class_breaker("throttling")
SPENT = {"route": "escalate", "strategy": "s", "attempt": 3, "wait_seconds": 0, "reason": "attempts_spent: 3 of 3 failed"}


@pytest.fixture(autouse=True)
def _low_limits(bench: BenchRuntime) -> None:
    bench.cell = bench.cell.model_copy(update={"breakers": LIMITS})


def begun(bench: BenchRuntime, stack: FakeStack) -> dict[str, Any]:
    """The machine's state of this very stack after Diagnose."""
    known = set(bench.fake_machine.executions)
    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.STARTED
    (new,) = set(bench.fake_machine.executions) - known
    state = bench.fake_machine.executions[new].given
    return {**state, "decision": diagnose.handle(Payload.model_validate(state), bench).model_dump(mode="json")}


def given_up(bench: BenchRuntime, state: dict[str, Any]) -> CloseOutcome:
    """The recovery ends with a person."""
    return escalate.handle(read_case({**state, "decision": SPENT}), bench)


def held(bench: BenchRuntime, state: dict[str, Any], reason: str) -> None:
    """The machine's way of a recovery that may not act."""
    cause = f'{{"errorMessage": "{reason}", "errorType": "HeldError"}}'
    settle(SettlePayload.model_validate({**state, "error": {"Error": "HeldError", "Cause": cause}}), bench)


def settled(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """The recovery has healed its stack."""
    settle(SettlePayload.model_validate({**state, "decision": {"route": "settle", "reason": "recovered: it is well"}}), bench)


@pytest.fixture
def burst(bench: BenchRuntime) -> list[dict[str, Any]]:
    """Three stacks that could not be repaired, all of one class."""
    states = [begun(bench, broken(bench, f"app-{number}")) for number in ("one", "two", "three")]
    for state in states:
        given_up(bench, state)
    return states


@pytest.mark.usefixtures("burst")
def test_a_burst_of_one_class_is_told_once(bench: BenchRuntime) -> None:
    """Those before it opened have told of themselves; the one that opened it and all later ones belong to it."""
    messages = [EscalationMessage.model_validate_json(each) for each in bench.fake_mail.queues["stackmend-test-escalation"]]
    assert [each.incident for each in messages] == ["", "", THROTTLING]
    assert len(bench.fake_alerts.raised) == 2

    heartbeat.handle(bench)
    assert [event for _, event in bench.fake_functions.invoked] == [OpenBreaker(name=THROTTLING)]
    assert tend(THROTTLING, bench) is BreakerOutcome.CALLED
    subject, text = bench.fake_alerts.raised[-1]
    assert subject == "Stackmend test: breaker class:throttling of 222222222222/us-east-1 is open"
    assert "app-one, app-three, app-two" in text
    assert "https://runbooks.example/stackmend/alarms.md#breaker-open" in text

    assert tend(THROTTLING, bench) is BreakerOutcome.NOTHING_DUE
    bench.fake_functions.invoked.clear()
    heartbeat.handle(bench)
    assert bench.fake_functions.invoked == []


@pytest.mark.usefixtures("burst")
def test_a_stack_of_the_class_waits_and_nothing_is_called(bench: BenchRuntime) -> None:
    """Its execution ends, nobody is called for it, and no heartbeat brings it before its time."""
    state = begun(bench, broken(bench, "app-four"))

    with pytest.raises(HeldError, match="breaker_open: breaker class:throttling is open: 3 stacks") as raised:
        acting.handle(order(bench, state), bench)

    assert bench.cloudformation.accepted == []
    held(bench, state, str(raised.value))
    waiting = [each for each in bench.failures() if each.state is FailureState.WAITING]
    assert [(each.stack.name, each.failure_class, each.outcome) for each in waiting] == [
        ("app-four", "throttling", "breaker_open")
    ]
    bench.fake_mail.queues.clear()
    heartbeat.handle(bench)
    assert "stackmend-test-intake" not in bench.fake_mail.queues


def waits(bench: BenchRuntime, name: str) -> None:
    """A stack of the class that is held back."""
    state = begun(bench, broken(bench, name))
    with pytest.raises(HeldError) as raised:
        acting.handle(order(bench, state), bench)
    held(bench, state, str(raised.value))


def brought(bench: BenchRuntime) -> list[str]:
    """The stacks that the next heartbeat brings."""
    bench.renew()
    bench.fake_mail.queues.clear()
    heartbeat.handle(bench)
    return bench.fake_mail.queues.get("stackmend-test-intake", [])


@pytest.mark.usefixtures("burst")
def test_after_its_time_one_tries_and_its_success_lets_all_go_on(bench: BenchRuntime) -> None:
    """The one that has waited longest; the others stay where they are until it has ended."""
    for name in ("app-four", "app-five"):
        waits(bench, name)
        bench.time.pass_seconds(1)
    bench.time.pass_seconds(LIMITS.open_seconds)
    assert brought(bench) == []  # people are told before anybody tries
    tend(THROTTLING, bench)

    (message,) = brought(bench)
    assert "app-four" in message
    known = set(bench.fake_machine.executions)
    assert intake.handle(message, bench) is IntakeOutcome.STARTED
    (new,) = set(bench.fake_machine.executions) - known
    given = bench.fake_machine.executions[new].given
    state = {**given, "decision": diagnose.handle(Payload.model_validate(given), bench).model_dump(mode="json")}
    assert acting.handle(order(bench, state), bench) is ActOutcome.ORDERED
    assert brought(bench) == []

    settled(bench, state)

    assert not bench.breakers.read(THROTTLING).is_open
    (message,) = brought(bench)
    assert "app-five" in message


@pytest.mark.usefixtures("burst")
def test_two_that_try_at_once_are_one(bench: BenchRuntime) -> None:
    """The second finds the first's trial; the failure of the trial keeps the breaker open for twice as long, and calls nobody."""
    states = [begun(bench, broken(bench, name)) for name in ("app-four", "app-five")]
    bench.time.pass_seconds(LIMITS.open_seconds)
    bench.renew()
    tend(THROTTLING, bench)
    told = len(bench.fake_alerts.raised)

    assert acting.handle(order(bench, states[0]), bench) is ActOutcome.ORDERED
    with pytest.raises(HeldError, match="is trying"):
        acting.handle(order(bench, states[1], "task-2"), bench)
    given_up(bench, states[0])

    breaker = bench.breakers.read(THROTTLING)
    assert (breaker.is_open, breaker.trial, breaker.open_seconds) == (True, None, 2 * LIMITS.open_seconds)
    assert len(bench.fake_alerts.raised) == told


@pytest.mark.usefixtures("burst")
def test_a_person_resets_it(bench: BenchRuntime) -> None:
    """At once, for all; who and why stays in the record. What is closed cannot be reset."""
    waits(bench, "app-four")

    bench.people.reset(THROTTLING, Word(by="ops", at=bench.clock() + timedelta(seconds=1), reason="limit raised"))

    breaker = bench.breakers.read(THROTTLING)
    assert (breaker.is_open, breaker.by, breaker.reason) == (False, "ops", "limit raised")
    assert bench.ledger.unresolved().breakers == ()
    assert len(brought(bench)) == 1
    with pytest.raises(NotOpenError, match="breaker class:throttling is not open"):
        bench.people.reset(THROTTLING, WORD)


@pytest.mark.usefixtures("burst")
def test_it_closes_by_itself_when_nothing_comes(bench: BenchRuntime) -> None:
    """No stack is left that could try: the next burst opens it anew, and is told anew."""
    tend(THROTTLING, bench)
    bench.time.pass_seconds(LIMITS.open_seconds + LIMITS.window_seconds)
    bench.renew()
    bench.fake_functions.invoked.clear()
    heartbeat.handle(bench)
    assert [event for _, event in bench.fake_functions.invoked] == [OpenBreaker(name=THROTTLING)]

    assert tend(THROTTLING, bench) is BreakerOutcome.CLOSED_QUIETLY
    assert bench.breakers.read(THROTTLING).state is BreakerState.CLOSED


def test_a_stack_that_fails_again_and_again_is_left_alone(bench: BenchRuntime) -> None:
    """Its next failure waits without an execution."""
    stack = broken(bench)
    for _ in range(LIMITS.stack_failures):
        given_up(bench, begun(bench, stack))
        bench.time.pass_seconds(60)
        bench.cloudformation.say(stack, "UPDATE_ROLLBACK_COMPLETE", "", token="person-1")
        bench.cloudformation.fail_update(stack, "Rate exceeded (Service: Lambda, Status Code: 429)")

    assert bench.breakers.read(stack_breaker(stack.name)).is_open
    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.BREAKER_OPEN
    assert [each.state for each in bench.failures() if each.outcome == "breaker_open"] == [FailureState.WAITING]


def test_a_repeat_counts_nothing_twice(bench: BenchRuntime) -> None:
    """A crash between counting and closing repeats both."""
    state = begun(bench, broken(bench))
    given_up(bench, state)
    before = bench.breakers.read(CELL_BREAKER)
    recovery = bench.ledger.recovery(bench.claims()[0].stack, state["recovery_id"])
    count_end(recovery, Escalation.ATTEMPTS_SPENT, bench)
    assert bench.breakers.read(CELL_BREAKER) == before


def test_a_breaker_that_others_always_change_is_asked_again_later(bench: BenchRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is counted by halves."""
    monkeypatch.setattr(bench.table, "do", lambda *_, **__: None)
    with pytest.raises(TransientError, match="was changed by others 8 times"):
        bench.breakers.change(CELL_BREAKER, lambda each: each.model_copy(update={"why": "changed"}))
