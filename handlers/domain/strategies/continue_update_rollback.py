"""Let CloudFormation go on with a rollback that has failed: nothing is skipped, nothing that works is changed."""

from handlers.domain.situation import Refusal, Risk, Situation, Step
from handlers.domain.status import OPERATIONS, Operation
from handlers.domain.strategies.acting_role import offer

NAME = "continue_update_rollback"
OPERATION = Operation.CONTINUE_UPDATE_ROLLBACK

EXPECTED_SECONDS = 300
"""An estimate for operators, not a limit: a rollback takes as long as its slowest resource."""


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step where it is legal; None where this strategy has nothing to say."""
    if situation.status not in OPERATIONS[OPERATION].legal_from:
        return None
    reason = f"the rollback can go on from {situation.status}"
    return offer(situation, strategy=NAME, reason=reason, risk=Risk.REVERSIBLE, expected_seconds=EXPECTED_SECONDS)
