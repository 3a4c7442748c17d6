"""What the sandbox relies on in the emulator itself: an upgrade that changes one of these must be seen, not survived."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox


def table(root: Session, name: str, **more: Any) -> Any:
    """A table with the ledger's keys."""
    dynamodb = root.client("dynamodb")
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    attributes = [{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")]
    dynamodb.create_table(
        TableName=name, KeySchema=keys, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST", **more
    )  # fmt: skip
    return dynamodb


def test_accounts_and_regions_are_apart(emulator: Emulator, root: Session, name: str) -> None:
    """What is made in one is not seen in another."""
    root.client("sqs").create_queue(QueueName=name)

    assert name in str(root.client("sqs").list_queues())
    assert name not in str(root.in_region("us-west-2").client("sqs").list_queues())
    assert name not in str(emulator.session("111111111111").client("sqs").list_queues())


def test_stack_patterns_bind_callers(acting: Callable[..., Session], name: str) -> None:
    """A right on stack/app-*/* reaches such stacks by name and by id, and no other; listing wants the whole account."""
    cloudformation = acting(
        {"Effect": "Allow", "Action": "cloudformation:*", "Resource": f"arn:aws:cloudformation:*:*:stack/{name}-*/*"}
    ).client("cloudformation")
    body = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})

    made = cloudformation.create_stack(StackName=f"{name}-a", TemplateBody=body)["StackId"]

    assert cloudformation.describe_stacks(StackName=made)["Stacks"]
    for refused in (
        lambda: cloudformation.create_stack(StackName="other", TemplateBody=body),
        cloudformation.describe_stacks,
        cloudformation.list_stacks,
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_function_roles_are_enforced(root: Session, name: str, make_function: Callable[..., str]) -> None:
    """What the role of a function does not allow, the function cannot do; a change of the policy counts at once."""
    make_function(name, "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()\n")
    function, iam = root.client("lambda"), root.client("iam")
    assert "FunctionError" not in function.invoke(FunctionName=name)

    iam.delete_role_policy(RoleName=name, PolicyName="p")

    assert json.load(function.invoke(FunctionName=name)["Payload"])["errorType"] == "ClientError"


def test_external_id_is_enforced_from_a_function(
    emulator: Emulator, root: Session, name: str, make_function: Callable[..., str]
) -> None:
    """The lease's roles in the hub are assumed so: by the exact role, with the external id."""
    trust = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"sts:ExternalId": "right"},
                    "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::222222222222:role/{name}"},
                },
            }
        ]
    }
    emulator.session("111111111111").client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    source = (
        "import boto3\ndef handler(event, context):\n    boto3.client('sts').assume_role("
        f"RoleArn='arn:aws:iam::111111111111:role/{name}', RoleSessionName='lease', **event)\n"
    )
    make_function(name, source)
    make_function(f"{name}-other", source)

    def is_let_in(function: str, event: dict[str, str]) -> bool:
        answer = root.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        failed = json.load(answer["Payload"])
        assert failed is None or failed["errorType"] == "ClientError"
        return failed is None

    assert is_let_in(name, {"ExternalId": "right"})
    assert not is_let_in(name, {"ExternalId": "wrong"})
    assert not is_let_in(name, {})
    assert not is_let_in(f"{name}-other", {"ExternalId": "right"})


def test_claims_are_conditional(root: Session, name: str) -> None:
    """The second claimant is refused and told who has it; a transaction names the condition that failed."""
    dynamodb = table(root, name)
    item = {"pk": {"S": "STACK#a"}, "sk": {"S": "CLAIM"}, "recovery_id": {"S": "first"}}
    condition = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    dynamodb.put_item(TableName=name, Item=item, **condition)

    with pytest.raises(ClientError) as refused:
        dynamodb.put_item(TableName=name, Item=item, **condition)
    with pytest.raises(ClientError) as cancelled:
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item, **condition}}])

    assert refused.value.response["Item"] == item
    assert [one["Code"] for one in cancelled.value.response["CancellationReasons"]] == ["ConditionalCheckFailed"]


def test_events_reach_functions_by_rule_and_queue(
    root: Session, name: str, make_function: Callable[..., str], emulator: Emulator, until: Callable[..., Any]
) -> None:
    """Rule to queue to function, with the failed records of a batch delivered again."""
    source = """
seen = {}
def handler(event, context):
    failed = []
    for record in event["Records"]:
        seen[record["messageId"]] = seen.get(record["messageId"], 0) + 1
        print("attempt", seen[record["messageId"]], record["body"])
        if seen[record["messageId"]] == 1:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""
    arn = make_function(name, source)
    sqs, events = root.client("sqs"), root.client("events")
    sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1"})
    queue = f"arn:aws:sqs:us-east-1:222222222222:{name}"
    root.client("lambda").create_event_source_mapping(
        EventSourceArn=queue, FunctionName=arn, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue}])

    events.put_events(Entries=[{"Source": name, "DetailType": "x", "Detail": "{}"}])

    def logged() -> bool:
        found = root.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return any("attempt 2" in one["message"] for one in found)

    def has_logs() -> bool:
        return bool(root.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"])

    assert until(has_logs)
    assert until(logged)


def test_wildcard_patterns_match_stack_arns(root: Session, name: str) -> None:
    """EventBridge reads `stack/app-*/*` as IAM does."""
    event = {"id": "1", "source": "aws.cloudformation", "detail-type": "x", "account": "2", "time": "2026-01-01T00:00:00Z"}

    def matches(stack: str) -> bool:
        arn = f"arn:aws:cloudformation:us-east-1:222222222222:stack/{stack}/0c1"
        pattern = {"resources": [{"wildcard": "arn:aws:cloudformation:us-east-1:222222222222:stack/app-*/*"}]}
        whole = {**event, "region": "us-east-1", "resources": [arn], "detail": {}}
        answer = root.client("events").test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(whole))
        return bool(answer["Result"])

    assert [matches(stack) for stack in ("app-orders", "app-", "shadow-app-x", "App-orders")] == [True, True, False, False]


def test_rollback_fails_and_goes_on(
    root: Session, name: str, make_function: Callable[..., str], until: Callable[..., Any]
) -> None:
    """UPDATE_ROLLBACK_FAILED is reached by a custom resource that fails twice, and left by ContinueUpdateRollback."""
    source = """
