"""A state machine's TimeoutSeconds: the execution ends as TIMED_OUT, says so on EventBridge, and no state can catch it."""

import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from sandbox.emulator.hooks import replace


def install() -> None:
    """Run a timer beside each execution whose machine has a time-out."""
    replace(stepfunctions, "_run_execution", _timed)


def _timed(original: Callable[[str], None]) -> Callable[[str], None]:
    def run(execution_arn: str) -> None:
        seconds = _timeout(execution_arn)
        if seconds is None:
            original(execution_arn)
            return
        timer = threading.Timer(seconds, contextvars.copy_context().run, args=(time_out, execution_arn))
        timer.daemon = True
        timer.start()
        try:
            original(execution_arn)
        finally:
            timer.cancel()

    return run


def _timeout(execution_arn: str) -> float | None:
    execution: dict[str, Any] = stepfunctions._executions.get(execution_arn) or {}
    machine: dict[str, Any] = stepfunctions._state_machines.get(execution.get("stateMachineArn")) or {}
    try:
        seconds = json.loads(machine.get("definition", "{}")).get("TimeoutSeconds")
    except ValueError:
        return None
    return float(seconds) if seconds is not None else None


def time_out(execution_arn: str) -> None:
    """End the execution if it still runs."""
    execution = stepfunctions._executions.get(execution_arn)
    if not execution or execution["status"] != "RUNNING":
        return
    execution["status"] = "TIMED_OUT"
    execution["stopDate"] = now_iso()
    stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    stepfunctions._emit_execution_status_event(execution)
