"""The ledger over moto: what is written once stays, and what is closed is closed whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.aws.ledger import (
    AlreadyClaimedError,
    AttemptEndedError,
    Closing,
    Ledger,
    LedgerContradictsItselfError,
    RecoveryUnknownError,
    Unresolved,
)
from handlers.aws.table import Table
from handlers.domain.graph import EdgeKind
from handlers.domain.identity import StackKey
from handlers.domain.records import (
    Attempt,
    AttemptState,
    Behind,
    Claim,
    ClaimState,
    End,
    Failure,
    FailureState,
    Recovery,
    SeenBy,
    Waiter,
)
from tests.handlers.aws.conftest import LEDGER, client

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KEY = StackKey(account="222222222222", region="us-east-1", name="app-one")
END = End(status="UPDATE_ROLLBACK_COMPLETE", at=NOON, event_id="event")


@pytest.fixture
def ledger(table: Table) -> Ledger:
    """An empty ledger."""
    return Ledger(table, cell="222222222222#us-east-1", days=400)


def records(failure_id: str = "f-1", recovery_id: str = "r-1", fence: int = 1) -> tuple[Failure, Claim, Recovery]:
    """What intake writes."""
    ids: dict[str, Any] = {"stack": KEY, "stack_id": "id", "failure_id": failure_id, "recovery_id": recovery_id}
    times: dict[str, Any] = {"failed_at": NOON, "detected_at": NOON}
    return (
        Failure(**ids, **times, status="UPDATE_ROLLBACK_FAILED", seen_by=SeenBy.EVENT),
        Claim(**ids, fence=fence, claimed_at=NOON),
        Recovery(**ids, **times, fence=fence),
    )


def attempt(task_token: str = "task-1", number: int = 1) -> Attempt:  # noqa: S107 - no secret here
    """What act keeps."""
    return Attempt(
        token=f"sm-{number}",
        stack=KEY,
        stack_id="id",
        recovery_id="r-1",
        attempt=number,
        operation="ContinueUpdateRollback",
        fence=1,
        task_token=task_token,
        claimed_at=NOON,
        ordered_at=NOON,
        deadline=NOON,
    )


def closing(state: FailureState = FailureState.SETTLED, *, stays_listed: bool = False) -> Closing:
    """What settle and escalate write."""
    return Closing(
        stack=KEY,
        failure_id="f-1",
        recovery_id="r-1",
        state=state,
        outcome="recovered",
        reason="because",
        at=NOON,
        stays_listed=stays_listed,
    )


def test_what_was_opened_is_read_back(ledger: Ledger) -> None:
    """Failure, claim and recovery, to the millisecond."""
    failure, claim, recovery = records()
    ledger.open(failure, claim, recovery)

    assert ledger.failure(KEY, "f-1") == failure
    assert ledger.claim(KEY) == claim
    assert ledger.recovery(KEY, "r-1") == recovery
    assert ledger.unresolved() == Unresolved(failures=(failure,))


@pytest.mark.parametrize("second", [("f-1", "r-1", 1), ("f-2", "r-2", 1), ("f-2", "r-2", 9)])
def test_a_held_stack_is_not_claimed_twice(ledger: Ledger, second: tuple[str, str, int]) -> None:
    """Not for the same failure, not for another, under no fence."""
    ledger.open(*records())

    with pytest.raises(AlreadyClaimedError):
        ledger.open(*records(*second))
    assert ledger.failure(KEY, "f-2") is None


@pytest.mark.parametrize(("fence", "free"), [(4, False), (5, True), (6, True)])
def test_a_released_claim_goes_to_no_lower_fence(ledger: Ledger, fence: int, *, free: bool) -> None:
    """A region that comes back takes nothing from its successor."""
    ledger.open(*records(fence=5))
    assert ledger.close(closing())

    if free:
        ledger.open(*records("f-2", "r-2", fence))
        claim = ledger.claim(KEY)
        assert claim is not None
        assert claim.recovery_id == "r-2"
    else:
        with pytest.raises(AlreadyClaimedError):
            ledger.open(*records("f-2", "r-2", fence))


def test_a_failure_that_was_answered_is_not_opened_again(ledger: Ledger) -> None:
    """Its event may come days later once more."""
    ledger.open(*records())
    ledger.close(closing())

    with pytest.raises(AlreadyClaimedError):
        ledger.open(*records(recovery_id="r-2", fence=2))


def test_a_close_is_whole_and_once(ledger: Ledger) -> None:
    """Failure, recovery and claim together; a repeat says so."""
    ledger.open(*records())

    assert ledger.close(closing()) is True
    assert ledger.close(closing(FailureState.ESCALATED)) is False

    failure, claim, recovery = ledger.failure(KEY, "f-1"), ledger.claim(KEY), ledger.recovery(KEY, "r-1")
    assert failure is not None
    assert (failure.state, failure.outcome) == (FailureState.SETTLED, "recovered")
    assert claim is not None
    assert claim.state is ClaimState.RELEASED
    assert recovery is not None
    assert (recovery.outcome, recovery.settled_at) == ("recovered", NOON)
    assert ledger.unresolved() == Unresolved()


def test_only_what_is_closed_expires(ledger: Ledger) -> None:
    """An open failure, or one whose stack is still broken, is never forgotten by DynamoDB."""
    ledger.open(*records())
    assert "expires_at" not in raw("FAILURE#f-1")

    ledger.close(closing(FailureState.ESCALATED, stays_listed=True))
    assert "expires_at" not in raw("FAILURE#f-1")
    failure = ledger.failure(KEY, "f-1")
    assert failure is not None

    ledger.take_off(failure, NOON)
    assert raw("FAILURE#f-1")["expires_at"] == {"N": str(int((NOON + timedelta(days=400)).timestamp()))}
    assert ledger.unresolved() == Unresolved()

    ledger.put_back(failure)
    assert "expires_at" not in raw("FAILURE#f-1")
    assert [each.failure_id for each in ledger.unresolved().failures] == ["f-1"]


def test_an_open_failure_is_not_taken_off_the_list(ledger: Ledger) -> None:
    """It is its recovery's."""
    failure, claim, recovery = records()
    ledger.open(failure, claim, recovery)

    ledger.take_off(failure, NOON)

    assert ledger.unresolved() == Unresolved(failures=(failure,))


