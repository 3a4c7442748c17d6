"""Why has the stack failed, and what is to be done? Changes nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.assessment import assess
from handlers.domain.decision import Decision, after_diagnosis, no_longer_ours
from handlers.domain.moment import iso
from handlers.domain.payload import Payload
from handlers.domain.records import DiagnosisNote
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import count, logger, metrics


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer the machine's state Diagnose."""
    payload = Payload.model_validate(event)
    decision = handle(payload, begin("diagnose", payload))
    logger.info("diagnosed", extra={"route": decision.route, "reason": decision.reason})
    count(f"Diagnosed{decision.route.title()}")
    return decision.model_dump(mode="json")


def handle(payload: Payload, runtime: Runtime) -> Decision:
    """Read the failure's events, diagnose and plan, record both, and route."""
    now = runtime.stacks.generation(payload.stack_id)
    gone = no_longer_ours(now.status)
    if gone is not None:
        runtime.ledger.amend(payload.stack, payload.recovery_id, diagnosed_at=iso(runtime.clock()))
        return gone
    found = assess(now, runtime)
    runtime.ledger.amend(
        payload.stack,
        payload.recovery_id,
        diagnosed_at=iso(runtime.clock()),
        diagnosis=DiagnosisNote.of(found.diagnosis).model_dump(mode="json"),
        plan=found.plan.model_dump(mode="json"),
        plan_digest=found.plan.digest,
    )
    count(f"Class{found.diagnosis.failure_class.value.title().replace('_', '')}")
    return after_diagnosis(status=now.status, mode=found.mode, plan=found.plan)
