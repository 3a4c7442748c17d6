"""Keys go when they are scheduled to go, and aliases follow their key."""

import pytest

from sandbox.emulator.launcher import Emulator
from tests.sandbox.provider.driver import Driver
from tests.sandbox.provider.example import ACCOUNT

pytestmark = pytest.mark.sandbox

KEY, ALIAS = "aws:kms/key:Key", "aws:kms/alias:Alias"


def test_alias_moves_to_another_key(driver: Driver) -> None:
    """A change of the target updates in place; the id and the ARN of a key mean the same target."""
    first, second = driver.create(KEY, "one", {}), driver.create(KEY, "two", {})
    alias = driver.create(ALIAS, "alias", {"name": "alias/cell", "targetKeyId": first.id})
    assert alias.state["targetKeyArn"] == first.state["arn"]
    assert driver.diff(alias, {"name": "alias/cell", "targetKeyId": first.state["arn"]}).changes is False
    moved = {"name": "alias/cell", "targetKeyId": second.id}
    assert driver.diff(alias, moved).replaces == []
    driver.update(alias, moved)
    assert alias.state["targetKeyArn"] == second.state["arn"]
    driver.delete(alias)
    assert not driver.refresh(alias)


def test_deleted_key_waits_out_its_window(driver: Driver, emulator: Emulator) -> None:
    """A key is never deleted at once; while it waits it counts as gone."""
    one = driver.create(KEY, "key", {"deletionWindowInDays": 7})
    driver.delete(one)
    shown = emulator.session(ACCOUNT).client("kms").describe_key(KeyId=one.id)["KeyMetadata"]
    assert shown["KeyState"] == "PendingDeletion"
    assert not driver.refresh(one)


def test_key_can_be_disabled_and_enabled(driver: Driver) -> None:
    """The one switch that a key has."""
    one = driver.create(KEY, "key", {"isEnabled": False})
    assert one.state["isEnabled"] is False
    driver.update(one, {"isEnabled": True})
    assert one.state["isEnabled"] is True
