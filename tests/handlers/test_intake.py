"""Every message of the intake queue ends in a named outcome."""

import json
from datetime import timedelta
from typing import Any

import pytest

from handlers.aws.ledger import AlreadyClaimedError
from handlers.domain.errors import TransientError
from handlers.domain.events import ForeignEventError, FoundStack, MalformedEventError, OverdueAttempt, UnknownStatusError
from handlers.domain.freeze import Freeze
from handlers.domain.outcome import IntakeOutcome
from handlers.domain.records import FailureState, Recovery, SeenBy, Switch
from handlers.intake import handle
from tests.handlers.bench import KEY, WORD, BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack, refusal
from tests.handlers.journey import broken, settle_as


def test_a_failure_is_claimed_and_started(bench: BenchRuntime) -> None:
    """One failure, one claim, one execution, all under one recovery id."""
    stack = broken(bench)

    assert handle(bench.event_of(stack), bench) is IntakeOutcome.STARTED

    (failure,), (claim,) = bench.failures(), bench.claims()
    assert failure.failure_id == stack.events[-1]["EventId"]
    assert (failure.seen_by, failure.status) == (SeenBy.EVENT, "UPDATE_ROLLBACK_FAILED")
    assert list(bench.fake_machine.executions) == [claim.recovery_id] == [failure.recovery_id]
    assert bench.fake_machine.executions[claim.recovery_id].given == {
        "recovery_id": claim.recovery_id,
        "failure_id": failure.failure_id,
        "fence": 1,
        "stack": {"account": "222222222222", "region": "us-east-1", "name": "app-one"},
        "stack_id": stack.stack_id,
    }


def test_event_and_heartbeat_find_the_same_failure(bench: BenchRuntime) -> None:
    """By CloudFormation's own event, whoever came first."""
    stack = broken(bench)
    found = FoundStack(stack_id=stack.stack_id, reported=stack.status, found_at=bench.clock()).model_dump_json()

    assert handle(found, bench) is IntakeOutcome.STARTED
    assert handle(bench.event_of(stack), bench) is IntakeOutcome.DUPLICATE
    assert [failure.seen_by for failure in bench.failures()] == [SeenBy.HEARTBEAT]


def _unknown_status(raw: dict[str, Any]) -> None:
    raw["detail"]["status-details"]["status"] = "UPDATE_DREAMING"


def _foreign(raw: dict[str, Any]) -> None:
    raw["account"] = "333333333333"


def _half(raw: dict[str, Any]) -> None:
    del raw["detail"]


@pytest.mark.parametrize(
    ("spoil", "error"), [(_unknown_status, UnknownStatusError), (_foreign, ForeignEventError), (_half, MalformedEventError)]
)
def test_what_cannot_be_handled_is_an_error_for_the_dlq(bench: BenchRuntime, spoil: Any, error: type[Exception]) -> None:
    """Refused before anything is read."""
    raw = json.loads(bench.event_of(broken(bench)))
    spoil(raw)
    before = bench.cloudformation.calls

    with pytest.raises(error):
        handle(json.dumps(raw), bench)
    assert bench.cloudformation.calls == before


def test_a_letter_for_notice_is_malformed_here(bench: BenchRuntime) -> None:
    """The queues are not mixed up silently."""
    letter = OverdueAttempt(stack_id=broken(bench).stack_id, token="sm-1", found_at=bench.clock())

    with pytest.raises(MalformedEventError, match="belongs into the notice queue"):
        handle(letter.model_dump_json(), bench)


@pytest.mark.parametrize(("name", "outcome"), [("alien-one", IntakeOutcome.UNMANAGED), ("off-one", IntakeOutcome.MODE_OFF)])
def test_what_is_not_ours_is_not_even_looked_at(bench: BenchRuntime, name: str, outcome: IntakeOutcome) -> None:
    """No call to CloudFormation, nothing in the ledger."""
    stack = broken(bench, name)
    before = bench.cloudformation.calls

    assert handle(bench.event_of(stack), bench) is outcome
    assert bench.cloudformation.calls == before
    assert bench.table.items == {}


def _healthy(bench: BenchRuntime) -> FakeStack:
    return bench.cloudformation.create("app-one")


def test_a_healthy_stack_is_no_failure(bench: BenchRuntime) -> None:
    """Its event says so itself."""
    assert handle(bench.event_of(_healthy(bench)), bench) is IntakeOutcome.NOT_A_FAILURE


def test_a_nested_stack_is_its_roots_affair(bench: BenchRuntime) -> None:
    """It matches the prefix and is no target."""
    child = bench.cloudformation.create("app-one-child", parent_id=_healthy(bench).stack_id)
    bench.cloudformation.fail_update(child)

    assert handle(bench.event_of(child), bench) is IntakeOutcome.NESTED
    assert bench.failures() == []


