"""Every role that Stackmend makes: who takes it on, how it is bounded, what it may do."""

import json
from typing import Any

import pytest

from components.permissions import Statement, policy
from components.roles import Visitor, function_trust, service_trust
from tests.components.conftest import Lint, Recording


@pytest.fixture
def visitor() -> Visitor:
    return Visitor(
        partition="aws",
        account="222222222222",
        role_arns=("arn:aws:iam::222222222222:role/a",),
        external_id="id",
        organization_id="o-a1b2c3d4e5",
    )


def trusts(recording: Recording) -> dict[str, dict[str, Any]]:
    return {one.name: json.loads(one.inputs["assumeRolePolicy"]) for one in recording.of("Role")}


def test_nobody_takes_a_role_on_without_a_principal(prod: Recording) -> None:
    """Neither `*`, nor an account without conditions."""
    for name, trust in trusts(prod).items():
        (statement,) = trust["Statement"]
        ((kind, principal),) = statement["Principal"].items()

        assert "*" not in principal, name
        assert kind == "Service" or {"StringEquals", "ArnEquals"} <= set(statement["Condition"]), name


def test_a_service_takes_a_role_on_for_its_own_resource_only(prod: Recording) -> None:
    """Lambda and S3 document no condition for the roles they take on; neither can be given another account's role anyway."""
    for name, trust in trusts(prod).items():
        (statement,) = trust["Statement"]
        service = statement["Principal"].get("Service")

        if service and service not in {"lambda.amazonaws.com", "s3.amazonaws.com"}:
            keys = {key for condition in statement["Condition"].values() for key in condition}
            assert keys == {"aws:SourceAccount", "aws:SourceArn"}, name


def test_a_visitor_presents_everything(visitor: Visitor) -> None:
    """The external id, the organisation, and to be one of the named roles."""
    (statement,) = visitor.trust()["Statement"]

    assert statement["Condition"] == {
        "StringEquals": {"sts:ExternalId": "id", "aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "ArnEquals": {"aws:PrincipalArn": ["arn:aws:iam::222222222222:role/a"]},
    }


@pytest.mark.parametrize(
    "trust",
    [
        function_trust(),
        service_trust("states.amazonaws.com", {"StringEquals": {"aws:SourceAccount": "222222222222"}}),
    ],
)
def test_cfn_lint_takes_a_services_trust(trust: dict[str, Any], findings: Lint) -> None:
    """As a role's trust in a template."""
    assert findings("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust}) == []


def test_cfn_lint_takes_a_visitors_trust(visitor: Visitor, findings: Lint) -> None:
    """As a role's trust in a template."""
    assert findings("AWS::IAM::Role", {"AssumeRolePolicyDocument": visitor.trust()}) == []


def test_what_is_known_of_a_role_is_shown_before_the_first_deployment(sandbox: Recording) -> None:
    """Only what names a key waits for a key; all other rights stand in the first preview."""
    waiting = [one.name for one in sandbox.of("RolePolicy") if any(":Key::" in urn for urn in one.waits_for)]

    assert waiting
    assert all(name.endswith("-key") for name in waiting)


def test_a_policy_belongs_to_its_role(sandbox: Recording) -> None:
    """And names no other."""
    roles = {one.inputs["name"] for one in sandbox.of("Role")}

    for one in sandbox.of("RolePolicy"):
        assert one.inputs["role"] in roles
        assert one.inputs["name"] in ("calls", "key")


def test_a_document_says_its_version_and_nothing_empty() -> None:
    """The old version has no variables; an empty condition would be refused."""
    statement = Statement(sid="One", actions=("sqs:SendMessage",), resources=("arn:aws:sqs:us-east-1:222222222222:q",))

    assert policy([statement]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "One",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Resource": ["arn:aws:sqs:us-east-1:222222222222:q"],
            }
        ],
    }


def test_every_sid_is_one_that_iam_takes(prod: Recording) -> None:
    """Letters and digits, each once in its document (IAM guide, "IAM JSON policy elements: Sid")."""
    for one in prod.of("RolePolicy"):
        sids = [statement["Sid"] for statement in json.loads(one.inputs["policy"])["Statement"]]

        assert all(sid.isalnum() for sid in sids), one.name
        assert len(set(sids)) == len(sids), one.name


def test_no_right_reaches_every_resource_unseen(prod: Recording) -> None:
    """As deployed: the calls that AWS cannot scope, and no other."""
    calls = {
        action
        for one in prod.of("RolePolicy")
        for statement in json.loads(one.inputs["policy"])["Statement"]
        if "*" in statement["Resource"]
        for action in statement["Action"]
    }

    assert {action for action in calls if not action.startswith("logs:")} == {
        "cloudformation:ListImports",
        "cloudformation:ListStacks",
        "cloudwatch:DescribeAlarms",
        "states:SendTaskSuccess",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
