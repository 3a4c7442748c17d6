"""Services that would act for anybody are found."""

import json
from typing import Any

import pytest

from policies.access.principals import PERMISSION
from policies.access.services import RULE
from tests.policies.conftest import Judge

VALID = {
    "Sid": "Rules",
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:us-east-1:222222222222:q",
    "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:222222222222:rule/r"}},
}
OPEN = ["lets events.amazonaws.com in for anybody by Rules"]


@pytest.mark.parametrize(
    ("change", "findings"),
    [
        pytest.param({}, [], id="one rule"),
        pytest.param({"Condition": {"StringEquals": {"AWS:SourceAccount": "222222222222"}}}, [], id="one account"),
        pytest.param({"Effect": "Deny", "Condition": {}}, [], id="a denial"),
        pytest.param({"Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Condition": {}}, [], id="no service"),
        pytest.param({"Condition": {}}, OPEN, id="no condition"),
        pytest.param({"Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "222222222222"}}}, OPEN, id="one that may be missing"),
        pytest.param(
            {"Principal": {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]}, "Condition": {}},
            [*OPEN, "lets sns.amazonaws.com in for anybody by Rules"],
            id="two services",
        ),
    ],
)  # fmt: skip
def test_services_act_for_us(judge: Judge, change: dict[str, Any], findings: list[str]) -> None:
    """Each service is bound to a source."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**VALID, **change}]})

    assert judge(RULE, "aws:sqs/queuePolicy:QueuePolicy", {"policy": document}) == [
        f"thing {finding}: {RULE.remedy}" for finding in findings
    ]


@pytest.mark.parametrize(
    ("props", "findings"),
    [
        pytest.param({"sourceArn": "arn:aws:events:us-east-1:222222222222:rule/r"}, [], id="one rule"),
        pytest.param({"sourceAccount": "222222222222"}, [], id="one account"),
        pytest.param({"principal": "222222222222"}, [], id="an account"),
        pytest.param({}, ["lets events.amazonaws.com in for anybody"], id="nothing"),
    ],
)
def test_functions_are_invoked_for_us(judge: Judge, props: dict[str, str], findings: list[str]) -> None:
    """A permission without a source is open to every customer's rules."""
    assert judge(RULE, PERMISSION, {"principal": "events.amazonaws.com", **props}) == [
        f"thing {finding}: {RULE.remedy}" for finding in findings
    ]


def test_source_that_is_not_known_counts(judge: Judge, unknown: str) -> None:
    """The rule's ARN is known after it was made."""
    assert judge(RULE, PERMISSION, {"principal": "events.amazonaws.com", "sourceArn": unknown}) == []


def test_key_policies_are_left_to_their_own_conditions(judge: Judge) -> None:
    """CloudWatch Logs presents an encryption context to a key, and no source."""
    document = json.dumps({"Statement": [{**VALID, "Condition": {}}]})

    assert judge(RULE, "aws:kms/key:Key", {"policy": document}) == []
