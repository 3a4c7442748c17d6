"""What the record says of a request and its answer, and what it keeps to itself."""

import json

import pytest

from sandbox.emulator import reading


def test_json_bodies_are_told_flat() -> None:
    """Nested members are joined by dots, list members by their number."""
    body = json.dumps({"TableName": "t", "Key": {"pk": {"S": "STACK#1"}}, "Tags": [{"Key": "a"}]}).encode()

    assert reading.parameters("dynamodb:GetItem", body, {}) == {"TableName": "t", "Key.pk.S": "STACK#1", "Tags.0.Key": "a"}


def test_forms_are_told_without_what_every_one_has() -> None:
    """Action and version say nothing; signing parameters of a presigned URL are credentials."""
    form = {"Action": ["DeleteStack"], "Version": ["2010-05-15"], "StackName": ["s"], "X-Amz-Signature": ["abc"]}

    assert reading.parameters("cloudformation:DeleteStack", b"", form) == {"StackName": "s"}


@pytest.mark.parametrize("key", ["SecretString", "taskToken", "Password", "Environment.Variables.DB_PASSWORD", "Plaintext"])
def test_secrets_are_not_told(key: str) -> None:
    """A task token is as good as a permission; that there was one may be known."""
    told = reading.parameters("x:Y", json.dumps({key: "hunter2"}).encode(), {})

    assert told == {key: "(not recorded)"}


def test_request_tokens_are_told() -> None:
    """ClientRequestToken is no secret: the drills match calls and attempts by it."""
    assert reading.parameters("x:Y", b"", {"ClientRequestToken": ["sm-1"]}) == {"ClientRequestToken": "sm-1"}


def test_long_values_are_told_by_their_length() -> None:
    """Templates and code would bury the rest."""
    told = reading.parameters("x:Y", b"", {"TemplateBody": ["x" * 201], "StackName": ["x" * 200]})

    assert told == {"TemplateBody": "(201 characters)", "StackName": "x" * 200}


def test_payloads_of_functions_are_not_told() -> None:
    """They are somebody's data, and may hold task tokens under any name."""
    assert reading.parameters("lambda:InvokeFunction", b'{"a": "b"}', {}) == {}


def test_bodies_that_are_not_json_are_passed_over() -> None:
    """An upload is not read."""
    assert reading.parameters("s3:PutObject", b"{broken", {}) == reading.parameters("s3:PutObject", b"[1]", {}) == {}


def test_very_wide_requests_are_cut() -> None:
    """Only so many values are kept of one call."""
    body = json.dumps({f"k{number}": number for number in range(1000)}).encode()

    assert len(reading.parameters("x:Y", body, {})) == reading.MOST


@pytest.mark.parametrize(
    ("arn", "told", "name"),
    [
        ("*", {"StackName": "app-orders"}, "app-orders"),
        ("*", {"StackName": "arn:aws:cloudformation:us-east-1:2:stack/app-orders/0c1-2"}, "app-orders"),
        ("arn:aws:cloudformation:us-east-1:2:stack/app-orders/*", {}, "app-orders"),
        ("arn:aws:dynamodb:us-east-1:2:table/ledger", {"RequestItems.ledger.Keys.0.pk.S": "x"}, "ledger"),
        ("*", {"QueueUrl": "https://127.0.0.1:4566/222222222222/intake"}, "intake"),
        ("arn:aws:lambda:us-east-1:2:function:act-roll", {}, "act-roll"),
        ("*", {"RoleArn": "arn:aws:iam::1:role/stackmend/lease-read"}, "lease-read"),
        ("*", {"stateMachineArn": "arn:aws:states:us-east-1:2:stateMachine:recovery", "name": "r-1"}, "recovery"),
        ("*", {"TransactItems.0.Put.TableName": "ledger"}, "ledger"),
        ("*", {}, ""),
    ],
)
def test_resource_is_the_name_of_what_the_call_is_about(arn: str, told: dict[str, str], name: str) -> None:
    """A stack's id names the stack, a URL its queue, an ARN what it ends in; no one thing is nothing."""
    assert reading.resource(arn, told) == name


@pytest.mark.parametrize(
    ("status", "headers", "content", "code"),
    [
        (200, {}, b"{}", None),
        (400, {}, b"<Error><Code>ValidationError</Code></Error>", "ValidationError"),
        (400, {"x-amzn-errortype": "TaskTimedOut"}, b"{}", "TaskTimedOut"),
        (
            400,
            {},
            b'{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}',
            "ConditionalCheckFailedException",
        ),
        (403, {"X-Amzn-ErrorType": "AccessDeniedException:http://x"}, b"", "AccessDeniedException"),
        (200, {"X-Amz-Function-Error": "Unhandled"}, b"{}", "Unhandled"),
        (503, {}, b"", "503"),
    ],
)
def test_error_is_the_code_of_the_answer(status: int, headers: dict[str, str], content: bytes, code: str | None) -> None:
    """In whatever form the service's protocol gives it."""
    assert reading.error(status, headers, content) == code


def test_request_id_is_the_one_that_the_sdk_reports() -> None:
    """It is taken from an XML answer's body, and from the header else."""
    assert reading.request_id("given", b"<R><RequestId>own</RequestId></R>") == "own"
    assert reading.request_id("given", b"{}") == "given"