import json, urllib.request
failures = 2
def handler(event, context):
    global failures
    fails = event["RequestType"] == "Update" and failures > 0
    failures -= fails
    body = {"Status": "FAILED" if fails else "SUCCESS", "Reason": "made to fail", "PhysicalResourceId": "p",
            **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}}
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), method="PUT"))
"""
    token, cloudformation = make_function(name, source), root.client("cloudformation")

    def body(version: str) -> str:
        properties = {"ServiceToken": token, "Version": version, "ServiceTimeout": 20}
        return json.dumps({"Resources": {"R": {"Type": "Custom::R", "Properties": properties}}})

    def rests(status: str) -> bool:
        return bool(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == status)

    cloudformation.create_stack(StackName=name, TemplateBody=body("1"))
    until(lambda: rests("CREATE_COMPLETE"))
    cloudformation.update_stack(StackName=name, TemplateBody=body("2"))
    until(lambda: rests("UPDATE_ROLLBACK_FAILED"))
    cloudformation.continue_update_rollback(StackName=name, ClientRequestToken="sm-1")
    until(lambda: rests("UPDATE_ROLLBACK_COMPLETE"))

    newest = cloudformation.describe_stack_events(StackName=name)["StackEvents"][0]
    assert (newest["ResourceStatus"], newest["ClientRequestToken"]) == ("UPDATE_ROLLBACK_COMPLETE", "sm-1")


def test_functions_import_what_is_installed_here(root: Session, name: str, make_function: Callable[..., str]) -> None:
    """The layer of the sandbox may be empty: the emulator's own packages are there."""
    make_function(name, "import aws_lambda_powertools, pydantic, boto3\ndef handler(event, context): return 1\n")

    assert json.load(root.client("lambda").invoke(FunctionName=name)["Payload"]) == 1


def test_report_line_has_what_is_billed(
    root: Session, name: str, make_function: Callable[..., str], until: Callable[..., Any]
) -> None:
    """The drill reads durations and memory from it."""
    make_function(name, "def handler(event, context): print('said')\n", MemorySize=256)
    root.client("lambda").invoke(FunctionName=name)

    def report() -> str | None:
        found = root.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return next((one["message"] for one in found if one["message"].startswith("REPORT")), None)

    line = until(report)
    assert "Billed Duration:" in line
    assert "Memory Size: 256 MB" in line


def test_status_events_of_executions_are_sent(
    root: Session, name: str, make_machine: Callable[..., str], until: Callable[..., Any]
) -> None:
    """The rule on FAILED, which escalates, hears of an execution that fails."""
    queue = root.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    machine = make_machine(name, {"F": {"Type": "Fail", "Error": "E"}})
    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED"], "stateMachineArn": [machine]}}
    root.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
    target = {"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:222222222222:{name}"}
    root.client("events").put_targets(Rule=name, Targets=[target])

    root.client("stepfunctions").start_execution(stateMachineArn=machine)

    [message] = until(lambda: root.client("sqs").receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(message["Body"])["detail"]["status"] == "FAILED"


def test_tls_only_policies_hold(root: Session, acting: Callable[..., Session], name: str) -> None:
    """A queue that denies whatever does not come over TLS lets in what does."""
    sqs = root.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": insecure}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [deny]})})

    sender = acting({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}).client("sqs")

    assert sender.send_message(QueueUrl=url, MessageBody="x")["MessageId"]


def test_schedule_calls_its_function_at_its_time(
    root: Session, name: str, make_function: Callable[..., str], emulator: Emulator, until: Callable[..., Any]
) -> None:
    """Scheduler runs: here once, in two seconds, where the heartbeat is every minute."""
    arn = make_function(name, "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()\n")
    at = time.strftime("at(%Y-%m-%dT%H:%M:%S)", time.gmtime(time.time() + 2))
    root.client("scheduler").create_schedule(
        Name=name, ScheduleExpression=at, FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": f"arn:aws:iam::222222222222:role/{name}"},
    )  # fmt: skip

    until(lambda: any(f"/{name}" in call.caller_arn for call in emulator.calls()), seconds=30)
