"""Let a failed rollback go on without what stopped it, where the skip policy allows that and a person agrees.

What is skipped stays as the failed update left it, at odds with its template, until somebody brings the two together again.
"""

from handlers.domain.operations import OPERATIONS, Operation
from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal, Risk, Situation, SkipOffer, Step
from handlers.domain.skip_policy import SkipVerdict
from handlers.domain.strategies.acting_role import offer

NAME = "continue_skipping"
OPERATION = Operation.CONTINUE_SKIPPING

EXPECTED_SECONDS = 300
"""An estimate for operators, not a limit: a rollback takes as long as its slowest resource."""


def propose(situation: Situation) -> Step | Refusal | None:
    """Offer to skip all that CloudFormation would, and no part of it: what is left would stop the rollback again."""
    if situation.status not in OPERATIONS[OPERATION].legal_from or not situation.skips:
        return None
    never = [one for one in situation.skips if one.verdict is SkipVerdict.NEVER]
    if never:
        return Refusal(
            strategy=NAME, code=Escalation.NOT_SKIPPABLE, reason=f"{_names(never)} may never be skipped: {never[0].reason}"
        )
    found = offer(
        situation,
        strategy=NAME,
        reason=f"the rollback can go on without {_said(situation.skips)}; then template and resources disagree",
        risk=Risk.DESTRUCTIVE if any(one.is_stateful for one in situation.skips) else Risk.REVERSIBLE,
        expected_seconds=EXPECTED_SECONDS,
    )
    if isinstance(found, Refusal):
        return found
    return found.model_copy(
        update={"needs_approval": True, "max_attempts": 1, "resources": tuple(one.name for one in situation.skips)}
    )


def _names(skips: list[SkipOffer]) -> str:
    return ", ".join(one.name for one in skips)


def _said(skips: tuple[SkipOffer, ...]) -> str:
    return ", ".join(f"{one.name} ({one.verdict.value}: {one.reason})" for one in skips)
