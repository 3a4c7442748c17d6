"""A recovery that ends with a person is an alarm on the cell's own metric, and the alarm reaches who subscribed.

Simulated: the emulator's metrics from logs and the alarms' dimensions are our addition (sandbox/emulator/patches/embedded_metrics.py).
Not proven: alarms on metrics of SQS and Step Functions, dead letters among them, because the emulator writes none of these.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from console.rehearsal import LEASE_SECONDS, WORKLOAD, Deployed
from drills import actions
from drills.alarms import alarm_rests_in, alarm_state
from drills.field import Field
from drills.probes import cell_holds_its_lease
from drills.recoveries import ended, recoveries

pytestmark = pytest.mark.sandbox
REGION, STACK, QUEUE = "us-east-1", "app-doomed", "pager"
FAILED = "recovery-failed-standard"
NEVER_PASSES = 1000


@dataclass
class Pager:
    """A queue behind the alert topic."""

    sqs: Any
    url: str

    def alarms(self) -> dict[str, dict[str, Any]]:
        """What CloudWatch said to it, by the alarm's name; our own alerts are plain text."""
        found = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        told = [json.loads(one["Body"])["Message"] for one in found]
        return {alarm["AlarmName"]: alarm for one in told if one.startswith("{") for alarm in [json.loads(one)]}


@pytest.fixture(scope="module")
def field(sandbox: Deployed) -> Iterator[Field]:
    """A cell that holds its lease, with the function that fails on demand."""
    one = sandbox.field(WORKLOAD, REGION, print)
    one.wait("the cell takes its lease", lambda: cell_holds_its_lease(one) is None, seconds=LEASE_SECONDS)
    actions.lay_ground(one)
    yield one
    actions.clear_ground(one)


@pytest.fixture(scope="module")
def pager(sandbox: Deployed, field: Field) -> Iterator[Pager]:
    """As an organisation subscribes whoever is on call."""
    session = sandbox.emulator.session(WORKLOAD, REGION)  # the deploy role makes nothing of other names than ours
    sqs, sns, topic = session.client("sqs"), session.client("sns"), field.cell.alert_topic_arn
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allow]})})
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)["SubscriptionArn"]
    yield Pager(sqs, url)
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def test_a_cell_that_holds_its_lease_says_so(field: Field) -> None:
    """By the heartbeat's own metric."""
    field.wait("the alarm has heard a heartbeat", lambda: alarm_state(field, "lease-not-held") == "OK", seconds=LEASE_SECONDS)


def test_a_recovery_that_fails_is_an_alarm_and_somebody_hears_it(field: Field, pager: Pager) -> None:
    """Of its own cell and tier; every other cell's alarm is silent."""
    actions.deploy_fragile(field, STACK)
    try:
        actions.break_stack(field, STACK, rollback_failures=NEVER_PASSES)
        field.wait("the recovery is given up", lambda: any(ended(one) for one in recoveries(field, STACK)), seconds=120)
        field.wait("the alarm calls", lambda: alarm_rests_in(field, FAILED, "ALARM") is None, seconds=30)
        field.wait("the pager hears it", lambda: f"stackmend-sandbox-{FAILED}" in pager.alarms(), seconds=30)
    finally:
        actions.remove_cause(field, f"{STACK}/Config/1")
        actions.delete_stack(field, STACK)

    told = pager.alarms()[f"stackmend-sandbox-{FAILED}"]
    assert told["NewStateValue"] == "ALARM"
    assert told["AlarmDescription"] == f"{field.cell.runbook_url}/alarms.md#recovery-failed"
    others = [one for place, one in field.cells.items() if place != (WORKLOAD, REGION)]
    assert others
    assert {alarm_state(one, FAILED) for one in others} == {"INSUFFICIENT_DATA"}
