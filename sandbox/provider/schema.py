"""The words in which a resource type is described: what a property holds, what AWS calls it, what a change of it means."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import pulumi

from sandbox.provider.wire import Unknown, Value, Values, is_unknown


class Kind(Enum):
    """What a property holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TEXTS = "list of texts"
    MAP = "map"
    BLOCK = "object"
    BLOCKS = "list of objects"
    CODE = "archive or asset"


_PYTHON: Final[dict[Kind, Any]] = {
    Kind.TEXT: str,
    Kind.NUMBER: int | float,
    Kind.FLAG: bool,
    Kind.TEXTS: list,
    Kind.MAP: dict,
    Kind.BLOCK: dict,
    Kind.BLOCKS: list,
    Kind.CODE: pulumi.Archive | pulumi.Asset,
}


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a resource type, or one field of a nested object."""

    kind: Kind
    api: str | None = None
    """AWS's name for it, where that is not its own name in AWS's spelling."""
    local: bool = False
    """It never goes to AWS by itself: the module that describes the type says what becomes of it."""
    required: bool = False
    replaces: bool = False
    """Terraform's ForceNew: a change makes a new resource."""
    computed: bool = False
    """Terraform's Optional and Computed: where the program says nothing, AWS's choice stands."""
    default: Value = None
    """Terraform's Default: filled in by check, so that policies see it."""
    autoname: int | None = None
    """The most characters of a generated name, which is used where the program gives none."""
    prefix: str = ""
    """What a generated name must start with."""
    ordered: bool = False
    """A list in which order means something; most of AWS's are sets."""
    normal: Callable[[Value], Value] = lambda value: value
    """Gives two values that mean the same the same form."""
    fields: Mapping[str, "Property"] = field(default_factory=dict)
    key: str | None = None
    """The field that tells one nested object of a list from another."""


Properties = Mapping[str, Property]


def text(
    *,
    api: str | None = None,
    local: bool = False,
    required: bool = False,
    replaces: bool = False,
    computed: bool = False,
    default: str | None = None,
    normal: Callable[[Value], Value] = lambda value: value,
) -> Property:
    return Property(
        kind=Kind.TEXT,
        api=api,
        local=local,
        required=required,
        replaces=replaces,
        computed=computed,
        default=default,
        normal=normal,
    )


def name(limit: int, *, api: str | None = None, prefix: str = "") -> Property:
    """The name of a resource: generated where the program gives none, and fixed for life."""
    return Property(kind=Kind.TEXT, api=api, autoname=limit, prefix=prefix, replaces=True)


def number(
    *,
    api: str | None = None,
    local: bool = False,
    required: bool = False,
    replaces: bool = False,
    computed: bool = False,
    default: float | None = None,
) -> Property:
    return Property(
        kind=Kind.NUMBER, api=api, local=local, required=required, replaces=replaces, computed=computed, default=default
    )


def flag(
    *,
    api: str | None = None,
    local: bool = False,
    required: bool = False,
    replaces: bool = False,
    computed: bool = False,
    default: bool | None = None,
) -> Property:
    return Property(
        kind=Kind.FLAG, api=api, local=local, required=required, replaces=replaces, computed=computed, default=default
    )


def texts(
    *, api: str | None = None, replaces: bool = False, computed: bool = False, local: bool = False, ordered: bool = False
) -> Property:
    return Property(kind=Kind.TEXTS, api=api, replaces=replaces, computed=computed, local=local, ordered=ordered)


def mapping(*, api: str | None = None, local: bool = False, replaces: bool = False) -> Property:
    return Property(kind=Kind.MAP, api=api, local=local, replaces=replaces)


def code(*, replaces: bool = False) -> Property:
    """An archive or asset; two are the same when the zip made of them is, see archives.py."""
    return Property(kind=Kind.CODE, local=True, replaces=replaces)


