"""A description says what is wrong with an input, and what counts as a change."""

from typing import Any

import pytest

from sandbox.provider.schema import (
    Property,
    block,
    blocks,
    code,
    complaints,
    flag,
    mapping,
    name,
    number,
    same,
    text,
    texts,
    with_defaults,
)
from sandbox.provider.wire import UNKNOWN

REPLICA = {"regionName": text(required=True), "kmsKeyArn": text(computed=True), "protected": flag(default=False)}
PROPERTIES = {
    "name": name(20),
    "hashKey": text(required=True),
    "timeout": number(default=3),
    "isOn": flag(),
    "tags": mapping(),
    "layers": texts(ordered=True),
    "actions": texts(),
    "ttl": block({"attributeName": text(required=True), "enabled": flag(default=False)}),
    "replicas": blocks(REPLICA, key="regionName"),
    "code": code(),
}
VALID: dict[str, Any] = {"hashKey": "pk"}


def test_valid_inputs_raise_no_complaint() -> None:
    """Properties may be left out, and may be unknown at any depth."""
    unknown = {"timeout": UNKNOWN, "ttl": UNKNOWN, "replicas": [UNKNOWN, {"regionName": UNKNOWN}]}
    assert list(complaints(PROPERTIES, VALID)) == []
    assert list(complaints(PROPERTIES, {**VALID, **unknown})) == []


@pytest.mark.parametrize(
    ("inputs", "path", "part"),
    [
        ({"colour": "red"}, "colour", "the stand-in does not know this property"),
        ({"ttl": {"attributeName": "a", "colour": 1}}, "ttl.colour", "it knows attributeName, enabled"),
        ({"replicas": [{"regionName": "a"}, {"regionName": "b", "x": 1}]}, "replicas[1].x", "does not know this property"),
        ({"replicas": [{}]}, "replicas[0].regionName", "a value is required: give it one"),
        ({"timeout": "3"}, "timeout", "'3' does not fit: give number"),
        ({"timeout": True}, "timeout", "True does not fit: give number"),
        ({"isOn": "true"}, "isOn", "'true' does not fit: give flag"),
        ({"ttl": ["a"]}, "ttl", "['a'] does not fit: give object"),
        ({"layers": "a"}, "layers", "'a' does not fit: give list of texts"),
        ({"replicas": {"regionName": "a"}}, "replicas", "does not fit: give list of objects"),
        ({"code": "a path"}, "code", "'a path' does not fit: give archive or asset"),
    ],
)
def test_complaint_names_field_value_and_remedy(inputs: dict[str, Any], path: str, part: str) -> None:
    """One wrong thing makes one complaint, at its path."""
    ((where, what),) = complaints(PROPERTIES, {**VALID, **inputs})
    assert where == path
    assert part in what


def test_missing_property_is_named() -> None:
    """A required property must be there, even if its value is not known yet."""
    assert list(complaints(PROPERTIES, {})) == [("hashKey", "a value is required: give it one")]
    assert list(complaints(PROPERTIES, {"hashKey": UNKNOWN})) == []


def test_defaults_fill_nested_objects_too() -> None:
    """What Terraform would assume is said, so that policies see it."""
    inputs = {**VALID, "ttl": {"attributeName": "a"}, "replicas": [{"regionName": "r", "protected": True}, UNKNOWN]}
    assert with_defaults(PROPERTIES, inputs) == {
        "hashKey": "pk",
        "timeout": 3,
        "ttl": {"attributeName": "a", "enabled": False},
        "replicas": [{"regionName": "r", "protected": True}, UNKNOWN],
    }


def test_defaults_leave_the_given_inputs_alone() -> None:
    """The caller's inputs are never changed."""
    inputs = {"ttl": {"attributeName": "a"}}
    with_defaults(PROPERTIES, inputs)
    assert inputs == {"ttl": {"attributeName": "a"}}


@pytest.mark.parametrize(
    ("prop", "new", "old"),
    [
        (text(), "a", "a"),
        (text(), "", None),
        (text(), None, ""),
        (text(computed=True), None, "chosen by AWS"),
        (text(normal=str.lower), "A", "a"),
        (number(), 1, 1.0),
        (flag(), False, None),
        (texts(), ["a", "b"], ["b", "a"]),
        (mapping(), {"a": "b"}, {"a": "b"}),
        (mapping(), {}, None),
        (PROPERTIES["ttl"], None, {"attributeName": "", "enabled": False}),
        (PROPERTIES["replicas"], [{"regionName": "a"}], [{"regionName": "a", "kmsKeyArn": "chosen", "streamArn": "x"}]),
        (PROPERTIES["replicas"], [{"regionName": "a"}, {"regionName": "b"}], [{"regionName": "b"}, {"regionName": "a"}]),
    ],
)
def test_same(prop: Property, new: object, old: object) -> None:
    """Two ways to say one thing are no change."""
    assert same(prop, new, old)


@pytest.mark.parametrize(
    ("prop", "new", "old"),
    [
        (text(), "a", "b"),
        (text(), None, "a"),
        (text(computed=True), "a", "b"),
        (text(), UNKNOWN, "a"),
        (number(), 0, None),
        (number(), 0, 5),
        (flag(), True, None),
        (texts(ordered=True), ["a", "b"], ["b", "a"]),
        (texts(), ["a"], ["a", "b"]),
        (mapping(), {"a": "b"}, {"a": "c"}),
        (PROPERTIES["ttl"], {"attributeName": "a", "enabled": True}, {"attributeName": "a", "enabled": False}),
        (PROPERTIES["ttl"], {"attributeName": UNKNOWN}, {"attributeName": "a"}),
        (PROPERTIES["replicas"], [], [{"regionName": "a"}]),
        (PROPERTIES["replicas"], [{"regionName": "a"}], [{"regionName": "b"}]),
        (PROPERTIES["replicas"], [{"regionName": "a", "kmsKeyArn": "x"}], [{"regionName": "a", "kmsKeyArn": "y"}]),
    ],
)
def test_not_same(prop: Property, new: object, old: object) -> None:
    """What AWS would do differently is a change; and so is what nobody knows yet."""
    assert not same(prop, new, old)
