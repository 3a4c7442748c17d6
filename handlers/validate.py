"""Is the stack healthy again, and if not: once more, or a person?"""

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.assessment import Assessment, assess
from handlers.aws.stacks import StackNow
from handlers.domain.criteria import CriterionResult
from handlers.domain.decision import AfterAttempt, Decision, Route, after_attempt, no_longer_ours
from handlers.domain.moment import iso
from handlers.domain.operations import OPERATIONS
from handlers.domain.payload import DecidedPayload
from handlers.domain.records import Attempt, Recovery
from handlers.domain.status import Kind
from handlers.proof import Case, prove
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import logger, metrics, report
from handlers.tripping import count_attempt


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer the machine's state Validate."""
    payload = DecidedPayload.model_validate(event)
    decision = handle(payload, begin("validate", payload))
    report(decision.route, strategy=decision.strategy, attempt=payload.decision.attempt, reason=decision.reason)
    return decision.model_dump(mode="json")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """An attempt's end as it was found: the stack, and what the ledger knows."""

    payload: DecidedPayload
    now: StackNow
    attempt: Attempt | None
    recovery: Recovery | None

    @property
    def is_our_end(self) -> bool:
        """Whether the stack still rests where our own operation left it."""
        return self.attempt is not None and self.attempt.end_status == self.now.status

    @property
    def has_failed(self) -> bool:
        """Whether our own operation came to rest where it should not."""
        return self.is_our_end and self.now.status in OPERATIONS[self.payload.operation].fails_in

    @property
    def tried(self) -> tuple[str, ...]:
        """Every attempt's strategy, this one included; a repeat finds itself in its place."""
        before = self.recovery.tried[: self.payload.decision.attempt - 1] if self.recovery else ()
        return (*before, self.payload.decision.strategy)


def handle(payload: DecidedPayload, runtime: Runtime) -> Decision:
    """Look at the stack as it is, whatever the event said; record what was proven and what is planned; route."""
    seen = _Seen(
        payload=payload,
        now=runtime.stacks.generation(payload.stack_id),
        attempt=runtime.ledger.attempt(payload.stack, payload.client_token),
        recovery=runtime.ledger.recovery(payload.stack, payload.recovery_id),
    )
    criteria = _criteria(seen, runtime)
    decision, planned = _not_ours(seen), dict[str, Any]()
    if decision is None:
        found = assess(seen.now, runtime, seen.tried)
        decision, planned = _decide(seen, criteria, found), {"tried": list(seen.tried), **_plan(found, seen.now)}
    if seen.has_failed:
        count_attempt(seen.recovery, runtime)
    proven = {"proven_at": iso(runtime.clock())} if decision.route is Route.SETTLE else {}
    runtime.ledger.amend(
        payload.stack,
        payload.recovery_id,
        attempts=payload.decision.attempt,
        criteria=[each.model_dump(mode="json") for each in criteria],
        **planned,
        **_stages(seen.attempt),
        **proven,
    )
    return decision


def _not_ours(seen: _Seen) -> Decision | None:
    """What is gone by our own doing is ours to answer for."""
    if seen.is_our_end and seen.now.status in OPERATIONS[seen.payload.operation].succeeds_in:
        return None
    return no_longer_ours(seen.now.status, seen.payload.decision.attempt)


def _criteria(seen: _Seen, runtime: Runtime) -> tuple[CriterionResult, ...]:
    """Judge what rests; where our operation's own end is what is seen, it must be the one that was meant."""
    if seen.now.status.kind is not Kind.HEALTHY:
        return ()
    expected = OPERATIONS[seen.payload.operation].succeeds_in if seen.is_our_end else frozenset()
    return prove(Case(now=seen.now, expected=expected, recovery=seen.recovery, attempt=seen.attempt), runtime)


def _decide(seen: _Seen, criteria: tuple[CriterionResult, ...], found: Assessment) -> Decision:
    return after_attempt(
        AfterAttempt(
            status=seen.now.status,
            attempt=seen.payload.decision.attempt,
            strategy=seen.payload.decision.strategy,
            operation=OPERATIONS[seen.payload.operation],
            end_status=seen.attempt.end_status if seen.attempt else None,
            criteria=criteria,
            plan=found.plan,
            tier=found.tier,
            tried=seen.tried,
        )
    )


def _plan(found: Assessment, now: StackNow) -> dict[str, Any]:
    """The new plan where it is news, else the plan that has led here stays on record."""
    if not found.plan.steps and now.status.kind is not Kind.FAILED:
        return {}
    return {"plan": found.plan.model_dump(mode="json"), "plan_digest": found.plan.digest}


def _stages(attempt: Attempt | None) -> dict[str, str]:
    """When the attempt acted and ended, for the recovery's record.

    Acting is ordering: CloudFormation can be done before its answer to the call has reached us.
    """
    if attempt is None:
        return {}
    acted = {"acted_at": iso(attempt.ordered_at)}
    return acted | ({"ended_at": iso(attempt.ended_at)} if attempt.ended_at else {})
