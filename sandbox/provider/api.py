"""Between a resource's properties and the parameters of boto3: both speak of the same things in different spelling."""

from collections.abc import Callable
from datetime import datetime

from sandbox.provider.schema import Kind, Properties, Property
from sandbox.provider.wire import Value, Values

Spelling = Callable[[str], str]


def pascal(name: str) -> str:
    """MemorySize as most of AWS's APIs spell it."""
    return name[:1].upper() + name[1:]


def camel(name: str) -> str:
    """MemorySize as a few APIs, Step Functions among them, spell it."""
    return name


def to_api(properties: Properties, values: Values, spelling: Spelling = pascal) -> Values:
    """The values that are given, as parameters of a call."""
    return {
        prop.api or spelling(name): _to_api(prop, values[name], spelling)
        for name, prop in properties.items()
        if not prop.local and values.get(name) is not None
    }


def _to_api(prop: Property, value: Value, spelling: Spelling) -> Value:
    if prop.kind is Kind.BLOCK:
        return to_api(prop.fields, value, spelling)
    if prop.kind is Kind.BLOCKS:
        return [to_api(prop.fields, item, spelling) for item in value]
    return value


def from_api(properties: Properties, answer: Values, spelling: Spelling = pascal) -> Values:
    """Every property as the answer shows it; None is what the answer does not mention."""
    return {
        name: _from_api(prop, answer.get(prop.api or spelling(name)), spelling)
        for name, prop in properties.items()
        if not prop.local
    }


def _from_api(prop: Property, value: Value, spelling: Spelling) -> Value:
    if value is None:
        return None
    if prop.kind is Kind.BLOCK:
        return _given(from_api(prop.fields, value, spelling))
    if prop.kind is Kind.BLOCKS:
        return [_given(from_api(prop.fields, item, spelling)) for item in value]
    return moment(value) if isinstance(value, datetime) else value


def _given(values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def moment(value: datetime) -> str:
    """A time as the provider's outputs write it."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
