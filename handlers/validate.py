"""Is the stack healthy again, and if not: once more, or a person?"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.assessment import assess
from handlers.aws.stacks import StackNow
from handlers.domain.criteria import CriterionResult
from handlers.domain.decision import AfterAttempt, Decision, Route, after_attempt, no_longer_ours
from handlers.domain.moment import iso
from handlers.domain.operations import OPERATIONS
from handlers.domain.payload import DecidedPayload
from handlers.domain.records import Attempt
from handlers.domain.status import Kind
from handlers.proof import Case, prove
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import logger, metrics, report


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer the machine's state Validate."""
    payload = DecidedPayload.model_validate(event)
    decision = handle(payload, begin("validate", payload))
    report(decision.route, strategy=decision.strategy, attempt=payload.decision.attempt, reason=decision.reason)
    return decision.model_dump(mode="json")


def handle(payload: DecidedPayload, runtime: Runtime) -> Decision:
    """Look at the stack as it is, whatever the event said; record what was proven; route."""
    now = runtime.stacks.generation(payload.stack_id)
    attempt = runtime.ledger.attempt(payload.stack, payload.client_token)
    criteria = _criteria(payload, now, attempt, runtime)
    decision = _not_ours(payload, now, attempt) or _decide(payload, now, attempt, criteria, runtime)
    proven = {"proven_at": iso(runtime.clock())} if decision.route is Route.SETTLE else {}
    runtime.ledger.amend(
        payload.stack,
        payload.recovery_id,
        attempts=payload.decision.attempt,
        criteria=[each.model_dump(mode="json") for each in criteria],
        **_stages(attempt),
        **proven,
    )
    return decision


def _not_ours(payload: DecidedPayload, now: StackNow, attempt: Attempt | None) -> Decision | None:
    """What is gone by our own doing is ours to answer for."""
    is_our_end = attempt is not None and attempt.end_status == now.status
    if is_our_end and now.status in OPERATIONS[payload.operation].succeeds_in:
        return None
    return no_longer_ours(now.status, payload.decision.attempt)


def _criteria(payload: DecidedPayload, now: StackNow, attempt: Attempt | None, runtime: Runtime) -> tuple[CriterionResult, ...]:
    """Judge what rests; where our operation's own end is what is seen, it must be the one that was meant."""
    if now.status.kind is not Kind.HEALTHY:
        return ()
    is_our_end = attempt is not None and attempt.end_status == now.status
    expected = OPERATIONS[payload.operation].succeeds_in if is_our_end else frozenset()
    recovery = runtime.ledger.recovery(payload.stack, payload.recovery_id)
    return prove(Case(now=now, expected=expected, recovery=recovery, attempt=attempt), runtime)


def _decide(
    payload: DecidedPayload, now: StackNow, attempt: Attempt | None, criteria: tuple[CriterionResult, ...], runtime: Runtime
) -> Decision:
    tried = _tried(payload, runtime)
    found = assess(now, runtime, tried)
    is_news = bool(found.plan.steps) or now.status.kind is Kind.FAILED  # else the plan that has led here stays on record
    planned = {"plan": found.plan.model_dump(mode="json"), "plan_digest": found.plan.digest} if is_news else {}
    runtime.ledger.amend(payload.stack, payload.recovery_id, tried=list(tried), **planned)
    return after_attempt(
        AfterAttempt(
            status=now.status,
            attempt=payload.decision.attempt,
            strategy=payload.decision.strategy,
            operation=OPERATIONS[payload.operation],
            end_status=attempt.end_status if attempt else None,
            criteria=criteria,
            plan=found.plan,
            tier=found.tier,
            tried=tried,
        )
    )


def _tried(payload: DecidedPayload, runtime: Runtime) -> tuple[str, ...]:
    """Every attempt's strategy, this one included; a repeat finds itself in its place."""
    recovery = runtime.ledger.recovery(payload.stack, payload.recovery_id)
    before = recovery.tried[: payload.decision.attempt - 1] if recovery else ()
    return (*before, payload.decision.strategy)


def _stages(attempt: Attempt | None) -> dict[str, str]:
    """When the attempt acted and ended, for the recovery's record.

    Acting is ordering: CloudFormation can be done before its answer to the call has reached us.
    """
    if attempt is None:
        return {}
    acted = {"acted_at": iso(attempt.ordered_at)}
    return acted | ({"ended_at": iso(attempt.ended_at)} if attempt.ended_at else {})
