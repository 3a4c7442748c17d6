"""The record of calls: who did what, and how it ended; drills prove things from it."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.calls import Call
from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox


@pytest.fixture
def since(emulator: Emulator) -> Callable[[], list[Call]]:
    """The calls of this test."""
    number = len(emulator.calls())
    return lambda: emulator.calls(number)


def test_call_says_who_what_where_and_when(acting: Callable[..., Session], name: str, emulator: Emulator) -> None:
    """Caller, account, region, action, resource, parameters, outcome and time of one call."""
    session = acting({"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}).in_region("us-west-2")
    since, before = len(emulator.calls()), time.time()

    answer = session.client("cloudformation").delete_stack(StackName=name, ClientRequestToken="sm-1")

    [call] = emulator.calls(since)
    assert call.caller_arn == f"arn:aws:sts::222222222222:assumed-role/{name}-caller/acting"
    assert (call.account, call.region, call.service) == ("222222222222", "us-west-2", "cloudformation")
    assert (call.action, call.resource) == ("cloudformation:DeleteStack", name)
    assert call.parameters == {"StackName": name, "ClientRequestToken": "sm-1"}
    assert (call.status, call.error, call.consumed) == (200, None, None)
    assert before <= call.at <= call.at + call.seconds <= time.time()
    assert call.request_id == answer["ResponseMetadata"]["RequestId"]


def test_denied_call_is_kept(acting: Callable[..., Session], name: str, since: Callable[[], list[Call]]) -> None:
    """That somebody tried is what a drill wants to know."""
    nobody = acting().client("cloudformation")

    with pytest.raises(ClientError, match="AccessDenied"):
        nobody.continue_update_rollback(StackName=name)

    call = since()[-1]
    assert (call.action, call.resource) == ("cloudformation:ContinueUpdateRollback", name)
    assert (call.status, call.error) == (403, "AccessDenied")
    assert call.caller_arn.startswith("arn:aws:sts::222222222222:assumed-role/")


def test_numbers_count_in_the_order_of_answers(emulator: Emulator, root: Session) -> None:
    """From 0, without a gap, so `since` never misses a call."""
    for _ in range(3):
        root.client("sqs").list_queues()

    assert [call.number for call in emulator.calls()] == list(range(len(emulator.calls())))


def test_capacity_is_kept_and_not_shown(root: Session, name: str, since: Callable[[], list[Call]]) -> None:
    """Writes cost 1 and 2 in a transaction, consistent reads 1, others a half; the callers' answers are as they asked."""
    dynamodb = root.client("dynamodb")
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    item = {"pk": {"S": "a"}}

    answers = [
        dynamodb.put_item(TableName=name, Item=item),
        dynamodb.get_item(TableName=name, Key=item),
        dynamodb.get_item(TableName=name, Key=item, ConsistentRead=True),
        dynamodb.batch_get_item(RequestItems={name: {"Keys": [item], "ConsistentRead": True}}),
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item}}]),
    ]

    calls = since()[1:]
    assert [call.consumed for call in calls] == [1.0, 0.5, 1.0, 1.0, 2.0]
    assert {call.resource for call in calls} == {name}
    assert not any("ConsumedCapacity" in answer for answer in answers)
    assert dynamodb.get_item(TableName=name, Key=item, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]


def test_failed_condition_has_its_code(root: Session, name: str, since: Callable[[], list[Call]]) -> None:
    """A claim that somebody else had already is seen as such."""
    dynamodb = root.client("dynamodb")
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip

    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.put_item(TableName=name, Item={"pk": {"S": "a"}}, ConditionExpression="attribute_exists(pk)")

    assert (since()[-1].status, since()[-1].error) == (400, "ConditionalCheckFailedException")


def test_calls_of_functions_are_their_roles(
    root: Session, name: str, make_function: Callable[..., str], since: Callable[[], list[Call]]
) -> None:
    """The session is named for the function, as on AWS."""
    make_function(name, "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()\n")

    root.client("lambda").invoke(FunctionName=name, Payload=b'{"secret": "data"}')

    [invoked] = [call for call in since() if call.action == "lambda:InvokeFunction"]
    [listed] = [call for call in since() if call.action == "sqs:ListQueues"]
    assert (invoked.resource, "data" in str(invoked.parameters)) == (name, False)
    assert listed.caller_arn == f"arn:aws:sts::222222222222:assumed-role/{name}/{name}"


def test_calls_of_state_machines_are_their_roles(
    name: str, make_function: Callable[..., str], make_machine: Callable[..., str], run: Any, since: Callable[[], list[Call]]
) -> None:
    """A machine's own call of a function, which does not go over the wire here, is kept with the machine's role."""
    function = make_function(name, "def handler(event, context): raise ValueError\n")
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": function}, "End": True}

    run(make_machine(name, {"Call": task}), {}, name="r-1")

    [call] = [call for call in since() if call.action == "lambda:InvokeFunction"]
    assert call.caller_arn == f"arn:aws:sts::222222222222:assumed-role/{name}-machine/r-1"
    assert (call.resource, call.error) == (name, "ValueError")


def test_rest_calls_are_named_as_iam_names_them(root: Session, since: Callable[[], list[Call]], name: str) -> None:
    """S3, Lambda, Scheduler and CloudWatch have no action in their requests; the record has."""
    root.client("s3").create_bucket(Bucket=name)
    root.client("lambda").list_functions()
    root.client("scheduler").list_schedules()
    root.client("cloudwatch").describe_alarms()

    assert [call.action for call in since()] == [
        "s3:CreateBucket", "lambda:ListFunctions", "scheduler:ListSchedules", "cloudwatch:DescribeAlarms",
    ]  # fmt: skip


def test_keys_that_nobody_has_are_unknown(emulator: Emulator, since: Callable[[], list[Call]]) -> None:
    """A call with made-up keys is not taken for a root's."""
    from sandbox.emulator.session import Credentials  # noqa: PLC0415

    stranger = emulator.session_of(Credentials(access_key_id="AKIAXXXXXXXXXXXXXXXX", secret_access_key="x"))
    with pytest.raises(ClientError):
        stranger.client("sqs").list_queues()

    assert [(call.caller_arn, call.action) for call in since()] == [("unknown", "sqs:ListQueues")]