def test_a_close_without_a_claim_is_a_contradiction(ledger: Ledger) -> None:
    """No handler writes that: it is said, not mended."""
    failure, claim, recovery = records()
    ledger.open(failure, claim.model_copy(update={"recovery_id": "r-9"}), recovery)
    unclaimed = Closing(
        stack=KEY,
        failure_id="f-1",
        recovery_id=failure.recovery_id,
        state=FailureState.SETTLED,
        outcome="",
        reason="",
        at=NOON,
        stays_listed=False,
    )

    with pytest.raises(LedgerContradictsItselfError, match="f-1 is open, yet r-1 holds no claim for it"):
        ledger.close(unclaimed)


def test_a_close_by_an_earlier_turn_changes_nothing(ledger: Ledger) -> None:
    """The failure had to wait and is taken up again: what its first recovery still does is late, and no contradiction."""
    ledger.open(*records())
    late = Closing(
        stack=KEY,
        failure_id="f-1",
        recovery_id="r-0",
        state=FailureState.WAITING,
        outcome="",
        reason="",
        at=NOON,
        stays_listed=True,
    )

    assert ledger.close(late) is False
    failure = ledger.failure(KEY, "f-1")
    assert failure is not None
    assert failure.state is FailureState.OPEN


def test_a_failure_that_waits_is_opened_in_its_next_turn_and_only_once(ledger: Ledger) -> None:
    """A turn that was taken is not taken again, and what is open cannot be made to wait."""
    failure, claim, recovery = records()
    waiting = failure.model_copy(update={"state": FailureState.WAITING})
    ledger.let_wait(waiting)
    ledger.let_wait(failure)
    assert ledger.unresolved() == Unresolved(failures=(waiting,))

    with pytest.raises(AlreadyClaimedError):
        ledger.open(failure, claim, recovery)
    turned = failure.model_copy(update={"turn": 1})
    ledger.open(turned, claim, recovery)
    assert ledger.failure(KEY, "f-1") == turned
    with pytest.raises(AlreadyClaimedError):
        ledger.open(turned, claim, recovery)


def test_a_repeated_order_replaces_the_dead_token(ledger: Ledger) -> None:
    """A Retry makes a new task token; the kept one wakes nobody."""
    ledger.order(attempt("task-1"))
    ledger.order(attempt("task-2"))

    kept = ledger.attempt(KEY, "sm-1")
    assert kept is not None
    assert (kept.task_token, kept.state) == ("task-2", AttemptState.ORDERED)


def test_an_accepted_attempt_keeps_what_is_known_of_it(ledger: Ledger) -> None:
    """Only its token changes, when the function is repeated after the call."""
    ledger.order(attempt("task-1"))
    ledger.accept(attempt(), request_id="request", at=NOON)
    ledger.order(attempt("task-2"))

    kept = ledger.attempt(KEY, "sm-1")
    assert kept is not None
    assert (kept.task_token, kept.state, kept.request_id) == ("task-2", AttemptState.ACCEPTED, "request")


def test_an_ended_attempt_cannot_be_ordered_or_accepted(ledger: Ledger) -> None:
    """The event came first; whoever stores a token now must wake himself."""
    ledger.order(attempt())
    ended = ledger.end(KEY, "sm-1", END)

    assert ended is not None
    assert (ended.state, ended.end_status, ended.task_token) == (AttemptState.ENDED, END.status, "task-1")
    assert ledger.unresolved() == Unresolved()
    with pytest.raises(AttemptEndedError):
        ledger.order(attempt("task-2"))
    with pytest.raises(AttemptEndedError):
        ledger.accept(attempt(), request_id="request", at=NOON)


