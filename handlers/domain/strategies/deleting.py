"""What the three ways to delete a stack have in common: a person's word, always, and nothing in the stack that may hold data."""

from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal, Risk, Situation, Step
from handlers.domain.strategies.acting_role import offer

EXPECTED_SECONDS = 300
"""An estimate for operators, not a limit: a deletion takes as long as its slowest resource."""


def offer_deletion(situation: Situation, *, strategy: str, reason: str, resources: tuple[str, ...] = ()) -> Step | Refusal:
    """Offer to delete a stack that holds no data; a stack is never deleted as a fix while it may, or while it is protected."""
    if situation.is_protected:
        reason = "deleting is what is left, and termination protection forbids it: whoever set that may lift it"
        return Refusal(strategy=strategy, code=Escalation.TERMINATION_PROTECTED, reason=reason)
    if situation.left.may_hold_data:
        reason = f"deleting the stack could lose what it holds: {', '.join(situation.left.may_hold_data)}"
        return Refusal(strategy=strategy, code=Escalation.HOLDS_DATA, reason=reason)
    found = offer(situation, strategy=strategy, reason=reason, risk=Risk.DESTRUCTIVE, expected_seconds=EXPECTED_SECONDS)
    if isinstance(found, Refusal):
        return found
    return found.model_copy(update={"needs_approval": True, "max_attempts": 1, "resources": resources})
