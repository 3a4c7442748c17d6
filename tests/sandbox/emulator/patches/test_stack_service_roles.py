"""Service roles of stacks: who may pass one, what keeps it, and when it is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox

TOPIC = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
OTHER = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}, "U": {"Type": "AWS::SNS::Topic"}}})
CLOUDFORMATION = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}


@pytest.fixture
def service_role(make_role: Callable[..., str], name: str) -> str:
    """A role that CloudFormation may assume."""
    return make_role(f"{name}-service", "cloudformation.amazonaws.com")


def test_role_stays_with_the_stack(root: Session, name: str, service_role: str, settled: Callable[..., Any]) -> None:
    """It is shown, and an operation that gives none goes on with it."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=service_role)
    assert settled(name)["RoleARN"] == service_role

    cloudformation.update_stack(StackName=name, TemplateBody=OTHER)

    assert settled(name)["RoleARN"] == service_role


def test_stack_without_a_role_shows_none(root: Session, name: str, settled: Callable[..., Any]) -> None:
    """The field is absent, as botocore's model has it, not empty."""
    root.client("cloudformation").create_stack(StackName=name, TemplateBody=TOPIC)

    assert "RoleARN" not in settled(name)


def test_role_given_to_continue_is_kept(root: Session, broken: str, service_role: str, settled: Callable[..., Any]) -> None:
    """A repair role stays with the stack that it repaired: AWS says so, and so must the plan."""
    root.client("cloudformation").continue_update_rollback(StackName=broken, RoleARN=service_role, ResourcesToSkip=["R"])

    found = settled(broken)

    assert (found["StackStatus"], found["RoleARN"]) == ("UPDATE_ROLLBACK_COMPLETE", service_role)


def test_role_of_a_change_set_goes_to_its_stack(root: Session, name: str, service_role: str, settled: Callable[..., Any]) -> None:
    """ExecuteChangeSet takes no role; it uses the one that the change set was made with."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_change_set(
        StackName=name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=TOPIC, RoleARN=service_role
    )
    cloudformation.execute_change_set(StackName=name, ChangeSetName="c")

    assert settled(name)["RoleARN"] == service_role


def test_caller_needs_pass_role(acting: Callable[..., Session], name: str, service_role: str) -> None:
    """Who may do anything with stacks may still not hand them a role."""
    caller = acting(CLOUDFORMATION)

    with pytest.raises(ClientError) as refused:
        caller.client("cloudformation").create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=service_role)

    assert refused.value.response["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": f"User: arn:aws:sts::222222222222:assumed-role/{name}-caller/acting is not authorized to perform: iam:PassRole"
        f" on resource: {service_role} because no identity-based policy allows the iam:PassRole action",
    }


def test_pass_role_is_judged_by_service(acting: Callable[..., Session], name: str, service_role: str) -> None:
    """The permission may be bound to CloudFormation by iam:PassedToService, and then serves CloudFormation."""
    allow = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": service_role,
        "Condition": {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
    }
    caller = acting(CLOUDFORMATION, allow)

    assert caller.client("cloudformation").create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=service_role)["StackId"]


def test_pass_role_for_another_service_is_of_no_use(acting: Callable[..., Session], name: str, service_role: str) -> None:
    """Bound to Lambda it allows nothing here."""
    condition = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    caller = acting(
        CLOUDFORMATION, {"Effect": "Allow", "Action": "iam:PassRole", "Resource": service_role, "Condition": condition}
    )

    with pytest.raises(ClientError, match="iam:PassRole"):
        caller.client("cloudformation").create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=service_role)


def test_kept_role_need_not_be_passed(
    root: Session, acting: Callable[..., Session], name: str, service_role: str, settled: Callable[..., Any]
) -> None:
    """Who may operate on the stack makes it act with its role, without permission to pass it."""
    root.client("cloudformation").create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=service_role)
    settled(name)

    acting(CLOUDFORMATION).client("cloudformation").update_stack(StackName=name, TemplateBody=OTHER)

    assert settled(name)["StackStatus"] == "UPDATE_COMPLETE"


def test_role_that_is_not_there_is_refused(root: Session, name: str) -> None:
    """In AWS's words."""
    missing = "arn:aws:iam::222222222222:role/nobody"

    with pytest.raises(ClientError, match=f"ValidationError.*Role {missing} is invalid or cannot be assumed"):
        root.client("cloudformation").create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=missing)


def test_role_that_does_not_trust_cloudformation_is_refused(root: Session, name: str, make_role: Callable[..., str]) -> None:
    """A role of a function's cannot be a stack's."""
    role = make_role(f"{name}-function", "lambda.amazonaws.com")

    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        root.client("cloudformation").create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=role)


def test_stack_whose_role_was_deleted_needs_another(
    root: Session, name: str, service_role: str, make_role: Callable[..., str], settled: Callable[..., Any]
) -> None:
    """A deleted service role stops every operation, also a delete, until another role is given."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=service_role)
    settled(name)
    root.client("iam").delete_role(RoleName=f"{name}-service")

    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        cloudformation.delete_stack(StackName=name)
    cloudformation.delete_stack(StackName=name, RoleARN=make_role(f"{name}-new", "cloudformation.amazonaws.com"))
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def test_next_stack_of_the_name_starts_without_the_role(
    root: Session, name: str, service_role: str, settled: Callable[..., Any]
) -> None:
    """The role belongs to the generation, not to the name."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=service_role)
    settled(name)
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    root.client("iam").delete_role(RoleName=f"{name}-service")

    cloudformation.create_stack(StackName=name, TemplateBody=TOPIC)

    assert "RoleARN" not in settled(name)
