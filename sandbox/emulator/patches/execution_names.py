"""StartExecution is idempotent while the execution runs: the same name and input answer as the first time."""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region, json_response
from ministack.services import stepfunctions

from sandbox.emulator.hooks import Answer, replace


def install() -> None:
    """Look for the running execution first."""
    replace(stepfunctions, "_start_execution", _once)


def _once(original: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    def start(request: dict[str, Any]) -> Answer:
        running = _running(request)
        if running is None or running["input"] != request.get("input", "{}"):
            return original(request)
        answer: Answer = json_response({"executionArn": running["executionArn"], "startDate": running["startDate"]})
        return answer

    return start


def _running(request: dict[str, Any]) -> dict[str, Any] | None:
    machine = stepfunctions._state_machines.get(stepfunctions._resolve_state_machine_arn(request.get("stateMachineArn", "")))
    if machine is None:
        return None
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine['name']}:{request.get('name')}"
    execution: dict[str, Any] | None = stepfunctions._executions.get(arn)
    return execution if execution and execution["status"] == "RUNNING" else None
