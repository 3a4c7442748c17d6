"""Errors of Python functions as AWS reports them: by exception class, with the stack trace, and the environment stays warm.

The emulator calls every one Runtime.HandlerError, so a state's Retry or Catch by class never matches, and ends the
function's process, so that the next call is cold.
"""

import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc, stepfunctions

from sandbox.emulator.errors import EmulatorChangedError
from sandbox.emulator.hooks import replace

_REPORTED = '_real_stdout.write(json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\\n")'
_BY_CLASS = (
    '_real_stdout.write(json.dumps({"status": "ok", "result": None, "raised": {"error": str(e), '
    '"type": type(e).__name__, "trace": traceback.format_exc(), '
    '"frames": traceback.format_list(traceback.extract_tb(e.__traceback__)[1:])}}) + "\\n")'
)
_IMPORT_FAILED = '_real_stdout.write(json.dumps({"status": "error", "error": str(e)}) + "\\n")'
_IMPORT_BY_CLASS = (
    '_real_stdout.write(json.dumps({"status": "error", "error": type(e).__name__ + ": " + str(e), '
    '"trace": traceback.format_exc()}) + "\\n")'
)
_INIT = "Worker init failed: "
_DIED = "Worker process died"

_current = threading.local()  # a call is one thread from the worker's answer to the function's


def install() -> None:
    """Teach the workers to name what was raised, and the callers to hand it on."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    for found, ours in ((_REPORTED, _BY_CLASS), (_IMPORT_FAILED, _IMPORT_BY_CLASS)):
        if script.count(found) != 1:
            raise EmulatorChangedError(f"the emulator's Python worker does not report errors by {found!r} any more")
        script = script.replace(found, ours)
    lambda_runtime._PYTHON_WORKER_SCRIPT = script
    replace(lambda_runtime.Worker, "invoke", _keeping_what_was_raised)
    replace(lambda_svc, "_execute_function_warm", _named)
    replace(stepfunctions, "_call_lambda", _with_service_errors)


def _keeping_what_was_raised(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def invoke(self: object, event: Any, request_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - handed on
        _current.raised = None
        answer = original(self, event, request_id, **more)
        raised = answer.pop("raised", None)
        if raised is None:
            return answer
        _current.raised = raised | {"request": request_id}
        return {**answer, "status": "error", "error": raised["error"], "trace": raised["trace"]}

    return invoke


def _named(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def execute(*arguments: Any, **named: Any) -> dict[str, Any]:  # noqa: ANN401 - handed on
        _current.raised = None
        answer = original(*arguments, **named)
        raised, body = _current.raised, answer.get("body")
        if not answer.get("error") or not isinstance(body, dict):
            return answer
        if raised is not None:
            answer["body"] = {
                "errorMessage": raised["error"],
                "errorType": raised["type"],
                "requestId": raised["request"],
                "stackTrace": raised["frames"],
            }
        else:
            answer["body"] = _of_the_runtime(body, str(arguments[2]))
        return answer

    return execute


def _of_the_runtime(body: dict[str, Any], request: str) -> dict[str, Any]:
    """What was not raised by the handler: a module's fault, a process that is gone, or a time-out, which has its name already."""
    message = str(body.get("errorMessage", ""))
    if message == _DIED:
        said = f"RequestId: {request} Error: Runtime exited with error: signal: killed"
        return {"errorMessage": said, "errorType": "Runtime.ExitError"}
    return _init_error(message.removeprefix(_INIT)) if message.startswith(_INIT) else body


def _init_error(reason: str) -> dict[str, Any]:
    """What AWS says of a module that cannot be imported, of a handler that is not in it, and of one that raises."""
    kind, _, message = reason.partition(": ")
    if kind in {"ImportError", "ModuleNotFoundError"}:
        return {"errorMessage": f"Unable to import module: {message}", "errorType": "Runtime.ImportModuleError", "stackTrace": []}
    if kind == "AttributeError":
        return {"errorMessage": message, "errorType": "Runtime.HandlerNotFound", "stackTrace": []}
    return {"errorMessage": message, "errorType": kind, "stackTrace": []}


def _with_service_errors(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Step Functions prefixes what Lambda itself answers: Lambda.TooManyRequestsException."""

    def call(function: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
        try:
            return original(function, event)
        except stepfunctions._ExecutionError as failed:
            kind = _service_error(failed.cause) if failed.error == "Lambda.Unknown" else None
            if kind is None:
                raise
            raise stepfunctions._ExecutionError(f"Lambda.{kind}", failed.cause) from failed

    return call


def _service_error(cause: str) -> str | None:
    try:
        found = json.loads(cause)
    except ValueError:
        return None
    return found.get("__type") if isinstance(found, dict) else None
