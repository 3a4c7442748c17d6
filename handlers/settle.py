"""Closes a recovery that needs no person: failure, recovery and claim in one step. What has to wait stays on the list."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.aws.ledger import Closing
from handlers.bookkeeping import book, tier_of
from handlers.domain.cell import Cell
from handlers.domain.events import RecoveredStack
from handlers.domain.identity import is_simulation
from handlers.domain.outcome import CloseOutcome, Reason, Restraint, Settlement
from handlers.domain.payload import SettlePayload
from handlers.domain.records import FailureState, Recovery
from handlers.domain.signals import Grain, Metric
from handlers.parking import fill, release_behind
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import logger, measure, measure_by, metrics, report
from handlers.tripping import count_end


class NotASettlementError(ValueError):
    """A decision says `settle` without naming how; Escalate takes the recovery over."""


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Answer the machine's state Settle."""
    payload = SettlePayload.model_validate(event)
    outcome = handle(payload, begin("settle", payload))
    reason = payload.error.message if payload.error else payload.decision.reason
    report(outcome, reason=reason, attempt=payload.decision.attempt, strategy=payload.decision.strategy)
    return {"outcome": outcome.value}


def handle(payload: SettlePayload, runtime: Runtime) -> CloseOutcome:
    """Write the outcome, release the claim; a repeat changes nothing."""
    reason = _reason(payload)
    if is_simulation(payload.recovery_id):
        runtime.ledger.end_simulation(payload.stack, payload.recovery_id, reason, runtime.clock())
        return CloseOutcome.CLOSED
    waits = isinstance(reason.code, Restraint)
    recovery = runtime.ledger.recovery(payload.stack, payload.recovery_id)
    count_end(recovery, reason.code, runtime)  # before it is closed: a death in between repeats it
    closed = runtime.ledger.close(
        Closing(
            stack=payload.stack,
            failure_id=payload.failure_id,
            recovery_id=payload.recovery_id,
            state=FailureState.WAITING if waits else FailureState.SETTLED,
            outcome=reason.code.value,
            reason=reason.sentence,
            at=runtime.clock(),
            failure_class=recovery.diagnosis.failure_class if waits and recovery and recovery.diagnosis else None,
            stays_listed=waits or reason.code is Settlement.OBSERVED,
        )
    )
    if reason.code is Settlement.RECOVERED:  # also by a repeat, for the first may have died in between
        word = RecoveredStack(stack_id=payload.stack_id, recovery_id=payload.recovery_id)
        runtime.mail.send(runtime.cell.capture_queue, word)
    if waits:
        fill(runtime)
    else:
        release_behind(payload.stack, runtime)
    if not closed:
        return CloseOutcome.ALREADY_CLOSED
    book(runtime.cell, payload.stack, reason.code, recovery, payload.decision.strategy)
    if recovery is not None and not recovery.turn:  # people or the calendar made the others wait, and are no measure of us
        _measure(recovery, runtime.cell)
    return CloseOutcome.CLOSED


def _reason(payload: SettlePayload) -> Reason:
    """How the recovery ends; an error that is no restraint has lost its way, and Escalate takes the recovery over."""
    text, codes = (payload.error.message, Restraint) if payload.error else (payload.decision.reason, Settlement)
    reason = Reason.read(text, codes)
    if reason is None:
        raise NotASettlementError(f"{payload.recovery_id}: {text!r} names no settlement")
    return reason


def _measure(recovery: Recovery, cell: Cell) -> None:
    """The seconds of each stage since the stack failed."""
    stages = {Metric.SECONDS_TO_DETECTED: recovery.detected_at, Metric.SECONDS_TO_ACTED: recovery.acted_at}
    for metric, moment in stages.items():
        if moment is not None:
            measure(metric, (moment - recovery.failed_at).total_seconds())
    if recovery.proven_at is not None:
        seconds = (recovery.proven_at - recovery.failed_at).total_seconds()
        measure_by(cell, Grain.TIER, Metric.SECONDS_TO_PROVEN, seconds, tier=tier_of(cell, recovery.stack))
