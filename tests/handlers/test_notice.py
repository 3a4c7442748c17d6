"""An operation's end wakes who waits for it: by its event, or by looking when the event is missing."""

from typing import Any

import pytest

from handlers import acting
from handlers.domain.errors import TransientError
from handlers.domain.events import ForeignEventError, FoundStack, MalformedEventError, OverdueAttempt
from handlers.domain.outcome import NoticeOutcome
from handlers.domain.payload import ActPayload
from handlers.domain.records import AttemptState
from handlers.notice import NEVER_STARTED, handle
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.journey import broken, diagnosed, order, settle_as


@pytest.fixture
def stack(bench: BenchRuntime) -> FakeStack:
    """A broken stack."""
    return broken(bench)


@pytest.fixture
def payload(bench: BenchRuntime, stack: FakeStack) -> ActPayload:
    """A recovery that waits for its first attempt."""
    payload = order(bench, diagnosed(bench, stack))
    acting.handle(payload, bench)
    return payload


def overdue(bench: BenchRuntime, payload: ActPayload) -> str:
    """The heartbeat's word."""
    letter = OverdueAttempt(stack_id=payload.stack_id, token=payload.client_token, found_at=bench.clock())
    return letter.model_dump_json()


def woken(bench: BenchRuntime, payload: ActPayload) -> dict[str, Any] | None:
    """What the execution was told."""
    return bench.fake_machine.executions[payload.recovery_id].woken_with


@pytest.mark.parametrize(("well", "status"), [(True, "UPDATE_ROLLBACK_COMPLETE"), (False, "UPDATE_ROLLBACK_FAILED")])
def test_an_end_wakes_its_execution(
    bench: BenchRuntime, stack: FakeStack, payload: ActPayload, status: str, *, well: bool
) -> None:
    """Well or not: Validate judges."""
    bench.cloudformation.end_operation(stack, well=well)

    assert handle(bench.event_of(stack), bench) is NoticeOutcome.WOKEN
    assert woken(bench, payload) == {"attempt": 1, "end_status": status}


def test_progress_is_no_end(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """Nothing is written."""
    assert handle(bench.event_of(stack), bench) is NoticeOutcome.IN_PROGRESS
    assert woken(bench, payload) is None


def test_a_repeat_sends_again_and_finds_nobody(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """The first sender may have died between ledger and token."""
    bench.cloudformation.end_operation(stack, well=True)
    event = bench.event_of(stack)
    handle(event, bench)
    assert handle(event, bench) is NoticeOutcome.NOBODY_WAITS

    execution = bench.fake_machine.executions[payload.recovery_id]
    execution.waits_with, execution.woken_with = "task-1", None
    assert handle(event, bench) is NoticeOutcome.WOKEN


def test_a_token_that_died_is_read_once_more(
    bench: BenchRuntime, stack: FakeStack, payload: ActPayload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repeated Act has kept a new one between our reading and our sending."""
    bench.cloudformation.end_operation(stack, well=True)
    execution = bench.fake_machine.executions[payload.recovery_id]
    execution.waits_with = "task-2"
    honest = bench.ledger.attempt
    monkeypatch.setattr(
        bench.ledger,
        "attempt",
        lambda *key: (honest(*key) or pytest.fail("the attempt is gone")).model_copy(update={"task_token": "task-2"}),
    )

    assert handle(bench.event_of(stack), bench) is NoticeOutcome.WOKEN


def test_an_end_that_nobody_was_told_of_stays_listed(
    bench: BenchRuntime, stack: FakeStack, payload: ActPayload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dead between ledger and token, notice leaves the attempt to the next heartbeat, which need not wait for the queue."""
    bench.cloudformation.end_operation(stack, well=True)
    event = bench.event_of(stack)
    with monkeypatch.context() as dying:
        dying.setattr(bench.machine, "wake", _no_answer)
        with pytest.raises(TransientError):
            handle(event, bench)

    (listed,) = bench.ledger.unresolved().attempts
    assert (listed.token, listed.state) == (payload.client_token, AttemptState.ENDED)
    assert handle(overdue(bench, payload), bench) is NoticeOutcome.WOKEN
    assert bench.ledger.unresolved().attempts == ()


def _no_answer(*_args: Any, **_named: Any) -> bool:
    raise TransientError("no answer")


def test_our_token_without_an_attempt_goes_to_intake(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """A ledger that lost it, or another cell's operation: the stack is looked at like any other."""
    bench.cloudformation.end_operation(stack, well=False)
    event = bench.event_of(stack).replace(payload.client_token, "sm-unknown")

    assert handle(event, bench) is NoticeOutcome.NO_SUCH_ATTEMPT
    assert bench.fake_mail.queues == {"stackmend-test-intake": [event]}


def test_a_letter_for_intake_is_malformed_here(bench: BenchRuntime, stack: FakeStack) -> None:
    """The queues are not mixed up silently."""
    letter = FoundStack(stack_id=stack.stack_id, reported="UPDATE_ROLLBACK_FAILED", found_at=bench.clock())

    with pytest.raises(MalformedEventError, match="belong into the intake queue"):
        handle(letter.model_dump_json(), bench)


def test_a_foreign_event_is_refused(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """As in intake."""
    with pytest.raises(ForeignEventError):
        handle(bench.event_of(stack).replace("us-east-1", "eu-west-1"), bench)


def test_an_overdue_attempt_is_looked_up_in_the_events(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """Its own event was lost."""
    bench.cloudformation.end_operation(stack, well=True)

    assert handle(overdue(bench, payload), bench) is NoticeOutcome.WOKEN
    assert woken(bench, payload) == {"attempt": 1, "end_status": "UPDATE_ROLLBACK_COMPLETE"}
    assert handle(overdue(bench, payload), bench) is NoticeOutcome.NOBODY_WAITS


def test_an_overdue_attempt_in_progress_goes_on(bench: BenchRuntime, payload: ActPayload) -> None:
    """The state's own time-out decides."""
    assert handle(overdue(bench, payload), bench) is NoticeOutcome.IN_PROGRESS


def test_an_overdue_attempt_of_nobody_is_named(bench: BenchRuntime, stack: FakeStack) -> None:
    """The letter outlived its attempt."""
    letter = OverdueAttempt(stack_id=stack.stack_id, token="sm-none", found_at=bench.clock())

    assert handle(letter.model_dump_json(), bench) is NoticeOutcome.NO_SUCH_ATTEMPT


def _never_called(bench: BenchRuntime, stack: FakeStack) -> ActPayload:
    payload = order(bench, diagnosed(bench, stack))
    acting.handle(payload, bench)
    stack.events = [event for event in stack.events if event.get("ClientRequestToken") != payload.client_token]
    return payload


def test_an_attempt_that_never_began_is_left_to_its_machine(bench: BenchRuntime, stack: FakeStack) -> None:
    """A Retry may be on its way."""
    payload = _never_called(bench, stack)

    assert handle(overdue(bench, payload), bench) is NoticeOutcome.NOT_STARTED


def test_an_attempt_whose_recovery_is_over_is_taken_off_the_list(bench: BenchRuntime, stack: FakeStack) -> None:
    """Or the heartbeat would ask for ever."""
    payload = _never_called(bench, stack)
    settle_as(bench, "healed_elsewhere")

    assert handle(overdue(bench, payload), bench) is NoticeOutcome.ABANDONED
    attempt = bench.ledger.attempt(payload.stack, payload.client_token)
    assert attempt is not None
    assert (attempt.state, attempt.end_status) == (AttemptState.ENDED, NEVER_STARTED)
    assert bench.ledger.unresolved().attempts == ()
