"""Calls a person: a message in the escalation queue, an alert with the runbook's address, and only then the ledger's mark."""

from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.aws.ledger import Closing
from handlers.bookkeeping import book
from handlers.domain.escalation import Case, EscalationMessage, read_case, text_of
from handlers.domain.events import OPEN_BREAKER, OpenBreaker
from handlers.domain.identity import is_simulation
from handlers.domain.outcome import CloseOutcome
from handlers.domain.records import Failure, FailureState, Recovery
from handlers.parking import fill, give_up_behind, lost_behind
from handlers.runtime import Runtime, worker
from handlers.telemetry import about, introduce, logger, metrics, report
from handlers.tripping import count_end, incident_of, tend


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Answer the machine's state Escalate, the rule on dead executions, or the heartbeat: about an execution or a breaker."""
    runtime = worker()
    introduce(runtime.cell, "escalate")
    if event.get("kind") == OPEN_BREAKER:
        tended = tend(OpenBreaker.model_validate(event).name, runtime)
        report(tended)
        return {"outcome": tended.value}
    case = read_case(event)
    about(recovery_id=case.recovery_id, stack=str(case.stack), attempt=case.attempt)
    outcome = handle(case, runtime)
    report(outcome, reason=str(case.reason))
    return {"outcome": outcome.value}


def handle(case: Case, runtime: Runtime) -> CloseOutcome:
    """Send first, mark after: a crash between the two sends twice, under one recovery id, and never not at all.

    What is parked behind the stack is given up with it, as one incident: nobody is called for each of those.
    """
    if is_simulation(case.recovery_id):  # nobody is called: whoever asked for it waits for what it came to
        runtime.ledger.end_simulation(case.stack, case.recovery_id, case.reason, runtime.clock())
        return CloseOutcome.CLOSED
    failure = runtime.ledger.failure(case.stack, case.failure_id)
    if failure is None or failure.state is not FailureState.OPEN or failure.recovery_id != case.recovery_id:
        return CloseOutcome.ALREADY_CLOSED
    recovery = runtime.ledger.recovery(case.stack, case.recovery_id)
    count_end(recovery, case.reason.code, runtime)
    lost = lost_behind(case.stack, runtime)
    message = _message(case, recovery, lost, runtime)
    runtime.mail.send(runtime.cell.escalation_queue, message)
    if message.incident:
        about(incident=message.incident)  # whoever is called for the breaker is called once
    else:
        runtime.alerts.raise_alert(message.subject, text_of(message))
    closed = runtime.ledger.close(
        Closing(
            stack=case.stack,
            failure_id=case.failure_id,
            recovery_id=case.recovery_id,
            state=FailureState.ESCALATED,
            outcome=case.reason.code.value,
            reason=case.reason.sentence,
            at=runtime.clock(),
            stays_listed=True,
        )
    )
    if not closed:
        return CloseOutcome.ALREADY_CLOSED
    give_up_behind(lost, case.stack, runtime)
    fill(runtime)
    book(runtime.cell, case.stack, case.reason.code, recovery, case.strategy)
    return CloseOutcome.CLOSED


def _message(case: Case, recovery: Recovery | None, lost: Sequence[Failure], runtime: Runtime) -> EscalationMessage:
    cell = runtime.cell
    return EscalationMessage(
        recovery_id=case.recovery_id,
        failure_id=case.failure_id,
        environment=cell.environment,
        stack=case.stack,
        stack_id=case.stack_id,
        code=case.reason.code.value,
        sentence=case.reason.sentence,
        diagnosis=recovery.diagnosis if recovery else None,
        plan=recovery.plan if recovery else None,
        attempts=recovery.attempts if recovery else 0,
        dependents=tuple(failure.stack.name for failure in lost),
        incident=incident_of(recovery, runtime),
        runbook_url=f"{cell.runbook_url}#{case.reason.code.value.replace('_', '-')}",
        cell_digest=cell.digest,
        escalated_at=runtime.clock(),
    )
