"""All rules in their order, and the one question asked of them: what kind of failure is this reason?"""

from functools import cache

from handlers.domain import diagnosis_rules_codes as codes
from handlers.domain import diagnosis_rules_engine as engine
from handlers.domain import diagnosis_rules_refused as refused
from handlers.domain import diagnosis_rules_resource as resource
from handlers.domain.diagnosis_phrases import Phrasebook
from handlers.domain.diagnosis_rule import Rule, fires, signs_of
from handlers.domain.diagnosis_text import Reading
from handlers.domain.diagnosis_types import Confidence
from handlers.domain.failure_class import FailureClass

OPAQUE_CUSTOM = Rule(
    id="custom-resource-opaque",
    failure_class=FailureClass.CUSTOM_RESOURCE,
    confidence=Confidence.MEDIUM,
    why="The code behind a custom resource failed for a reason that is not AWS's: its own logs say more.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html",
    custom=True,
    custom_only=True,
)

NOTHING = Rule(
    id="none",
    failure_class=FailureClass.UNKNOWN,
    confidence=Confidence.NONE,
    why="No rule knows this text.",
    source=engine.TROUBLES,
)

RULES: tuple[Rule, ...] = (
    # The most telling first: CloudFormation's own words, then codes, then wording from rare to common, then mere status.
    *engine.CONSEQUENCES,
    *engine.STACK_STATES,
    *engine.EXPORTS_AND_OWNERS,
    *engine.TEMPLATE,
    *engine.CUSTOM,
    resource.CONSTRAINT,
    *engine.WAITING,
    *refused.THROTTLING,
    *refused.CAPACITY,
    *codes.code_rules(codes.TELLING),
    *codes.HANDLER,
    *refused.PERMISSION,
    resource.UNSTABLE,
    *resource.IN_THE_WAY,
    refused.QUOTA[0],
    *resource.TAKEN,
    *resource.IN_USE,
    *refused.QUOTA[1:],
    *resource.NOT_FOUND,
    *codes.code_rules(codes.VAGUE),
    codes.HANDLER_WEAK[0],
    *resource.BROKEN,
    *codes.HANDLER_WEAK[1:],
    resource.ENDED_BADLY,
    OPAQUE_CUSTOM,
    *resource.INVALID,
    *codes.code_rules((FailureClass.QUOTA, FailureClass.DEPENDENCY_IN_USE, *codes.VAGUE), generic=True),
    *codes.LAST,
    NOTHING,
)


@cache
def phrasebook() -> Phrasebook:
    """Built once, by the first diagnosis: an import costs a Lambda's cold start nothing."""
    return Phrasebook(phrase for rule in RULES for phrase in (*rule.phrases, *rule.unless))


def rule_for(reading: Reading, *, without: frozenset[str] = frozenset()) -> Rule:
    """The first rule that fires, blind to the phrases in *without*; `NOTHING` fires always."""
    signs = signs_of(reading, phrasebook().found_in(reading.words) - without)
    return next(rule for rule in RULES if fires(rule, reading, signs))
