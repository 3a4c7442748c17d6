"""The role that an organisation rolls out before anything else: what it lets in, what it allows, and that each part of it counts."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import cfn_yaml

from components.addresses import CellAddresses
from sandbox.permissions import UNNAMED_IN_EMULATOR

TEMPLATE = Path(__file__).parents[2] / "bootstrap" / "stackmend-deploy.yaml"
TEXT = TEMPLATE.read_text(encoding="utf-8")
ROLE: dict[str, Any] = cfn_yaml.loads(TEXT)["Resources"]["DeployRole"]["Properties"]


def statements() -> list[dict[str, Any]]:
    """Those of every deployment; what a parameter adds is looked at by itself."""
    always = [policy for policy in ROLE["Policies"] if "Fn::If" not in policy]
    return [statement for policy in always for statement in policy["PolicyDocument"]["Statement"]]


def actions_of(statement: dict[str, Any]) -> list[str]:
    named = statement["Action"]
    return [named] if isinstance(named, str) else list(named)


def allowed() -> set[str]:
    return {action for statement in statements() for action in actions_of(statement)}


def test_it_is_a_valid_template() -> None:
    """By cfn-lint, without an exception."""
    assert [str(match) for match in lint_file(TEMPLATE)] == []


def test_it_names_every_action() -> None:
    """A wildcard would allow what AWS adds tomorrow."""
    assert [action for action in allowed() if "*" in action] == []


def test_every_resource_is_ours_unless_a_reason_stands_beside_it() -> None:
    """A bare `*`, all keys or all mappings: each line says why AWS leaves no other way, or its condition narrows it."""
    bare = [line for line in TEXT.splitlines() if re.search(r'Resource: "\*"', line)]
    explained = [line for line in bare if "#" in line]
    delivery = [one for one in statements() if one["Sid"] == "LogDeliveries"]

    assert len(bare) == len(explained) + len(delivery)  # that one's reason stands above it
    assert {one["Sid"] for one in statements() if one["Resource"] == "*"} == {
        "MakeKeys", "ListAliases", "MakeMappings", "ValidateMachines", "LogDeliveries",
    }  # fmt: skip


def test_only_the_exact_deployer_comes_in() -> None:
    """Hub account, principal, external id and, where there is one, organisation."""
    (statement,) = ROLE["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Condition"]["ArnEquals"] == {"aws:PrincipalArn": {"Ref": "DeployerArn"}}
    assert set(statement["Condition"]["StringEquals"]) == {"sts:ExternalId", "aws:PrincipalOrgID"}


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"])
def test_a_role_is_made_only_within_the_boundary(action: str) -> None:
    """Otherwise who deploys could make a role that may do anything."""
    (statement,) = [one for one in statements() if action in actions_of(one)]

    condition, bounded, otherwise = statement["Condition"]["Fn::If"]
    assert condition == "BoundsMadeRoles"
    assert list(bounded["StringEquals"]) == ["iam:PermissionsBoundary"]
    assert otherwise == {"Ref": "AWS::NoValue"}


def test_a_boundary_cannot_be_taken_off() -> None:
    """Nor can a managed policy be attached, or the deploy role change itself: it is not under the made roles' name."""
    assert not allowed() & {"iam:DeleteRolePermissionsBoundary", "iam:AttachRolePolicy", "iam:CreatePolicyVersion"}


def test_a_role_is_passed_only_to_the_services_that_run_for_us() -> None:
    """And only a role that Stackmend made."""
    (statement,) = [one for one in statements() if "iam:PassRole" in actions_of(one)]

    assert "iam:PassedToService" in statement["Condition"]["StringEquals"]
    assert statement["Resource"]["Fn::Sub"].endswith("role${PathOfMadeRoles}stackmend-*")


@pytest.mark.parametrize("action", sorted(UNNAMED_IN_EMULATOR.values()))
def test_what_the_emulator_must_be_helped_with_is_allowed_on_aws(action: str) -> None:
    """The sandbox gives these by itself, so that only this test shows that the template gives them."""
    assert action in allowed()


def test_objects_are_deleted_only_in_the_vaults_of_a_disposable_environment() -> None:
    """Where the template's user names one; by default the role deletes no object at all."""
    (added,) = [policy["Fn::If"] for policy in ROLE["Policies"] if "Fn::If" in policy]
    condition, policy, otherwise = added
    (statement,) = policy["PolicyDocument"]["Statement"]
    vault = CellAddresses(environment="abc", partition="aws", account="222222222222", region="us-east-1").vault_arn
    named = statement["Resource"]["Fn::Sub"].replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "222222222222")

    assert (condition, otherwise) == ("HasDisposableEnvironment", {"Ref": "AWS::NoValue"})
    assert fnmatchcase(f"{vault}/key", named.replace("${DisposableEnvironment}", "abc"))
    assert not fnmatchcase(f"{vault}/key", named.replace("${DisposableEnvironment}", "ab"))
    assert statement["Action"] == ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    assert not {action for action in allowed() if action.startswith("s3:DeleteObject")}


@pytest.mark.parametrize("service", ["events", "scheduler"])
def test_rules_and_schedules_are_named_as_aws_names_them(service: str) -> None:
    """The emulator's ARNs of these differ from AWS's; the template has AWS's."""
    named = [
        part["Fn::Sub"]
        for one in statements()
        if any(fnmatchcase(action, f"{service}:*") for action in actions_of(one))
        for part in (one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]])
    ]
    suffixes = {one.rpartition("${AWS::AccountId}:")[2] for one in named}

    assert (
        suffixes
        == {
            "events": {"rule/stackmend-*"},
            "scheduler": {"schedule/stackmend-*/stackmend-*", "schedule-group/stackmend-*"},
        }[service]
    )
