"""What to do about one attempt, given everything that was read just before: a table, first row that applies.

Adopting and waking change nothing in CloudFormation, so they need no authority; only ordering does. That is why what is in
progress or has ended stands above lease and restraints: a recovery that may no longer act still learns how its call ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from handlers.domain.cell import Mode
from handlers.domain.operations import OperationFacts
from handlers.domain.outcome import Escalation, Reason
from handlers.domain.records import Attempt, AttemptState, Claim, ClaimState, End
from handlers.domain.status import Kind, StackStatus


class Move(StrEnum):
    """What an act function does."""

    ORDER = "order"  # keep the task token, call CloudFormation, wait for the event
    ADOPT = "adopt"  # the call has been made: keep the task token, wait for the event
    WAKE = "wake"  # there is nothing to wait for: tell the machine what was found
    REFUSE = "refuse"
    RETRY = "retry"  # not now: nobody could be asked whether we may, and the machine asks again before it gives up
    HOLD = "hold"  # not now: people or the calendar forbid it, and it is taken up again afterwards


class Trace(StrEnum):
    """What CloudFormation's events say of our client token, short of an end."""

    NONE = "none"
    RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that decides, read consistently."""

    recovery_id: str
    fence: int
    operation: OperationFacts
    claim: Claim | None
    attempt: Attempt | None
    status: StackStatus
    trace: Trace | End
    restraint: Reason | None
    """Which switch, pause, freeze or breaker holds, and why."""
    mode: Mode
    lease_problem: str | None
    has_role: bool
    is_hub_dark: bool = False
    """True where no control region answered at all, so that nothing is known of the lease."""
    owner: str | None = None
    """Who repairs the stack, where it is not ours to repair."""
    is_planned: bool = True
    """Whether the recorded plan holds this attempt's step."""
    begins_in: StackStatus | None = None
    """The status that the planned step begins in: in another one CloudFormation may take the same call for something else."""
    unskippable: str = ""
    """What CloudFormation would not skip of what the step names, and why."""
    open_breakers: tuple[str, ...] = ()
    """Those that are open and yet hold nothing back: their time is over, and this recovery may be the one that tries."""
    approval_problem: Reason | None = None
    """Why no person's word allows the step; None when one does, or the step needs none."""
    is_proven_stable: bool = True
    """False where the operation would delete a stack that never was stable, and no event proves that this one was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A move with what belongs to it: the status to wake with, or the reason of a refusal or a wait."""

    move: Move
    end_status: str | None = None
    reason: Reason | None = None


def _refuse(code: Escalation, sentence: str) -> Decided:
    return Decided(move=Move.REFUSE, reason=Reason(code=code, sentence=sentence))


def _claim_is_lost(view: View) -> Decided | None:
    claim = view.claim
    if claim is None or claim.state is ClaimState.RELEASED:
        return _refuse(Escalation.CLAIM_LOST, "nobody holds the stack's claim")
    if (claim.recovery_id, claim.fence) != (view.recovery_id, view.fence):
        return _refuse(Escalation.CLAIM_LOST, f"{claim.recovery_id} holds the stack's claim under fence {claim.fence}")
    return None


def _ended_in_ledger(view: View) -> Decided | None:
    if view.attempt is not None and view.attempt.state is AttemptState.ENDED:
        return Decided(move=Move.WAKE, end_status=view.attempt.end_status)
    return None


def _ended_in_events(view: View) -> Decided | None:
    return Decided(move=Move.WAKE, end_status=view.trace.status) if isinstance(view.trace, End) else None


def _vanished(view: View) -> Decided | None:
    return Decided(move=Move.WAKE, end_status=view.status) if view.status.kind is Kind.GONE else None


def _call_was_made(view: View) -> Decided | None:
    """An accepted call whose events are not yet readable counts too: ordering again would be a second mutation."""
    accepted = view.attempt is not None and view.attempt.state is AttemptState.ACCEPTED
    return Decided(move=Move.ADOPT) if accepted or view.trace is Trace.RUNNING else None


def _stack_is_elsewhere(view: View) -> Decided | None:
    """Healed, deleted, or in somebody else's operation: Validate reconciles it."""
    if view.status in view.operation.legal_from and view.status == (view.begins_in or view.status):
        return None
    return Decided(move=Move.WAKE, end_status=view.status)


def _is_restrained(view: View) -> Decided | None:
    return Decided(move=Move.HOLD, reason=view.restraint) if view.restraint else None


def _mode_forbids(view: View) -> Decided | None:
    """In mode propose a person's word is wanted for every step, and a later row sees that it is there."""
    if view.mode in {Mode.ACT, Mode.PROPOSE}:
        return None
    return _refuse(Escalation.MODE_FORBIDS, f"the stack's mode is now {view.mode.value}")


def _owned(view: View) -> Decided | None:
    return _refuse(Escalation.OWNED_ELSEWHERE, f"{view.owner} owns the stack") if view.owner else None


def _not_approved(view: View) -> Decided | None:
    return Decided(move=Move.REFUSE, reason=view.approval_problem) if view.approval_problem else None


def _no_role(view: View) -> Decided | None:
    return None if view.has_role else _refuse(Escalation.NO_ROLE, "the stack has no service role and its pattern no repair_role")


def _not_planned(view: View) -> Decided | None:
    return None if view.is_planned else _refuse(Escalation.NOT_PLANNED, "the plan in the ledger holds no such step")


def _not_skippable(view: View) -> Decided | None:
    return _refuse(Escalation.NOT_SKIPPABLE, view.unskippable) if view.unskippable else None


def _never_stable(view: View) -> Decided | None:
    if view.is_proven_stable:
        return None
    return _refuse(Escalation.NEVER_STABLE, "no event proves that the stack ever was stable: the operation would delete it")


def _no_lease(view: View) -> Decided | None:
    """A lease that is another's, or has run out, does not come back in a moment; a region that was silent may answer then."""
    if not view.lease_problem:
        return None
    move = Move.RETRY if view.is_hub_dark else Move.REFUSE
    return Decided(move=move, reason=Reason(code=Escalation.NO_LEASE, sentence=view.lease_problem))


TABLE: tuple[Callable[[View], Decided | None], ...] = (
    _claim_is_lost,
    _ended_in_ledger,
    _ended_in_events,
    _vanished,
    _call_was_made,
    _stack_is_elsewhere,
    _is_restrained,
    _mode_forbids,
    _owned,
    _no_role,
    _never_stable,
    _not_planned,
    _not_skippable,
    _not_approved,
    _no_lease,
)


def next_move(view: View) -> Decided:
    """Order the operation unless a row of the table says otherwise."""
    return next((decided for row in TABLE if (decided := row(view)) is not None), Decided(move=Move.ORDER))
