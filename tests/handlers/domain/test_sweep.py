"""The heartbeat finds what no event has told, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.domain.cell import Mode, Pattern, Tier
from handlers.domain.freeze import Freeze
from handlers.domain.identity import StackKey
from handlers.domain.records import Attempt, Failure, FailureState, Pause, SeenBy, Switch
from handlers.domain.status import StackStatus
from handlers.domain.sweep import Findings, SeenStack, Sight, sweep

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KEY = StackKey(account="222222222222", region="us-east-1", name="app-one")
TIERS = {"standard": Tier(in_progress_limit_seconds=7200)}
NOTHING = Findings(enter=(), lasting=(), overdue=(), doubtful=(), breakers=(), healed=())


def stack(**change: object) -> SeenStack:
    """A broken stack of ours, but for *change*."""
    usual: dict[str, object] = {
        "stack_id": "id",
        "name": "app-one",
        "status": StackStatus.UPDATE_ROLLBACK_FAILED,
        "is_nested": False,
        "updated_at": NOON - timedelta(hours=1),
    }
    return SeenStack(**(usual | change))  # type: ignore[arg-type]


def failure(state: FailureState, age_seconds: int = 600) -> Failure:
    """A failure on the list."""
    at = NOON - timedelta(seconds=age_seconds)
    return Failure(
        failure_id="f-1",
        stack=KEY,
        stack_id="id",
        status="UPDATE_ROLLBACK_FAILED",
        seen_by=SeenBy.EVENT,
        failed_at=at,
        detected_at=at,
        recovery_id="r-1",
        state=state,
    )


def attempt(age_seconds: int, deadline_seconds: int = 3600) -> Attempt:
    """An attempt on the list."""
    at = NOON - timedelta(seconds=age_seconds)
    return Attempt(
        token="sm-1",
        stack=KEY,
        stack_id="id",
        recovery_id="r-1",
        attempt=1,
        operation="ContinueUpdateRollback",
        fence=7,
        task_token="task",
        claimed_at=at,
        ordered_at=at,
        deadline=at + timedelta(seconds=deadline_seconds),
    )


def look(*stacks: SeenStack, failures: tuple[Failure, ...] = (), attempts: tuple[Attempt, ...] = (), **people: Any) -> Findings:
    """What a heartbeat at noon finds."""
    patterns = (Pattern(pattern="app-*", mode=Mode.ACT), Pattern(pattern="off-*", mode=Mode.OFF))
    sight = Sight(
        failures=failures,
        attempts=attempts,
        stacks=stacks,
        patterns=patterns,
        tiers=TIERS,
        now=NOON,
        grace_seconds=60,
        **people,
    )
    return sweep(sight)


def test_a_quiet_minute_finds_nothing() -> None:
    """The same reads, no writes."""
    assert look() == NOTHING


def test_a_broken_stack_that_nobody_knows_is_entered() -> None:
    """Broken before we came, or its event was lost."""
    assert look(stack()).enter == (stack(),)


@pytest.mark.parametrize(
    "other",
    [
        stack(name="alien-one"),
        stack(name="off-one"),
        stack(is_nested=True),
        stack(status=StackStatus.UPDATE_IN_PROGRESS),
    ],
)
def test_what_is_not_ours_to_act_on_is_passed_over(other: SeenStack) -> None:
    """Unmanaged, off, nested, in progress."""
    assert look(other) == NOTHING


@pytest.mark.parametrize("state", [FailureState.OPEN, FailureState.SETTLED, FailureState.ESCALATED])
def test_a_known_failure_is_not_entered_again(state: FailureState) -> None:
    """Whoever answers for it."""
    assert look(stack(), failures=(failure(state),)).enter == ()


def ended_by_mode(outcome: str, state: FailureState = FailureState.SETTLED) -> Failure:
    """A failure that was left alone."""
    return failure(state).model_copy(update={"outcome": outcome})


@pytest.mark.parametrize(
    ("known", "mode", "begins"),
    [
        (ended_by_mode("observed"), Mode.OBSERVE, False),
        (ended_by_mode("observed"), Mode.PROPOSE, True),
        (ended_by_mode("observed"), Mode.ACT, True),
        (ended_by_mode("switched_off"), Mode.OBSERVE, True),
        (ended_by_mode("proposed", FailureState.ESCALATED), Mode.PROPOSE, False),
        (ended_by_mode("proposed", FailureState.ESCALATED), Mode.ACT, True),
        (ended_by_mode("mode_forbids", FailureState.ESCALATED), Mode.PROPOSE, False),
        (ended_by_mode("mode_forbids", FailureState.ESCALATED), Mode.ACT, True),
        (ended_by_mode("attempts_spent", FailureState.ESCALATED), Mode.ACT, False),
        (ended_by_mode("observed", FailureState.OPEN), Mode.ACT, False),
    ],
)
def test_what_was_left_alone_is_entered_when_its_mode_allows_more(known: Failure, mode: Mode, *, begins: bool) -> None:
    """Once: what a person was told for another reason, or a recovery answers for, is not entered again."""
    sight = Sight(
        failures=(known,),
        attempts=(),
        stacks=(stack(),),
        patterns=(Pattern(pattern="app-*", mode=mode),),
        tiers=TIERS,
        now=NOON,
        grace_seconds=60,
    )

    assert bool(sweep(sight).enter) is begins


def test_a_raised_mode_is_held_as_anything_else_is() -> None:
    """Not looked at every minute for as long as a pause holds."""
    assert look(stack(), failures=(ended_by_mode("observed"),), pauses=(PAUSE,)).enter == ()


def test_an_operation_that_was_observed_to_last_is_told_when_the_mode_allows_more() -> None:
    """It is still in progress, beyond its limit."""
    since = NOON - timedelta(hours=3)
    lasts = stack(status=StackStatus.UPDATE_IN_PROGRESS, updated_at=since)
    known = ended_by_mode("observed").model_copy(update={"status": "UPDATE_IN_PROGRESS", "failed_at": since})

    assert look(lasts, failures=(known,)).lasting == (lasts,)


PAUSE = Pause(stack=KEY, reason="we look at it", by="ops", at=NOON)
LUNCH = Freeze(name="lunch", zone="UTC", days=("wed",), start="11:30", end="12:30")


@pytest.mark.parametrize(
    ("people", "goes_on"),
    [
        ({}, True),
        ({"pauses": (PAUSE,)}, False),
        ({"pauses": (PAUSE.model_copy(update={"until": NOON}),)}, True),
        ({"pauses": (PAUSE.model_copy(update={"stack": KEY.model_copy(update={"name": "app-two"})}),)}, True),
        ({"switch": Switch(stopped=True)}, False),
        ({"freezes": (LUNCH,)}, False),
        ({"freezes": (LUNCH.model_copy(update={"tiers": ("critical",)}),)}, True),
    ],
)
def test_what_waits_is_entered_when_nothing_holds_it(people: dict[str, Any], *, goes_on: bool) -> None:
    """Neither before, at the cost of a look every minute, nor later than the next beat."""
    assert bool(look(stack(), failures=(failure(FailureState.WAITING),), **people).enter) is goes_on


def test_what_healed_while_it_waited_leaves_the_list() -> None:
    """Somebody repaired it by hand, which is what pauses are for."""
    waiting = failure(FailureState.WAITING)

    assert look(failures=(waiting,), pauses=(PAUSE,)).healed == (waiting,)


def test_a_stack_that_was_updated_since_has_failed_anew() -> None:
    """The old failure's record does not hide the new one."""
    again = stack(updated_at=NOON)

    assert look(again, failures=(failure(FailureState.ESCALATED),)).enter == (again,)


