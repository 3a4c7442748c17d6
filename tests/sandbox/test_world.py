"""The sandbox's organisation: who may do what in it, and what `remains` finds."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import world as sandbox_world
from sandbox.emulator.launcher import running
from sandbox.emulator.session import Session
from sandbox.world import HUB, WORKLOAD, UnknownRoleError, World, seed

pytestmark = pytest.mark.sandbox

TOPIC = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
LEDGER = "stackmend-sandbox-ledger-us-east-1"
POLICY_CHARACTERS = 10_240  # all inline policies of a role together; IAM user guide, "IAM and AWS STS quotas"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """An organisation in an emulator of its own, so that what remains is the tests' only."""
    with running() as emulator:
        yield seed(emulator)


def denied(call: Any, **arguments: Any) -> bool:
    """Is the call refused for want of permission?"""
    try:
        call(**arguments)
    except ClientError as refused:
        return "AccessDenied" in refused.response["Error"]["Code"]
    return False


def test_freshly_seeded_accounts_are_empty(world: World) -> None:
    """What seed made does not count as left."""
    assert [world.remains(account, "us-east-1") for account in (HUB, WORKLOAD)] == [(), ()]


def test_root_made_nothing_but_users_and_roles(world: World) -> None:
    """Root is bound by no policy, so it may do only what an account has at birth."""
    by_root = {one.action for one in world.emulator.calls() if one.caller_arn.endswith(":root")}

    assert by_root == {
        "iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey", "iam:CreateRole", "iam:PutRolePolicy",
        "cloudformation:CreateStack", "cloudformation:DescribeStacks",
    }  # fmt: skip


def test_deploy_roles_come_from_the_template_that_is_shipped(world: World) -> None:
    """With its policies, which fit into a role, and one more for what the emulator calls otherwise than AWS."""
    iam = world.session(WORKLOAD, "us-east-1").client("iam")
    names = set(iam.list_role_policies(RoleName="stackmend-deploy")["PolicyNames"])
    shipped = [iam.get_role_policy(RoleName="stackmend-deploy", PolicyName=one)["PolicyDocument"] for one in names - {"emulator"}]

    assert names == {"data", "empty-vaults", "messages", "code", "signals", "emulator"}
    assert sum(len(json.dumps(one, separators=(",", ":"))) for one in shipped) < POLICY_CHARACTERS


@pytest.mark.parametrize("role", ["stackmend-deploy", "operator", "team"])
def test_everybody_acts_by_an_assumed_role(world: World, role: str) -> None:
    """In each account and region, under the role's name."""
    for account in (HUB, WORKLOAD):
        caller = world.session(account, "us-west-2", role).client("sts").get_caller_identity()["Arn"]
        assert caller == f"arn:aws:sts::{account}:assumed-role/{role}/{role}-person"


def test_unknown_role_is_refused_with_what_there_is(world: World) -> None:
    """A typing error is told before IAM is asked."""
    with pytest.raises(UnknownRoleError, match="role 'admin': nobody has it; there are stackmend-deploy, operator and team"):
        world.session(HUB, "us-east-1", "admin")


def test_deployer_can_only_assume_deploy_roles(world: World) -> None:
    """The user's keys do nothing by themselves, not even in their own account."""
    user = world.emulator.session_of(world.deployer)

    assert denied(user.client("dynamodb").list_tables)
    assert denied(user.client("iam").list_roles)
    assert denied(user.client("sts").assume_role, RoleArn=f"arn:aws:iam::{WORKLOAD}:role/team", RoleSessionName="me")


def test_deploy_role_wants_the_external_id(world: World) -> None:
    """Without it, or with another, the deployer is not let in."""
    sts = world.emulator.session_of(world.deployer).client("sts")
    asked = {"RoleArn": f"arn:aws:iam::{WORKLOAD}:role/stackmend-deploy", "RoleSessionName": "me"}

    assert denied(sts.assume_role, **asked)
    assert denied(sts.assume_role, **asked, ExternalId="another")
    assert sts.assume_role(**asked, ExternalId="stackmend-sandbox")["Credentials"]


