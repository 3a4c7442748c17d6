"""The alarms that hold without any code of ours running."""

import pytest

from components.addresses import DEAD
from tests.components.conftest import Recording


@pytest.mark.parametrize("queue", DEAD)
def test_every_dead_letter_is_an_alarm(sandbox: Recording, queue: str) -> None:
    """One message is enough; an idle queue is silent and well."""
    alarm = sandbox.one("MetricAlarm", f"workload-us-east-1-alarms-{queue}-alarm").inputs

    assert alarm["dimensions"] == {"QueueName": f"stackmend-sandbox-{queue}"}
    assert (alarm["threshold"], alarm["comparisonOperator"]) == (0, "GreaterThanThreshold")
    assert alarm["treatMissingData"] == "notBreaching"


def test_a_silent_heartbeat_is_an_alarm(sandbox: Recording) -> None:
    """No datum at all counts as silence."""
    alarm = sandbox.one("MetricAlarm", "workload-us-east-1-alarms-silence-alarm").inputs

    assert alarm["dimensions"] == {"FunctionName": "stackmend-sandbox-heartbeat"}
    assert (alarm["evaluationPeriods"], alarm["period"], alarm["treatMissingData"]) == (3, 60, "breaching")


def test_every_alarm_calls_and_names_its_runbook(sandbox: Recording) -> None:
    """Somebody who is woken is told where to look."""
    for alarm in sandbox.of("MetricAlarm"):
        assert alarm.inputs["alarmActions"] == ["arn:aws:sns:us-east-1:222222222222:stackmend-sandbox-alerts"]
        assert alarm.inputs["alarmDescription"].startswith("https://runbooks.example.com/stackmend#")
