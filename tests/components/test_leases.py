"""The lease table and each cell's doors to it."""

import json
from typing import Any

import pytest

from tests.components.conftest import Lint, Recording

CONTROL = ["us-east-1", "us-east-2", "us-west-2"]


@pytest.fixture
def table(prod: Recording) -> dict[str, Any]:
    return dict(prod.one("Table", "leases-table").inputs)


def test_it_is_strongly_consistent_over_three_regions(table: dict[str, Any]) -> None:
    """The first region makes it; both others are full replicas."""
    assert [(one["regionName"], one["consistencyMode"]) for one in table["replicas"]] == [
        ("us-east-2", "STRONG"),
        ("us-west-2", "STRONG"),
    ]


def test_every_replica_is_encrypted_by_its_own_regions_key(table: dict[str, Any]) -> None:
    """A key does not work in another region."""
    arns = [table["serverSideEncryption"]["kmsKeyArn"], *(one["kmsKeyArn"] for one in table["replicas"])]

    assert [arn.split(":")[3] for arn in arns] == CONTROL


def test_every_replica_is_restorable_and_protected(table: dict[str, Any]) -> None:
    """Both are off in a replica unless said."""
    assert (table["pointInTimeRecovery"]["enabled"], table["deletionProtectionEnabled"]) == (True, True)
    for replica in table["replicas"]:
        assert (replica["pointInTimeRecovery"], replica["deletionProtectionEnabled"]) == (True, True)


def test_it_has_nothing_that_strong_consistency_excludes(table: dict[str, Any]) -> None:
    """No TTL (DynamoDB guide, "Multi-Region strong consistency")."""
    assert not {"ttl", "globalSecondaryIndexes", "localSecondaryIndexes"} & set(table)


def trust(recording: Recording, role: str) -> dict[str, Any]:
    document = json.loads(recording.one("Role", role).inputs["assumeRolePolicy"])
    (statement,) = document["Statement"]
    return dict(statement)


def test_only_the_functions_that_look_at_a_lease_come_in_to_read(prod: Recording) -> None:
    """By the account as principal and their exact roles, the external id and the organisation as conditions."""
    statement = trust(prod, "lease-orders-us-east-1-read-role")
    path = "arn:aws:iam::777788889999:role/acme/stackmend"

    assert statement["Principal"] == {"AWS": "arn:aws:iam::777788889999:root"}
    assert statement["Condition"] == {
        "StringEquals": {"sts:ExternalId": "stackmend-prod", "aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "ArnEquals": {
            "aws:PrincipalArn": [f"{path}/stackmend-prod-{role}-us-east-1" for role in ("intake", "act-roll", "act-change")]
        },
    }


def test_only_the_heartbeat_comes_in_to_renew(prod: Recording) -> None:
    """Nothing else keeps a lease alive."""
    principals = trust(prod, "lease-orders-us-east-1-renew-role")["Condition"]["ArnEquals"]["aws:PrincipalArn"]

    assert principals == ["arn:aws:iam::777788889999:role/acme/stackmend/stackmend-prod-heartbeat-us-east-1"]


def test_without_an_organisation_there_is_no_condition_on_it(sandbox: Recording) -> None:
    """The sandbox has none."""
    assert trust(sandbox, "lease-workload-us-east-1-read-role")["Condition"]["StringEquals"] == {
        "sts:ExternalId": "stackmend-sandbox"
    }


def test_the_roles_that_come_in_are_roles_that_there_are(prod: Recording) -> None:
    """A misspelt principal would lock the cell out of its lease."""
    made = {f"arn:aws:iam::{prod.place_of(one)[0]}:role{one.inputs['path']}{one.inputs['name']}" for one in prod.of("Role")}
    doors = [one.name for one in prod.of("Role") if one.name.startswith("lease-")]

    for door in doors:
        assert set(trust(prod, door)["Condition"]["ArnEquals"]["aws:PrincipalArn"]) <= made


def test_a_door_uses_the_key_of_every_replica(prod: Recording) -> None:
    """A call may be answered in any of the regions, each through its own DynamoDB."""
    document = json.loads(prod.one("RolePolicy", "lease-orders-us-east-1-read-key").inputs["policy"])
    found = [
        (statement["Resource"][0].split(":")[3], statement["Condition"]["StringEquals"]["kms:ViaService"])
        for statement in document["Statement"]
    ]

    assert found == [(region, [f"dynamodb.{region}.amazonaws.com"]) for region in CONTROL]


def test_cfn_lint_takes_the_trust(prod: Recording, findings: Lint) -> None:
    """As a role's trust in a template."""
    document = {"Version": "2012-10-17", "Statement": [trust(prod, "lease-orders-us-east-1-read-role")]}

    assert findings("AWS::IAM::Role", {"AssumeRolePolicyDocument": document}) == []