def test_an_approver_answers_under_their_own_name(world: World) -> None:
    """The session's name is who answers, so the trust lets nobody choose it, and nobody else come in."""
    session = world.approver(WORKLOAD, "us-east-1", "alice")

    assert session.client("sts").get_caller_identity()["Arn"].endswith(":assumed-role/stackmend-approver/alice")
    with pytest.raises(ClientError, match="AccessDenied"):
        world.approver(WORKLOAD, "us-east-1", "alice", session_name="bob")
    person = world.emulator.session_of(world.person).client("sts")
    assert denied(person.assume_role, RoleArn=f"arn:aws:iam::{WORKLOAD}:role/stackmend-approver", RoleSessionName="person")
    assert denied(session.client("dynamodb").list_tables)


def test_person_is_not_the_deployer(world: World) -> None:
    """Nor can the deploy role be assumed by who knows the external id."""
    sts = world.emulator.session_of(world.person).client("sts")

    assert denied(
        sts.assume_role,
        RoleArn=f"arn:aws:iam::{WORKLOAD}:role/stackmend-deploy",
        RoleSessionName="me",
        ExternalId="stackmend-sandbox",
    )


def test_deployer_environment_leads_nowhere_else(world: World) -> None:
    """Keys of the deployer, and no configuration of whoever runs the drill."""
    found = world.deployer_environment()

    assert found["AWS_ACCESS_KEY_ID"] == world.deployer.access_key_id
    assert (found["AWS_CONFIG_FILE"], found["AWS_SHARED_CREDENTIALS_FILE"]) == ("/dev/null", "/dev/null")
    assert "AWS_SESSION_TOKEN" not in found


