"""The custom resource that fails on demand answers CloudFormation once, whatever happens to it."""

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from drills.chaos import function, templates

ANSWERED: list[dict[str, Any]] = []


@pytest.fixture
def causes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A table of causes in moto, and a CloudFormation that keeps the answers."""
    ANSWERED.clear()

    def receive(request: Any, timeout: float) -> io.BytesIO:
        ANSWERED.append(json.loads(request.data))
        return io.BytesIO()

    monkeypatch.setattr("urllib.request.urlopen", receive)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.resource("dynamodb").create_table(
            TableName="causes",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "cause", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "cause", "KeyType": "HASH"}],
        )


def event(request: str = "Update", *, table: str = "causes") -> dict[str, Any]:
    return {
        "RequestType": request,
        "StackId": "arn:aws:cloudformation:us-east-1:222222222222:stack/app-orders/1f0a",
        "RequestId": "r1",
        "LogicalResourceId": "Config",
        "ResponseURL": "https://answers.example.com/r1",
        "ResourceProperties": {"Version": "1", "Causes": table},
    }


def test_without_a_cause_it_succeeds(causes: Any) -> None:
    """The resource is harmless until somebody asks for a failure."""
    function.handler(event(), None)

    assert [one["Status"] for one in ANSWERED] == ["SUCCESS"]


def test_a_cause_is_used_up(causes: Any) -> None:
    """It fails as often as it was asked to, with the reason that was asked for, then succeeds."""
    causes.put_item(Item={"cause": "app-orders/Config/1", "reason": "no capacity", "left": 1})
    function.handler(event(), None)
    function.handler(event(), None)

    assert [(one["Status"], one["Reason"]) for one in ANSWERED] == [
        ("FAILED", "no capacity"),
        ("SUCCESS", "No cause stands in the table"),
    ]


def test_it_hangs_until_its_cause_is_taken_away(causes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer for as long as the cause stands, and then a good one."""
    causes.put_item(Item={"cause": "app-orders/Config/1", "reason": "", "left": 0, "hangs": True})
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            causes.delete_item(Key={"cause": "app-orders/Config/1"})

    monkeypatch.setattr("time.sleep", wait)
    function.handler(event(), None)

    assert len(waited) == 3
    assert [one["Status"] for one in ANSWERED] == ["SUCCESS"]


def test_a_delete_always_succeeds(causes: Any) -> None:
    """A drill must be able to clear its ground."""
    causes.put_item(Item={"cause": "app-orders/Config/1", "reason": "no capacity", "left": 1})
    function.handler(event("Delete"), None)

    assert [one["Status"] for one in ANSWERED] == ["SUCCESS"]


def test_its_own_failure_is_an_answer_too(causes: Any) -> None:
    """A silent custom resource would hold the stack for an hour."""
    function.handler(event(table="gone"), None)

    assert [one["Status"] for one in ANSWERED] == ["FAILED"]
    assert ANSWERED[0]["Reason"].startswith("The drill's own function failed: ResourceNotFoundException")


def test_the_ground_is_a_template_and_carries_the_function() -> None:
    """The function goes inline, within the limit that CloudFormation sets."""
    resources = json.loads(templates.ground())["Resources"]

    assert resources["Function"]["Properties"]["Code"]["ZipFile"] == templates.FUNCTION.read_text()


def test_an_update_changes_both_resources_in_a_fixed_order() -> None:
    """Which of the two fails must not be a race: Release waits for Config."""
    old, new = (
        json.loads(templates.fragile(version=one, function_arn="arn:aws:lambda:us-east-1:222222222222:function:f", causes="t"))
        for one in (1, 2)
    )

    assert old["Resources"]["Release"]["DependsOn"] == "Config"
    assert [new["Resources"][one]["Properties"]["Version"] for one in ("Config", "Release")] == ["2", "2"]


def test_what_fails_on_its_way_back_can_stand_in_a_nested_stack() -> None:
    """The root only says where the nested stack's template is; Release waits for it."""
    said = json.loads(templates.outer(version=2, function_arn="f", causes="t", inner_url="https://s3.amazonaws.com/b/k"))

    assert said["Resources"]["Inner"]["Properties"] == {"TemplateURL": "https://s3.amazonaws.com/b/k"}
    assert said["Resources"]["Release"]["DependsOn"] == "Inner"
    assert list(json.loads(templates.inner(version=2, function_arn="f", causes="t"))["Resources"]) == ["Config"]


def test_cloudformation_waits_longer_than_the_function_can_live() -> None:
    """Else a resource that hangs would end by CloudFormation's word, and not by the drill's."""
    part = json.loads(templates.inner(version=1, function_arn="f", causes="t"))["Resources"]["Config"]["Properties"]

    assert part["ServiceTimeout"] > json.loads(templates.ground())["Resources"]["Function"]["Properties"]["Timeout"]
