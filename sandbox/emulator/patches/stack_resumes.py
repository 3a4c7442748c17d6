"""An update of a stack that has failed with its rollback disabled: it goes on where it stopped, and can still go back.

The emulator refuses every update of a failed stack. CloudFormation takes one on with DisableRollback, tries again what had
failed, also under the same template, and keeps what the stack was before the first failure for a RollbackStack.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from ministack.services.cloudformation import handlers, stacks

from sandbox.emulator.hooks import Answer, Parameters, StackHandler, around_stack_actions, parameter, replace, stack_record

FAILED = frozenset({"CREATE_FAILED", "UPDATE_FAILED"})

_goes_on_from: ContextVar[dict[str, Any] | None] = ContextVar("goes_on_from", default=None)
"""What the failed operation was; the task that does the update's work inherits it."""


def install() -> None:
    """Let failed stacks go on."""
    around_stack_actions(["UpdateStack"], _resume)
    replace(handlers, "_stack_has_no_updates", _unless_it_goes_on)
    replace(stacks, "_failed_operation", _since_the_first_failure)


def _resume(_: str, original: StackHandler, parameters: Parameters) -> Answer:
    record = stack_record(parameter(parameters, "StackName")) or {}
    failed, status = record.get("_failed_operation"), record.get("StackStatus")
    if not failed or status not in FAILED or parameter(parameters, "DisableRollback").lower() != "true":
        return original(parameters)
    kept = {key: record.get(key) for key in ("StackStatus", "_template", "_resolved_params")}
    # what GetTemplate shows of a failed stack is the new version, and UsePreviousTemplate means the same
    record.update(StackStatus="UPDATE_COMPLETE", _template=failed["template"], _resolved_params=failed["param_values"])
    token = _goes_on_from.set(failed)
    try:
        answer = original(parameters)
    finally:
        _goes_on_from.reset(token)
    if answer[0] >= 400:  # noqa: PLR2004 - HTTP's first error
        record.update(kept)
    return answer


def _unless_it_goes_on(original: Callable[..., bool]) -> Callable[..., bool]:
    return lambda *given, **named: _goes_on_from.get() is None and original(*given, **named)


def _since_the_first_failure(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def operation(*given: object, **named: object) -> dict[str, Any]:
        latest, first = original(*given, **named), _goes_on_from.get()
        if first is None:
            return latest
        return latest | {
            "is_update": first["is_update"],
            "previous_stack": first["previous_stack"],
            "created": _once(first["created"] + latest["created"]),
            "replaced_ids": _once(first["replaced_ids"] + latest["replaced_ids"]),
            "previous_tags": first["previous_tags"],
        }

    return operation


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
