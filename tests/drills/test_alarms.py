"""What an alarm is asked."""

from collections.abc import Callable
from typing import Any

import pytest

from drills.alarms import alarm_rests_in, alarm_state
from drills.field import Field


class CloudWatch:
    """Answers for one alarm."""

    def client(self, service: str) -> Any:
        assert service == "cloudwatch"
        return self

    def describe_alarms(self, AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803 - boto3's own word
        assert AlarmNames == ["stackmend-sandbox-recovery-failed-standard"]
        return {"MetricAlarms": [{"StateValue": "ALARM"}]}


@pytest.fixture
def alarmed(make_field: Callable[..., Field]) -> Field:
    """A cell whose recoveries fail."""
    return make_field(operator=CloudWatch())


def test_an_alarm_is_found_by_its_role(alarmed: Field) -> None:
    """The cell's own, by the name that it was deployed with."""
    assert alarm_state(alarmed, "recovery-failed-standard") == "ALARM"


def test_an_alarm_in_another_state_is_a_problem(alarmed: Field) -> None:
    """Said with both."""
    assert alarm_rests_in(alarmed, "recovery-failed-standard", "ALARM") is None
    assert alarm_rests_in(alarmed, "recovery-failed-standard", "OK") == (
        "the alarm recovery-failed-standard is in ALARM, not in OK"
    )
