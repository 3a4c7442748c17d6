"""Permissions with wildcard actions are found."""

import json
from typing import Any

import pytest

from policies.iam.actions import RULE
from tests.policies.conftest import Judge

VALID = {"Sid": "Send", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "arn:aws:sqs:us-east-1:222222222222:q"}


@pytest.mark.parametrize(
    ("change", "findings"),
    [
        pytest.param({}, [], id="a named action"),
        pytest.param({"Effect": "Deny", "Action": "*"}, [], id="a denial of everything"),
        pytest.param({"Action": "*"}, ["allows * in Send"], id="everything"),
        pytest.param({"Action": "sqs:*"}, ["allows sqs:* in Send"], id="a service"),
        pytest.param(
            {"Action": ["sqs:Get?", "sqs:List*"]}, ["allows sqs:Get? in Send", "allows sqs:List* in Send"], id="two prefixes"
        ),
        pytest.param(
            {"Action": None, "NotAction": "iam:*"}, ["allows everything but some actions in Send"], id="everything but a service"
        ),
        pytest.param({"Sid": "", "Action": "*"}, ["allows * in Statement[0]"], id="a statement without a name"),
    ],
)
def test_actions_are_named(judge: Judge, change: dict[str, Any], findings: list[str]) -> None:
    """Each wildcard is reported with its statement."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**VALID, **change}]})

    assert judge(RULE, "aws:iam/rolePolicy:RolePolicy", {"policy": document}) == [
        f"thing {finding}: {RULE.remedy}" for finding in findings
    ]


def test_inline_policies_of_roles_are_read(judge: Judge) -> None:
    """A role's own documents are held to the same."""
    document = json.dumps({"Statement": {**VALID, "Action": "sqs:*"}})
    role = {"inlinePolicies": [{"name": "empty"}, {"name": "all", "policy": document}]}

    assert judge(RULE, "aws:iam/role:Role", role) == [f"thing allows sqs:* in Send: {RULE.remedy}"]


def test_document_that_is_not_known_is_judged_later(judge: Judge, unknown: str) -> None:
    """A preview of a first deployment does not know the key's ARN."""
    assert judge(RULE, "aws:iam/rolePolicy:RolePolicy", {"policy": unknown}) == [
        "not judged: thing: policy is not known before the deployment, which judges it"
    ]


@pytest.mark.parametrize("document", ["{", '{"Version":"2012-10-17"}'])
def test_what_cannot_be_read_is_refused(judge: Judge, document: str) -> None:
    """A document that no rule can judge does not pass them all."""
    (found,) = judge(RULE, "aws:iam/rolePolicy:RolePolicy", {"policy": document})

    assert found.startswith("thing holds no policy document (")
    assert found.endswith("): write one that IAM takes")


def test_document_that_is_an_object_is_read(judge: Judge) -> None:
    """Pulumi takes documents as text or as objects."""
    document = {"Statement": [{**VALID, "Action": "sqs:*"}]}

    assert judge(RULE, "aws:iam/rolePolicy:RolePolicy", {"policy": document}) == [f"thing allows sqs:* in Send: {RULE.remedy}"]
