"""Let CloudFormation go on with a rollback that has failed: nothing is skipped, nothing that works is changed."""

from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal, Risk, Situation, Step
from handlers.domain.status import OPERATIONS, Operation

NAME = "continue_update_rollback"
OPERATION = Operation.CONTINUE_UPDATE_ROLLBACK

EXPECTED_SECONDS = 300
"""An estimate for operators, not a limit: a rollback takes as long as its slowest resource."""


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step where it is legal; None where this strategy has nothing to say."""
    if situation.status not in OPERATIONS[OPERATION].legal_from:
        return None
    if situation.stack_role_arn:
        return _step(situation, "with the stack's service role", needs_approval=False)
    if situation.repair_role:
        stays = f"with the repair role {situation.repair_role}, which stays with the stack and cannot be removed again"
        return _step(situation, stays, needs_approval=True)
    return Refusal(
        strategy=NAME,
        code=Escalation.NO_ROLE,
        reason="the stack has no service role and its pattern names no repair_role: without either CloudFormation would"
        " act with the recovery role's own rights and fail half-way",
    )


def _step(situation: Situation, role: str, *, needs_approval: bool) -> Step:
    return Step(
        strategy=NAME,
        reason=f"the rollback can go on from {situation.status} {role}",
        risk=Risk.REVERSIBLE,
        needs_approval=needs_approval,
        expected_seconds=EXPECTED_SECONDS,
        max_attempts=situation.max_attempts,
    )
