"""Rules are kinds, not strings: each has a reason, a source and more than one message."""

from collections import defaultdict
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.corpus.render import failures, sequences
from bench.diagnosis import accepted, fresh
from handlers.domain.diagnosis_phrases import either
from handlers.domain.diagnosis_rule import Rule, fires, signs_of
from handlers.domain.diagnosis_rules import NOTHING, RULES, phrasebook, rule_for
from handlers.domain.diagnosis_text import read
from handlers.domain.diagnosis_types import Confidence
from handlers.domain.failure_class import MAY_PASS_BY_ITSELF, FailureClass

NEVER_CALLED_PASSING = 0.01


@cache
def rows_by_rule() -> dict[str, set[str]]:
    """Corpus messages, by the rules that would fire on them whatever stands before."""
    texts = [(row["message"], row["resource_type"], row["resource_status"]) for row in failures()]
    texts += [(one.get("reason", ""), one["type"], one["status"]) for row in sequences() for one in row["events"]]
    found: dict[str, set[str]] = defaultdict(set)
    for text, resource_type, status in texts:
        reading = read(text, resource_type, status)
        signs = signs_of(reading, phrasebook().found_in(reading.words))
        for rule in RULES:
            if fires(rule, reading, signs):
                found[rule.id].add(text)
    return found


def test_ids_are_unique() -> None:
    """A diagnosis names its rule by id."""
    ids = [rule.id for rule in RULES]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_gives_reason_and_source(rule: Rule) -> None:
    """Whoever doubts a diagnosis can read why, and where AWS says so."""
    assert rule.why.endswith(".")
    assert rule.source.startswith(("https://docs.aws.amazon.com/", "https://repost.aws/"))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.code_class is None], ids=lambda rule: rule.id)
def test_rule_does_not_serve_a_single_row(rule: Rule) -> None:
    """Either nothing in the corpus earned it (AWS's documents did), or more than one message."""
    assert len(rows_by_rule()[rule.id]) != 1


def test_nothing_is_the_last_word() -> None:
    """There is always an answer, and the honest one is the last."""
    assert RULES[-1] is NOTHING
    assert (NOTHING.failure_class, NOTHING.confidence) == (FailureClass.UNKNOWN, Confidence.NONE)


def test_phrases_are_spelled_as_texts_are_searched() -> None:
    """Texts are searched in lower case, so a capital in a phrase could never be found."""
    phrases = [phrase for rule in RULES for phrase in (*rule.phrases, *rule.unless, *rule.starts)]

    assert [phrase for phrase in phrases if phrase != phrase.lower() or not phrase.strip()] == []


def test_either_is_a_list_of_phrases() -> None:
    """Phrases in one string stay phrases."""
    assert either("a b; c … d;e") == ("a b", "c … d", "e")


@pytest.mark.parametrize("row", fresh(), ids=lambda row: row["id"])
def test_fresh_message_never_burns_retries(row: dict[str, str]) -> None:
    """No permanent cause is called transient, throttling or capacity, not even where the class is missed."""
    given = rule_for(read(row["message"], row["resource_type"], row["resource_status"])).failure_class

    assert given not in MAY_PASS_BY_ITSELF or given in accepted(row)


KINDS_WITHOUT_EXAMPLE = [
    (
        "AWS::CloudFormation::Stack",
        "The following validation failed: [AWS::EarlyValidation::PropertyValidation]",
        "invalid_input",
    ),
    ("AWS::S3::Bucket", "AWS::EarlyValidation::ResourceExistenceCheck found the bucket", "already_exists"),
    ("AWS::RDS::DBCluster", '"x" (HandlerErrorCode: NotUpdatable)', "invalid_input"),
    ("AWS::IoT::Thing", '"x has a conflict" (HandlerErrorCode: ResourceConflict)', "drift_or_conflict"),
    ("AWS::Lambda::Function", '"x" (HandlerErrorCode: Throttling)', "throttling"),
    ("AWS::Lambda::Function", '"x" (HandlerErrorCode: NetworkFailure)', "transient"),
    ("AWS::Lambda::Function", '"x" (HandlerErrorCode: ServiceInternalError)', "transient"),
    ("AWS::Lambda::Function", '"x" (HandlerErrorCode: InvalidCredentials)', "permission"),
    ("AWS::Lambda::Function", '"null" (HandlerErrorCode: ServiceLimitExceeded)', "unknown"),
    ("AWS::ECS::Service", "Rollback triggered by alarm x", "not_stabilized"),
    ("AWS::RDS::DBInstance", "Cannot delete protected DB Instance, please disable deletion protection", "terminal_state"),
    ("AWS::EC2::Instance", "The instance may not be terminated. Modify its 'disableApiTermination'", "terminal_state"),
    ("AWS::KMS::Key", "arn:aws:kms:r:a:key/1 is pending deletion.", "drift_or_conflict"),
    ("AWS::CloudTrail::Trail", "User: 1 already has 5 trails in us-east-1.", "quota"),
    ("AWS::Lambda::Function", "Not enough free IP addresses in subnet subnet-1", "quota"),
    ("AWS::CloudFormation::Stack", "Parameters: [VpcId] must have values", "invalid_input"),
    (
        "AWS::CloudFormation::Stack",
        "Last operation: stack is in REVIEW_IN_PROGRESS state and can not be updated",
        "terminal_state",
    ),
    ("AWS::CloudFormation::Stack", "Export a:b cannot be updated as it is in use by c", "dependency_in_use"),
    ("Custom::Thing", "Vendor response doesn't contain Arn key in object", "custom_resource"),
    (
        "Custom::Thing",
        "Received response status [FAILED] from custom resource. Message returned: KeyError: 'Arn'",
        "custom_resource",
    ),
]


@pytest.mark.parametrize(("resource_type", "message", "expected"), KINDS_WITHOUT_EXAMPLE)
def test_kinds_that_no_example_showed(resource_type: str, message: str, expected: str) -> None:
    """Kinds that AWS documents and the corpus does not hold; `docs/diagnosis.md` lists them."""
    assert rule_for(read(message, resource_type, "UPDATE_FAILED")).failure_class == expected


@pytest.mark.parametrize(
    "said",
    [
        "directory not found",
        "table already exists",
        "Unauthorized",
        "rate limit of 5",
        "is not empty",
        "must be set",
        "SyntaxError: x",
        "FileNotFoundError: y",
    ],
)
def test_custom_code_speaks_its_own_language(said: str) -> None:
    """Words that mean something from AWS mean nothing from somebody's own script."""
    message = f"Received response status [FAILED] from custom resource. Message returned: {said}"

    assert rule_for(read(message, "Custom::Thing", "CREATE_FAILED")).failure_class is FailureClass.CUSTOM_RESOURCE


@given(some.text(max_size=400), some.text(max_size=40), some.text(max_size=20))
def test_any_text_gets_a_rule(message: str, resource_type: str, status: str) -> None:
    """Never an error, whatever stands there."""
    assert rule_for(read(message, resource_type, status)) in RULES
