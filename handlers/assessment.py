"""Why a stack has failed and what to do about it: read from CloudFormation, decided by the domain."""

from dataclasses import dataclass

from handlers.aws.stacks import StackNow
from handlers.domain import survey
from handlers.domain.cell import Mode, Tier
from handlers.domain.diagnosis import diagnose
from handlers.domain.diagnosis_types import Diagnosis
from handlers.domain.operations import OPERATIONS
from handlers.domain.owners import foreign_owner
from handlers.domain.patterns import match, tier_for
from handlers.domain.plan import Plan, Situation, make_plan
from handlers.domain.situation import Left
from handlers.domain.status import Kind
from handlers.domain.strategies import continue_skipping, delete_stack, rollback_stack
from handlers.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A diagnosis, the plan made from it, and what the cell may do for the stack."""

    diagnosis: Diagnosis
    plan: Plan
    mode: Mode
    tier: Tier


def assess(now: StackNow, runtime: Runtime, tried: tuple[str, ...] = ()) -> Assessment:
    """Diagnose and plan for a stack as it is now; a stack that no pattern matches any more has mode off.

    *tried* are the strategies of the recovery's attempts so far.
    """
    pattern = match(now.name, runtime.cell.patterns)
    mode = pattern.mode if pattern else Mode.OFF
    tier = tier_for(pattern, runtime.cell)
    events = runtime.stacks.failing_operation(now.stack_id)
    diagnosis = diagnose(events)
    is_rollback_asked = now.status in OPERATIONS[rollback_stack.OPERATION].legal_from
    is_skip_asked = now.status in OPERATIONS[continue_skipping.OPERATION].legal_from
    is_deletion_asked = is_rollback_asked or now.status in delete_stack.BEGINS_IN
    situation = Situation(
        status=now.status,
        diagnosis=diagnosis,
        mode=mode,
        stack_role_arn=now.role_arn,
        repair_role=pattern.repair_role if pattern else None,
        is_role_gone=not tried and _is_role_gone(now, runtime),
        is_protected=now.is_protected,
        owner=foreign_owner(now.name, runtime.cell),
        max_attempts=tier.max_attempts,
        last_stable=runtime.stacks.last_stable(now.stack_id) if is_rollback_asked else None,
        skips=survey.skips(events) if is_skip_asked else (),
        left=survey.left(runtime.stacks.events(now.stack_id)) if is_deletion_asked else Left(),
        tried=tried,
    )
    return Assessment(diagnosis=diagnosis, plan=make_plan(situation), mode=mode, tier=tier)


def _is_role_gone(now: StackNow, runtime: Runtime) -> bool:
    """Whether a failed stack's service role was deleted, a common cause. Asked once: later CloudFormation's refusal says it."""
    if now.role_arn is None or now.status.kind is not Kind.FAILED:
        return False
    return not runtime.roles.exists(now.role_arn)
