"""A reason is taken apart the way AWS puts it together."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handlers.domain.diagnosis_text import LONGEST, is_custom_type, read, shortened

NEW_SDK = (
    'Resource handler returned message: "Rate exceeded (Service: Lambda, Status Code: 429, Request ID: 1)"'
    " (RequestToken: 2, HandlerErrorCode: Throttling)"
)
OLD_SDK = "The vpc 'v' has dependencies (Service: AmazonEC2; Status Code: 400; Error Code: DependencyViolation; Request ID: 3)"


def test_new_sdk_envelope_is_read() -> None:
    """Service, status and handler code come out, and their words leave the message."""
    reading = read(NEW_SDK)

    assert (reading.service, reading.http, reading.handler_code) == ("lambda", 429, "Throttling")
    assert "status code" not in reading.words


def test_old_sdk_envelope_is_read() -> None:
    """The error code is one that the text names as such."""
    reading = read(OLD_SDK)

    assert reading.service == "ec2"
    assert reading.codes[: reading.marked] == ("DependencyViolation",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("An error occurred (InvalidInput) when calling the RunInstances operation: no", "InvalidInput"),
        ("[Issue(Code=AsgInstanceLaunchFailures, Message=Could not launch)]", "AsgInstanceLaunchFailures"),
        ('{"__type":"com.amazon#ParameterNotFound","message":"x"}', "ParameterNotFound"),
        ("EntityAlreadyExistsException: Provider exists", "EntityAlreadyExistsException"),
        ("(ErrorCode: InvalidSubnetID.NotFound)", "InvalidSubnetID.NotFound"),
        ("Reason: Client.InvalidKMSKey.InvalidState: The key", "Client.InvalidKMSKey.InvalidState"),
    ],
)
def test_codes_are_seen_where_tools_put_them(text: str, code: str) -> None:
    """Botocore, EKS, JSON bodies, exceptions, EC2 inside ECS."""
    reading = read(text)

    assert code in reading.codes[: reading.marked]


def test_handler_code_is_no_error_code() -> None:
    """ServiceLimitExceeded from a handler does not mean a quota, so it must not be taken for the service's word."""
    assert read('"null" (HandlerErrorCode: ServiceLimitExceeded)').codes == ()


def test_wrappers_come_off() -> None:
    """Embedded stacks, stack sets and the rollback's closing words hide what counts."""
    embedded = "Embedded stack arn:aws:cloudformation:r:a:stack/s/1 was not successfully created: No export named x found"
    stack_set = "Stack set operation [1] failed. [ResourceLogicalId:A, ResourceStatusReason:no such key].]' with identifier 'b'"

    assert read(embedded).words == "no export named x found"
    assert read(embedded).is_embedded
    assert read(stack_set).words == "no such key]."
    assert read("It broke. Rollback requested by user.").words == "it broke"


def test_long_reason_keeps_both_ends() -> None:
    """The message is at the head, CloudFormation's codes at the tail, whatever lies between."""
    reason = f"Access denied {'x ' * 100_000}(HandlerErrorCode: AccessDenied)"

    assert len(shortened(reason)) <= LONGEST + 3
    assert read(reason).handler_code == "AccessDenied"
    assert read(reason).words.startswith("access denied")


@pytest.mark.parametrize("text", ["tatus Code: ", "Error Code: ", "(Service: " * 600, "Aa" * 3000, "Aa." * 2000, "(" * 6000])
def test_odd_texts_are_read_too(text: str) -> None:
    """No expression runs away on what only looks like the beginning of something."""
    assert read(text * 20).handler_code == ""


@given(some.text(), some.text(), some.text())
def test_anything_can_be_read(reason: str, resource_type: str, status: str) -> None:
    """Reading never fails."""
    assert read(reason, resource_type, status).words is not None


def test_custom_types() -> None:
    """Both spellings of a custom resource, and nothing else."""
    assert is_custom_type("Custom::Thing")
    assert is_custom_type("AWS::CloudFormation::CustomResource")
    assert not is_custom_type("AWS::CloudFormation::Stack")
