"""Bring a stack back whose update failed with rollback disabled: what CloudFormation would have done by itself otherwise.

Only where the stack's own events prove that it once was stable: CloudFormation deletes a stack that never was.
"""

from handlers.domain.operations import OPERATIONS, Operation
from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal, Risk, Situation, Step
from handlers.domain.status import StackStatus
from handlers.domain.strategies.acting_role import offer

NAME = "rollback_stack"
OPERATION = Operation.ROLLBACK_STACK

EXPECTED_SECONDS = 300
"""An estimate for operators, not a limit: a rollback takes as long as its slowest resource."""


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step after an update; after a creation say why there is none."""
    if situation.status is StackStatus.CREATE_FAILED:
        return _refuse("its creation failed, so it never was stable")
    if situation.status not in OPERATIONS[OPERATION].legal_from:
        return None
    if situation.last_stable is None:
        return _refuse("none of its events (CloudFormation keeps 90 days of them) shows it in a stable status")
    reason = f"the stack can go back to its last stable state, which its events show as {situation.last_stable},"
    return offer(situation, strategy=NAME, reason=reason, risk=Risk.REVERSIBLE, expected_seconds=EXPECTED_SECONDS)


def _refuse(why: str) -> Refusal:
    return Refusal(strategy=NAME, code=Escalation.NEVER_STABLE, reason=f"RollbackStack would delete the stack: {why}")
