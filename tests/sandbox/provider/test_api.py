"""Properties and boto3 parameters are the same things in different spelling."""

from datetime import UTC, datetime

from sandbox.provider.api import camel, from_api, moment, to_api
from sandbox.provider.schema import block, blocks, flag, mapping, number, text, texts

PROPERTIES = {
    "name": text(api="AlarmName"),
    "memorySize": number(),
    "code": text(local=True),
    "alarmActions": texts(),
    "environment": block({"variables": mapping()}),
    "filters": blocks({"pattern": text(), "isOn": flag(api="Active")}, key="pattern"),
}
VALUES = {
    "name": "a",
    "memorySize": 128,
    "alarmActions": ["x"],
    "environment": {"variables": {"camelKey": "v"}},
    "filters": [{"pattern": "p", "isOn": False}],
}
PARAMETERS = {
    "AlarmName": "a",
    "MemorySize": 128,
    "AlarmActions": ["x"],
    "Environment": {"Variables": {"camelKey": "v"}},
    "Filters": [{"Pattern": "p", "Active": False}],
}


def test_to_api_spells_names_and_leaves_map_keys() -> None:
    """Nested objects are translated; the keys of a map are the program's own."""
    assert to_api(PROPERTIES, {**VALUES, "code": "never sent", "unknown": 1}) == PARAMETERS


def test_from_api_is_the_inverse() -> None:
    """What was sent reads back as what was said."""
    assert from_api(PROPERTIES, PARAMETERS) == VALUES


def test_what_is_not_mentioned_is_none() -> None:
    """An answer without a property means that it is not set, and that is drift if it should be."""
    assert from_api(PROPERTIES, {}) == dict.fromkeys(VALUES)


def test_what_is_not_given_is_not_sent() -> None:
    """AWS's own defaults apply, rather than nulls."""
    assert to_api(PROPERTIES, {"name": "a", "memorySize": None}) == {"AlarmName": "a"}


def test_camel_spelling_keeps_names() -> None:
    """Step Functions spells as Pulumi does."""
    assert to_api({"roleArn": text()}, {"roleArn": "r"}, camel) == {"roleArn": "r"}


def test_times_are_written_as_the_real_provider_writes_them() -> None:
    """Outputs are text."""
    assert moment(datetime(2026, 11, 23, 19, 0, tzinfo=UTC)) == "2026-11-23T19:00:00Z"
    assert from_api({"endDate": text()}, {"EndDate": datetime(2026, 1, 2, tzinfo=UTC)}) == {"endDate": "2026-01-02T00:00:00Z"}