def test_a_stack_that_moved_on_is_late(bench: BenchRuntime) -> None:
    """The event is only a hint; what counts is the stack as it is."""
    stack = broken(bench)
    event = bench.event_of(stack)
    bench.cloudformation.someone_continues(stack)

    assert handle(event, bench) is IntakeOutcome.LATE
    assert bench.failures() == []


def test_a_deleted_stack_has_vanished(bench: BenchRuntime) -> None:
    """Also when a healthy new generation bears its name."""
    stack = broken(bench)
    event = bench.event_of(stack)
    bench.cloudformation.delete(stack)

    assert handle(event, bench) is IntakeOutcome.VANISHED
    _healthy(bench)
    assert handle(event, bench) is IntakeOutcome.LATE


def test_a_duplicate_with_an_open_claim_repeats_the_start(bench: BenchRuntime) -> None:
    """The claim was written and the execution not: the repeat starts it, once."""
    event = bench.event_of(broken(bench))
    handle(event, bench)
    bench.fake_machine.executions.clear()

    assert handle(event, bench) is IntakeOutcome.RESTARTED
    assert handle(event, bench) is IntakeOutcome.DUPLICATE
    assert len(bench.fake_machine.executions) == 1


def test_a_claim_without_execution_is_started_even_when_the_stack_is_well(bench: BenchRuntime) -> None:
    """Or it would never be settled."""
    stack = broken(bench)
    event = bench.event_of(stack)
    handle(event, bench)
    bench.fake_machine.executions.clear()
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=True)

    assert handle(event, bench) is IntakeOutcome.RESTARTED


def test_a_held_stack_is_left_to_its_recovery(bench: BenchRuntime) -> None:
    """A second failure during a recovery is answered by that recovery."""
    stack = broken(bench)
    handle(bench.event_of(stack), bench)
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=False)

    assert handle(bench.event_of(stack), bench) is IntakeOutcome.HELD
    assert len(bench.failures()) == 1


def test_a_second_failure_after_the_first_was_answered_is_new(bench: BenchRuntime) -> None:
    """Another event, another recovery."""
    stack = broken(bench)
    handle(bench.event_of(stack), bench)
    settle_as(bench, "healed_elsewhere")
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=False)

    assert handle(bench.event_of(stack), bench) is IntakeOutcome.STARTED
    assert len({failure.recovery_id for failure in bench.failures()}) == 2


def test_an_answered_failure_stays_answered(bench: BenchRuntime) -> None:
    """Its event may come days later once more."""
    event = bench.event_of(broken(bench))
    handle(event, bench)
    settle_as(bench, "in_other_hands")

    assert handle(event, bench) is IntakeOutcome.DUPLICATE
    assert [failure.state for failure in bench.failures()] == [FailureState.SETTLED]


def test_a_broken_stack_that_fell_off_the_list_is_put_back(bench: BenchRuntime) -> None:
    """The heartbeat saw it broken, and an escalated failure stays listed for so long."""
    stack = broken(bench, name="shadow-one")
    handle(bench.event_of(stack), bench)
    settle_as(bench, "observed")
    (failure,) = bench.failures()
    bench.ledger.take_off(failure, bench.clock())
    found = FoundStack(stack_id=stack.stack_id, reported=stack.status, found_at=bench.clock()).model_dump_json()

    assert handle(found, bench) is IntakeOutcome.DUPLICATE
    assert [each.failure_id for each in bench.ledger.unresolved().failures] == [failure.failure_id]


def test_without_a_lease_nothing_is_claimed(bench: BenchRuntime) -> None:
    """The heartbeat brings the stack again."""
    event = bench.event_of(broken(bench))
    bench.hub.reachable = False
    assert handle(event, bench) is IntakeOutcome.NO_LEASE

    bench.hub.reachable = True
    bench.time.pass_seconds(200)
    assert handle(event, bench) is IntakeOutcome.NO_LEASE
    assert bench.table.items == {}

    bench.renew()
    assert handle(event, bench) is IntakeOutcome.STARTED


def test_a_kill_switch_stops_intake(bench: BenchRuntime) -> None:
    """The environment's and the cell's alike."""
    event = bench.event_of(broken(bench))
    bench.hub.switch = Switch(stopped=True)
    assert handle(event, bench) is IntakeOutcome.STOPPED

    bench.hub.switch = Switch()
    bench.table.items["CELL#222222222222#us-east-1", "SWITCH"] = {"stopped": True}
    assert handle(event, bench) is IntakeOutcome.STOPPED
    assert [failure.state for failure in bench.failures()] == [FailureState.WAITING]
    assert bench.claims() == []


