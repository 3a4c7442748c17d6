"""ClientRequestToken: repeating a request is safe, using its token for another is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox


def test_repeated_create_is_answered_as_before(
    root: Session, name: str, template: Callable[..., str], settled: Callable[..., Any]
) -> None:
    """The answer to the first CreateStack may have been lost; the second gets it again, not AlreadyExists."""
    cloudformation = root.client("cloudformation")
    first = cloudformation.create_stack(StackName=name, TemplateBody=template(), ClientRequestToken="t")
    settled(name)

    again = cloudformation.create_stack(StackName=name, TemplateBody=template(), ClientRequestToken="t")

    assert again["StackId"] == first["StackId"]


def test_repeated_continue_starts_nothing(root: Session, broken: str, settled: Callable[..., Any]) -> None:
    """The second of two equal requests is answered, also by id instead of name, and only one operation ran."""
    cloudformation = root.client("cloudformation")
    cloudformation.continue_update_rollback(StackName=broken, ClientRequestToken="t")
    found = settled(broken)

    cloudformation.continue_update_rollback(StackName=found["StackId"], ClientRequestToken="t")

    events = cloudformation.describe_stack_events(StackName=broken)["StackEvents"]
    begun = [
        one
        for one in events
        if one.get("ClientRequestToken") == "t"
        and one["ResourceStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS"
        and one["LogicalResourceId"] == broken
    ]
    assert len(begun) == 1


def test_token_of_another_request_is_refused(root: Session, broken: str, settled: Callable[..., Any]) -> None:
    """Same token, other parameters: TokenAlreadyExistsException, and nothing runs."""
    cloudformation = root.client("cloudformation")
    cloudformation.continue_update_rollback(StackName=broken, ClientRequestToken="t")
    assert settled(broken)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"

    with pytest.raises(ClientError, match="TokenAlreadyExistsException"):
        cloudformation.continue_update_rollback(StackName=broken, ClientRequestToken="t", ResourcesToSkip=["R"])
    with pytest.raises(ClientError, match="TokenAlreadyExistsException"):
        cloudformation.delete_stack(StackName=broken, ClientRequestToken="t")
    assert settled(broken)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"


def test_refused_request_has_not_used_its_token(root: Session, broken: str, settled: Callable[..., Any]) -> None:
    """What was not begun can be asked for again under the same token."""
    cloudformation = root.client("cloudformation")
    with pytest.raises(ClientError, match="cannot be skipped"):
        cloudformation.continue_update_rollback(StackName=broken, ClientRequestToken="t", ResourcesToSkip=["Nothing"])

    cloudformation.continue_update_rollback(StackName=broken, ClientRequestToken="t", ResourcesToSkip=["R"])

    assert settled(broken)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_token_serves_each_stack_and_region_once(root: Session, name: str, template: Callable[..., str]) -> None:
    """Whether AWS would refuse it is not documented, so it is not refused here."""
    for stack, region in ((f"{name}-a", "us-east-1"), (f"{name}-b", "us-east-1"), (f"{name}-a", "us-west-2")):
        made = root.in_region(region).client("cloudformation").create_stack(
            StackName=stack, TemplateBody='{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}', ClientRequestToken="t"
        )  # fmt: skip
        assert f":{region}:" in made["StackId"]
