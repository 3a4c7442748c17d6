"""What is kept under AWS's keys, or under none, is found."""

from typing import Any

import pytest

from policies.encryption import log_group, queue, table, topic
from policies.rule import Rule
from tests.policies.conftest import Judge

KEY = "arn:aws:kms:us-east-1:222222222222:key/k"
OURS = {"enabled": True, "kmsKeyArn": KEY}
BY_AWS = "is encrypted under a key of AWS"


@pytest.mark.parametrize(
    ("rule", "props", "findings"),
    [
        pytest.param(table.RULE, {"serverSideEncryption": OURS}, [], id="a table under our key"),
        pytest.param(table.RULE, {}, [BY_AWS], id="a table without a word"),
        pytest.param(table.RULE, {"serverSideEncryption": {"enabled": True}}, [BY_AWS], id="a table under AWS's key"),
        pytest.param(
            table.RULE, {"serverSideEncryption": {**OURS, "enabled": False}}, [BY_AWS], id="a table with encryption off"
        ),
        pytest.param(
            table.RULE,
            {"serverSideEncryption": OURS, "replicas": [{"regionName": "us-west-2", "kmsKeyArn": KEY}]},
            [],
            id="a replica under our key",
        ),
        pytest.param(
            table.RULE,
            {"serverSideEncryption": OURS, "replicas": [{"regionName": "us-west-2"}, {"regionName": "us-east-2"}]},
            [f"{BY_AWS} in us-west-2", f"{BY_AWS} in us-east-2"],
            id="two replicas without a word",
        ),
        pytest.param(queue.RULE, {"sqsManagedSseEnabled": True}, [], id="a queue under SQS's key"),
        pytest.param(queue.RULE, {"kmsMasterKeyId": KEY}, [], id="a queue under our key"),
        pytest.param(queue.RULE, {}, ["is not encrypted"], id="a queue without a word"),
        pytest.param(queue.RULE, {"sqsManagedSseEnabled": False}, ["is not encrypted"], id="a queue with encryption off"),
        pytest.param(topic.RULE, {"kmsMasterKeyId": KEY}, [], id="a topic under our key"),
        pytest.param(topic.RULE, {}, ["is not encrypted"], id="a topic without a word"),
        pytest.param(
            topic.RULE,
            {"kmsMasterKeyId": "alias/aws/sns"},
            ["is encrypted under alias/aws/sns, which lets no alarm publish"],
            id="a topic under AWS's key",
        ),
        pytest.param(log_group.RULE, {"kmsKeyId": KEY}, [], id="a log under our key"),
        pytest.param(log_group.RULE, {"kmsKeyId": ""}, [BY_AWS], id="a log without a word"),
    ],
)
def test_encryption(judge: Judge, rule: Rule, props: dict[str, Any], findings: list[str]) -> None:
    """Each kind of store is held to the key that its content asks for."""
    (resource_type,) = rule.resource_types

    assert judge(rule, resource_type, props) == [f"thing {finding}: {rule.remedy}" for finding in findings]


@pytest.mark.parametrize(
    ("rule", "props"),
    [
        (table.RULE, {"serverSideEncryption": {"enabled": True, "kmsKeyArn": "?"}, "replicas": [{"kmsKeyArn": "?"}]}),
        (queue.RULE, {"kmsMasterKeyId": "?"}),
        (log_group.RULE, {"kmsKeyId": "?"}),
    ],
)
def test_key_that_is_not_known_counts_as_given(judge: Judge, unknown: str, rule: Rule, props: dict[str, Any]) -> None:
    """In a first preview no key has an ARN."""

    def unknowns(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: unknowns(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [unknowns(inner) for inner in value]
        return unknown if value == "?" else value

    (resource_type,) = rule.resource_types

    assert judge(rule, resource_type, unknowns(props)) == []


def test_which_key_a_topic_has_is_judged_when_known(judge: Judge, unknown: str) -> None:
    """Some key is there; whether it is AWS's own is seen in the deployment."""
    assert judge(topic.RULE, "aws:sns/topic:Topic", {"kmsMasterKeyId": unknown}) == [
        "not judged: thing: kmsMasterKeyId is not known before the deployment, which judges it"
    ]
