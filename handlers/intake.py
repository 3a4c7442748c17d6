"""The door of every failure: from a status event, or the heartbeat's word, to a claim and an execution."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.authority import standing
from handlers.aws.ledger import AlreadyClaimedError
from handlers.aws.machine import Started
from handlers.aws.stacks import OwnEvent, StackNow
from handlers.batch import take_batch
from handlers.domain.cell import Mode
from handlers.domain.errors import TransientError
from handlers.domain.events import (
    FoundStack,
    MalformedEventError,
    OverdueAttempt,
    StackEvent,
    UnknownSenderError,
    WantedRecovery,
    read_event,
    status_of,
)
from handlers.domain.identity import StackKey, recovery_id, simulation_id
from handlers.domain.outcome import IntakeOutcome, Reason, Settlement
from handlers.domain.patterns import match
from handlers.domain.records import REASON_LENGTH, Claim, ClaimState, Failure, FailureState, Recovery, SeenBy
from handlers.domain.restraint import may_begin_again
from handlers.domain.sender import is_sent_by
from handlers.domain.signals import Metric
from handlers.domain.status import Kind
from handlers.parking import find_room, held_up
from handlers.runtime import Runtime, worker
from handlers.telemetry import about, count, introduce, logger, metrics

_TRIES = 3
"""For a place among the recoveries, where many start at the same moment; what finds none is brought by the heartbeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stack at rest in a failed status or too long in progress, and by which net it was caught."""

    now: StackNow
    own: OwnEvent
    seen_by: SeenBy
    aside: tuple[str, ...] = ()
    """Stacks that it needs and must not wait for."""
    wanted: WantedRecovery | None = None
    """The word of the person who wants it recovered, where one does."""


_SEEN_BY = {StackEvent: SeenBy.EVENT, FoundStack: SeenBy.HEARTBEAT, WantedRecovery: SeenBy.PERSON}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take a batch from the intake queue."""
    runtime = worker()
    introduce(runtime.cell, "intake")
    return take_batch(event, context, runtime, _take, IntakeOutcome)


def _take(record: SQSRecord, runtime: Runtime) -> IntakeOutcome:
    return handle(record.body, runtime, str(record.attributes.sender_id))


def handle(body: str, runtime: Runtime, sender_id: str = "") -> IntakeOutcome:
    """Take one message; what it says is only a hint at a stack, whose state is read anew."""
    event = read_event(body, account=runtime.cell.account, region=runtime.cell.region)
    if isinstance(event, OverdueAttempt):
        raise MalformedEventError("an overdue attempt belongs into the notice queue")
    if isinstance(event, WantedRecovery) and not is_sent_by(sender_id, event.by):
        raise UnknownSenderError(f"{event.by} is said to want this, and SQS does not name that session as the sender")
    is_lasting = isinstance(event, FoundStack) and status_of(event).kind is Kind.IN_PROGRESS
    if not isinstance(event, WantedRecovery) and status_of(event).kind is not Kind.FAILED and not is_lasting:
        return IntakeOutcome.NOT_A_FAILURE
    return _of_a_managed_stack(event, runtime, is_lasting=is_lasting)


def _of_a_managed_stack(event: StackEvent | FoundStack | WantedRecovery, runtime: Runtime, *, is_lasting: bool) -> IntakeOutcome:
    key = StackKey.of(event.stack_id)
    about(stack=str(key))
    pattern = match(key.name, runtime.cell.patterns)
    if pattern is None:
        return IntakeOutcome.UNMANAGED
    if pattern.mode is Mode.OFF:
        return IntakeOutcome.MODE_OFF
    return _look(key, event, runtime, is_lasting=is_lasting)


def _look(key: StackKey, event: StackEvent | FoundStack | WantedRecovery, runtime: Runtime, *, is_lasting: bool) -> IntakeOutcome:
    now = runtime.stacks.describe(key.name)
    if now is None or now.status.kind is Kind.GONE:
        return _moved_on(key, IntakeOutcome.VANISHED, runtime)
    if now.is_nested:
        return IntakeOutcome.NESTED
    if now.status.kind is Kind.IN_PROGRESS and is_lasting:
        return _look_at_what_lasts(key, now, runtime)
    if now.status.kind is not Kind.FAILED:
        return _moved_on(key, IntakeOutcome.LATE, runtime)
    aside = event.aside if isinstance(event, FoundStack) else ()
    found = _found(now, runtime.stacks.came_to_rest(now), _SEEN_BY[type(event)], aside)
    return _want(key, found, event, runtime) if isinstance(event, WantedRecovery) else _claim(key, found, runtime)


