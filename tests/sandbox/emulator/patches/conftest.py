"""CloudFormation as the tests of the additions need it: stacks that fail on demand."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.emulator.session import Session

# Fails at the requests in its property Fails, as Update:2; answers as AWS's cfn-response module does.
CHAOS = """
import json, urllib.request
def handler(event, context):
    properties = event["ResourceProperties"]
    fails = event["RequestType"] + ":" + properties["Version"] in properties.get("Fails", [])
    body = {"Status": "FAILED" if fails else "SUCCESS", "Reason": "made to fail", "PhysicalResourceId": "p",
            "StackId": event["StackId"], "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"]}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), method="PUT")
    urllib.request.urlopen(request)
"""


@pytest.fixture(scope="session")
def chaos(make_function: Callable[..., str]) -> str:
    """The function behind custom resources that fail on demand."""
    return make_function("chaos", CHAOS)


@pytest.fixture(scope="session")
def template(chaos: str) -> Callable[..., str]:
    """A template with one custom resource at *version*, which fails at the requests in *fails*."""

    def make(version: str = "1", *fails: str, **more: Any) -> str:
        properties = {"ServiceToken": chaos, "Version": version, "Fails": list(fails), "ServiceTimeout": 20}
        return json.dumps({"Resources": {"R": {"Type": "Custom::R", "Properties": properties}}, **more})

    return make


@pytest.fixture(scope="session")
def settled(root: Session, until: Callable[..., Any]) -> Callable[..., Any]:
    """Wait until a stack rests, and answer its description."""

    def wait(stack: str) -> Any:
        def look() -> Any:
            found = root.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
            return None if found["StackStatus"].endswith("_IN_PROGRESS") else found

        return until(look)

    return wait


@pytest.fixture
def broken(root: Session, name: str, template: Callable[..., str], settled: Callable[..., Any]) -> str:
    """A stack in UPDATE_ROLLBACK_FAILED: its update to 2 fails, and so does going back to 1, until that is skipped."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template("1", "Update:1"))
    assert settled(name)["StackStatus"] == "CREATE_COMPLETE"
    cloudformation.update_stack(StackName=name, TemplateBody=template("2", "Update:2"))
    assert settled(name)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    return name
