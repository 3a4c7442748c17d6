"""The ledger's table, alone and with its copy."""

from typing import Any

import pytest

from tests.components.conftest import Recording


@pytest.fixture
def table(sandbox: Recording) -> dict[str, Any]:
    return dict(sandbox.one("Table", "workload-us-east-1-ledger-table").inputs)


def test_it_is_named_for_its_owners_region(table: dict[str, Any]) -> None:
    """The copy in the partner's region has the same name, and must not clash with the partner's own."""
    assert table["name"] == "stackmend-sandbox-ledger-us-east-1"


def test_its_keys_are_declared(table: dict[str, Any]) -> None:
    """The table's and the index's, and no attribute beside them: DynamoDB refuses one that nothing is keyed by."""
    (index,) = table["globalSecondaryIndexes"]
    keys = {table["hashKey"], table["rangeKey"], *(key["attributeName"] for key in index["keySchemas"])}

    assert keys == {attribute["name"] for attribute in table["attributes"]}
    assert [key["keyType"] for key in index["keySchemas"]] == ["HASH", "RANGE"]


def test_what_is_unresolved_can_be_asked_for_whole(table: dict[str, Any]) -> None:
    """One query a minute reads everything that the heartbeat needs."""
    (index,) = table["globalSecondaryIndexes"]

    assert (index["name"], index["projectionType"]) == ("unresolved", "ALL")


def test_it_is_paid_by_use_encrypted_and_restorable(table: dict[str, Any], sandbox: Recording) -> None:
    """Under the cell's own key, to any second."""
    key = f"arn:aws:kms:us-east-1:222222222222:{'workload-us-east-1-key-key'}"

    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["ttl"] == {"attributeName": "expires_at", "enabled": True}


def test_it_has_a_stream_only_where_it_is_copied(table: dict[str, Any], prod: Recording) -> None:
    """Replication reads it; alone it would be paid for nothing."""
    copied = prod.one("Table", "payments-us-east-1-ledger-table").inputs

    assert "streamEnabled" not in table
    assert (copied["streamEnabled"], copied["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")


def test_it_is_protected_where_the_settings_say_so(table: dict[str, Any], prod: Recording) -> None:
    """A drill must be able to clean up; production must not."""
    assert table["deletionProtectionEnabled"] is False
    assert prod.one("Table", "payments-us-east-1-ledger-table").inputs["deletionProtectionEnabled"] is True
