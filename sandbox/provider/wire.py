"""Pulumi's property values as plain Python, and back."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import pulumi
from pulumi.provider.experimental.property_value import PropertyValue

Value: TypeAlias = Any
"""None, bool, int, float, str, list, dict, an asset, an archive, or UNKNOWN."""
Values: TypeAlias = dict[str, Any]


class Unknown:
    """A value that only the deployment itself will tell."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN: Final = Unknown()

# The engine sends an unknown value as one of these strings, by the type it expects.
# sdk/v3/go/common/resource/plugin/rpc.go: UnknownBoolValue ... UnknownObjectValue
_SENTINELS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def to_plain(properties: Mapping[str, PropertyValue]) -> Values:
    """The properties without their wrapping; null properties are left out, as if never given."""
    plain = {name: _plain(value) for name, value in properties.items()}
    return {name: value for name, value in plain.items() if value is not None}


def _plain(wrapped: PropertyValue) -> Value:
    value = wrapped.value
    if isinstance(value, str):
        return UNKNOWN if value in _SENTINELS else str(value)
    if isinstance(value, Mapping):
        return to_plain(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def to_wire(values: Mapping[str, Value]) -> dict[str, PropertyValue]:
    """The values as the engine wants them; what is None is left out."""
    return {name: _wire(value) for name, value in values.items() if value is not None}


def _wire(value: Value) -> PropertyValue:
    if isinstance(value, Unknown):
        return PropertyValue(UNKNOWN_STRING)
    if isinstance(value, dict):
        return PropertyValue(to_wire(value))
    if isinstance(value, list | tuple):
        return PropertyValue([_wire(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def is_unknown(value: Value) -> bool:
    """Whether any part of the value is still unknown."""
    if isinstance(value, dict):
        return any(is_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(is_unknown(item) for item in value)
    return isinstance(value, Unknown)


def is_code(value: Value) -> bool:
    return isinstance(value, pulumi.Archive | pulumi.Asset)
