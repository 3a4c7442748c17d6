"""Roles that too many can take on are found."""

import json
from typing import Any

import pytest

from policies.iam.trust import RULE, unconditioned_services
from tests.policies.conftest import Judge

ROOT = "arn:aws:iam::111111111111:root"
VISITOR = {
    "Sid": "Visitor",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "ours"}},
}
SCHEDULER = {
    "Sid": "Service",
    "Effect": "Allow",
    "Principal": {"Service": "scheduler.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}},
}
UNBOUND = [f"trusts {ROOT} without a condition in Visitor"]


def without(statement: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != key}


@pytest.mark.parametrize(
    ("statement", "findings"),
    [
        pytest.param(VISITOR, [], id="an account with an external id"),
        pytest.param(SCHEDULER, [], id="a service for one account"),
        pytest.param({**without(VISITOR, "Condition"), "Principal": {"Service": "lambda.amazonaws.com"}}, [], id="Lambda"),
        pytest.param({**VISITOR, "Effect": "Deny", "Principal": "*"}, [], id="a denial to everybody"),
        pytest.param(without(VISITOR, "Principal"), ["names no principal in Visitor"], id="no principal"),
        pytest.param({**VISITOR, "Principal": "*"}, ["trusts AWS * in Visitor"], id="everybody"),
        pytest.param({**VISITOR, "Principal": {"AWS": ["*"]}}, ["trusts AWS * in Visitor"], id="everybody, spelled out"),
        pytest.param(
            {**VISITOR, "Principal": {"Service": "*"}}, ["trusts Service * in Visitor"], id="every service"
        ),
        pytest.param(without(VISITOR, "Condition"), UNBOUND, id="an account without a condition"),
        pytest.param({**VISITOR, "Condition": {"StringNotEquals": {"sts:ExternalId": "x"}}}, UNBOUND, id="a condition upside down"),
        pytest.param(
            {**VISITOR, "Condition": {"StringEqualsIfExists": {"sts:ExternalId": "ours"}}}, UNBOUND, id="a condition that may be missing"
        ),
        pytest.param(
            {**VISITOR, "Condition": {"ForAllValues:StringEquals": {"sts:ExternalId": "ours"}}}, UNBOUND, id="a condition on none"
        ),
        pytest.param({**VISITOR, "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}, UNBOUND, id="another condition"),
        pytest.param(
            {**SCHEDULER, "Condition": {"StringEquals": {"sts:ExternalId": "ours"}}},
            ["trusts scheduler.amazonaws.com without a condition in Service"],
            id="a service with an account's condition",
        ),
        pytest.param(
            {**VISITOR, "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Condition": {}},
            ["trusts cognito-identity.amazonaws.com without a condition in Visitor"],
            id="a federation without a condition",
        ),
    ],
)  # fmt: skip
def test_trust_names_and_binds_who_comes_in(judge: Judge, statement: dict[str, Any], findings: list[str]) -> None:
    """A principal alone is not enough, and a condition alone neither."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    assert judge(RULE, "aws:iam/role:Role", {"assumeRolePolicy": document}) == [
        f"thing {finding}: {RULE.remedy}" for finding in findings
    ]


def test_each_exception_has_its_reason() -> None:
    """A service without a condition stands in the list with a source."""
    assert all("guide" in reason for reason in unconditioned_services().values())