def block(
    fields: Properties,
    *,
    api: str | None = None,
    local: bool = False,
    required: bool = False,
    replaces: bool = False,
    computed: bool = False,
) -> Property:
    return Property(kind=Kind.BLOCK, fields=fields, api=api, local=local, required=required, replaces=replaces, computed=computed)


def blocks(fields: Properties, *, key: str, api: str | None = None, local: bool = False, replaces: bool = False) -> Property:
    return Property(kind=Kind.BLOCKS, fields=fields, key=key, api=api, local=local, replaces=replaces)


def complaints(properties: Properties, values: Values, path: str = "") -> Iterator[tuple[str, str]]:
    """(property, what is wrong with it) for everything that the description does not allow."""
    for given, value in values.items():
        if given not in properties:
            known = ", ".join(sorted(properties))
            yield f"{path}{given}", f"the stand-in does not know this property (it knows {known}): describe it, or leave it out"
        elif not isinstance(value, Unknown):
            yield from _misfits(properties[given], value, f"{path}{given}")
    for wanted, prop in properties.items():
        if prop.required and wanted not in values:
            yield f"{path}{wanted}", "a value is required: give it one"


def _misfits(prop: Property, value: Value, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, _PYTHON[prop.kind]) or (prop.kind is Kind.NUMBER and isinstance(value, bool)):
        yield path, f"{value!r} does not fit: give {prop.kind.value}"
    elif prop.kind is Kind.BLOCK:
        yield from complaints(prop.fields, value, f"{path}.")
    elif prop.kind is Kind.BLOCKS:
        for index, item in enumerate(value):
            if not isinstance(item, Unknown):
                yield from complaints(prop.fields, item, f"{path}[{index}].")


def with_defaults(properties: Properties, values: Values) -> Values:
    """The values with Terraform's defaults where nothing is said, nested objects included."""
    filled = {name: _filled(properties.get(name), value) for name, value in values.items()}
    for missing, prop in properties.items():
        if missing not in filled and prop.default is not None:
            filled[missing] = prop.default
    return filled


def _filled(prop: Property | None, value: Value) -> Value:
    if prop is None or isinstance(value, Unknown):
        return value
    if prop.kind is Kind.BLOCK and isinstance(value, dict):
        return with_defaults(prop.fields, value)
    if prop.kind is Kind.BLOCKS and isinstance(value, list):
        return [with_defaults(prop.fields, item) if isinstance(item, dict) else item for item in value]
    return value


def same(prop: Property, new: Value, old: Value) -> bool:
    """Whether *new*, as the program wants it, says what *old*, as it was last seen, says."""
    if new is None and prop.computed:
        return True
    if _is_nothing(new) or _is_nothing(old):
        return _is_nothing(new) and _is_nothing(old)
    return not is_unknown(new) and _same_value(prop, new, old)


def _same_value(prop: Property, new: Value, old: Value) -> bool:
    if prop.kind is Kind.BLOCK:
        return all(same(inner, new.get(name), old.get(name)) for name, inner in prop.fields.items())
    if prop.kind is Kind.BLOCKS:
        return _same_blocks(prop, new, old)
    if prop.kind is Kind.TEXTS and not prop.ordered:
        return sorted(map(prop.normal, new)) == sorted(map(prop.normal, old))
    return bool(prop.normal(new) == prop.normal(old))


def _same_blocks(prop: Property, new: list[Values], old: list[Values]) -> bool:
    news, olds = by_key(prop, new), by_key(prop, old)
    whole = Property(kind=Kind.BLOCK, fields=prop.fields)
    return news.keys() == olds.keys() and all(same(whole, item, olds[key]) for key, item in news.items())


def by_key(prop: Property, items: list[Values]) -> dict[str, Values]:
    """The nested objects of a list by the field that identifies them."""
    return {str(item.get(prop.key or "")): item for item in items}


def _is_nothing(value: Value) -> bool:
    """Terraform takes an empty value and none at all for the same; 0 is a number that somebody meant."""
    if isinstance(value, dict):
        return all(map(_is_nothing, value.values()))
    return value is None or value is False or value in ("", [])
