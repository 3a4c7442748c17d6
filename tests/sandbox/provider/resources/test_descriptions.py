"""Every description speaks of properties that the program's classes really have."""

import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from sandbox.provider.resource import ResourceType
from sandbox.provider.resources import TYPES
from sandbox.provider.schema import Properties

MODULES = {"lambda": "lambda_"}


def camel(name: str) -> str:
    return re.sub(r"_(.)", lambda match: match[1].upper(), name)


def class_of(type_: ResourceType) -> tuple[ModuleType, type]:
    _, module, name = type_.pulumi_type.split(":")
    folder = module.split("/")[0]
    package = importlib.import_module(f"pulumi_aws.{MODULES.get(folder, folder)}")
    return package, getattr(package, name)


def arguments(class_: type) -> dict[str, str]:
    """The names of a class's arguments as they travel, with their types as text."""
    parameters = inspect.signature(class_.__init__).parameters  # type: ignore[misc]
    return {camel(name): str(parameter.annotation) for name, parameter in parameters.items()}


def strangers(package: ModuleType, class_: type, properties: Properties, path: str = "") -> Iterator[str]:
    """Paths of described properties that the class does not have."""
    known = arguments(class_)
    for name, prop in properties.items():
        if name not in known:
            yield f"{path}{name}"
        elif prop.fields:
            nested = re.search(r"(\w+Args)'", known[name])
            assert nested, f"{path}{name} is described as an object: {known[name]}"
            yield from strangers(package, getattr(package, nested[1]), prop.fields, f"{path}{name}.")


@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
def test_properties_and_outputs_exist(type_: ResourceType) -> None:
    """A misspelt name would never match what the program sends."""
    package, class_ = class_of(type_)
    named_apart = f"{class_.__name__}InitArgs"  # where a nested object bears the name that they should have
    arguments_class = getattr(package, named_apart, None) or getattr(package, f"{class_.__name__}Args")
    assert list(strangers(package, arguments_class, type_.properties)) == []
    shown = {camel(name) for name, value in vars(class_).items() if isinstance(value, property)}
    assert set(type_.outputs) <= shown
    assert set(type_.volatile) <= set(type_.outputs)


@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
def test_description_is_consistent(type_: ResourceType) -> None:
    """Code has its digest among the outputs; a type that cannot be updated has only properties that replace or stay here."""
    assert all(digest in type_.outputs for digest in type_.code.values())
    if type_.update is None:
        assert all(prop.replaces or prop.local for prop in type_.properties.values())
