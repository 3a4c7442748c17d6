"""Permissions on everything are found, where AWS can narrow them."""

import json
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from policies.iam.resources import RULE, unscoped_actions
from tests.policies.conftest import Judge

VALID = {"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:222222222222:q"}
FOUND = ["allows sqs:SendMessage on every resource in Send"]


@pytest.mark.parametrize(
    ("change", "findings"),
    [
        pytest.param({}, [], id="a named resource"),
        pytest.param({"Resource": "arn:aws:sqs:us-east-1:222222222222:*"}, [], id="every queue of one region and account"),
        pytest.param({"Effect": "Deny", "Resource": "*"}, [], id="a denial on everything"),
        pytest.param({"Action": "cloudformation:ListStacks", "Resource": "*"}, [], id="an action without resources"),
        pytest.param({"Action": "CLOUDFORMATION:liststacks", "Resource": "*"}, [], id="the same in other letters"),
        pytest.param({"Resource": "*"}, FOUND, id="everything"),
        pytest.param({"Resource": ["arn:aws:sqs:us-east-1:222222222222:q", "*"]}, FOUND, id="everything among others"),
        pytest.param({"Resource": "arn:*"}, FOUND, id="every ARN"),
        pytest.param({"Resource": "arn:aws:sqs:*"}, FOUND, id="every ARN of a service"),
        pytest.param({"Resource": "arn:aws:sqs:*:*:*"}, FOUND, id="the same, spelled out"),
        pytest.param({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}, ["allows s3:GetObject on every resource in Send"], id="every bucket"),
        pytest.param({"Action": ["states:SendTaskSuccess", "sqs:SendMessage"], "Resource": "*"}, FOUND, id="only one of two has none"),
        pytest.param(
            {"Resource": None, "NotResource": "arn:aws:sqs:us-east-1:222222222222:q"},
            ["allows everything but some resources in Send"],
            id="everything but one",
        ),
    ],
)  # fmt: skip
def test_resources_are_named(judge: Judge, change: dict[str, Any], findings: list[str]) -> None:
    """A wildcard passes only for actions that stand in the list."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**VALID, **change}]})

    assert judge(RULE, "aws:iam/rolePolicy:RolePolicy", {"policy": document}) == [
        f"thing {finding}: {RULE.remedy}" for finding in findings
    ]


NARROWER_WOULD_LOSE = {"cloudwatch:describealarms": {"Resources": ["alarm"]}}
"""AWS knows a resource for it, and answers with composite alarms only where the right is not narrowed to any (CloudWatch API
reference, DescribeAlarms: "scoped to *"); an alarm that is not seen would make every repair of its stack "not proven"."""


@pytest.mark.parametrize("action", sorted(unscoped_actions()))
def test_listed_actions_have_no_resources_in_aws(action: str) -> None:
    """The service authorization reference, as cfn-lint ships it, knows no resource type for what is on the list, but where told above."""
    reference = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"
    service, _, call = action.partition(":")
    known = json.loads(reference.read_text(encoding="utf-8"))[service]["Actions"]

    assert known[call] == NARROWER_WOULD_LOSE.get(action, {})
    assert unscoped_actions()[action]
