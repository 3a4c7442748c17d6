"""The net below the events, as it is deployed."""

import json
from typing import Any

import pytest

from tests.components.conftest import Recording

CELL = "workload-us-east-1-heartbeat"


@pytest.fixture
def schedule(sandbox: Recording) -> dict[str, Any]:
    return dict(sandbox.one("Schedule", f"{CELL}-schedule").inputs)


def test_it_beats_every_minute_on_the_minute(schedule: dict[str, Any]) -> None:
    """Without a window, in which a beat could come late."""
    assert schedule["scheduleExpression"] == "rate(1 minute)"
    assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}


def test_a_beat_that_failed_is_kept_and_not_repeated(schedule: dict[str, Any], sandbox: Recording) -> None:
    """The next one is due; by the scheduler as by Lambda."""
    config = sandbox.one("FunctionEventInvokeConfig", f"{CELL}-beat-invoke-config").inputs

    assert schedule["target"]["retryPolicy"] == {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 0}
    assert (config["maximumEventAgeInSeconds"], config["maximumRetryAttempts"]) == (60, 0)
    assert schedule["target"]["deadLetterConfig"]["arn"].endswith("heartbeat-dead")


def test_only_schedules_of_our_group_take_the_role_on(sandbox: Recording) -> None:
    """Of this account; Scheduler presents the group."""
    (statement,) = json.loads(sandbox.one("Role", f"{CELL}-scheduler-role").inputs["assumeRolePolicy"])["Statement"]

    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": "222222222222",
            "aws:SourceArn": "arn:aws:scheduler:us-east-1:222222222222:schedule-group/stackmend-sandbox-heartbeat",
        }
    }


def test_the_schedule_lies_in_that_group(schedule: dict[str, Any]) -> None:
    """Else the role would refuse it."""
    assert schedule["groupName"] == "stackmend-sandbox-heartbeat"


def test_two_beats_never_overlap(sandbox: Recording) -> None:
    """One place, and a life no longer than a minute."""
    function = sandbox.one("Function", f"{CELL}-beat-function").inputs

    assert (function["reservedConcurrentExecutions"], function["timeout"]) == (1, 60)
