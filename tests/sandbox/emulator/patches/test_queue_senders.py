"""Who sent a message, as its receiver is told."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox
MAY_SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
SOURCE = "def handler(event, _context):\n    print('sent by', event['Records'][0]['attributes']['SenderId'])\n"


def test_a_receiver_is_told_which_session_sent_it(root: Session, acting: Callable[..., Session], name: str) -> None:
    """The role's id and the session's name, whatever the message says; a queue's own account is named nowhere."""
    url = root.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    sender = acting(MAY_SEND)
    sender.client("sqs").send_message(QueueUrl=url, MessageBody="I am somebody else")

    (message,) = root.client("sqs").receive_message(QueueUrl=url, MessageSystemAttributeNames=["SenderId"])["Messages"]
    session = sender.client("sts").get_caller_identity()["Arn"].rpartition("/")[2]
    assert message["Attributes"]["SenderId"].startswith("AROA")
    assert message["Attributes"]["SenderId"].endswith(f":{session}")


def test_a_function_behind_the_queue_is_told_too(
    root: Session,
    acting: Callable[..., Session],
    make_function: Callable[..., str],
    until: Callable[..., Any],
    name: str,
) -> None:
    """In each record of its batch."""
    url = root.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = root.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    root.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    make_function(name, SOURCE)
    root.client("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=arn)
    sender = acting(MAY_SEND)
    sender.client("sqs").send_message(QueueUrl=url, MessageBody="I am somebody else")
    session = sender.client("sts").get_caller_identity()["Arn"].rpartition("/")[2]

    def said() -> list[str]:
        found = root.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return [one["message"] for one in found if "sent by" in one["message"]]

    (line,) = until(said)
    assert "sent by AROA" in line
    assert line.strip().endswith(f":{session}")
