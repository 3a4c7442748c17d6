"""A function that dies at one of its calls."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox

WRITER = """
import os, boto3
def handler(event, context):
    if event.get("role"):
        keys = boto3.client("sts").assume_role(RoleArn=event["role"], RoleSessionName="elsewhere")["Credentials"]
        table = boto3.client("dynamodb", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
                             aws_session_token=keys["SessionToken"])
    else:
        table = boto3.client("dynamodb")
    for part in ("one", "two"):
        table.put_item(TableName=event["table"], Item={"pk": {"S": part}, "subject": {"S": event["subject"]}})
    return os.getpid()
"""


@pytest.fixture
def table(root: Session, name: str) -> str:
    root.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    return name


@pytest.fixture
def call(root: Session, name: str, table: str, make_function: Callable[..., str]) -> Callable[..., Any]:
    """Call the writer for a subject; answers the error, or the id of the process that worked."""
    make_function(name, WRITER, Timeout=20)

    def invoke(subject: str, **more: Any) -> Any:
        event = json.dumps({"table": table, "subject": subject, **more})
        answer = root.client("lambda").invoke(FunctionName=name, Payload=event)
        return json.load(answer["Payload"])

    return invoke


def written(root: Session, table: str) -> set[str]:
    return {item["pk"]["S"] for item in root.client("dynamodb").scan(TableName=table)["Items"]}


@pytest.mark.parametrize(("moment", "left"), [("before", {"one"}), ("after", {"one", "two"})])
def test_a_function_dies_at_the_named_call(
    emulator: Emulator, root: Session, name: str, table: str, call: Callable[..., Any], *, moment: str, left: set[str]
) -> None:
    """Before the second write only the first stands, after it both do; the caller learns Runtime.ExitError either way."""
    emulator.kill_function(name, action="dynamodb:PutItem", subject=f"{name}-x", number=2, moment=moment)

    died = call(f"{name}-x")

    assert died["errorType"] == "Runtime.ExitError"
    assert died["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert written(root, table) == left
    noted = [(one["action"], one["killed"]) for one in emulator.followed(f"{name}-x")]
    assert noted == [("dynamodb:PutItem", None), ("dynamodb:PutItem", moment)]


def test_a_function_dies_once_and_for_its_subject_alone(emulator: Emulator, name: str, call: Callable[..., Any]) -> None:
    """Another subject's calls are left alone, and the next call gets a new process."""
    first = call(f"{name}-y")
    emulator.kill_function(name, action="dynamodb:PutItem", subject=f"{name}-x", number=1, moment="before")

    assert call(f"{name}-y") == first
    assert call(f"{name}-x")["errorType"] == "Runtime.ExitError"
    assert call(f"{name}-x") not in {None, first}


def test_a_session_that_the_function_got_is_still_the_functions(
    emulator: Emulator, root: Session, name: str, call: Callable[..., Any], make_role: Callable[..., str]
) -> None:
    """A call under an assumed role is its process's call; and one may die at getting the session, with a new process."""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    role = make_role(f"{name}-other", "", allow, account="222222222222")
    call(f"{name}-y", role=role)
    emulator.kill_function(name, action="sts:AssumeRole", subject=f"{name}-x", number=1, moment="after")
    emulator.kill_function(name, action="dynamodb:PutItem", subject=f"{name}-z", number=1, moment="before")

    assert call(f"{name}-z", role=role)["errorType"] == "Runtime.ExitError"
    assert call(f"{name}-x", role=role)["errorType"] == "Runtime.ExitError"
    assert [one["action"] for one in emulator.followed(f"{name}-z")] == ["sts:AssumeRole", "dynamodb:PutItem"]
    assert [one["killed"] for one in emulator.followed(f"{name}-x")] == ["after"]
