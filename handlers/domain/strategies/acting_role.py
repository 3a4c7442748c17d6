"""With whose rights CloudFormation acts when a recovery orders something: what every strategy asks first."""

from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal, Risk, Situation, Step


def offer(situation: Situation, *, strategy: str, reason: str, risk: Risk, expected_seconds: int) -> Step | Refusal:
    """Offer the step where a role can act; the reason ends with which."""
    if situation.stack_role_arn and situation.is_role_gone:
        return Refusal(
            strategy=strategy,
            code=Escalation.SERVICE_ROLE_UNUSABLE,
            reason=f"the stack's service role {situation.stack_role_arn} does not exist any more, and a stack cannot be without"
            " the role that it had",
        )
    if situation.stack_role_arn:
        role, needs_approval = "with the stack's service role", False
    elif situation.repair_role:
        role = f"with the repair role {situation.repair_role}, which stays with the stack and cannot be removed again"
        needs_approval = True
    else:
        return Refusal(
            strategy=strategy,
            code=Escalation.NO_ROLE,
            reason="the stack has no service role and its pattern names no repair_role: without either CloudFormation would"
            " act with the recovery role's own rights and fail half-way",
        )
    return Step(
        strategy=strategy,
        reason=f"{reason} {role}",
        risk=risk,
        needs_approval=needs_approval,
        expected_seconds=expected_seconds,
        max_attempts=situation.max_attempts,
    )
