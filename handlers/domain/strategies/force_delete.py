"""The last way to end a deletion: CloudFormation forgets the stack and whatever of it cannot be deleted."""

from handlers.domain.operations import OPERATIONS, Operation
from handlers.domain.situation import Refusal, Situation, Step
from handlers.domain.strategies.deleting import offer_deletion

NAME = "force_delete"
OPERATION = Operation.FORCE_DELETE_STACK


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step for a deletion that has failed, behind every milder one."""
    if situation.status not in OPERATIONS[OPERATION].legal_from:
        return None
    return offer_deletion(situation, strategy=NAME, reason="CloudFormation can forget the stack and what cannot be deleted,")