def test_team_deploys_stacks_and_passes_only_its_roles(world: World) -> None:
    """What a team has is called team-; another's role it may not hand on."""
    team = world.session(WORKLOAD, "us-east-1", "team")
    trust = json.dumps(TRUST).replace("lambda", "cloudformation")
    made = team.client("iam").create_role(RoleName="team-service", AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    assert denied(team.client("iam").create_role, RoleName="another", AssumeRolePolicyDocument=trust)
    stack = {"StackName": "app-orders", "TemplateBody": TOPIC}
    assert denied(team.client("cloudformation").create_stack, **stack, RoleARN=f"arn:aws:iam::{WORKLOAD}:role/operator")
    assert team.client("cloudformation").create_stack(**stack, RoleARN=made)["StackId"]
    assert denied(team.client("sqs").create_queue, QueueName="stackmend-queue")
    _delete_stack(team, "app-orders")
    team.client("iam").delete_role(RoleName="team-service")


def _delete_stack(team: Session, name: str) -> None:
    cloudformation = team.client("cloudformation")
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def test_who_looks_changes_nothing(world: World) -> None:
    """Neither a table of Stackmend's nor a stack."""
    operator = world.session(WORKLOAD, "us-east-1", "operator")

    assert denied(operator.client("dynamodb").update_item, TableName=LEDGER, Key={"pk": {"S": "CELL"}})
    assert denied(operator.client("cloudformation").delete_stack, StackName="app-orders")


def test_who_is_on_call_says_pause_and_stop_and_nothing_more(world: World) -> None:
    """Under their own name; they put no whole item, write no other table, and change no stack."""
    root = world.emulator.session(WORKLOAD).client("dynamodb")
    for table in (LEDGER, "team-causes"):
        _table(root, table)
    on_call = world.on_call(WORKLOAD, "us-east-1")
    key = {
        "Key": {"pk": {"S": "CELL"}},
        "UpdateExpression": "SET stopped = :s",
        "ExpressionAttributeValues": {":s": {"BOOL": True}},
    }

    assert on_call.client("sts").get_caller_identity()["Arn"].endswith(":assumed-role/stackmend-operator/person")
    on_call.client("dynamodb").update_item(TableName=LEDGER, **key)
    assert denied(on_call.client("dynamodb").put_item, TableName=LEDGER, Item={"pk": {"S": "CLAIM"}})
    assert denied(on_call.client("dynamodb").update_item, TableName="team-causes", **key)
    assert denied(on_call.client("cloudformation").delete_stack, StackName="app-orders")
    assert denied(on_call.client("cloudformation").describe_stacks, StackName="other-orders")
    for table in (LEDGER, "team-causes"):
        root.delete_table(TableName=table)


def test_nobody_operates_under_another_name(world: World) -> None:
    """It stands in every record; nor does the deployer come in."""
    role = f"arn:aws:iam::{WORKLOAD}:role/stackmend-operator"

    for user, name in ((world.person, "somebody"), (world.deployer, "deployer")):
        sts = world.emulator.session_of(user).client("sts")
        assert denied(sts.assume_role, RoleArn=role, RoleSessionName=name)


def _table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


class TestRemains:
    """One of everything that Stackmend deploys is seen, and seen to be gone."""

    REGION = "us-east-2"
    EXPECTED = frozenset(kind.name for kind in sandbox_world.KINDS)

    def test_sees_each_kind_and_its_end(self, world: World) -> None:
        """After the last is deleted nothing remains; a key waits for its deletion, which is as gone as it gets."""
        root = world.emulator.session(WORKLOAD, self.REGION)
        made = _one_of_each(root)

        remains = world.remains(WORKLOAD, self.REGION)
        assert {one.rsplit(" ", 1)[0] for one in remains} == self.EXPECTED
        assert world.remains(WORKLOAD, "us-west-2") == ("bucket left-bucket", "role left-role")

        _undo(root, made)
        assert world.remains(WORKLOAD, self.REGION) == ()


def _one_of_each(root: Session) -> dict[str, str]:
    role = root.client("iam").create_role(RoleName="left-role", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    _table(root.client("dynamodb"), "left-table")
    root.client("s3").create_bucket(Bucket="left-bucket", CreateBucketConfiguration={"LocationConstraint": TestRemains.REGION})
    queue = root.client("sqs").create_queue(QueueName="left-queue")["QueueUrl"]
    topic = root.client("sns").create_topic(Name="left-topic")["TopicArn"]
    key = root.client("kms").create_key()["KeyMetadata"]["KeyId"]
    root.client("kms").create_alias(AliasName="alias/left", TargetKeyId=key)
    root.client("logs").create_log_group(logGroupName="left-logs")
    root.client("events").put_rule(Name="left-rule", ScheduleExpression="rate(1 day)")
    mapping = _functions(root, role, queue)
    machine = _machines(root, role)
    root.client("cloudwatch").put_metric_alarm(
        AlarmName="left-alarm", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    root.client("cloudwatch").put_dashboard(DashboardName="left-dashboard", DashboardBody='{"widgets": []}')
    return {"queue": queue, "topic": topic, "key": key, "mapping": mapping, "machine": machine}


def _functions(root: Session, role: str, queue: str) -> str:
    functions, content = root.client("lambda"), io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("m.py", "def handler(e, c): pass\n")
    functions.create_function(
        FunctionName="left-function", Runtime="python3.13", Role=role, Handler="m.handler", Code={"ZipFile": content.getvalue()}
    )
    functions.publish_layer_version(LayerName="left-layer", Content={"ZipFile": content.getvalue()})
    arn = root.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return str(functions.create_event_source_mapping(EventSourceArn=arn, FunctionName="left-function")["UUID"])


def _machines(root: Session, role: str) -> str:
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    machine = root.client("stepfunctions").create_state_machine(name="left-machine", definition=definition, roleArn=role)
    scheduler = root.client("scheduler")
    scheduler.create_schedule_group(Name="left-group")
    scheduler.create_schedule(
        Name="left-schedule", GroupName="left-group", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": machine["stateMachineArn"], "RoleArn": role},
    )  # fmt: skip
    return str(machine["stateMachineArn"])


def _undo(root: Session, made: dict[str, str]) -> None:
    root.client("scheduler").delete_schedule(Name="left-schedule", GroupName="left-group")
    root.client("scheduler").delete_schedule_group(Name="left-group")
    root.client("stepfunctions").delete_state_machine(stateMachineArn=made["machine"])
    root.client("lambda").delete_event_source_mapping(UUID=made["mapping"])
    root.client("lambda").delete_layer_version(LayerName="left-layer", VersionNumber=1)
    root.client("lambda").delete_function(FunctionName="left-function")
    root.client("cloudwatch").delete_alarms(AlarmNames=["left-alarm"])
    root.client("cloudwatch").delete_dashboards(DashboardNames=["left-dashboard"])
    root.client("events").delete_rule(Name="left-rule")
    root.client("logs").delete_log_group(logGroupName="left-logs")
    root.client("kms").delete_alias(AliasName="alias/left")
    root.client("kms").schedule_key_deletion(KeyId=made["key"], PendingWindowInDays=7)
    root.client("sns").delete_topic(TopicArn=made["topic"])
    root.client("sqs").delete_queue(QueueUrl=made["queue"])
    root.client("dynamodb").delete_table(TableName="left-table")
    root.client("s3").delete_bucket(Bucket="left-bucket")
    root.client("iam").delete_role(RoleName="left-role")
