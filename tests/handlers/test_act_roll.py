"""An act function calls CloudFormation once per attempt, and only with every right to."""

from datetime import timedelta
from typing import Any

import pytest

from handlers import notice
from handlers.acting import handle
from handlers.domain.errors import HeldError, RefusedError, TransientError
from handlers.domain.freeze import Freeze
from handlers.domain.outcome import ActOutcome, NoticeOutcome
from handlers.domain.payload import ActPayload
from handlers.domain.records import Attempt, AttemptState, Switch
from tests.handlers.bench import KEY, WORD, BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack, refusal
from tests.handlers.journey import broken, diagnosed, order, say_yes


@pytest.fixture
def stack(bench: BenchRuntime) -> FakeStack:
    """A broken stack."""
    return broken(bench)


@pytest.fixture
def payload(bench: BenchRuntime, stack: FakeStack) -> ActPayload:
    """A recovery about to act on it."""
    return order(bench, diagnosed(bench, stack))


def kept(bench: BenchRuntime, payload: ActPayload) -> Attempt:
    """The attempt in the ledger."""
    attempt = bench.ledger.attempt(payload.stack, payload.client_token)
    assert attempt is not None
    return attempt


def test_the_operation_is_ordered_with_the_token_kept_first(bench: BenchRuntime, payload: ActPayload) -> None:
    """Request id and deadline stand in the ledger."""
    assert handle(payload, bench) is ActOutcome.ORDERED

    attempt = kept(bench, payload)
    assert (attempt.state, attempt.task_token, attempt.request_id) == (AttemptState.ACCEPTED, "task-1", "request-1")
    assert (attempt.deadline - attempt.ordered_at).total_seconds() == 3600
    assert bench.cloudformation.accepted == [("app-one", payload.client_token, None)]


