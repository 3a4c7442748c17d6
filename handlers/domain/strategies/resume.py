"""Go on where an operation with rollback disabled has failed: what was made stays, what failed is tried again.

The template and the parameters are those that CloudFormation holds of the failed operation, secrets among them, so nothing has to
be known or made up: it is the console's Retry (its user guide, stack-failure-options).
"""

from handlers.domain.causes import lasting
from handlers.domain.operations import Operation
from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal, Risk, Situation, Step
from handlers.domain.status import StackStatus
from handlers.domain.strategies.acting_role import offer

NAME = "resume"
OPERATION = Operation.RESUME_STACK

BEGINS_IN = frozenset({StackStatus.CREATE_FAILED, StackStatus.UPDATE_FAILED})
"""Not the healthy statuses in which CloudFormation would take the same call for a new update."""

EXPECTED_SECONDS = 300
"""An estimate for operators, not a limit: what is left of an update takes as long as its slowest resource."""


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step where everything that the operation failed for can have passed: no other repair is so mild."""
    if situation.status not in BEGINS_IN:
        return None
    hindrance = lasting(situation.diagnosis.failed_for)
    if hindrance:
        reason = f"it would fail again until that is removed: {hindrance}"
        return Refusal(strategy=NAME, code=Escalation.CAUSE_MUST_BE_REMOVED, reason=reason)
    reason = f"the operation can go on where it stopped, in {situation.status},"
    return offer(situation, strategy=NAME, reason=reason, risk=Risk.SAFE, expected_seconds=EXPECTED_SECONDS)
