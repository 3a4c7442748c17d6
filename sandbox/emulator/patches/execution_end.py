"""An execution ends once: what its tasks still do after it was stopped or timed out is of no consequence.

The emulator lets the thread run on, appends to the history and may turn ABORTED into FAILED.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from sandbox.emulator.hooks import replace

Execution = dict[str, Any]


class ExecutionOver(BaseException):
    """Raised in the thread of an execution that has ended; no Retry, no Catch of a state may see it."""


def install() -> None:
    """End the thread at its next event."""
    replace(stepfunctions, "_add_event", _while_running)
    replace(stepfunctions, "_fail_execution", _if_running)
    replace(stepfunctions, "_run_execution", _until_over)


def _while_running(original: Callable[..., Any]) -> Callable[..., Any]:
    def add_event(execution: Execution, event_type: str, details: Any = None) -> Any:  # noqa: ANN401 - the emulator's own
        is_over = execution.get("status", "RUNNING") != "RUNNING"
        if is_over and not event_type.startswith("Execution"):  # ExecutionAborted and its like come after the status
            raise ExecutionOver
        return original(execution, event_type, details)

    return add_event


def _if_running(original: Callable[[Execution, str, str], None]) -> Callable[[Execution, str, str], None]:
    def fail(execution: Execution, error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            original(execution, error, cause)

    return fail


def _until_over(original: Callable[[str], None]) -> Callable[[str], None]:
    def run(execution_arn: str) -> None:
        try:
            original(execution_arn)
        except ExecutionOver:
            return

    return run
