"""Tables keep what AWS promises of them: protection, indexes, replicas."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.launcher import Emulator
from sandbox.provider.errors import ProtectedError
from tests.sandbox.provider.driver import Deployed, Driver
from tests.sandbox.provider.example import ACCOUNT, PARTNER, REGION
from tests.sandbox.provider.examples import EXAMPLES, STRONG_TABLE

pytestmark = pytest.mark.sandbox

TABLE = "aws:dynamodb/table:Table"
LEDGER = next(example.inputs for example in EXAMPLES if example.type == TABLE)


def described(emulator: Emulator, region: str, table: str) -> dict[str, Any]:
    answer: dict[str, Any] = emulator.session(ACCOUNT, region).client("dynamodb").describe_table(TableName=table)["Table"]
    return answer


def hashed_by(attribute: str) -> list[dict[str, str]]:
    return [{"attributeName": attribute, "keyType": "HASH"}]


def deploy(driver: Driver, **changes: Any) -> Deployed:
    return driver.create(TABLE, "table", {**LEDGER, "name": "guarded", **changes})


def test_protected_table_stays_until_it_is_unprotected(driver: Driver, emulator: Emulator) -> None:
    """AWS refuses to delete it; an update turns the protection off, and then it goes."""
    inputs = {**LEDGER, "name": "guarded", "deletionProtectionEnabled": True, "replicas": []}
    one = driver.create(TABLE, "table", inputs)
    with pytest.raises(ClientError, match="protected against deletion"):
        driver.delete(one)
    assert described(emulator, REGION, "guarded")["TableStatus"] == "ACTIVE"
    driver.update(one, {**inputs, "deletionProtectionEnabled": False})
    driver.delete(one)
    assert not driver.refresh(one)


def test_protected_replica_keeps_the_whole_table(driver: Driver, emulator: Emulator) -> None:
    """Nothing is deleted, in any region, while a replica is protected."""
    inputs = {**LEDGER, "name": "guarded", "replicas": [{"regionName": PARTNER, "deletionProtectionEnabled": True}]}
    one = driver.create(TABLE, "table", inputs)
    with pytest.raises(ProtectedError, match=f"guarded: replicas.deletionProtectionEnabled: true in {PARTNER}"):
        driver.delete(one)
    assert described(emulator, PARTNER, "guarded")["DeletionProtectionEnabled"] is True
    driver.update(one, {**inputs, "replicas": [{"regionName": PARTNER, "deletionProtectionEnabled": False}]})
    driver.delete(one)
    assert not driver.refresh(one)


def test_replica_holds_the_tables_items(driver: Driver, emulator: Emulator) -> None:
    """What is written in one region is there in the other, and the tags are too."""
    one = deploy(driver)
    item = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    emulator.session(ACCOUNT, REGION).client("dynamodb").put_item(TableName="guarded", Item=item)
    there = emulator.session(ACCOUNT, PARTNER).client("dynamodb")
    assert there.get_item(TableName="guarded", Key=item)["Item"] == item
    arn = described(emulator, PARTNER, "guarded")["TableArn"]
    tags = {tag["Key"]: tag["Value"] for tag in there.list_tags_of_resource(ResourceArn=arn)["Tags"]}
    assert tags == one.state["tagsAll"]
    assert one.state["replicas"][0]["arn"] == arn


def test_strong_table_spans_three_regions(driver: Driver, emulator: Emulator) -> None:
    """Both replicas are made in one call, and go with the table."""
    one = driver.create(TABLE, "lease", STRONG_TABLE.inputs)
    assert {replica["regionName"] for replica in one.state["replicas"]} == {"us-east-2", PARTNER}
    driver.delete(one)
    for region in (REGION, "us-east-2", PARTNER):
        assert "example-lease" not in emulator.session(ACCOUNT, region).client("dynamodb").list_tables()["TableNames"]


def test_index_that_changes_is_built_again(driver: Driver, emulator: Emulator) -> None:
    """Only the index that differs is touched."""
    first, second = ({"name": key, "keySchemas": hashed_by(key), "projectionType": "ALL"} for key in ("cell", "key"))
    inputs = {**LEDGER, "name": "guarded", "replicas": [], "globalSecondaryIndexes": [first, second]}
    one = driver.create(TABLE, "table", inputs)
    before = len(emulator.calls())
    driver.update(one, {**inputs, "globalSecondaryIndexes": [first, {**second, "projectionType": "KEYS_ONLY"}]})
    actions = [call.action for call in emulator.calls()[before:] if call.service == "dynamodb"]
    assert actions.count("dynamodb:UpdateTable") == 2
    shown = described(emulator, REGION, "guarded")["GlobalSecondaryIndexes"]
    assert {index["IndexName"]: index["Projection"]["ProjectionType"] for index in shown} == {"cell": "ALL", "key": "KEYS_ONLY"}


@pytest.mark.parametrize("change", [{"hashKey": "sk", "rangeKey": "pk"}, {"rangeKey": "cell"}, {"name": "renamed"}])
def test_keys_and_name_replace_the_table(driver: Driver, change: dict[str, Any]) -> None:
    """A table's keys are for life; a name that stays must be free before the new table can have it."""
    one = deploy(driver, replicas=[])
    answer = driver.diff(one, {**LEDGER, "name": "guarded", "replicas": [], **change})
    assert set(answer.replaces) == set(change)
    assert answer.delete_before_replace is ("name" not in change)


def test_billing_can_go_back_to_provisioned(driver: Driver, emulator: Emulator) -> None:
    """Capacity is given with the mode that needs it."""
    attributes = [{"name": name, "type": "S"} for name in ("pk", "sk")]
    inputs = {**LEDGER, "name": "guarded", "replicas": [], "globalSecondaryIndexes": [], "attributes": attributes}
    one = driver.create(TABLE, "table", inputs)
    driver.update(one, {**inputs, "billingMode": "PROVISIONED", "readCapacity": 2, "writeCapacity": 3})
    assert described(emulator, REGION, "guarded")["ProvisionedThroughput"]["WriteCapacityUnits"] == 3
