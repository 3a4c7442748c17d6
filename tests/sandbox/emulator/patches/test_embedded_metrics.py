"""Metrics in logs become metrics, and an alarm looks at its own alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.emulator.patches.embedded_metrics import data
from sandbox.emulator.session import Session

TIMES = {"StartTime": "2020-01-01T00:00:00Z", "EndTime": "2100-01-01T00:00:00Z"}
WRITES = """
import json
def handler(event, context):
    print("a plain line")
    print(json.dumps(event["line"]))
    if event.get("fails"):
        raise ValueError("made to fail")
"""


def line(*sets: list[str], value: Any = 1.0, **members: str) -> dict[str, Any]:
    """A line of the format with one metric, Failed."""
    directive = {"Namespace": "Test", "Dimensions": list(sets), "Metrics": [{"Name": "Failed", "Unit": "Count"}]}
    return {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, "Failed": value, **members}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (json.dumps(line(["cell"], cell="a")), [("Test", "Failed", 1.0, "Count", {"cell": "a"})]),
        (
            json.dumps(line(["cell"], ["cell", "tier"], cell="a", tier="t")),
            [("Test", "Failed", 1.0, "Count", {"cell": "a"}), ("Test", "Failed", 1.0, "Count", {"cell": "a", "tier": "t"})],
        ),
        (
            json.dumps(line(["cell"], cell="a", value=[1, 0])),
            [("Test", "Failed", 1.0, "Count", {"cell": "a"}), ("Test", "Failed", 0.0, "Count", {"cell": "a"})],
        ),
        (json.dumps(line([], cell="a")), [("Test", "Failed", 1.0, "Count", {})]),
        (json.dumps(line(["cell", "tier"], cell="a")), []),
        (json.dumps(line([f"d{n}" for n in range(31)], **{f"d{n}": "x" for n in range(31)})), []),
        ('{"_aws": torn', []),
        ('"_aws" in plain words', []),
        (json.dumps({"_aws": "a word"}), []),
        ("", []),
    ],
    ids=[
        "one set",
        "two sets",
        "several values",
        "no dimension",
        "a member is missing",
        "too many",
        "torn",
        "words",
        "odd",
        "empty",
    ],
)
def test_a_line_holds_these_data(text: str, found: list[Any]) -> None:
    """As the format's specification says; every other line is text."""
    assert list(data(text)) == found


@pytest.fixture
def alarm(root: Session, name: str, until: Callable[..., Any]) -> Callable[[str], Callable[[], str]]:
    """Make an alarm on the metric of one cell, and answer what asks for its state."""

    def make(cell: str) -> Callable[[], str]:
        cloudwatch, alarm_name = root.client("cloudwatch"), f"{name}-{cell}"
        cloudwatch.put_metric_alarm(
            AlarmName=alarm_name, Namespace="Test", MetricName="Failed", Dimensions=[{"Name": "cell", "Value": f"{name}-{cell}"}],
            Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[topic(root, name)],
        )  # fmt: skip
        return lambda: str(cloudwatch.describe_alarms(AlarmNames=[alarm_name])["MetricAlarms"][0]["StateValue"])

    return make


def topic(root: Session, name: str) -> str:
    return str(root.client("sns").create_topic(Name=name)["TopicArn"])


def call(root: Session, function: str, event: dict[str, Any]) -> None:
    root.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())


@pytest.mark.sandbox
def test_a_functions_line_becomes_a_metric(root: Session, name: str, make_function: Callable[..., str]) -> None:
    """Under its namespace, with its dimensions."""
    call(root, make_function(name, WRITES), {"line": line(["cell"], cell=name, value=3.0)})

    told = root.client("cloudwatch").get_metric_statistics(
        Namespace="Test", MetricName="Failed", Dimensions=[{"Name": "cell", "Value": name}],
        Period=60, Statistics=["Sum"], **TIMES,
    )["Datapoints"]  # fmt: skip
    assert [one["Sum"] for one in told] == [3.0]


@pytest.mark.sandbox
def test_an_alarm_hears_its_own_dimensions_alone(
    root: Session, name: str, make_function: Callable[..., str], alarm: Callable[[str], Callable[[], str]]
) -> None:
    """Another cell's failure is another cell's alarm."""
    mine, other = alarm("mine"), alarm("other")
    function = make_function(name, WRITES)

    call(root, function, {"line": line(["cell"], cell=f"{name}-other")})
    assert (mine(), other()) == ("INSUFFICIENT_DATA", "ALARM")

    call(root, function, {"line": line(["cell"], cell=f"{name}-mine", value=0.0)})
    assert (mine(), other()) == ("OK", "ALARM")


@pytest.mark.sandbox
def test_an_alarm_reaches_who_subscribed(
    root: Session,
    name: str,
    make_function: Callable[..., str],
    alarm: Callable[[str], Callable[[], str]],
    until: Callable[..., Any],
) -> None:
    """Through its topic, into a queue that lets the topic in."""
    sqs, arn = root.client("sqs"), topic(root, name)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allow]})})
    root.client("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    alarm("mine")

    call(root, make_function(name, WRITES), {"line": line(["cell"], cell=f"{name}-mine")})

    (message,) = until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["AlarmName"], told["NewStateValue"]) == (f"{name}-mine", "ALARM")


@pytest.mark.sandbox
def test_an_alarm_on_a_functions_own_errors_is_looked_at(
    root: Session, name: str, make_function: Callable[..., str], until: Callable[..., Any]
) -> None:
    """AWS's metrics of a function are written with its log."""
    cloudwatch, function = root.client("cloudwatch"), make_function(name, WRITES)
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="AWS/Lambda", MetricName="Errors", Dimensions=[{"Name": "FunctionName", "Value": name}],
        Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
    )  # fmt: skip

    for _ in range(2):  # the emulator counts a call after its log: the second one's log finds the first one's error
        call(root, function, {"line": {}, "fails": True})

    assert until(lambda: cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]) == "ALARM"
