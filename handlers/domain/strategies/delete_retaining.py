"""Finish a deletion without what cannot be deleted; what is retained belongs to no stack any more."""

from handlers.domain.operations import OPERATIONS, Operation
from handlers.domain.situation import Refusal, Situation, Step
from handlers.domain.strategies.deleting import offer_deletion

NAME = "delete_retaining"
OPERATION = Operation.DELETE_RETAINING


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step after a deletion whose events name what they failed on."""
    blocking = situation.left.undeletable
    if situation.status not in OPERATIONS[OPERATION].legal_from or not blocking:
        return None
    reason = f"the deletion can end without {', '.join(blocking)}, which nobody manages then,"
    return offer_deletion(situation, strategy=NAME, reason=reason, resources=blocking)
