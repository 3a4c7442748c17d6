"""Nested stacks name their parent and their root."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox


def nested(url: str) -> str:
    """A template whose one resource is the stack at *url*."""
    return json.dumps({"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}})


@pytest.fixture
def three_generations(emulator: Emulator, root: Session, name: str, settled: Callable[..., Any]) -> tuple[str, str, str]:
    """Ids of a stack, its child and its child's child."""
    s3, cloudformation = root.client("s3"), root.client("cloudformation")
    s3.create_bucket(Bucket=name)
    url = f"{emulator.endpoint}/{name}"
    s3.put_object(Bucket=name, Key="leaf", Body=json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}))
    s3.put_object(Bucket=name, Key="middle", Body=nested(f"{url}/leaf"))
    top = cloudformation.create_stack(StackName=name, TemplateBody=nested(f"{url}/middle"))["StackId"]
    assert settled(name)["StackStatus"] == "CREATE_COMPLETE"
    ids = [top]
    for _ in range(2):
        [child] = cloudformation.list_stack_resources(StackName=ids[-1])["StackResourceSummaries"]
        ids.append(child["PhysicalResourceId"])
    return ids[0], ids[1], ids[2]


def test_every_generation_names_parent_and_root(root: Session, name: str, three_generations: tuple[str, str, str]) -> None:
    """In DescribeStacks and in ListStacks; the root itself names neither."""
    top, middle, leaf = three_generations
    cloudformation = root.client("cloudformation")
    expected = {top: (None, None), middle: (top, top), leaf: (middle, top)}

    described = {
        one["StackId"]: (one.get("ParentId"), one.get("RootId"))
        for stack in three_generations
        for one in cloudformation.describe_stacks(StackName=stack)["Stacks"]
    }
    listed = {
        one["StackId"]: (one.get("ParentId"), one.get("RootId"))
        for one in cloudformation.list_stacks()["StackSummaries"]
        if one["StackName"].startswith(name)
    }

    assert described == expected
    assert listed == expected
