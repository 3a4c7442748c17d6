"""Policies may pin what a CloudFormation request names."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox
TOPIC = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})


def test_role_arn_is_pinned(acting: Callable[..., Session], make_role: Callable[..., str], name: str) -> None:
    """The request's RoleARN is what the condition sees: the right one passes, another or none is denied."""
    right, wrong = (make_role(f"{name}-{one}", "cloudformation.amazonaws.com") for one in "ab")
    only = {"StringEquals": {"cloudformation:RoleArn": right}}
    cloudformation = acting(
        {"Effect": "Allow", "Action": "cloudformation:CreateStack", "Resource": "*", "Condition": only},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
    ).client("cloudformation")

    with pytest.raises(ClientError, match="cloudformation:CreateStack"):
        cloudformation.create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=wrong)
    with pytest.raises(ClientError, match="cloudformation:CreateStack"):
        cloudformation.create_stack(StackName=name, TemplateBody=TOPIC)
    assert cloudformation.create_stack(StackName=name, TemplateBody=TOPIC, RoleARN=right)["StackId"]
