"""The recovery state machine: starting, looking at and waking its executions."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from botocore.exceptions import ClientError

from handlers.aws.calls import Client, ask, code_of

_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class Started(StrEnum):
    """Whether a start was the first one of its name."""

    NOW = "now"
    BEFORE = "before"


class Machine:
    """The state machine *arn*; an execution's name is its recovery's id."""

    def __init__(self, client: Client, arn: str) -> None:
        self._client = client
        self._arn = arn

    def start(self, name: str, given: Mapping[str, object], now: datetime) -> Started:
        """Start an execution once; a repeat finds the first.

        Step Functions answers a repeat with the same input with success while the execution runs, and then its start date
        tells; with ExecutionAlreadyExists once it has ended.
        """
        try:
            answer = ask(self._client.start_execution, stateMachineArn=self._arn, name=name, input=json.dumps(given))
        except ClientError as error:
            if code_of(error) == "ExecutionAlreadyExists":
                return Started.BEFORE
            raise
        return Started.BEFORE if answer["startDate"] < now - timedelta(seconds=5) else Started.NOW

    def status(self, name: str) -> str | None:
        """The status of an execution; None when there is none of this name."""
        arn = f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            return str(ask(self._client.describe_execution, executionArn=arn)["status"])
        except ClientError as error:
            if code_of(error) == "ExecutionDoesNotExist":
                return None
            raise

    def wake(self, task_token: str, *, attempt: int, end_status: str) -> bool:
        """Tell a waiting execution how its operation ended; False when nobody waits with this token."""
        return self._succeed(task_token, {"attempt": attempt, "end_status": end_status})

    def nudge(self, task_token: str, approval_id: str) -> bool:
        """Let an execution go on that waits for a person; what may be done it reads itself. False when nobody waits."""
        return self._succeed(task_token, {"approval_id": approval_id})

    def _succeed(self, task_token: str, output: Mapping[str, object]) -> bool:
        try:
            ask(self._client.send_task_success, taskToken=task_token, output=json.dumps(output))
        except ClientError as error:
            if code_of(error) in _NOBODY_WAITS:
                return False
            raise
        return True
