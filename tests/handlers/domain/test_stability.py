"""What proves that a stack once was stable."""

from typing import Any

from handlers.domain.stability import is_own, last_stable
from handlers.domain.status import StackStatus

STACK = "AWS::CloudFormation::Stack"


def event(status: str, physical_id: str = "arn-1", kind: str = STACK) -> dict[str, Any]:
    return {"StackId": "arn-1", "PhysicalResourceId": physical_id, "ResourceType": kind, "ResourceStatus": status}


def test_the_newest_stable_status_counts() -> None:
    """What the stack would go back to."""
    told = [event("UPDATE_FAILED"), event("UPDATE_IN_PROGRESS"), event("UPDATE_COMPLETE"), event("CREATE_COMPLETE")]

    assert last_stable(told) is StackStatus.UPDATE_COMPLETE


def test_what_a_resource_or_a_nested_stack_reached_proves_nothing() -> None:
    """A child that is complete says nothing of its parent."""
    told = [event("CREATE_COMPLETE", "arn-2"), event("CREATE_COMPLETE", "queue", "AWS::SQS::Queue"), event("CREATE_FAILED")]

    assert [is_own(one) for one in told] == [False, False, True]
    assert last_stable(told) is None


def test_no_events_prove_nothing() -> None:
    """A stack whose events have aged out is left to a person."""
    assert last_stable([]) is None
