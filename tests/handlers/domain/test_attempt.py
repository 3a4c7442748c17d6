"""The table of an attempt: what is read decides, in this order and no other."""

import dataclasses
from datetime import UTC, datetime

import pytest

from handlers.domain.attempt import Decided, Move, Trace, View, next_move
from handlers.domain.cell import Mode
from handlers.domain.identity import StackKey
from handlers.domain.operations import OPERATIONS, Operation
from handlers.domain.outcome import Escalation, Reason, Restraint
from handlers.domain.records import Attempt, AttemptState, Claim, ClaimState, End
from handlers.domain.status import StackStatus

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KEY = StackKey(account="222222222222", region="us-east-1", name="app-one")
END = End(status="UPDATE_ROLLBACK_COMPLETE", at=NOON, event_id="event")
VOID = Reason(code=Escalation.APPROVAL_VOID, sentence="nobody has answered")
STOPPED = Reason(code=Restraint.STOPPED, sentence="the switch is on")
CLAIM = Claim(stack=KEY, stack_id="id", recovery_id="r-1", failure_id="f-1", fence=7, claimed_at=NOON)


def attempt(state: AttemptState, end_status: str | None = None) -> Attempt:
    """An attempt in the ledger."""
    return Attempt(
        token="sm-1",
        stack=KEY,
        stack_id="id",
        recovery_id="r-1",
        attempt=1,
        operation="ContinueUpdateRollback",
        fence=7,
        task_token="task",
        claimed_at=NOON,
        ordered_at=NOON,
        deadline=NOON,
        state=state,
        end_status=end_status,
    )


def view(**change: object) -> View:
    """Everything allows the call, but for *change*."""
    usual: dict[str, object] = {
        "recovery_id": "r-1",
        "fence": 7,
        "operation": OPERATIONS[Operation.CONTINUE_UPDATE_ROLLBACK],
        "claim": CLAIM,
        "attempt": None,
        "status": StackStatus.UPDATE_ROLLBACK_FAILED,
        "trace": Trace.NONE,
        "restraint": None,
        "mode": Mode.ACT,
        "lease_problem": None,
        "has_role": True,
    }
    return View(**(usual | change))  # type: ignore[arg-type]


def test_with_every_right_the_operation_is_ordered() -> None:
    """Only when no row of the table objects."""
    assert next_move(view()) == Decided(move=Move.ORDER)


def test_a_stack_that_was_healed_is_not_updated_anew() -> None:
    """UpdateStack is legal in healthy statuses too: only the status that the plan speaks of is ours to change."""
    resume = view(operation=OPERATIONS[Operation.RESUME_STACK], begins_in=StackStatus.UPDATE_FAILED)

    assert next_move(dataclasses.replace(resume, status=StackStatus.UPDATE_FAILED)).move is Move.ORDER
    healed = dataclasses.replace(resume, status=StackStatus.UPDATE_COMPLETE)
    assert next_move(healed) == Decided(move=Move.WAKE, end_status="UPDATE_COMPLETE")


def test_a_repeat_whose_call_was_never_made_orders() -> None:
    """The first try died between ledger and call."""
    assert next_move(view(attempt=attempt(AttemptState.ORDERED))).move is Move.ORDER


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"claim": None}, "claim_lost: nobody holds the stack's claim"),
        ({"claim": CLAIM.model_copy(update={"state": ClaimState.RELEASED})}, "claim_lost: nobody holds the stack's claim"),
        ({"claim": CLAIM.model_copy(update={"recovery_id": "r-2"})}, "claim_lost: r-2 holds the stack's claim under fence 7"),
        ({"claim": CLAIM.model_copy(update={"fence": 8})}, "claim_lost: r-1 holds the stack's claim under fence 8"),
        ({"mode": Mode.OBSERVE}, "mode_forbids: the stack's mode is now observe"),
        ({"owner": "StackSets"}, "owned_elsewhere: StackSets owns the stack"),
        ({"approval_problem": VOID}, "approval_void: nobody has answered"),
        ({"has_role": False}, "no_role: the stack has no service role and its pattern no repair_role"),
        ({"lease_problem": "no lease"}, "no_lease: no lease"),
    ],
)
def test_without_a_right_nothing_is_ordered(change: dict[str, object], refusal: str) -> None:
    """The refusal says which right."""
    decided = next_move(view(**change))

    assert (decided.move, str(decided.reason)) == (Move.REFUSE, refusal)


def test_a_hub_that_nobody_can_ask_is_asked_again() -> None:
    """A lease that somebody else holds is refused at once; every other right is looked at first."""
    problem = {"lease_problem": "no control region returned a lease", "is_hub_dark": True}

    assert next_move(view(**problem)).move is Move.RETRY
    assert next_move(view(**problem, has_role=False)).move is Move.REFUSE


def test_what_people_forbid_is_held_and_not_refused() -> None:
    """Nobody is called for it; it stands above what would call somebody, and below the claim."""
    assert next_move(view(restraint=STOPPED)) == Decided(move=Move.HOLD, reason=STOPPED)
    assert next_move(view(restraint=STOPPED, has_role=False, mode=Mode.PROPOSE, lease_problem="none")).move is Move.HOLD
    assert next_move(view(restraint=STOPPED, claim=None)).move is Move.REFUSE


@pytest.mark.parametrize(
    "change",
    [
        {"attempt": attempt(AttemptState.ACCEPTED)},
        {"attempt": attempt(AttemptState.ORDERED), "trace": Trace.RUNNING},
        {"status": StackStatus.UPDATE_ROLLBACK_IN_PROGRESS, "trace": Trace.RUNNING},
    ],
)
def test_a_call_that_was_made_is_adopted(change: dict[str, object]) -> None:
    """By ledger or by events, even when nothing more may be begun."""
    assert next_move(view(**change, restraint=STOPPED, lease_problem="no lease")).move is Move.ADOPT


@pytest.mark.parametrize(
    ("change", "end_status"),
    [
        ({"attempt": attempt(AttemptState.ENDED, "UPDATE_ROLLBACK_FAILED")}, "UPDATE_ROLLBACK_FAILED"),
        ({"attempt": attempt(AttemptState.ORDERED), "trace": END}, "UPDATE_ROLLBACK_COMPLETE"),
        ({"status": StackStatus.DELETE_COMPLETE, "attempt": attempt(AttemptState.ACCEPTED)}, "DELETE_COMPLETE"),
        ({"status": StackStatus.UPDATE_COMPLETE}, "UPDATE_COMPLETE"),
        ({"status": StackStatus.UPDATE_IN_PROGRESS}, "UPDATE_IN_PROGRESS"),
        ({"status": StackStatus.DELETE_FAILED}, "DELETE_FAILED"),
    ],
)
def test_where_there_is_nothing_to_wait_for_the_machine_is_told(change: dict[str, object], end_status: str) -> None:
    """Ended, gone, healed, in other hands: Validate reconciles it."""
    assert next_move(view(**change)) == Decided(move=Move.WAKE, end_status=end_status)
