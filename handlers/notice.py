"""Tells a waiting execution how its operation ended: by the operation's own event, or by looking when the event is missing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.batch import by_body, take_batch
from handlers.domain.attempt import Trace
from handlers.domain.events import (
    FoundStack,
    MalformedEventError,
    OverdueAttempt,
    StackEvent,
    WantedRecovery,
    read_event,
    status_of,
)
from handlers.domain.identity import StackKey
from handlers.domain.outcome import NoticeOutcome
from handlers.domain.records import Attempt, AttemptState, ClaimState, End
from handlers.domain.status import Kind
from handlers.runtime import Runtime, worker
from handlers.telemetry import about, introduce, logger, metrics

NEVER_STARTED = "NEVER_STARTED"


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take a batch from the notice queue."""
    runtime = worker()
    introduce(runtime.cell, "notice")
    return take_batch(event, context, runtime, by_body(handle), NoticeOutcome)


def handle(body: str, runtime: Runtime) -> NoticeOutcome:
    """Take one message."""
    event = read_event(body, account=runtime.cell.account, region=runtime.cell.region)
    about(stack=str(StackKey.of(event.stack_id)))
    match event:
        case StackEvent():
            return _hear(event, body, runtime)
        case OverdueAttempt():
            return _look(event, runtime)
        case FoundStack() | WantedRecovery():
            raise MalformedEventError("a found stack and a wanted recovery belong into the intake queue")


def _hear(event: StackEvent, body: str, runtime: Runtime) -> NoticeOutcome:
    if status_of(event).kind is Kind.IN_PROGRESS:
        return NoticeOutcome.IN_PROGRESS
    key = StackKey.of(event.stack_id)
    end = End(status=event.reported, at=event.time, event_id=event.event_id)
    attempt = runtime.ledger.end(key, event.token, end, stays_listed=True) if event.token else None
    if attempt is None:
        runtime.mail.pass_on(runtime.cell.intake_queue, body)
        return NoticeOutcome.NO_SUCH_ATTEMPT
    return _wake(attempt, runtime)


def _look(event: OverdueAttempt, runtime: Runtime) -> NoticeOutcome:
    """Ask CloudFormation's events, once, what became of an attempt whose own event has not come."""
    key = StackKey.of(event.stack_id)
    attempt = runtime.ledger.attempt(key, event.token)
    if attempt is None:
        return NoticeOutcome.NO_SUCH_ATTEMPT
    if attempt.state is AttemptState.ENDED:
        return _wake(attempt, runtime)
    trace = runtime.stacks.trace(attempt.stack_id, attempt.token, attempt.claimed_at)
    if trace is Trace.RUNNING:
        return NoticeOutcome.IN_PROGRESS
    if trace is Trace.NONE:
        return _never_started(key, attempt, runtime)
    ended = runtime.ledger.end(key, attempt.token, trace, stays_listed=True)
    return _wake(ended or attempt, runtime)


def _never_started(key: StackKey, attempt: Attempt, runtime: Runtime) -> NoticeOutcome:
    claim = runtime.ledger.claim(key)
    if claim is not None and claim.state is ClaimState.HELD and claim.recovery_id == attempt.recovery_id:
        return NoticeOutcome.NOT_STARTED
    runtime.ledger.end(key, attempt.token, End(status=NEVER_STARTED, at=runtime.clock(), event_id=""))
    return NoticeOutcome.ABANDONED


def _wake(attempt: Attempt, runtime: Runtime) -> NoticeOutcome:
    """Send the end to who waits; a token that has died is read once more, since a repeated Act may have kept a new one.

    A repeat of this message sends again: the first sender may have crashed between ledger and token. Then it is off the list.
    """
    about(recovery_id=attempt.recovery_id, attempt=attempt.attempt, reason=attempt.end_status)
    outcome = NoticeOutcome.WOKEN if _told(attempt, runtime) else NoticeOutcome.NOBODY_WAITS
    runtime.ledger.heard(attempt, runtime.clock())
    return outcome


def _told(attempt: Attempt, runtime: Runtime) -> bool:
    if _sent(attempt, runtime):
        return True
    current = runtime.ledger.attempt(attempt.stack, attempt.token)
    return current is not None and current.task_token != attempt.task_token and _sent(current, runtime)


def _sent(attempt: Attempt, runtime: Runtime) -> bool:
    return runtime.machine.wake(attempt.task_token, attempt=attempt.attempt, end_status=attempt.end_status or NEVER_STARTED)
