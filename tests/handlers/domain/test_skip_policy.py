"""Every resource type has an answer, data is never left behind without a person, and an environment can only be stricter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.resource_types import resource_types
from handlers.domain.skip_policy import SkipVerdict, answer, page_of, public_types

ORDER = tuple(SkipVerdict)
TYPES = st.sampled_from(sorted(public_types()))


def test_every_public_type_has_an_answer() -> None:
    """Those that nobody has judged are asked about."""
    answers = {one: answer(one) for one in resource_types()}

    assert all(said.reason and said.source.startswith("https://docs.aws.amazon.com/") for said in answers.values())
    assert {said.verdict for said in answers.values()} == {SkipVerdict.MAY, SkipVerdict.ASK}


def test_no_stateful_type_is_left_behind_without_a_person() -> None:
    """Whatever else is said of it."""
    stateful = [answer(one) for one in public_types() if answer(one).is_stateful]

    assert len(stateful) > 200
    assert {said.verdict for said in stateful} == {SkipVerdict.ASK}


@pytest.mark.parametrize(
    "resource_type",
    [
        "AWS::Cognito::IdentityPool",
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::OpenSearchService::Domain",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    ],
)
def test_what_holds_data_is_known_to(resource_type: str) -> None:
    """Stores, keys, pools, volumes, queues, secrets: with the page that says what the type is."""
    said = answer(resource_type)

    assert (said.is_stateful, said.is_known, said.source) == (True, True, page_of(resource_type))
    assert said.reason.startswith("holds ")


@pytest.mark.parametrize(
    ("resource_type", "verdict", "is_known", "reason"),
    [
        ("AWS::CloudFormation::WaitCondition", "may", True, "counts the signals of one creation"),
        ("AWS::CDK::Metadata", "may", True, "a record of which library wrote the template"),
        ("AWS::EC2::RouteTable", "ask", True, "routes or names traffic, and keeps none of it; but others depend"),
        ("AWS::IAM::Role", "ask", True, "nobody has shown that nothing depends on what it is like"),
        ("AWS::CloudFormation::Stack", "ask", True, "its resources are skipped one by one"),
        ("Custom::Migration", "ask", False, "the team's own code stands behind it"),
        ("AWS::CloudFormation::CustomResource", "ask", False, "the team's own code stands behind it"),
        ("Datadog::Monitors::Monitor", "ask", False, "it is a third party's or a private type"),
        ("AWS::Tomorrow::Thing", "ask", False, "the type is newer than this version"),
        ("", "ask", False, "it is a third party's or a private type"),
        ("My::Own::Network::MODULE", "never", True, "a module is no resource"),
    ],
)
def test_each_kind_of_type_has_its_rule(resource_type: str, verdict: str, is_known: bool, reason: str) -> None:
    """What nobody can know is asked about and said to be unknown."""
    said = answer(resource_type)

    assert (said.verdict, said.is_known, said.is_stateful) == (verdict, is_known, False)
    assert said.reason.startswith(reason)


@given(resource_type=TYPES | st.text(), wish=st.sampled_from(SkipVerdict), pattern=st.sampled_from(["*", "AWS::*", "Custom::*"]))
def test_an_environment_is_only_ever_stricter(resource_type: str, wish: SkipVerdict, pattern: str) -> None:
    """No setting lets a resource be skipped that the policy keeps; what it holds stays what it is."""
    usual, said = answer(resource_type), answer(resource_type, {pattern: wish})

    assert ORDER.index(said.verdict) >= ORDER.index(usual.verdict)
    assert (said.is_stateful, said.source) == (usual.is_stateful, usual.source)


def test_the_strictest_word_of_an_environment_holds() -> None:
    """In whichever order they stand, and the reason names whose word it is."""
    wishes = {"AWS::Athena::*": SkipVerdict.NEVER, "AWS::Athena::NamedQuery": SkipVerdict.ASK}
    said = answer("AWS::Athena::NamedQuery", wishes)

    assert said.verdict is SkipVerdict.NEVER
    assert said.reason.startswith("the settings say so of AWS::Athena::*; a saved query")
