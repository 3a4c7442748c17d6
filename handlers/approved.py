"""Whether a person has said yes to what Act is about to order: read from the tables, never from who woke the recovery."""

from handlers.assessment import assess
from handlers.aws.stacks import StackNow
from handlers.domain.approval import Step, approval_id, why_not_approved
from handlers.domain.cell import Mode
from handlers.domain.outcome import Escalation, Reason
from handlers.domain.payload import ActPayload
from handlers.domain.records import Recovery
from handlers.runtime import Runtime


def approval_problem(
    payload: ActPayload, recovery: Recovery | None, now: StackNow, mode: Mode, runtime: Runtime
) -> Reason | None:
    """Say why the step may not be done for want of an approval; None when it may, or needs none.

    The plan is made anew from the stack and the settings as they are: what was approved must be what would be done now.
    """
    if mode is Mode.ACT and not _needs_approval(payload, recovery):
        return None
    if runtime.cell.approvals is None:
        return Reason(code=Escalation.APPROVAL_DUE, sentence="a person must allow this, and the settings name nobody to ask")
    recorded = recovery.plan.digest if recovery and recovery.plan else ""
    name = approval_id(recovery=payload.recovery_id, plan_digest=recorded, strategy=payload.decision.strategy)
    step = Step(
        approval_id=name,
        recovery_id=payload.recovery_id,
        fence=payload.fence,
        strategy=payload.decision.strategy,
        plan_digest=assess(now, runtime, recovery.tried if recovery else ()).plan.digest,
        status=now.status,
        started_by=recovery.started_by if recovery else None,
        account=runtime.cell.account,
        approver_role=runtime.cell.approvals.approver_role,
        now=runtime.clock(),
    )
    return why_not_approved(runtime.answers.find(name), step)


def _needs_approval(payload: ActPayload, recovery: Recovery | None) -> bool:
    """By the plan in the ledger; a step that it does not hold is nobody's plan, and needs one."""
    step = recovery.plan.step(payload.decision.strategy) if recovery and recovery.plan else None
    return step is None or step.needs_approval