def test_the_first_end_stays(ledger: Ledger) -> None:
    """A repeat finds it; an attempt that never was is none."""
    ledger.order(attempt())
    ledger.end(KEY, "sm-1", END)
    again = ledger.end(KEY, "sm-1", END.model_copy(update={"status": "UPDATE_ROLLBACK_FAILED"}))

    assert again is not None
    assert again.end_status == END.status
    assert ledger.end(KEY, "sm-9", END) is None


def test_a_recovery_is_amended_only_where_it_is(ledger: Ledger) -> None:
    """An update would otherwise create half a record."""
    ledger.open(*records())
    ledger.amend(KEY, "r-1", attempts=2)

    recovery = ledger.recovery(KEY, "r-1")
    assert recovery is not None
    assert recovery.attempts == 2
    with pytest.raises(RecoveryUnknownError, match="has no recovery r-2"):
        ledger.amend(KEY, "r-2", attempts=2)


def test_a_switch_that_is_not_there_is_not_thrown(ledger: Ledger) -> None:
    """And one that is says who and why."""
    assert ledger.switch().why("cell") is None

    item = {"pk": "CELL#222222222222#us-east-1", "sk": "SWITCH", "stopped": True, "reason": "drill", "by": "anna"}
    typed = {name: {"BOOL": value} if isinstance(value, bool) else {"S": value} for name, value in item.items()}
    client("dynamodb").put_item(TableName=LEDGER, Item=typed)

    assert ledger.switch().why("cell") == "the kill switch of the cell is on: drill (by anna)"


def raw(sk: str) -> dict[str, Any]:
    """An item as DynamoDB holds it."""
    key = {"pk": {"S": "STACK#222222222222#us-east-1#app-one"}, "sk": {"S": sk}}
    item: dict[str, Any] = client("dynamodb").get_item(TableName=LEDGER, Key=key)["Item"]
    assert item["schema_version"] == {"N": "1"}
    return item


def parked(*behind: str, name: str = "app-web") -> Failure:
    """A failure that waits behind these stacks."""
    failure, _, _ = records()
    notes = tuple(
        Behind(producer=f"222222222222/us-east-1/{each}", kind=EdgeKind.EXPORT, evidence="imports it") for each in behind
    )
    waits = {"behind": notes, "waits_for": tuple(each.producer for each in notes), "parked_at": NOON, "recovery_id": ""}
    return failure.model_copy(
        update={"stack": KEY.model_copy(update={"name": name}), "state": FailureState.PARKED, **waits},
    )


def test_a_parked_stack_leaves_its_word_with_each_that_it_waits_for(ledger: Ledger) -> None:
    """And each of those takes itself out of the set, as often as it likes."""
    one, two = KEY, KEY.model_copy(update={"name": "app-two"})
    failure = parked("app-one", "app-two")
    assert ledger.rest(failure)
    (waiter,) = ledger.waiters(one)
    assert waiter == Waiter(behind=one, stack=failure.stack, failure_id="f-1")

    left = [ledger.release(waiter, str(key)) for key in (one, one, two, two)]

    assert [each.waits_for for each in left if each] == [(str(two),), (str(two),), (), ()]
    ledger.told(waiter, NOON)
    assert ledger.waiters(one) == ()
    assert len(ledger.waiters(two)) == 1
    assert ledger.newest(failure.stack, None) == failure.model_copy(update={"waits_for": ()})


def test_a_stack_that_was_taken_up_is_neither_parked_nor_given_up(ledger: Ledger) -> None:
    """Whoever comes late changes nothing."""
    ledger.open(*records())
    late = parked("app-two", name=KEY.name)

    assert not ledger.rest(late)
    ledger.give_up(late.model_copy(update={"state": FailureState.ESCALATED}))
    assert ledger.offer(late) is False

    found = ledger.failure(KEY, "f-1")
    assert found is not None
    assert found.state is FailureState.OPEN


def test_an_offer_is_made_once(ledger: Ledger) -> None:
    """Of two who have read the same line, one."""
    failure = parked()
    ledger.rest(failure)

    assert [ledger.offer(failure), ledger.offer(failure)] == [True, False]


def test_a_place_is_held_by_one_recovery_and_given_back_with_its_close(ledger: Ledger) -> None:
    """Nobody else opens on it, and nothing is opened without it."""
    failure, claim, recovery = records()
    ledger.open(failure, claim.model_copy(update={"slot": 7}), recovery)
    assert ledger.taken_slots() == {7}
    other = KEY.model_copy(update={"name": "app-two"})
    second = [each.model_copy(update={"stack": other, "recovery_id": "r-2"}) for each in records()]
    second[1] = second[1].model_copy(update={"slot": 7})

    with pytest.raises(AlreadyClaimedError):
        ledger.open(*second)  # type: ignore[arg-type]
    assert ledger.claim(other) is None
    assert ledger.close(closing())
    assert ledger.taken_slots() == frozenset()
    ledger.open(*second)  # type: ignore[arg-type]
    assert ledger.taken_slots() == {7}
