"""What the engine keeps of a resource: what AWS shows, and what the program said where AWS does not show it."""

from collections.abc import Collection, Iterator
from typing import Final

from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind

from sandbox.provider.archives import code_sha256, elided_hash
from sandbox.provider.echoed import echoed
from sandbox.provider.naming import GENERATED
from sandbox.provider.resource import Call, ResourceType, merged_tags
from sandbox.provider.schema import Kind, Properties, Property, by_key, same
from sandbox.provider.wire import UNKNOWN, Value, Values, is_code, is_unknown

_AS_SEEN: Final = (Kind.CODE, Kind.BLOCK, Kind.BLOCKS)


def state_after(call: Call, seen: Values) -> Values:
    """The state when AWS shows *seen*; a document or list keeps the program's form while it means the same.

    Nested objects are kept as they are seen, because AWS adds to them: a replica gets an ARN.
    """
    state = _with_echoes(call.type.properties, call.known, seen, echoed(call.type.pulumi_type))
    for name, prop in call.type.properties.items():
        if name in seen and prop.kind not in _AS_SEEN and same(prop, call.known.get(name), state.get(name)):
            state[name] = call.known.get(name, state.get(name))
    state.pop(GENERATED, None)
    return {"id": call.id, "region": call.account.region, **state}


def _with_echoes(properties: Properties, known: Values, seen: Values, echoes: Collection[str]) -> Values:
    state = {**known, **{name: value for name, value in seen.items() if name not in echoes}}
    for name, prop in properties.items():
        inner = frozenset(path.removeprefix(f"{name}.") for path in echoes if path.startswith(f"{name}."))
        if inner and isinstance(seen.get(name), list):
            before = by_key(prop, known.get(name) or [])
            state[name] = [_kept(prop, before.get(key, {}), item, inner) for key, item in by_key(prop, seen[name]).items()]
        elif inner and isinstance(seen.get(name), dict):
            state[name] = _kept(prop, known.get(name) or {}, seen[name], inner)
    return {name: value for name, value in state.items() if value is not None}


def _kept(prop: Property, known: Values, seen: Values, echoes: frozenset[str]) -> Values:
    remembered = {name: known[name] for name in echoes if name in known and name in prop.fields}
    return {**{name: value for name, value in seen.items() if name not in echoes}, **remembered}


def expected(type_: ResourceType, inputs: Values, state: Values, tags: dict[str, str]) -> Values:
    """The state that a preview foresees."""
    volatile = type_.volatile if state else type_.outputs
    foreseen = {**state, **inputs, **dict.fromkeys(volatile, UNKNOWN)}
    if type_.tagging:
        foreseen["tagsAll"] = UNKNOWN if is_unknown(tags) else tags
    foreseen.pop(GENERATED, None)
    return foreseen


def inputs_after(call: Call, state: Values) -> Values:
    """The inputs that a refresh leaves behind: what has drifted is taken over, the rest stays as it was said."""
    found = dict(call.inputs)
    for name, prop in call.type.properties.items():
        if name in found and not is_code(found[name]) and not same(prop, found[name], state.get(name)):
            found[name] = state.get(name)
    return {name: value for name, value in found.items() if value is not None}


def changes(call: Call) -> dict[str, PropertyDiff]:
    """How the inputs differ from the state, property by property."""
    return {name: PropertyDiff(kind, input_diff=True) for name, kind in _changes(call)}


def _changes(call: Call) -> Iterator[tuple[str, PropertyDiffKind]]:
    for name, prop in call.type.properties.items():
        new, old = call.inputs.get(name), call.state.get(name)
        if prop.kind is Kind.CODE:
            if not _same_code(call, name, new):
                yield name, _kind(new, old, replaces=prop.replaces)
        elif not same(prop, new, old):
            yield name, _kind(new, old, replaces=prop.replaces)
    if call.type.tagging and merged_tags(call.account, call.inputs) != call.state.get("tagsAll", {}):
        yield "tagsAll", PropertyDiffKind.UPDATE


def _same_code(call: Call, name: str, new: Value) -> bool:
    if new is None or is_unknown(new):
        return new is None
    if (elided := elided_hash(new)) is not None:  # the engine asks for a diff without showing the content
        return elided == elided_hash(call.state.get(name))
    return code_sha256(new) == call.state.get(call.type.code[name])


def without_drifted_code(call: Call, state: Values) -> Values:
    """The state without code that is no longer what was deployed, so that the next deployment sends it again."""
    drifted = {name for name, digest in call.type.code.items() if call.state.get(digest) != state.get(digest)}
    return {name: value for name, value in state.items() if name not in drifted}


def _kind(new: Value, old: Value, *, replaces: bool) -> PropertyDiffKind:
    if old is None:
        return PropertyDiffKind.ADD_REPLACE if replaces else PropertyDiffKind.ADD
    if new is None:
        return PropertyDiffKind.DELETE_REPLACE if replaces else PropertyDiffKind.DELETE
    return PropertyDiffKind.UPDATE_REPLACE if replaces else PropertyDiffKind.UPDATE
