"""The recovery state machine, step by step, over the real handlers: what Step Functions does with the contract's states."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from handlers import acting, diagnose, escalate, settle, validate
from handlers.domain.errors import HeldError, TransientError
from handlers.domain.escalation import read_case
from handlers.domain.payload import ActPayload, DecidedPayload, Payload, SettlePayload
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_services import Execution

RETRIES = 4
CRASH_RETRIES = 2
_TOKENS = count()


class CrashError(Exception):
    """A function dies: Lambda's `Runtime.ExitError`, after which the machine calls it again, twice."""


@dataclass
class Run:
    """Where an execution stands."""

    execution: Execution
    state: str = "Diagnose"
    retries: int = 0
    crashes: int = 0
    error: dict[str, str] | None = None
    payload: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.payload = dict(self.execution.given)


class MachineModel:
    """Runs the bench's executions one state at a time."""

    def __init__(self, bench: BenchRuntime) -> None:
        self._bench = bench
        self.runs: dict[str, Run] = {}
        self.dead: list[dict[str, Any]] = []
        """Status events of executions that failed, not yet delivered."""

    def running(self) -> list[Run]:
        """Every execution that has not ended."""
        for name, execution in self._bench.fake_machine.executions.items():
            self.runs.setdefault(name, Run(execution))
        return [run for run in self.runs.values() if run.execution.status == "RUNNING"]

    def step(self, run: Run) -> None:
        """Let an execution take its next step, if it does not wait."""
        if run.state == "Waiting":
            if run.execution.waits_with is None:
                run.state = "Validate"
            return
        if run.state.startswith("Pause"):
            self._bench.time.pass_seconds(run.payload["decision"]["wait_seconds"])
            run.state = run.state.replace("Pause", "Act")
            return
        try:
            self._do(run)
            run.retries = run.crashes = 0
        except TransientError as error:
            self._retry(run, error)
        except CrashError as error:
            self._call_again(run, error)
        except Exception as error:  # noqa: BLE001 - States.ALL
            self._catch(run, error)

    def time_out(self, run: Run) -> None:
        """The state's own time-out."""
        if run.state == "Waiting":
            run.execution.waits_with = None
            run.error = {"Error": "States.Timeout", "Cause": ""}
            run.state = "Escalate"

    def abort(self, run: Run) -> None:
        """Somebody stops the execution, or it dies of what a machine cannot catch."""
        self._die(run, "ABORTED")

    def _do(self, run: Run) -> None:
        bench, payload = self._bench, run.payload
        if run.state == "Diagnose":
            self._route(run, diagnose.handle(Payload.model_validate(payload), bench).model_dump(mode="json"))
        elif run.state.startswith("Act"):
            run.execution.waits_with = f"task-{next(_TOKENS)}"
            acting.handle(ActPayload.model_validate({**payload, "task_token": run.execution.waits_with}), bench)
            run.state = "Waiting"
        elif run.state == "Validate":
            self._route(run, validate.handle(DecidedPayload.model_validate(payload), bench).model_dump(mode="json"))
        elif run.state == "Settle":
            settle.handle(SettlePayload.model_validate({**payload, **({"error": run.error} if run.error else {})}), bench)
            run.execution.status = "SUCCEEDED"
        else:
            escalate.handle(read_case({**payload, **({"error": run.error} if run.error else {})}), bench)
            run.execution.status = "SUCCEEDED"

    @staticmethod
    def _route(run: Run, decision: dict[str, Any]) -> None:
        run.payload = {**run.payload, "decision": decision}
        by_group = {route: route.title() + decision["group"].title() for route in ("act", "pause")}
        run.state = {**by_group, "settle": "Settle", "simulate": "Settle"}.get(decision["route"], "Escalate")

    def _retry(self, run: Run, error: TransientError) -> None:
        run.retries += 1
        if run.retries > RETRIES:
            self._catch(run, error)

    def _call_again(self, run: Run, error: CrashError) -> None:
        run.crashes += 1
        run.execution.waits_with = None  # the token of the dead call is closed
        if run.crashes > CRASH_RETRIES:
            self._catch(run, error)

    def _catch(self, run: Run, error: Exception) -> None:
        name = type(error).__name__
        assert name in {"TransientError", "RefusedError", "HeldError", "CrashError"}, f"a defect: {error!r}"
        run.retries = run.crashes = 0
        run.execution.waits_with = None
        if run.state == "Escalate":
            self._die(run, "FAILED")
            return
        message = str(error) or f"{error!r}"
        run.error = {"Error": name, "Cause": json.dumps({"errorMessage": message, "errorType": name})}
        run.state = "Settle" if isinstance(error, HeldError) else "Escalate"

    def _die(self, run: Run, status: str) -> None:
        run.execution.status, run.execution.waits_with = status, None
        self.dead.append(
            {
                "source": "aws.states",
                "detail-type": "Step Functions Execution Status Change",
                "time": self._bench.clock().isoformat(),
                "detail": {"status": status, "name": run.execution.name, "input": json.dumps(run.payload)},
            }
        )
