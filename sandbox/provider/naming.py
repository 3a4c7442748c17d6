"""Names for resources that the program leaves unnamed, as the Terraform bridge makes them."""

import hashlib
from typing import Final

from pulumi.provider.experimental.provider import CheckRequest

from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.wire import Values, to_plain

GENERATED: Final = "__defaults"
"""The input in which the bridge, too, keeps the names of those inputs that it chose itself."""

_SUFFIX: Final = 7  # hex digits


def without_marks(inputs: Values) -> Values:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}


def named(type_: ResourceType, inputs: Values, request: CheckRequest) -> tuple[Values, list[str]]:
    """The inputs with generated names filled in, and which those are: the old one if there is one, else a fresh one."""
    old = to_plain(request.old_inputs)
    missing = [name for name, prop in type_.properties.items() if prop.autoname and name not in inputs]
    generated = {
        name: old[name] if name in old.get(GENERATED, []) and name in old else _fresh(type_, name, request) for name in missing
    }
    return {**inputs, **generated}, missing


def _fresh(type_: ResourceType, name: str, request: CheckRequest) -> str:
    prop = type_.properties[name]
    suffix = hashlib.sha256(request.random_seed + request.urn.encode()).hexdigest()[:_SUFFIX]
    room = (prop.autoname or 0) - len(prop.prefix) - _SUFFIX - 1
    return f"{prop.prefix}{request.name[:room]}-{suffix}"


def keeps_its_name(call: Call) -> bool:
    """Whether a replacement would want the name that its predecessor still bears, so that one must go first."""
    return any(
        prop.autoname and name not in call.inputs.get(GENERATED, []) and call.inputs.get(name) == call.state.get(name)
        for name, prop in call.type.properties.items()
    )
