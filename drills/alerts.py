"""How a drill hears what a cell tells people: a queue of its own behind the alert topic, and the escalation queue."""

import json
from collections.abc import Iterator
from typing import Any

from drills.field import Field
from drills.measure import is_ours, names

QUEUE = "drill-alerts"
LOOKS = 20  # a queue answers with some of its messages, not with all
_TOLD = "told of "


def listen(field: Field) -> None:
    """Subscribe a queue of the drill's own to the cell's alert topic, as a pager would be."""
    sqs, sns = field.operator.client("sqs"), field.operator.client("sns")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(arn, field.cell.alert_topic_arn)})
    given = sns.subscribe(TopicArn=field.cell.alert_topic_arn, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    field.memory.update({"alerts": url, "subscription": given["SubscriptionArn"]})


def stop_listening(field: Field) -> None:
    """Take the subscription and the queue away."""
    if "subscription" in field.memory:
        field.operator.client("sns").unsubscribe(SubscriptionArn=field.memory["subscription"])
    if "alerts" in field.memory:
        field.operator.client("sqs").delete_queue(QueueUrl=field.memory["alerts"])


def delivered(field: Field, stack: str) -> str | None:
    """The text of the alert about *stack* as it was delivered; None while there is none."""
    for body in _bodies(field, field.memory["alerts"]):
        envelope = json.loads(body)
        if stack in str(envelope.get("Subject")):
            return str(envelope["Message"])
    return None


def escalations(field: Field, stack: str) -> list[dict[str, Any]]:
    """What lies in the cell's escalation queue about *stack*, once for each recovery.

    What was read is kept: reading hides it for a moment from the next one who looks.
    """
    url = field.operator.client("sqs").get_queue_url(QueueName=field.cell.escalation_queue)["QueueUrl"]
    for body in _bodies(field, url):
        field.memory[f"{_TOLD}{json.loads(body)['recovery_id']}"] = body
    messages = [json.loads(body) for key, body in field.memory.items() if key.startswith(_TOLD)]
    return [one for one in messages if one["stack"]["name"] == stack]


def published(field: Field, subject: str) -> int:
    """How many alerts about *subject*, a stack or a breaker, the recorder saw the cell publish."""
    calls = (one for one in field.stage.calls() if one.action == "sns:Publish" and one.error is None)
    return sum(is_ours(field, one) and names(one, subject) for one in calls)


def _bodies(field: Field, url: str) -> Iterator[str]:
    """Every message of a queue, seen and left where it is."""
    sqs, seen = field.operator.client("sqs"), set()
    for _ in range(LOOKS):
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1).get("Messages", [])
        if not found:
            return
        for one in found:
            if one["MessageId"] not in seen:
                seen.add(one["MessageId"])
                yield one["Body"]


def _policy(queue: str, topic: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
