"""Asks a person for a word on the next step, and lets the machine wait for it; nothing else is done meanwhile."""

from datetime import timedelta
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.aws.approvals import RequestGoneError
from handlers.domain.approval import Request, approval_id
from handlers.domain.asking import text_of
from handlers.domain.errors import RefusedError
from handlers.domain.outcome import AskOutcome, Escalation
from handlers.domain.payload import DecidedPayload
from handlers.domain.records import Recovery
from handlers.domain.situation import Step
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import about, logger, metrics, report


class AskPayload(DecidedPayload):
    """What the machine's states AwaitApproval and AwaitSecondApprover call with."""

    call: Literal["first", "second"]
    task_token: str


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Answer the machine, which waits for the token and not for this function."""
    payload = AskPayload.model_validate(event)
    runtime = begin("ask", payload)
    about(attempt=payload.decision.attempt, strategy=payload.decision.strategy)
    try:
        report(handle(payload, runtime))
    except RefusedError as error:
        report(error.reason.code, reason=error.reason.sentence)
        raise


def handle(payload: AskPayload, runtime: Runtime) -> AskOutcome:
    """Keep the request with its token first; then look for an answer, which may have come while there was no token; then tell."""
    recovery = runtime.ledger.recovery(payload.stack, payload.recovery_id)
    request = _request(payload, recovery, runtime)
    about(approval_id=request.approval_id)
    try:
        runtime.requests.ask(request)
    except RequestGoneError as error:
        raise RefusedError(Escalation.CLAIM_LOST, str(error)) from error
    if runtime.answers.find(request.approval_id) is not None:
        runtime.machine.nudge(payload.task_token, request.approval_id)
        return AskOutcome.ANSWERED
    if payload.call in request.told:
        return AskOutcome.ASKED_BEFORE
    message = text_of(request, payload.call, environment=runtime.cell.environment, runbook_url=runtime.cell.runbook_url)
    runtime.alerts.raise_alert(*message)
    runtime.requests.told(request, {*request.told, payload.call})  # after it, so that a death in between tells twice, never not
    return AskOutcome.ASKED


def _request(payload: AskPayload, recovery: Recovery | None, runtime: Runtime) -> Request:
    """The request as it is to be kept; a repeat keeps its times, and only the token is another."""
    step = _step(payload, recovery)
    digest = recovery.plan_digest if recovery and recovery.plan_digest else ""
    name = approval_id(recovery=payload.recovery_id, plan_digest=digest, strategy=step.strategy)
    known = runtime.requests.find(name)
    if known is not None:
        return known.model_copy(update={"task_token": payload.task_token, "attempt": payload.decision.attempt})
    now = runtime.clock()
    return Request(
        approval_id=name,
        recovery_id=payload.recovery_id,
        failure_id=payload.failure_id,
        stack=payload.stack,
        stack_id=payload.stack_id,
        fence=payload.fence,
        attempt=payload.decision.attempt,
        strategy=step.strategy,
        risk=step.risk,
        reason=step.reason,
        plan_digest=digest,
        status=runtime.stacks.generation(payload.stack_id).status,
        asked_for=recovery.started_by if recovery else None,
        requested_at=now,
        valid_until=now + timedelta(seconds=runtime.cell.asked.expiry_seconds),
        task_token=payload.task_token,
    )


def _step(payload: AskPayload, recovery: Recovery | None) -> Step:
    """The step as the ledger's plan has it; without one there is nothing that a person could judge."""
    step = recovery.plan.step(payload.decision.strategy) if recovery and recovery.plan else None
    if step is None:
        sentence = f"the ledger's plan has no step {payload.decision.strategy!r}: there is nothing to approve"
        raise RefusedError(Escalation.APPROVAL_VOID, sentence)
    return step
