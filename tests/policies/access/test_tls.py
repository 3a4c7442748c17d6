"""Policies that let plain text through are found."""

import json
from typing import Any

import pytest

from policies.access.tls import BUCKET_POLICY, DENIED, RULE
from tests.policies.conftest import Judge

VALID = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Resource": ["arn:aws:s3:::thing", "arn:aws:s3:::thing/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize("resource_type", DENIED)
@pytest.mark.parametrize(
    ("change", "holds"),
    [
        pytest.param({}, True, id="everything denied to everybody"),
        pytest.param({"Principal": {"AWS": "*"}}, True, id="everybody, spelled out"),
        pytest.param({"Condition": {"Bool": {"AWS:securetransport": False}}}, True, id="another spelling"),
        pytest.param({"Effect": "Allow"}, False, id="allowed"),
        pytest.param({"Principal": {"AWS": "arn:aws:iam::222222222222:root"}}, False, id="denied to one account"),
        pytest.param({"Action": "sqs:DeleteQueue"}, False, id="another action"),
        pytest.param({"Condition": {}}, False, id="no condition"),
        pytest.param({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False, id="TLS denied"),
        pytest.param(
            {"Condition": {**VALID["Condition"], "StringEquals": {"aws:SourceVpc": "vpc-1"}}},  # type: ignore[dict-item]
            False,
            id="only from one network",
        ),
    ],
)
def test_plain_text_is_denied_to_everybody(judge: Judge, resource_type: str, change: dict[str, Any], holds: bool) -> None:
    """One unconditional denial is there, or the rule says what is missing."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**VALID, **change}]})
    expected = [] if holds else [f"thing denies nobody {DENIED[resource_type]} without TLS: {RULE.remedy}"]

    assert judge(RULE, resource_type, {"policy": document}) == expected


@pytest.mark.parametrize(("resource_type", "action"), [*DENIED.items(), ("aws:sns/topicPolicy:TopicPolicy", "SNS:Publish")])
def test_service_own_action_is_enough(judge: Judge, resource_type: str, action: str) -> None:
    """SNS takes no wildcard there, so its own example is what is asked for."""
    document = json.dumps({"Statement": [{**VALID, "Action": [action]}]})

    assert judge(RULE, resource_type, {"policy": document}) == []


def test_a_buckets_objects_are_meant_too(judge: Judge) -> None:
    """To IAM a bucket and what is in it are two resources."""
    document = json.dumps({"Statement": [{**VALID, "Action": "s3:*", "Resource": "arn:aws:s3:::thing"}]})

    assert judge(RULE, BUCKET_POLICY, {"policy": document}) == [
        f"thing denies plain text for the bucket, and not for its objects: {RULE.remedy}"
    ]
