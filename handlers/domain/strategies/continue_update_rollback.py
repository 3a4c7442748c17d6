"""Let CloudFormation go on with a rollback that has failed: nothing is skipped, nothing that works is changed."""

from handlers.domain.causes import permanent
from handlers.domain.operations import OPERATIONS, Operation
from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal, Risk, Situation, Step
from handlers.domain.strategies.acting_role import offer

NAME = "continue_update_rollback"
OPERATION = Operation.CONTINUE_UPDATE_ROLLBACK

EXPECTED_SECONDS = 300
"""An estimate for operators, not a limit: a rollback takes as long as its slowest resource."""


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step where the rollback's own causes can have passed. Why the update failed does not count, it is given up."""
    if situation.status not in OPERATIONS[OPERATION].legal_from:
        return None
    hindrance = permanent(situation.diagnosis.rollback_stopped_by)
    if hindrance:
        return Refusal(strategy=NAME, code=Escalation.CAUSE_MUST_BE_REMOVED, reason=hindrance)
    reason = f"the rollback can go on from {situation.status}"
    return offer(situation, strategy=NAME, reason=reason, risk=Risk.REVERSIBLE, expected_seconds=EXPECTED_SECONDS)
