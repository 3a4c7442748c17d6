"""Resources that are open to everybody are found."""

import json
from typing import Any

import pytest

from policies.access.principals import PERMISSION, RULE
from policies.documents import RESOURCE_POLICIES
from tests.policies.conftest import Judge

VALID = {
    "Sid": "Send",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222222222222:role/heartbeat"},
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:us-east-1:222222222222:q",
}
OPEN = ["lets everybody in by Send"]


@pytest.mark.parametrize("resource_type", RESOURCE_POLICIES)
@pytest.mark.parametrize(
    ("change", "findings"),
    [
        pytest.param({}, [], id="a role"),
        pytest.param({"Effect": "Deny", "Principal": "*"}, [], id="a denial to everybody"),
        pytest.param({"Principal": "*"}, OPEN, id="everybody"),
        pytest.param({"Principal": {"AWS": ["arn:aws:iam::222222222222:root", "*"]}}, OPEN, id="everybody among others"),
        pytest.param({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, OPEN, id="a condition beside it"),
        pytest.param({"Principal": None, "NotPrincipal": {"AWS": "x"}}, ["lets everybody but some in by Send"], id="everybody but one"),
    ],
)  # fmt: skip
def test_resources_name_who_reaches_them(judge: Judge, resource_type: str, change: dict[str, Any], findings: list[str]) -> None:
    """Whatever the resource, an open door is one."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**VALID, **change}]})

    assert judge(RULE, resource_type, {"policy": document}) == [f"thing {finding}: {RULE.remedy}" for finding in findings]


def test_resource_without_a_document_is_closed(judge: Judge) -> None:
    """A queue whose policy is a resource of its own carries none itself."""
    assert judge(RULE, "aws:sqs/queue:Queue", {}) == []


@pytest.mark.parametrize(
    ("principal", "findings"),
    [("events.amazonaws.com", []), ("*", ["lets everybody in"]), (None, ["lets everybody in"])],
)
def test_functions_name_who_invokes_them(judge: Judge, principal: str | None, findings: list[str]) -> None:
    """A function's permission has no document, but a principal."""
    assert judge(RULE, PERMISSION, {"principal": principal}) == [f"thing {finding}: {RULE.remedy}" for finding in findings]