def test_a_failure_that_had_to_wait_begins_in_its_next_turn(bench: BenchRuntime) -> None:
    """It is known since it was first seen; what it is held by now counts, and a second wait is no second failure."""
    event = bench.event_of(broken(bench))
    bench.people.pause(KEY, WORD, until=bench.clock() + timedelta(seconds=30))
    assert handle(event, bench) is IntakeOutcome.PAUSED
    assert handle(event, bench) is IntakeOutcome.PAUSED
    (waiting,) = bench.failures()

    bench.time.pass_seconds(30)
    assert handle(event, bench) is IntakeOutcome.STARTED

    (failure,) = bench.failures()
    assert (failure.state, failure.turn) == (FailureState.OPEN, 1)
    assert (failure.detected_at, failure.begun_at) == (waiting.detected_at, bench.clock())
    assert failure.recovery_id in bench.fake_machine.executions


@pytest.mark.parametrize("outcome", ["observed", "switched_off"])
def test_what_was_left_alone_for_its_mode_begins_again_when_the_mode_allows_more(bench: BenchRuntime, outcome: str) -> None:
    """In a recovery of its own, by its event or the heartbeat; nobody has to break the stack once more."""
    event = bench.event_of(broken(bench))
    handle(event, bench)
    settle_as(bench, outcome)

    assert handle(event, bench) is IntakeOutcome.STARTED
    (failure,) = bench.failures()
    assert (failure.state, failure.turn, failure.outcome) == (FailureState.OPEN, 1, None)
    assert failure.recovery_id in bench.fake_machine.executions
    assert handle(event, bench) is IntakeOutcome.DUPLICATE


def test_what_was_left_alone_is_held_like_any_other(bench: BenchRuntime) -> None:
    """A pause stands above the new mode, and the failure stays on the list until it ends."""
    event = bench.event_of(broken(bench))
    handle(event, bench)
    settle_as(bench, "observed")
    bench.people.pause(KEY, WORD, until=bench.clock() + timedelta(seconds=30))

    assert handle(event, bench) is IntakeOutcome.PAUSED
    bench.time.pass_seconds(30)
    assert handle(event, bench) is IntakeOutcome.STARTED


def test_a_turn_is_taken_once(bench: BenchRuntime) -> None:
    """Two that read the same closed failure at the same moment: the second finds it open."""
    event = bench.event_of(broken(bench))
    handle(event, bench)
    settle_as(bench, "observed")
    (closed,) = bench.failures()
    handle(event, bench)
    (claim,) = bench.claims()
    settle_as(bench, "recovered")
    again = closed.model_copy(update={"state": FailureState.OPEN, "turn": 1})

    with pytest.raises(AlreadyClaimedError):
        bench.ledger.open(again, claim, Recovery(**claim.machine_input(), failed_at=bench.clock(), detected_at=bench.clock()))


def test_a_freeze_holds_only_its_tiers(bench: BenchRuntime) -> None:
    """Another tier's stacks go on."""
    freeze = Freeze(name="noon", zone="UTC", days=("wed",), tiers=("critical",))
    data = bench.cell.model_dump(mode="json") | {"tiers": {"standard": {}, "critical": {}}, "freezes": [freeze.model_dump()]}
    data["patterns"][1] = {"pattern": "shadow-*", "mode": "observe", "tier": "critical"}
    bench.cell = type(bench.cell).model_validate(data)

    assert handle(bench.event_of(broken(bench, "shadow-one")), bench) is IntakeOutcome.FROZEN
    assert handle(bench.event_of(broken(bench)), bench) is IntakeOutcome.STARTED


def test_what_may_not_be_written_is_not_recorded(bench: BenchRuntime) -> None:
    """The ledger belongs to the lease's holder; without it the heartbeat's next sight of the stack is the record."""
    event = bench.event_of(broken(bench))
    bench.people.stop(WORD)
    bench.time.pass_seconds(200)

    assert handle(event, bench) is IntakeOutcome.STOPPED
    assert bench.failures() == []


def test_a_lost_race_finds_what_the_other_wrote(bench: BenchRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two intakes at the same moment end in one claim."""
    event = bench.event_of(broken(bench))
    honest = bench.ledger.open

    def overtaken(*records: Any) -> None:
        honest(*records)
        bench.machine.start(records[1].recovery_id, records[1].machine_input(), bench.clock())
        raise AlreadyClaimedError("overtaken")

    monkeypatch.setattr(bench.ledger, "open", overtaken)

    assert handle(event, bench) is IntakeOutcome.DUPLICATE
    assert len(bench.claims()) == 1


def test_a_throttled_read_never_loses_a_failure(bench: BenchRuntime) -> None:
    """The message stays in the queue."""
    event = bench.event_of(broken(bench))
    bench.cloudformation.fail_next = refusal("DescribeStacks", "Throttling", "Rate exceeded")

    with pytest.raises(TransientError):
        handle(event, bench)
    assert handle(event, bench) is IntakeOutcome.STARTED


def test_events_that_lag_are_waited_for(bench: BenchRuntime) -> None:
    """The stack has failed and its events do not say so yet."""
    stack = broken(bench)
    event, stack.events = bench.event_of(stack), stack.events[:2]

    with pytest.raises(TransientError, match="its events do not say so yet"):
        handle(event, bench)
