"""CloudFormation's status events: shaped as AWS documents them, for every change, and droppable for one stack."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
ENVELOPE = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}


@pytest.fixture
def told(root: Session, name: str, until: Callable[..., Any]) -> Iterator[Callable[[int], list[dict[str, Any]]]]:
    """Wait for so many events that a rule like the cell's lets through, of stacks named like the test's, and answer them."""
    sqs, rules = root.client("sqs"), root.client("events")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    pattern = {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "resources": [{"wildcard": f"arn:aws:cloudformation:us-east-1:222222222222:stack/{name}*/*"}],
    }
    rules.put_rule(Name=name, EventPattern=json.dumps(pattern))
    rules.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:222222222222:{name}"}])
    seen: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            seen.append(json.loads(one["Body"]))
        return seen

    def wait(count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = until(lambda: seen if len(read()) >= count else None)
        return found

    yield wait
    rules.remove_targets(Rule=name, Ids=["q"])
    rules.delete_rule(Name=name)


def test_event_has_the_shape_that_aws_documents(
    root: Session, name: str, template: Callable[..., str], told: Callable[[int], Any]
) -> None:
    """A rule on source, type and stack ARN lets every change through, in order, with the operation's token."""
    made = root.client("cloudformation").create_stack(StackName=name, TemplateBody=template(), ClientRequestToken="sm-1")

    first, last = told(2)

    assert set(first) == ENVELOPE
    assert (first["source"], first["detail-type"]) == ("aws.cloudformation", "CloudFormation Stack Status Change")
    assert (first["account"], first["region"], first["resources"]) == ("222222222222", "us-east-1", [made["StackId"]])
    assert first["detail"] == {
        "stack-id": made["StackId"],
        "status-details": {"status": "CREATE_IN_PROGRESS", "status-reason": "User Initiated"},
        "client-request-token": "sm-1",
    }
    assert last["detail"] == {
        "stack-id": made["StackId"],
        "status-details": {"status": "CREATE_COMPLETE", "status-reason": ""},
        "client-request-token": "sm-1",
    }


def test_rollback_tells_each_status_with_the_operations_token(
    root: Session, name: str, template: Callable[..., str], told: Callable[[int], Any], settled: Callable[..., Any]
) -> None:
    """CloudFormation's own rollback bears the token of the update that it belongs to."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template("1"), ClientRequestToken="first")
    settled(name)
    cloudformation.update_stack(StackName=name, TemplateBody=template("2", "Update:2"), ClientRequestToken="second")

    events = told(6)

    assert [(one["detail"]["status-details"]["status"], one["detail"]["client-request-token"]) for one in events] == [
        ("CREATE_IN_PROGRESS", "first"),
        ("CREATE_COMPLETE", "first"),
        ("UPDATE_IN_PROGRESS", "second"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "second"),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "second"),
        ("UPDATE_ROLLBACK_COMPLETE", "second"),
    ]


def test_delete_is_told(
    root: Session, name: str, template: Callable[..., str], told: Callable[[int], Any], settled: Callable[..., Any]
) -> None:
    """A stack's end is an event too; without a token the field is empty."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template())
    settled(name)
    cloudformation.delete_stack(StackName=name)

    events = told(4)

    assert [one["detail"]["status-details"]["status"] for one in events][2:] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert {one["detail"]["client-request-token"] for one in events} == {""}


def test_one_stacks_events_can_be_lost(  # noqa: PLR0917 - all are fixtures
    emulator: Emulator, root: Session, name: str, template: Callable[..., str], told: Callable[[int], Any], settled: Callable[..., Any],
) -> None:  # fmt: skip
    """A drill loses the events of one stack only, in one account and region, and lets them come again."""
    cloudformation = root.client("cloudformation")
    emulator.suppress_status_events("222222222222", "us-east-1", f"{name}-lost")
    for stack in (f"{name}-lost", f"{name}-told"):
        cloudformation.create_stack(StackName=stack, TemplateBody=template())
        settled(stack)
    emulator.restore_status_events("222222222222", "us-east-1", f"{name}-lost")
    cloudformation.delete_stack(StackName=f"{name}-lost")

    events = told(4)

    assert [(one["detail"]["stack-id"].split("/")[1], one["detail"]["status-details"]["status"]) for one in events] == [
        (f"{name}-told", "CREATE_IN_PROGRESS"),
        (f"{name}-told", "CREATE_COMPLETE"),
        (f"{name}-lost", "DELETE_IN_PROGRESS"),
        (f"{name}-lost", "DELETE_COMPLETE"),
    ]
