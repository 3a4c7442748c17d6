"""Property values become plain Python and come back the same."""

import pulumi
import pytest
from pulumi.provider.experimental.property_value import PropertyValue

from sandbox.provider.wire import UNKNOWN, UNKNOWN_STRING, is_unknown, to_plain, to_wire

VALUES = {
    "text": "a",
    "whole": 5,
    "fraction": 0.5,
    "flag": False,
    "list": ["a", 1, {"b": True}],
    "map": {"a": {"b": ["c"]}},
    "unknown": UNKNOWN,
    "part": {"a": [UNKNOWN]},
}


def test_values_survive_the_wire() -> None:
    """Whatever a module works with reads the same after a round trip."""
    assert to_plain(to_wire(VALUES)) == VALUES


def test_whole_numbers_arrive_as_integers() -> None:
    """The wire knows floats only; boto3 refuses a float where AWS wants an integer."""
    plain = to_plain({"n": PropertyValue(30.0)})
    assert plain == {"n": 30}
    assert isinstance(plain["n"], int)


def test_flags_do_not_become_numbers() -> None:
    """Python's bool is an int; Pulumi's is not."""
    assert to_wire({"flag": True})["flag"].value is True


def test_nothing_is_sent_for_none() -> None:
    """A property without a value is left out, in both directions and in nested objects."""
    assert to_wire({"a": None, "b": {"c": None}}) == {"b": PropertyValue({})}
    assert to_plain({"a": PropertyValue.null(), "b": PropertyValue({"c": PropertyValue.null()})}) == {"b": {}}


def test_unknown_of_every_type_is_recognised() -> None:
    """The engine has one sentinel for each type it may expect."""
    sentinels = ["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", UNKNOWN_STRING]
    for sentinel in sentinels:
        assert to_plain({"a": PropertyValue(sentinel)})["a"] is UNKNOWN


@pytest.mark.parametrize(("value", "expected"), [(UNKNOWN, True), ([{"a": UNKNOWN}], True), ([{"a": 1}], False), ("a", False)])
def test_unknown_is_found_at_any_depth(value: object, expected: bool) -> None:
    """A list with one unknown field cannot be compared either."""
    assert is_unknown(value) is expected


def test_code_passes_untouched() -> None:
    """Archives are values of their own."""
    archive = pulumi.FileArchive("./a")
    assert to_plain(to_wire({"code": archive}))["code"].path == "./a"