def _want(key: StackKey, found: Found, wanted: WantedRecovery, runtime: Runtime) -> IntakeOutcome:
    found = replace(found, wanted=wanted)
    return _simulate(key, found, wanted, runtime) if wanted.simulate else _claim(key, found, runtime)


def _simulate(key: StackKey, found: Found, wanted: WantedRecovery, runtime: Runtime) -> IntakeOutcome:
    """Let the machine decide and say so, beside whatever holds the stack: no claim, no failure, no attempt is written."""
    stands = standing(key, runtime)
    if (problem := stands.lease_problem(runtime)) or stands.lease is None:
        return _held_back(IntakeOutcome.NO_LEASE, problem or "no lease")
    _, claim, recovery = _records(key, found, None, stands.lease.epoch, runtime.clock())
    named = {"recovery_id": simulation_id(key, claim.failure_id, wanted.request_id)}
    about(**named)
    runtime.ledger.note_simulation(recovery.model_copy(update=named))
    _start(claim.model_copy(update=named), runtime)
    return IntakeOutcome.SIMULATED


def _look_at_what_lasts(key: StackKey, now: StackNow, runtime: Runtime) -> IntakeOutcome:
    """The heartbeat has seen an operation that may last too long; only the stack's events say when it began."""
    found = _found(now, runtime.stacks.began(now), SeenBy.HEARTBEAT)
    pattern = match(key.name, runtime.cell.patterns)
    limit = runtime.cell.tiers[pattern.tier].in_progress_limit_seconds if pattern else 0
    if runtime.clock() - found.own.end.at <= timedelta(seconds=limit):
        return _moved_on(key, IntakeOutcome.WITHIN_LIMIT, runtime)
    return _claim(key, found, runtime)


def _found(now: StackNow, own: OwnEvent | None, seen_by: SeenBy, aside: tuple[str, ...] = ()) -> Found:
    if own is None:
        raise TransientError(f"{now.stack_id} is {now.status}, and its events do not say so yet")
    return Found(now=now, own=own, seen_by=seen_by, aside=aside)


def _claim(key: StackKey, found: Found, runtime: Runtime) -> IntakeOutcome:
    for _ in range(_TRIES):
        try:
            return _take_up(key, found, runtime)
        except AlreadyClaimedError:
            # Another intake was faster by a moment: with this stack, and what it wrote is there now, or with the place for it.
            known = _known(key, found, runtime)
            if isinstance(known, IntakeOutcome):
                return known
    return IntakeOutcome.HELD


def _moved_on(key: StackKey, outcome: IntakeOutcome, runtime: Runtime) -> IntakeOutcome:
    """Nothing to begin; but a claim without an execution is begun, or it would never be settled."""
    claim = runtime.ledger.claim(key)
    if claim is not None and claim.state is ClaimState.HELD and _start(claim, runtime) is Started.NOW:
        return IntakeOutcome.RESTARTED
    return outcome


def _take_up(key: StackKey, found: Found, runtime: Runtime) -> IntakeOutcome:
    known = _known(key, found, runtime)
    if isinstance(known, IntakeOutcome):
        return known
    stands = standing(key, runtime)
    problem = stands.lease_problem(runtime)
    if stands.restraint:
        if not problem:
            _let_wait(key, found, known, stands.restraint, runtime)
        return _held_back(IntakeOutcome(stands.restraint.code), stands.restraint.sentence)
    if problem or stands.lease is None:
        return _held_back(IntakeOutcome.NO_LEASE, problem or "no lease")
    known = _parked(key, found, known, runtime)
    if isinstance(known, IntakeOutcome):
        return known
    place = find_room(known or _unclaimed(key, found, runtime), runtime)
    if place is None:
        return _held_back(IntakeOutcome.NO_ROOM, f"{runtime.cell.recoveries_at_once} recoveries run")
    failure, claim, recovery = _records(key, found, place.waited or known, stands.lease.epoch, runtime.clock())
    runtime.ledger.open(failure, claim.model_copy(update={"slot": place.slot}), recovery)
    about(recovery_id=claim.recovery_id, reason=f"{found.now.status}, seen by {found.seen_by}")
    _start(claim, runtime)
    count(Metric.STARTED)
    return IntakeOutcome.STARTED


