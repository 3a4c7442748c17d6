"""How additions take their places in the emulator: by name, and only where what they expect is really there."""

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

from sandbox.emulator.errors import EmulatorChangedError

Parameters = Mapping[str, Any]
Answer = tuple[int, dict[str, str], bytes]
StackHandler = Callable[[Parameters], Answer]
StackWrapper = Callable[[str, StackHandler, Parameters], Answer]


def replace(module: ModuleType | type, name: str, make: Callable[[Any], Any]) -> None:
    """Put `make(original)` in the place of *module*'s *name*."""
    original = getattr(module, name, None)
    if original is None:
        raise EmulatorChangedError(f"{module.__name__} has no {name}: an addition hooks into it, so it cannot be installed")
    setattr(module, name, make(original))


def around_stack_actions(actions: Iterable[str], wrapper: StackWrapper) -> None:
    """Let *wrapper* answer these CloudFormation actions; it is given the action's name, the handler so far, the parameters."""
    for action in actions:
        original = handlers._ACTION_HANDLERS.get(action)
        if original is None:
            raise EmulatorChangedError(f"the emulator's CloudFormation does not know {action}, which an addition wraps")
        handlers._ACTION_HANDLERS[action] = _wrapped(action, original, wrapper)


def _wrapped(action: str, original: StackHandler, wrapper: StackWrapper) -> StackHandler:
    return lambda parameters: wrapper(action, original, parameters)


def parameter(parameters: Parameters, name: str) -> str:
    """One parameter of a CloudFormation request; empty when it is not there."""
    values = parameters.get(name, "")
    return str(values[0] if isinstance(values, list) else values)


def stack_record(name_or_id: str) -> dict[str, Any] | None:
    """The emulator's own record of a stack of the caller's account and region, by name or id."""
    record: dict[str, Any] | None = handlers._resolve_stack(name_or_id)
    return record


def stack_name(name_or_id: str) -> str:
    """The name in a stack's id, or the name itself."""
    return name_or_id.split("/")[1] if name_or_id.startswith("arn:") else name_or_id


def refuse(code: str, message: str) -> Answer:
    """CloudFormation's answer to a request that it refuses."""
    answer: Answer = handlers._error(code, message)
    return answer


def stacks_here() -> Mapping[str, dict[str, Any]]:
    """Every stack record of the caller's account and region, by name."""
    records: Mapping[str, dict[str, Any]] = cloudformation._stacks
    return records
