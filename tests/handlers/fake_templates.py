"""What stacks are made of, as a client sees it, beside the fake CloudFormation that moves them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.handlers.fake_cloudformation import STACK, FakeCloudFormation


class FakeTemplates:
    """Templates, policies and what else DescribeStacks shows, by stack name; a stack that was given none has a plain one."""

    meta = SimpleNamespace(events=SimpleNamespace(unregister=lambda *_: None))

    def __init__(self, cloudformation: FakeCloudFormation) -> None:
        self.bodies: dict[str, str] = {}
        self.shown: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, str] = {}
        self.nested: dict[str, dict[str, str]] = {}
        """By the parent's name: logical id -> the nested stack's name."""
        self.while_read: Callable[[], None] | None = None
        self._cloudformation = cloudformation

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        (shown,) = self._cloudformation.describe_stacks(StackName)["Stacks"]
        return {"Stacks": [shown | self.shown.get(shown["StackName"], {})]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        assert TemplateStage == "Original"
        if self.while_read is not None:
            self.while_read()
        name = self._name(StackName)
        return {"TemplateBody": self.bodies.get(name, f"# {name}")}

    def get_stack_policy(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        policy = self.policies.get(self._name(StackName))
        return {"StackPolicyBody": policy} if policy else {}

    def list_stack_resources(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        name = self._name(StackName)
        plain = self._cloudformation.list_stack_resources(StackName)["StackResourceSummaries"]
        inside = [
            {
                "LogicalResourceId": logical_id,
                "ResourceStatus": "UPDATE_COMPLETE",
                "ResourceType": STACK,
                "PhysicalResourceId": self._cloudformation.stacks[self._id(inner)].stack_id,
            }
            for logical_id, inner in self.nested.get(name, {}).items()
        ]
        return {"StackResourceSummaries": [*({**one, "ResourceType": "AWS::SQS::Queue"} for one in plain), *inside]}

    def _name(self, stack: str) -> str:
        return str(self._cloudformation.describe_stacks(stack)["Stacks"][0]["StackName"])

    def _id(self, name: str) -> str:
        return next(key for key, stack in self._cloudformation.stacks.items() if stack.name == name)