def _known(key: StackKey, found: Found, runtime: Runtime) -> IntakeOutcome | Failure | None:
    """What becomes of a failure that the ledger knows, or of one on a stack that is held.

    A failure that may be taken up once more comes back as it is, and a new one as None.
    """
    failure_id = found.own.end.event_id
    claim = runtime.ledger.claim(key)
    if claim is not None and claim.state is ClaimState.HELD:
        about(recovery_id=claim.recovery_id)
        if _start(claim, runtime) is Started.NOW:
            return IntakeOutcome.RESTARTED
        return IntakeOutcome.DUPLICATE if claim.failure_id == failure_id else IntakeOutcome.HELD
    failure = runtime.ledger.failure(key, failure_id)
    pattern = match(key.name, runtime.cell.patterns)
    if failure is None or may_begin_again(failure, pattern.mode if pattern else Mode.OFF):
        return failure
    if found.wanted is not None and _is_new_word(found.wanted, failure, runtime):
        return failure
    if found.seen_by is SeenBy.HEARTBEAT and _still_counts(failure):
        runtime.ledger.put_back(failure)
    return IntakeOutcome.DUPLICATE


def _is_new_word(wanted: WantedRecovery, failure: Failure, runtime: Runtime) -> bool:
    """Whether a person wants what has ended begun anew; a word that came twice, or late, began what has ended by now."""
    if failure.state is FailureState.OPEN or (failure.closed_at is not None and wanted.wanted_at <= failure.closed_at):
        return False
    last = runtime.ledger.recovery(failure.stack, failure.recovery_id)
    return last is None or last.request_id != wanted.request_id


def _still_counts(failure: Failure) -> bool:
    """Whether a closed failure stays on the list for as long as its stack is broken."""
    return failure.state is FailureState.ESCALATED or failure.outcome == Settlement.OBSERVED


def _held_back(outcome: IntakeOutcome, why: str) -> IntakeOutcome:
    """The stack stays unclaimed, so that the heartbeat brings it again when it may be taken up."""
    about(reason=why)
    return outcome


def _let_wait(key: StackKey, found: Found, known: Failure | None, why: Reason, runtime: Runtime) -> None:
    """Record that the failure is known and waits: a heartbeat then leaves it alone for as long as the restraint holds."""
    if known is not None:
        runtime.ledger.put_back(known)
        return
    runtime.ledger.let_wait(_unclaimed(key, found, runtime).model_copy(update={"outcome": why.code.value}))


def _unclaimed(key: StackKey, found: Found, runtime: Runtime) -> Failure:
    times: dict[str, Any] = {"failed_at": found.own.end.at, "detected_at": runtime.clock()}
    return Failure(
        **times,
        stack=key,
        stack_id=found.now.stack_id,
        failure_id=found.own.end.event_id,
        status=found.now.status,
        seen_by=found.seen_by,
        reason=found.own.reason[:REASON_LENGTH],
        state=FailureState.WAITING,
    )


def _parked(key: StackKey, found: Found, known: Failure | None, runtime: Runtime) -> IntakeOutcome | Failure | None:
    """What becomes of a stack that may need another failed one; when it does not, it comes back as it is known."""
    if found.now.status.kind is not Kind.FAILED:
        return known
    outcome = held_up(known or _unclaimed(key, found, runtime), found.aside, runtime)
    return known if outcome is None else outcome


def _start(claim: Claim, runtime: Runtime) -> Started:
    return runtime.machine.start(claim.recovery_id, claim.machine_input(), runtime.clock())


def _records(key: StackKey, found: Found, known: Failure | None, fence: int, at: datetime) -> tuple[Failure, Claim, Recovery]:
    """What a recovery begins with; one that is taken up again was detected when it was first seen, and by whom."""
    failure_id = found.own.end.event_id
    turn = known.turn + 1 if known else 0
    seen_by, detected_at = (known.seen_by, known.detected_at) if known else (found.seen_by, at)
    shared: dict[str, Any] = {
        "stack": key,
        "stack_id": found.now.stack_id,
        "failure_id": failure_id,
        "recovery_id": recovery_id(key, failure_id, fence, turn),
    }
    times: dict[str, Any] = {"failed_at": found.own.end.at, "detected_at": detected_at}
    reason = found.own.reason[:REASON_LENGTH]
    asked = {"started_by": found.wanted.by, "request_id": found.wanted.request_id} if found.wanted else {}
    return (
        Failure(
            **shared,
            **times,
            status=found.now.status,
            seen_by=seen_by,
            reason=reason,
            turn=turn,
            taken_up_at=at if turn else None,
        ),
        Claim(**shared, fence=fence, claimed_at=at),
        Recovery(**shared, **times, **asked, fence=fence, turn=turn),
    )
