"""Who may call a person."""

import json

import pytest

from components.addresses import CellAddresses
from components.alerts import topic_policy
from tests.components.conftest import Lint, Recording

CELL = CellAddresses(environment="test", partition="aws", account="222222222222", region="us-east-1")


@pytest.fixture
def statements() -> dict[str, dict[str, object]]:
    return {statement["Sid"]: statement for statement in topic_policy(CELL)["Statement"]}


def test_nothing_is_published_without_tls(statements: dict[str, dict[str, object]]) -> None:
    """By anybody."""
    assert statements["TlsOnly"]["Effect"] == "Deny"
    assert statements["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_alarms_of_this_environment_publish_as_a_service(statements: dict[str, dict[str, object]]) -> None:
    """Roles of the own account publish by their own rights."""
    assert statements["FromOurAlarms"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "222222222222"},
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:222222222222:alarm:stackmend-test-*"},
    }


def test_the_topic_is_encrypted_by_the_cells_key(sandbox: Recording) -> None:
    """SNS's own key would refuse CloudWatch."""
    (topic,) = sandbox.of("Topic")

    assert topic.inputs["kmsMasterKeyId"] == "arn:aws:kms:us-east-1:222222222222:workload-us-east-1-key-key"


def test_the_policy_names_the_topic_that_is_deployed(sandbox: Recording) -> None:
    """The address worked out from names is the topic's own."""
    (topic,), (policy,) = sandbox.of("Topic"), sandbox.of("TopicPolicy")

    assert json.loads(policy.inputs["policy"])["Statement"][0]["Resource"].rpartition(":")[2] == topic.inputs["name"]


def test_cfn_lint_takes_the_policy(findings: Lint) -> None:
    """As a topic's policy in a template."""
    properties = {"PolicyDocument": topic_policy(CELL), "Topics": ["arn:aws:sns:us-east-1:222222222222:stackmend-test-alerts"]}

    assert findings("AWS::SNS::TopicPolicy", properties) == []
