"""Delete what can only be deleted: a creation that failed, or a deletion that did not end."""

from handlers.domain.operations import Operation
from handlers.domain.situation import Refusal, Situation, Step
from handlers.domain.status import StackStatus
from handlers.domain.strategies.deleting import offer_deletion

NAME = "delete_stack"
OPERATION = Operation.DELETE_STACK

_NEVER_WHOLE = frozenset({StackStatus.CREATE_FAILED, StackStatus.ROLLBACK_FAILED, StackStatus.ROLLBACK_COMPLETE})
BEGINS_IN = _NEVER_WHOLE | {StackStatus.DELETE_FAILED}


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer the step for what never was whole, or is being deleted anyway; never for a stack that once was stable."""
    if situation.status is StackStatus.DELETE_FAILED:
        return offer_deletion(situation, strategy=NAME, reason="what the deletion failed on may be gone by now,")
    never_stable = situation.status is StackStatus.UPDATE_FAILED and situation.last_stable is None
    if situation.status not in _NEVER_WHOLE and not never_stable:
        return None
    reason = f"the stack is {situation.status} and never was whole: deleted, it can be created anew,"
    return offer_deletion(situation, strategy=NAME, reason=reason)
