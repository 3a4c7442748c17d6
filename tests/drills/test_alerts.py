"""What a drill hears of what a cell tells people."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from drills import alerts, probes
from drills.field import Field
from handlers.domain.outcome import Escalation
from tests.cells import ACCOUNT, a_cell

SPENT = Escalation.ATTEMPTS_SPENT


class Person:
    """Somebody with moto's clients."""

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name="us-east-1")


@pytest.fixture
def field(make_field: Callable[..., Field], monkeypatch: pytest.MonkeyPatch) -> Iterator[Field]:
    """A cell with its topic and its escalation queue."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    monkeypatch.setattr("moto.core.DEFAULT_ACCOUNT_ID", ACCOUNT)
    with mock_aws():
        Person().client("sqs").create_queue(QueueName=a_cell().escalation_queue)
        made = make_field(operator=Person())
        topic = Person().client("sns").create_topic(Name=a_cell().alert_topic_arn.rsplit(":", 1)[-1])["TopicArn"]
        yield made if topic == a_cell().alert_topic_arn else _with_topic(made, topic)


def _with_topic(field: Field, topic: str) -> Field:
    cell = field.cell.model_copy(update={"alert_topic_arn": topic})
    return dataclasses.replace(field, cell=cell)


def tell(field: Field, recovery: str, url: str = "https://runbooks#attempts-spent") -> None:
    """What Escalate leaves in the queue."""
    sqs = Person().client("sqs")
    message = {
        "recovery_id": recovery,
        "stack": {"name": "app-one"},
        "code": "attempts_spent",
        "sentence": "3 of 3",
        "runbook_url": url,
    }
    queue = sqs.get_queue_url(QueueName=field.cell.escalation_queue)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(message))


def publish(field: Field, times: int) -> None:
    """What the recorder keeps of so many alerts."""
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/stackmend-{field.cell.environment}-escalate/x"
    call = SimpleNamespace(
        action="sns:Publish", error=None, caller_arn=caller, resource="alerts", parameters={"Subject": "x: app-one needs"}
    )
    field.stage.seen.extend([call] * times)  # type: ignore[attr-defined]


def test_an_alert_is_heard_by_a_subscriber_and_the_way_back_leaves_nothing(field: Field) -> None:
    """As a pager would hear it, with the heading in its text."""
    alerts.listen(field)
    Person().client("sns").publish(TopicArn=field.cell.alert_topic_arn, Subject="app-one needs", Message="see #attempts-spent")

    assert alerts.delivered(field, "app-one") == "see #attempts-spent"
    assert alerts.delivered(field, "app-two") is None
    assert probes.alert_names_its_heading(field, "app-two", SPENT) == "no alert about app-two was delivered"

    alerts.stop_listening(field)
    assert Person().client("sns").list_subscriptions()["Subscriptions"] == []
    assert "QueueUrls" not in Person().client("sqs").list_queues(QueueNamePrefix="drill-")


def test_one_message_and_one_alert_are_enough(field: Field) -> None:
    """A repeat under one recovery id is the same message."""
    tell(field, "r-1")
    tell(field, "r-1")
    publish(field, 1)

    assert probes.person_is_told(field, "app-one", SPENT) is None


@pytest.mark.parametrize(
    ("recoveries", "published", "url", "problem"),
    [
        ([], 1, "", "0 messages of attempts_spent about app-one are in the escalation queue, not one"),
        (["r-1", "r-2"], 1, "", "2 messages of attempts_spent about app-one are in the escalation queue, not one"),
        (["r-1"], 2, "", "2 alerts about app-one were published, not one"),
        (["r-1"], 1, "https://x#no-role", "the message about app-one leads to https://x#no-role and says '3 of 3'"),
    ],
)
def test_less_or_more_is_said(field: Field, recoveries: list[str], published: int, url: str, problem: str) -> None:
    """None, two, twice, or the wrong heading."""
    for recovery in recoveries:
        tell(field, recovery, *([url] if url else []))
    publish(field, published)

    assert probes.person_is_told(field, "app-one", SPENT) == problem
