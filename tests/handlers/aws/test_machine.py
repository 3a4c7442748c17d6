"""Executions are started once, and a token that wakes nobody is an answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers.aws.machine import Machine, Started
from tests.handlers.fake_cloudformation import refusal

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:222222222222:stateMachine:stackmend-test"


class States:
    """Step Functions with one canned answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.given: dict[str, Any] = {}

    def _answer(self, **given: Any) -> Any:
        self.given = given
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    start_execution = describe_execution = send_task_success = _answer


@pytest.mark.parametrize(
    ("answer", "started"),
    [
        ({"startDate": NOON}, Started.NOW),
        ({"startDate": NOON - timedelta(minutes=1)}, Started.BEFORE),
        (refusal("StartExecution", "ExecutionAlreadyExists", "exists"), Started.BEFORE),
    ],
)
def test_a_repeated_start_finds_the_first(answer: Any, started: Started) -> None:
    """Step Functions answers with its start, or that it has ended."""
    assert Machine(States(answer), ARN).start("r-1", {"fence": 1}, NOON) is started


def test_an_execution_is_looked_up_by_its_recovery() -> None:
    """The name is the recovery's id."""
    states = States({"status": "RUNNING"})

    assert Machine(states, ARN).status("r-1") == "RUNNING"
    assert states.given == {"executionArn": "arn:aws:states:us-east-1:222222222222:execution:stackmend-test:r-1"}


def test_an_execution_that_never_was_is_none() -> None:
    """A claim whose start was lost."""
    assert Machine(States(refusal("DescribeExecution", "ExecutionDoesNotExist", "")), ARN).status("r-1") is None


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_dead_token_wakes_nobody(code: str) -> None:
    """All three mean: read once more, then leave it."""
    assert Machine(States(refusal("SendTaskSuccess", code, "")), ARN).wake("task", attempt=1, end_status="X") is False


def test_a_living_token_is_told_attempt_and_end() -> None:
    """As the machine expects it."""
    states = States({})

    assert Machine(states, ARN).wake("task", attempt=2, end_status="UPDATE_ROLLBACK_COMPLETE") is True
    assert states.given == {"taskToken": "task", "output": '{"attempt": 2, "end_status": "UPDATE_ROLLBACK_COMPLETE"}'}


def test_other_errors_are_not_swallowed() -> None:
    """A missing permission must be seen."""
    machine = Machine(States(refusal("X", "AccessDeniedException", "no")), ARN)

    for call in (
        lambda: machine.start("r-1", {}, NOON),
        lambda: machine.status("r-1"),
        lambda: machine.wake("task", attempt=1, end_status="X"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