def test_a_closed_failure_whose_stack_is_well_is_healed() -> None:
    """It is neither failed nor in progress any more."""
    escalated = failure(FailureState.ESCALATED)

    assert look(failures=(escalated,)).healed == (escalated,)
    assert look(stack(status=StackStatus.UPDATE_ROLLBACK_IN_PROGRESS), failures=(escalated,)).healed == ()


def test_an_open_failure_is_never_healed_by_the_heartbeat() -> None:
    """It is its recovery's to settle."""
    assert look(failures=(failure(FailureState.OPEN),)).healed == ()


@pytest.mark.parametrize(("age", "doubtful"), [(59, False), (61, True)])
def test_an_open_failure_is_looked_after_when_it_is_old_enough(age: int, *, doubtful: bool) -> None:
    """A recovery that has just begun is given a beat."""
    assert doubtful is bool(look(stack(), failures=(failure(FailureState.OPEN, age),)).doubtful)


@pytest.mark.parametrize(
    ("age", "status", "overdue"),
    [
        (30, StackStatus.UPDATE_ROLLBACK_FAILED, False),
        (90, StackStatus.UPDATE_ROLLBACK_FAILED, True),
        (90, None, True),
        (90, StackStatus.UPDATE_ROLLBACK_IN_PROGRESS, False),
        (3601, StackStatus.UPDATE_ROLLBACK_IN_PROGRESS, True),
    ],
)
def test_an_attempt_at_rest_has_lost_its_event(age: int, status: StackStatus | None, *, overdue: bool) -> None:
    """In progress it may take until its deadline."""
    stacks = (stack(status=status),) if status else ()

    assert overdue is bool(look(*stacks, attempts=(attempt(age),)).overdue)


