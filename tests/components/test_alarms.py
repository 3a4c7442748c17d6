"""The alarms of a cell: what each watches, from when it calls, and where it sends whoever is called."""

import pytest

from components.addresses import DEAD, ROLES
from components.alarms import ABOVE, QUIET, Alarm, catalogue
from components.blueprint import blueprints
from components.settings import Settings
from handlers.domain.signals import GRAINS, Metric
from tests.components.conftest import Recording, Registered

CELL = "workload-us-east-1"


def alarm(recording: Recording, role: str) -> Registered:
    return recording.one("MetricAlarm", f"{CELL}-alarms-{role}-alarm")


@pytest.fixture
def alarms(prod_settings: Settings) -> tuple[Alarm, ...]:
    """The catalogue of one cell of a large environment."""
    plan = blueprints(prod_settings)[0]
    return catalogue(plan.addresses, prod_settings.alarms, prod_settings.tiers)


@pytest.mark.parametrize("queue", DEAD)
def test_every_dead_letter_is_an_alarm(sandbox: Recording, queue: str) -> None:
    """One message is enough; an idle queue is silent and well."""
    inputs = alarm(sandbox, queue).inputs

    assert inputs["dimensions"] == {"QueueName": f"stackmend-sandbox-{queue}"}
    assert (inputs["threshold"], inputs["comparisonOperator"]) == (0, "GreaterThanThreshold")
    assert inputs["treatMissingData"] == "notBreaching"


def test_a_silent_heartbeat_is_an_alarm(sandbox: Recording) -> None:
    """No datum at all counts as silence."""
    inputs = alarm(sandbox, "heartbeat-silence").inputs

    assert inputs["dimensions"] == {"FunctionName": "stackmend-sandbox-heartbeat"}
    assert (inputs["evaluationPeriods"], inputs["period"], inputs["treatMissingData"]) == (3, 60, "breaching")


def test_a_lease_that_is_not_held_is_an_alarm(sandbox: Recording) -> None:
    """Told by the heartbeat itself; its silence is another alarm's business."""
    inputs = alarm(sandbox, "lease-not-held").inputs

    assert (inputs["namespace"], inputs["metricName"]) == ("Stackmend", "LeaseHeld")
    assert inputs["dimensions"] == {"service": "stackmend", "environment": "sandbox", "cell": "222222222222#us-east-1"}
    assert (inputs["threshold"], inputs["comparisonOperator"], inputs["treatMissingData"]) == (1, "LessThanThreshold", "ignore")


@pytest.mark.parametrize("queue", ["intake", "notice", "capture", "escalation"])
def test_every_queue_that_somebody_reads_is_watched_for_what_waits(sandbox: Recording, queue: str) -> None:
    """The doors by minutes, the escalations by a day."""
    inputs = alarm(sandbox, f"{queue}-age").inputs

    assert inputs["metricName"] == "ApproximateAgeOfOldestMessage"
    assert inputs["threshold"] == (86400 if queue == "escalation" else 900)


@pytest.mark.parametrize("role", ROLES)
def test_every_function_is_watched_for_errors_and_throttles(sandbox: Recording, role: str) -> None:
    """Each by itself, so that the alarm's name says which."""
    for metric, most in (("Errors", 5), ("Throttles", 10)):
        inputs = alarm(sandbox, f"{role}-{metric.lower()}").inputs
        assert (inputs["metricName"], inputs["threshold"], inputs["statistic"]) == (metric, most, "Sum")
        assert inputs["dimensions"] == {"FunctionName": f"stackmend-sandbox-{role}"}


def test_every_bad_end_of_an_execution_is_an_alarm(sandbox: Recording) -> None:
    """On the machine's own metrics, which need no code of ours."""
    watched = {one.inputs["metricName"] for one in sandbox.of("MetricAlarm") if one.inputs["namespace"] == "AWS/States"}

    assert watched == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}


def test_each_tier_has_thresholds_of_its_own(alarms: tuple[Alarm, ...], prod_settings: Settings) -> None:
    """What a background stack may take, a critical one may not."""
    late = {one.dimensions["tier"]: one.threshold for one in alarms if one.metric == Metric.SECONDS_TO_PROVEN}

    assert late == {name: tier.rto_seconds for name, tier in prod_settings.tiers.items()}
    for metric, threshold in ((Metric.FAILED, 0), (Metric.SUCCEEDED, 0.9)):
        assert {one.dimensions["tier"]: one.threshold for one in alarms if one.metric == metric} == dict.fromkeys(late, threshold)


def test_no_alarm_watches_a_metric_of_ours_that_the_catalogue_has_not(alarms: tuple[Alarm, ...]) -> None:
    """By name and by all of its dimensions; that each is written is held by tests/handlers/test_signals.py."""
    for one in alarms:
        if one.namespace == "Stackmend":
            assert Metric(one.metric) in GRAINS


def test_no_two_alarms_have_one_name(alarms: tuple[Alarm, ...]) -> None:
    """CloudWatch would overwrite one with the other."""
    assert len({one.role for one in alarms}) == len(alarms)


def test_no_alarm_watches_longer_than_cloudwatch_does(alarms: tuple[Alarm, ...]) -> None:
    """A day at most for periods of less than an hour (API reference, PutMetricAlarm, EvaluationPeriods)."""
    assert all(one.period * one.periods <= 86400 for one in alarms)


def test_one_open_breaker_rings(alarms: tuple[Alarm, ...]) -> None:
    """And the silence of a metric that is written only while one is open is no alarm."""
    (one,) = [each for each in alarms if each.metric == Metric.BREAKER_OPEN]
    assert (one.comparison, one.threshold, one.no_data) == (ABOVE, 0, QUIET)


def test_every_alarm_calls_and_names_its_runbook(sandbox: Recording) -> None:
    """Somebody who is woken is told where to look."""
    for one in sandbox.of("MetricAlarm"):
        assert one.inputs["alarmActions"] == ["arn:aws:sns:us-east-1:222222222222:stackmend-sandbox-alerts"]
        assert one.inputs["alarmDescription"].startswith("https://runbooks.example.com/stackmend/alarms.md#")