def test_the_event_may_come_before_the_answer(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """The operation ends within the call, and notice is faster than we are."""
    honest = bench.cloudformation.continue_update_rollback

    def ends_at_once(**parameters: Any) -> dict[str, Any]:
        answer = honest(**parameters)
        bench.cloudformation.end_operation(stack, well=True)
        assert notice.handle(bench.event_of(stack), bench) is NoticeOutcome.WOKEN
        return answer

    bench.cloudformation.continue_update_rollback = ends_at_once  # type: ignore[method-assign, assignment]

    assert handle(payload, bench) is ActOutcome.ORDERED
    assert kept(bench, payload).state is AttemptState.ENDED
    woken = bench.fake_machine.executions[payload.recovery_id].woken_with
    assert woken == {"attempt": 1, "end_status": "UPDATE_ROLLBACK_COMPLETE"}


def test_a_repeat_adopts_what_the_first_began(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """A Retry brings a new task token; the operation goes on under it."""
    handle(payload, bench)
    again = payload.model_copy(update={"task_token": "task-2"})

    assert handle(again, bench) is ActOutcome.ADOPTED
    assert kept(bench, payload).task_token == "task-2"
    assert len(bench.cloudformation.accepted) == 1


def test_an_answer_that_was_lost_is_read_from_the_events(bench: BenchRuntime, payload: ActPayload) -> None:
    """The call took effect, its answer never came: the repeat finds the token in the events."""
    honest = bench.cloudformation.continue_update_rollback

    def answer_is_lost(**parameters: Any) -> dict[str, Any]:
        honest(**parameters)
        raise refusal("ContinueUpdateRollback", "InternalFailure", "lost", 500)

    bench.cloudformation.continue_update_rollback = answer_is_lost  # type: ignore[method-assign, assignment]
    with pytest.raises(TransientError):
        handle(payload, bench)
    assert kept(bench, payload).state is AttemptState.ORDERED

    assert handle(payload, bench) is ActOutcome.ADOPTED
    assert len(bench.cloudformation.accepted) == 1


@pytest.mark.parametrize("well", [True, False])
def test_a_repeat_after_the_end_wakes_the_machine_itself(
    bench: BenchRuntime, stack: FakeStack, payload: ActPayload, *, well: bool
) -> None:
    """The kept token is dead, its event is spent: who stores a token looks whether the end is there."""
    handle(payload, bench)
    bench.cloudformation.end_operation(stack, well=well)
    notice.handle(bench.event_of(stack), bench)
    execution = bench.fake_machine.executions[payload.recovery_id]
    execution.woken_with, execution.waits_with = None, "task-2"

    assert handle(payload.model_copy(update={"task_token": "task-2"}), bench) is ActOutcome.NOTHING_TO_WAIT_FOR
    assert execution.woken_with == {"attempt": 1, "end_status": stack.status}
    assert len(bench.cloudformation.accepted) == 1


def test_an_end_that_only_the_events_know_is_noted(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """The first try died after its call, the operation has ended, its event is still on the way."""
    handle(payload, bench)
    bench.cloudformation.end_operation(stack, well=False)

    assert handle(payload, bench) is ActOutcome.NOTHING_TO_WAIT_FOR
    assert kept(bench, payload).end_status == "UPDATE_ROLLBACK_FAILED"
    assert len(bench.cloudformation.accepted) == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TokenAlreadyExistsException", "TransientError"),
        ("ValidationError", "RefusedError"),
    ],
)
def test_a_refusal_without_a_trace_is_never_taken_for_success(
    bench: BenchRuntime, payload: ActPayload, code: str, error: str
) -> None:
    """A token that is known and not in the events yet is asked for again; a refusal of a stack at rest is one."""
    bench.cloudformation.continue_update_rollback = _refusing(refusal("ContinueUpdateRollback", code, "no"))  # type: ignore[method-assign]

    with pytest.raises((TransientError, RefusedError)) as raised:
        handle(payload, bench)
    assert type(raised.value).__name__ == error


def _refusing(error: Exception) -> Any:
    def call(**_: object) -> dict[str, Any]:
        raise error

    return call


def test_a_refusal_with_a_trace_is_the_first_calls_success(bench: BenchRuntime, stack: FakeStack, payload: ActPayload) -> None:
    """Between our look and our call the first call's operation began."""
    honest = bench.cloudformation.continue_update_rollback

    def twice(**parameters: Any) -> dict[str, Any]:
        honest(**parameters)
        return honest(**parameters)

    bench.cloudformation.continue_update_rollback = twice  # type: ignore[method-assign, assignment]

    assert handle(payload, bench) is ActOutcome.ADOPTED
    assert len(bench.cloudformation.accepted) == 1


@pytest.mark.parametrize("change", ["continues", "deletes"])
def test_a_stack_that_changed_before_the_call_is_left_to_validate(
    bench: BenchRuntime, stack: FakeStack, payload: ActPayload, change: str
) -> None:
    """Somebody was faster; the machine is told what is."""
    if change == "continues":
        bench.cloudformation.someone_continues(stack)
    else:
        bench.cloudformation.delete(stack)

    assert handle(payload, bench) is ActOutcome.NOTHING_TO_WAIT_FOR
    assert bench.fake_machine.executions[payload.recovery_id].woken_with == {"attempt": 1, "end_status": stack.status}
    assert bench.cloudformation.accepted == []


def test_a_stack_that_changed_within_the_call_is_left_to_validate(
    bench: BenchRuntime, stack: FakeStack, payload: ActPayload
) -> None:
    """CloudFormation's one operation per stack is the last fence."""
    honest = bench.cloudformation.continue_update_rollback

    def overtaken(**parameters: Any) -> dict[str, Any]:
        bench.cloudformation.someone_continues(stack)
        return honest(**parameters)

    bench.cloudformation.continue_update_rollback = overtaken  # type: ignore[method-assign, assignment]

    assert handle(payload, bench) is ActOutcome.NOTHING_TO_WAIT_FOR
    woken = bench.fake_machine.executions[payload.recovery_id].woken_with
    assert woken == {"attempt": 1, "end_status": "UPDATE_ROLLBACK_IN_PROGRESS"}


def _throw_environment(bench: BenchRuntime) -> None:
    bench.hub.switch = Switch(stopped=True, reason="freeze", by="ops")


def _throw_cell(bench: BenchRuntime) -> None:
    bench.table.items["CELL#222222222222#us-east-1", "SWITCH"] = {"stopped": True}


def _lose_lease(bench: BenchRuntime) -> None:
    bench.hub.reachable = False


def _spend_lease(bench: BenchRuntime) -> None:
    bench.time.pass_seconds(146)


def _raise_fence(bench: BenchRuntime) -> None:
    assert bench.hub.lease is not None
    bench.hub.lease = bench.hub.lease.model_copy(update={"epoch": 2})


def _release(bench: BenchRuntime) -> None:
    bench.table.items["STACK#222222222222#us-east-1#app-one", "CLAIM"]["state"] = "released"


def _take_role(bench: BenchRuntime) -> None:
    next(iter(bench.cloudformation.stacks.values())).role_arn = None


def _pause(bench: BenchRuntime) -> None:
    bench.people.pause(KEY, WORD, until=None)


def _freeze(bench: BenchRuntime) -> None:
    bench.cell = bench.cell.model_copy(update={"freezes": (Freeze(name="noon", zone="UTC", days=("wed",), start="11:00"),)})


@pytest.mark.parametrize(
    ("forbid", "said"),
    [
        (_throw_environment, "stopped: the kill switch of the environment is on: freeze (by ops)"),
        (_throw_cell, "stopped: the kill switch of the cell is on: no reason given (by unknown)"),
        (_pause, "paused: paused until somebody resumes it: we look at it (by ops)"),
        (_freeze, "frozen: freeze noon holds until 2026-03-05T00:00:00.000Z (UTC)"),
    ],
)
def test_what_people_or_the_calendar_forbid_is_held(bench: BenchRuntime, payload: ActPayload, forbid: Any, said: str) -> None:
    """Read immediately before the call, whatever intake saw; nobody is called for it."""
    forbid(bench)

    with pytest.raises(HeldError) as held:
        handle(payload, bench)
    assert str(held.value) == said
    assert bench.cloudformation.accepted == []


def test_an_expired_pause_holds_nothing(bench: BenchRuntime, payload: ActPayload) -> None:
    """It ends by itself, without anybody's doing."""
    bench.people.pause(KEY, WORD, until=bench.clock() + timedelta(seconds=1))
    bench.time.pass_seconds(1)

    assert handle(payload, bench) is ActOutcome.ORDERED


@pytest.mark.parametrize(
    ("take_away", "code"),
    [
        (_spend_lease, "no_lease: the lease has 34.0 s left, 35 s are needed"),
        (_raise_fence, "no_lease: the lease's epoch is 2, the claim was made under 1"),
        (_release, "claim_lost: nobody holds the stack's claim"),
        (_take_role, "no_role"),
    ],
)
def test_without_a_right_nothing_is_called(bench: BenchRuntime, payload: ActPayload, take_away: Any, code: str) -> None:
    """Each is read immediately before the call."""
    take_away(bench)

    with pytest.raises(RefusedError, match=code):
        handle(payload, bench)
    assert bench.cloudformation.accepted == []


def test_a_hub_that_does_not_answer_is_asked_again(bench: BenchRuntime, payload: ActPayload) -> None:
    """The machine retries it; what the lease says is not known, so it is not a refusal yet."""
    _lose_lease(bench)

    with pytest.raises(TransientError, match=r"^no_lease: no control region returned a lease \(us-east-1: no answer\)"):
        handle(payload, bench)
    assert bench.cloudformation.accepted == []

    bench.hub.reachable = True
    assert handle(payload, bench) is ActOutcome.ORDERED


def test_a_mode_that_changed_since_the_plan_forbids(bench: BenchRuntime, payload: ActPayload) -> None:
    """The settings at the moment of the call count."""
    data = bench.cell.model_dump(mode="json")
    data["patterns"][0]["mode"] = "propose"
    bench.cell = type(bench.cell).model_validate(data)

    with pytest.raises(RefusedError, match="approval_void: nobody has answered"):
        handle(payload, bench)


def test_a_deleted_service_role_is_named(bench: BenchRuntime, payload: ActPayload) -> None:
    """A common cause, and CloudFormation says it only when called."""
    bench.cloudformation.continue_update_rollback = _refusing(  # type: ignore[method-assign]
        refusal("ContinueUpdateRollback", "ValidationError", "Role arn:aws:iam::2:role/x is invalid or cannot be assumed")
    )

    with pytest.raises(RefusedError, match="service_role_unusable"):
        handle(payload, bench)


def test_a_lent_role_is_given_only_to_a_stack_without_its_own(bench: BenchRuntime) -> None:
    """It stays with the stack, so a stack that has one keeps its own."""
    stack = broken(bench, "lent-one", role_arn=None)
    state = diagnosed(bench, stack)
    state["decision"] |= {"route": "act", "strategy": "continue_update_rollback"}

    say_yes(bench, state)
    handle(order(bench, state), bench)

    assert [role for _, _, role in bench.cloudformation.accepted] == ["arn:aws:iam::222222222222:role/repair"]


def _approved_skip(bench: BenchRuntime, payload: ActPayload) -> ActPayload:
    """A person's word about the plan's second step, and the decision that it brings."""
    decision = payload.decision.model_copy(update={"strategy": "continue_skipping", "attempt": 2})
    say_yes(bench, {"stack": payload.stack, "recovery_id": payload.recovery_id, "decision": decision.model_dump()})
    return payload.model_copy(update={"decision": decision})


def test_what_is_skipped_stands_in_the_ledgers_plan(bench: BenchRuntime, payload: ActPayload) -> None:
    """The execution's state names the strategy alone."""
    asked: list[dict[str, Any]] = []
    honest = bench.cloudformation.continue_update_rollback

    def skips(ResourcesToSkip: list[str], **parameters: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        asked.append({"skipped": ResourcesToSkip})
        return honest(**parameters)

    bench.cloudformation.continue_update_rollback = skips  # type: ignore[method-assign, assignment]

    assert handle(_approved_skip(bench, payload), bench) is ActOutcome.ORDERED
    assert asked == [{"skipped": ["Chaos"]}]


def test_a_list_that_the_events_do_not_bear_out_is_refused(bench: BenchRuntime, payload: ActPayload) -> None:
    """Read again immediately before the call: what was approved may not be what has failed."""
    pk, sk = next(key for key in bench.table.items if key[1].startswith("RECOVERY#"))
    steps = bench.table.items[pk, sk]["plan"]["steps"]
    next(step for step in steps if step["strategy"] == "continue_skipping")["resources"] = ["Queue"]

    with pytest.raises(RefusedError, match="not_skippable: Queue: no event of the rollback says that it failed"):
        handle(_approved_skip(bench, payload), bench)
    assert bench.cloudformation.accepted == []


def test_a_step_that_the_ledgers_plan_does_not_hold_is_refused(bench: BenchRuntime, payload: ActPayload) -> None:
    """Whoever sends the decision."""
    pk, sk = next(key for key in bench.table.items if key[1].startswith("RECOVERY#"))
    bench.table.items[pk, sk]["plan"]["steps"] = []

    with pytest.raises(RefusedError, match="not_planned: "):
        handle(payload, bench)
    assert bench.cloudformation.accepted == []
