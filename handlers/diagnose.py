"""Why has the stack failed, and what is to be done? Changes nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.assessment import assess
from handlers.aws.stacks import StackNow
from handlers.domain.cell import Tier
from handlers.domain.criteria import CHOSEN, Criterion, Demand
from handlers.domain.decision import Decision, Lasting, after_diagnosis, lasting, no_longer_ours, simulated
from handlers.domain.identity import is_simulation
from handlers.domain.moment import iso
from handlers.domain.patterns import match
from handlers.domain.payload import Payload
from handlers.domain.records import DiagnosisNote
from handlers.domain.status import Kind
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import about, logger, metrics, report


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer the machine's state Diagnose."""
    payload = Payload.model_validate(event)
    decision = handle(payload, begin("diagnose", payload))
    report(decision.route, strategy=decision.strategy, attempt=decision.attempt, reason=decision.reason)
    return decision.model_dump(mode="json")


def handle(payload: Payload, runtime: Runtime) -> Decision:
    """Read the failure's events, diagnose and plan, record both, and route; a simulation takes the same way as far as here."""
    decision = _decide(payload, runtime)
    return simulated(decision) if is_simulation(payload.recovery_id) else decision


def _decide(payload: Payload, runtime: Runtime) -> Decision:
    now = runtime.stacks.generation(payload.stack_id)
    gone = no_longer_ours(now.status)
    if gone is not None:
        runtime.ledger.amend(payload.stack, payload.recovery_id, diagnosed_at=iso(runtime.clock()))
        return _lasting(payload, now, runtime) or gone
    found = assess(now, runtime)
    runtime.ledger.amend(
        payload.stack,
        payload.recovery_id,
        diagnosed_at=iso(runtime.clock()),
        diagnosis=DiagnosisNote.of(found.diagnosis).model_dump(mode="json"),
        plan=found.plan.model_dump(mode="json"),
        plan_digest=found.plan.digest,
        **_exports(now, found.tier, runtime),
    )
    about(failure_class=found.diagnosis.failure_class.value)
    return after_diagnosis(status=now.status, mode=found.mode, plan=found.plan, grace_seconds=found.tier.grace_seconds)


def _exports(now: StackNow, tier: Tier, runtime: Runtime) -> dict[str, list[str]]:
    """What must still be exported afterwards, where the tier asks for it: once it is gone nobody can tell who imported it."""
    if (CHOSEN | tier.criteria)[Criterion.EXPORTS_KEPT] is Demand.OFF:
        return {}
    in_use = runtime.inventory.exports_in_use(now.exports)
    return {} if in_use is None else {"exports_in_use": list(in_use)}


def _lasting(payload: Payload, now: StackNow, runtime: Runtime) -> Decision | None:
    """Answer for an operation that was claimed because it lasts too long; None for any other, or when it has ended since."""
    if now.status.kind is not Kind.IN_PROGRESS:
        return None
    began = runtime.stacks.began(now)
    pattern = match(now.name, runtime.cell.patterns)
    if began is None or began.end.event_id != payload.failure_id or pattern is None:
        return None
    return lasting(
        Lasting(
            status=now.status,
            mode=pattern.mode,
            since=began.end.at,
            limit_seconds=runtime.cell.tiers[pattern.tier].in_progress_limit_seconds,
            waits_for=runtime.stacks.waits_for(now.stack_id),
        )
    )
