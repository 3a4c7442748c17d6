"""Task tokens: one for each attempt, closed when its attempt is over; a function that fails under one fails its state.

The emulator swallows the function's error and waits for the state's time-out, and hands every retry the same token.
"""

import contextvars
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, new_uuid
from ministack.services import stepfunctions

from sandbox.emulator.hooks import Answer, replace
from sandbox.emulator.patches.execution_end import ExecutionOver

FOREVER = 99999999.0  # the States Language's default TimeoutSeconds
CALLBACK = ".waitForTaskToken"

Task = dict[str, Any]

_closed: set[tuple[str, str, str]] = set()
_execution: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("stackmend_execution", default=None)
_waiting: dict[str, list[threading.Event]] = {}  # by execution, so that its end wakes its tasks


def install() -> None:
    """Renew, wait, close."""
    replace(stepfunctions, "_apply_parameters", _with_new_token)
    replace(stepfunctions, "_apply_jsonata_arguments", _with_new_token)
    replace(stepfunctions, "_invoke_with_callback", _wait)
    replace(stepfunctions, "_run_execution", _known_to_its_tasks)
    replace(stepfunctions, "_emit_execution_status_event", _waking_its_tasks)
    for answer in ("_send_task_success", "_send_task_failure", "_send_task_heartbeat"):
        replace(stepfunctions, answer, _if_open)


def _with_new_token(original: Callable[..., Any]) -> Callable[..., Any]:
    """The emulator asks for the parameters once for each attempt: the moment for a new token."""

    def apply(state: dict[str, Any], data: Any, context: Any = None) -> Any:  # noqa: ANN401 - any JSON
        if context is not None and CALLBACK in state.get("Resource", ""):
            context["Task"] = {"Token": new_uuid()}
        return original(state, data, context)

    return apply


def _known_to_its_tasks(original: Callable[[str], None]) -> Callable[[str], None]:
    def run(execution_arn: str) -> None:
        _execution.set(stepfunctions._executions.get(execution_arn))
        original(execution_arn)

    return run


def _waking_its_tasks(original: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def emit(execution: dict[str, Any]) -> None:
        if execution["status"] != "RUNNING":
            for event in _waiting.pop(execution["executionArn"], []):
                event.set()
        original(execution)

    return emit


def _wait(original: Callable[..., Any]) -> Callable[..., Any]:
    def invoke(resource: str, data: Any, token: str, state: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        function = _function(resource, data)
        try:
            return _await_function(function, data, token, state) if function else original(resource, data, token, state)
        finally:
            stepfunctions._task_tokens.pop(token, None)
            _closed.add(_key(token))

    return invoke


def _function(resource: str, data: Any) -> str | None:  # noqa: ANN401 - any JSON
    if "states:::lambda:invoke" not in resource:
        return None
    reference: str | None = stepfunctions._resolve_lambda_function_ref(data.get("FunctionName", ""), optimized=True)
    return reference


def _await_function(function: str, data: dict[str, Any], token: str, state: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Call the function and wait for the token or the function's failure, whichever comes first, within the time-out."""
    task: Task = {"event": threading.Event(), "result": None, "error": None, "heartbeat": None}
    stepfunctions._task_tokens[token] = task
    execution = _execution.get()
    if execution is not None:
        _waiting.setdefault(execution["executionArn"], []).append(task["event"])
    arguments = (function, data.get("Payload", data), task)
    threading.Thread(target=contextvars.copy_context().run, args=(_call, *arguments), daemon=True).start()
    ended = task["event"].wait(min(float(state.get("TimeoutSeconds", FOREVER)), threading.TIMEOUT_MAX))
    _forget(execution, task)
    if execution is not None and execution["status"] != "RUNNING":
        raise ExecutionOver
    if not ended:
        raise stepfunctions._ExecutionError("States.Timeout", "")
    if task["error"]:
        raise stepfunctions._ExecutionError(task["error"].get("Error", ""), task["error"].get("Cause", ""))
    return json.loads(task["result"])


def _forget(execution: dict[str, Any] | None, task: Task) -> None:
    if execution is not None:
        with suppress(KeyError, ValueError):
            _waiting[execution["executionArn"]].remove(task["event"])


def _call(function: str, payload: Any, task: Task) -> None:  # noqa: ANN401 - any JSON
    """Call the function; its answer is of no account, its failure is the task's unless the token was sent first."""
    try:
        stepfunctions._call_lambda(function, payload)
    except stepfunctions._ExecutionError as failed:
        if not task["event"].is_set():
            task["error"] = {"Error": failed.error, "Cause": failed.cause}
            task["event"].set()


def _if_open(original: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    def send(request: dict[str, Any]) -> Answer:
        token = request.get("taskToken", "")
        task = stepfunctions._task_tokens.get(token)
        if task is not None and not task["event"].is_set():
            return _with_valid_output(request) or original(request)
        if task is not None or _key(token) in _closed:
            return _refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return _refused("InvalidToken", f"Invalid Token: '{token}'")

    return send


def _with_valid_output(request: dict[str, Any]) -> Answer | None:
    try:
        json.loads(request.get("output", "null"))
    except ValueError:
        return _refused("InvalidOutput", "Invalid Output: the output is not JSON")
    return None


def _refused(code: str, message: str) -> Answer:
    answer: Answer = error_response_json(code, message, 400)
    return answer


def _key(token: str) -> tuple[str, str, str]:
    return get_account_id(), get_region(), token