def going_on(**change: object) -> SeenStack:
    """A stack of ours that somebody has been updating for three hours, but for *change*."""
    usual: dict[str, object] = {"status": StackStatus.UPDATE_IN_PROGRESS, "updated_at": NOON - timedelta(hours=3)}
    return stack(**(usual | change))


def told(status: str, **change: object) -> Failure:
    """The same operation, of which a person has heard."""
    return failure(FailureState.ESCALATED, 3 * 3600).model_copy(update={"status": status, **change})


@pytest.mark.parametrize(
    ("seen", "known", "is_found"),
    [
        (going_on(), (), True),
        (going_on(updated_at=NOON - timedelta(hours=2)), (), False),
        (going_on(updated_at=None, created_at=NOON - timedelta(hours=3), status=StackStatus.CREATE_IN_PROGRESS), (), True),
        (going_on(updated_at=None), (), False),
        (going_on(name="alien-one"), (), False),
        (going_on(name="off-one"), (), False),
        (going_on(is_nested=True), (), False),
        (going_on(), (failure(FailureState.OPEN),), False),
        (going_on(), (told("UPDATE_IN_PROGRESS"),), False),
        (going_on(status=StackStatus.UPDATE_ROLLBACK_IN_PROGRESS), (told("UPDATE_IN_PROGRESS"),), True),
        (going_on(), (told("UPDATE_IN_PROGRESS", failed_at=NOON - timedelta(hours=5)),), True),
        (going_on(), (told("UPDATE_ROLLBACK_FAILED"),), True),
    ],
)
def test_what_lasts_too_long_is_found_once(seen: SeenStack, known: tuple[Failure, ...], is_found: bool) -> None:
    """By the tier's limit, on managed roots; not again while a person knows of it, and again when it is another operation."""
    patterns = (Pattern(pattern="app-*", mode=Mode.ACT), Pattern(pattern="off-*", mode=Mode.OFF))

    found = sweep(Sight(failures=known, attempts=(), stacks=(seen,), patterns=patterns, tiers=TIERS, now=NOON, grace_seconds=60))

    assert found.lasting == ((seen,) if is_found else ())
    assert found.enter == ()


def test_what_lasted_too_long_and_then_failed_has_failed_anew() -> None:
    """Also when the failure's own event was lost, and the list shows no later change."""
    patterns = (Pattern(pattern="app-*", mode=Mode.ACT),)
    seen = stack(updated_at=NOON - timedelta(hours=3))

    found = sweep(
        Sight(
            failures=(told("UPDATE_IN_PROGRESS"),),
            attempts=(),
            stacks=(seen,),
            patterns=patterns,
            tiers=TIERS,
            now=NOON,
            grace_seconds=60,
        )
    )

    assert found.enter == (seen,)
