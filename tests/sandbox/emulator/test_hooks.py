"""Additions take their places only where what they expect is really there."""

from types import ModuleType

import pytest

from sandbox.emulator.errors import EmulatorChangedError
from sandbox.emulator.hooks import around_stack_actions, parameter, replace, stack_name

pytestmark = pytest.mark.sandbox


def test_replaces_by_name_and_hands_the_original_on() -> None:
    """The addition wraps what was there."""
    module = ModuleType("m")
    vars(module)["double"] = lambda number: 2 * number

    replace(module, "double", lambda original: lambda number: original(number) + 1)

    assert vars(module)["double"](3) == 7


def test_missing_place_is_told() -> None:
    """An emulator without the name is another one, and nothing is installed into it silently."""
    with pytest.raises(EmulatorChangedError, match="m has no gone: an addition hooks into it"):
        replace(ModuleType("m"), "gone", lambda original: original)


def test_missing_action_is_told() -> None:
    """The same for an action of CloudFormation's."""
    with pytest.raises(EmulatorChangedError, match="does not know InventStack"):
        around_stack_actions(["InventStack"], lambda _, original, parameters: original(parameters))


def test_parameters_come_as_lists_or_not_at_all() -> None:
    """A form's values are lists; what is not there is empty."""
    assert parameter({"StackName": ["s"], "Plain": "p"}, "StackName") == "s"
    assert parameter({"StackName": ["s"], "Plain": "p"}, "Plain") == "p"
    assert parameter({}, "StackName") == ""


def test_name_is_read_from_an_id() -> None:
    """Callers address a stack by either."""
    assert stack_name("arn:aws:cloudformation:us-east-1:2:stack/app-orders/0c1") == "app-orders"
    assert stack_name("app-orders") == "app-orders"
