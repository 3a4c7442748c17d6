"""The real engine deploys small programs through the provider into the emulator."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from sandbox.emulator.launcher import Emulator
from sandbox.engine.build import find_engine
from sandbox.project import EngineError, Project
from tests.sandbox.provider.example import ACCOUNT, PARTNER, REGION

pytestmark = pytest.mark.sandbox

HUB = "111111111111"
EXTERNAL_ID = "stackmend-sandbox"
DEPLOY_ROLE = f"arn:aws:iam::{ACCOUNT}:role/stackmend-deploy"
PROVIDER_FOLDER = Path(__file__).resolve().parents[3] / "sandbox" / "provider"

CELL = """
    import json
    import pulumi
    import pulumi_aws as aws

    def provider(region):
        return aws.Provider(
            f"aws-{region}",
            region=region,
            allowed_account_ids=["222222222222"],
            assume_roles=[{"role_arn": ROLE, "external_id": EXTERNAL_ID, "session_name": "deploy"}],
            default_tags={"tags": {"system": "stackmend"}},
            skip_metadata_api_check=True,
        )

    here = pulumi.ResourceOptions(provider=provider("us-east-1"))
    there = pulumi.ResourceOptions(provider=provider("us-west-2"))
"""

WHOLE = """
    key = aws.kms.Key("key", description="cell", enable_key_rotation=True, deletion_window_in_days=7, opts=here)
    aws.kms.Alias("alias", name="alias/stackmend", target_key_id=key.id, opts=here)
    dlq = aws.sqs.Queue("dlq", name="stackmend-dlq", sqs_managed_sse_enabled=True, opts=here)
    queue = aws.sqs.Queue(
        "queue",
        name="stackmend-intake",
        visibility_timeout_seconds=TIMEOUT,
        redrive_policy=dlq.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})),
        opts=here,
    )
    topic = aws.sns.Topic("topic", kms_master_key_id=key.arn, tags={"tier": "one"}, opts=there)
    role = aws.iam.Role(
        "role",
        name="stackmend-intake",
        assume_role_policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
        }),
        opts=here,
    )
    aws.iam.RolePolicy(
        "role-policy",
        role=role.name,
        policy=queue.arn.apply(lambda arn: json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"], "Resource": [arn]}],
        })),
        opts=here,
    )
    layer = aws.lambda_.LayerVersion("layer", layer_name="libraries", code=pulumi.FileArchive("./layer"), opts=here)
    function = aws.lambda_.Function(
        "function",
        name="stackmend-intake",
        role=role.arn,
        runtime="python3.13",
        handler="handlers.intake.lambda_handler",
        architectures=["arm64"],
        layers=[layer.arn],
        code=pulumi.AssetArchive({
            "handlers": pulumi.FileArchive("./handlers"),
            "cell.json": pulumi.StringAsset('{"account": "222222222222"}'),
        }),
        opts=here,
    )
    table = aws.dynamodb.Table(
        "table",
        name=TABLE,
        hash_key="pk",
        attributes=[{"name": "pk", "type": "S"}],
        billing_mode="PAY_PER_REQUEST",
        deletion_protection_enabled=PROTECTED,
        stream_enabled=True,
        stream_view_type="NEW_AND_OLD_IMAGES",
        replicas=[{"region_name": "us-west-2", "point_in_time_recovery": True}],
        point_in_time_recovery={"enabled": True},
        opts=here,
    )
    pulumi.export("queue", queue.url)
    pulumi.export("topic", topic.arn)
    pulumi.export("topic_name", topic.name)
    pulumi.export("function", function.arn)
    pulumi.export("tags", topic.tags_all)
"""


class Stack:
    """A project folder of its own whose program a test writes, and the engine's operations on it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder / "project"
        self.state = folder / "state"
        (self.folder / "handlers").mkdir(parents=True)
        (self.folder / "layer").mkdir()
        (self.folder / "handlers" / "intake.py").write_text("def lambda_handler(event, context): return event\n")
        (self.folder / "layer" / "library.py").write_text("x = 1\n")
        settings = folder / "Pulumi.test.yaml"
        settings.write_text("config:\n  pulumi:disable-default-providers:\n    - aws\n")
        project = {
            "name": "stackmend",
            "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
            "plugins": {"providers": [{"name": "aws", "path": str(PROVIDER_FOLDER)}]},
        }
        (self.folder / "Pulumi.yaml").write_text(json.dumps(project))
        self.project = Project(
            find_engine(), self.state, "test", environment, folder=self.folder, settings=settings, policies=self.folder
        )

    def program(self, body: str, **constants: Any) -> None:
        """Replaces the program; *constants* are its upper-case names."""
        names = {"ROLE": DEPLOY_ROLE, "EXTERNAL_ID": EXTERNAL_ID, **constants}
        head = "".join(f"{name} = {value!r}\n" for name, value in names.items())
        (self.folder / "__main__.py").write_text(head + dedent(CELL) + dedent(body))


@pytest.fixture(scope="module")
def deployer(emulator: Emulator) -> dict[str, str]:
    """The environment of a deployer in the hub, who may do nothing but take on the workload account's deploy role."""
    hub, workload = emulator.session(HUB).client("iam"), emulator.session(ACCOUNT).client("iam")
    hub.create_user(UserName="deployer")
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    hub.put_user_policy(UserName="deployer", PolicyName="assume", PolicyDocument=document(assume))
    key = hub.create_access_key(UserName="deployer")["AccessKey"]
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HUB}:user/deployer"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    workload.create_role(RoleName="stackmend-deploy", AssumeRolePolicyDocument=document(trust))
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    workload.put_role_policy(RoleName="stackmend-deploy", PolicyName="deploy", PolicyDocument=document(everything))
    return {
        **emulator.environment(),
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def stack(tmp_path: Path, deployer: dict[str, str]) -> Stack:
    return Stack(tmp_path, deployer)


def test_whole_life_of_a_stack(stack: Stack, emulator: Emulator) -> None:
    """Up, unchanged, drift found and healed, updated, replaced, protected, destroyed, and nothing is left."""
    stack.program(WHOLE, TIMEOUT=60, TABLE="stackmend-ledger", PROTECTED=True)
    first = stack.project.up(policies=False)
    assert first.outputs["tags"] == {"system": "stackmend", "tier": "one"}
    assert first.outputs["topic"] == f"arn:aws:sns:{PARTNER}:{ACCOUNT}:{first.outputs['topic_name']}"
    again = stack.project.up(policies=False)
    assert again.is_unchanged, again.text
    refreshed = stack.project.refresh()
    assert refreshed.is_unchanged, refreshed.text

    sqs = emulator.session(ACCOUNT, REGION).client("sqs")
    sqs.set_queue_attributes(QueueUrl=first.outputs["queue"], Attributes={"VisibilityTimeout": "1"})
    assert stack.project.refresh().changes.get("update") == 1
    assert stack.project.up(policies=False).changes.get("update") == 1

    (stack.folder / "handlers" / "intake.py").write_text("def lambda_handler(event, context): return None\n")
    (stack.folder / "layer" / "library.py").write_text("x = 2\n")
    stack.program(WHOLE, TIMEOUT=90, TABLE="stackmend-ledger", PROTECTED=True)
    changed = stack.project.up(policies=False)
    assert (changed.changes.get("update"), changed.changes.get("replace")) == (2, 1), changed.text
    attributes = sqs.get_queue_attributes(QueueUrl=first.outputs["queue"], AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "90"

    with pytest.raises(EngineError, match="protected against deletion"):
        stack.project.destroy()
    stack.program(WHOLE, TIMEOUT=90, TABLE="stackmend-ledger", PROTECTED=False)
    stack.project.refresh()
    stack.project.up(policies=False)
    stack.program(WHOLE, TIMEOUT=90, TABLE="stackmend-other", PROTECTED=False)
    assert stack.project.up(policies=False).changes.get("replace") == 1
    stack.project.destroy()
    assert leftovers(emulator) == []


def leftovers(emulator: Emulator) -> list[str]:
    """What is still in the workload account, beside what the test itself has put there."""
    found: list[str] = []
    for region in (REGION, PARTNER):
        session = emulator.session(ACCOUNT, region)
        found += session.client("sqs").list_queues().get("QueueUrls", [])
        found += session.client("dynamodb").list_tables()["TableNames"]
        found += [topic["TopicArn"] for topic in session.client("sns").list_topics()["Topics"]]
        found += [function["FunctionArn"] for function in session.client("lambda").list_functions()["Functions"]]
        found += [layer["LayerArn"] for layer in session.client("lambda").list_layers()["Layers"]]
        found += [alias["AliasName"] for alias in session.client("kms").list_aliases()["Aliases"] if "TargetKeyId" in alias]
    roles = emulator.session(ACCOUNT).client("iam").list_roles()["Roles"]
    return found + [role["RoleName"] for role in roles if role["RoleName"] != "stackmend-deploy"]


def test_preview_asks_nobody(tmp_path: Path) -> None:
    """A preview of a program full of unknown values works without an emulator and without credentials."""
    stack = Stack(tmp_path, {})
    stack.program(WHOLE, TIMEOUT=60, TABLE="stackmend-ledger", PROTECTED=True)
    assert stack.project.preview(policies=False).changes["create"] > 10


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('aws.sqs.Queue("q", name_prefix="a", opts=here)', "does not know this property"),
        (
            'aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=here)',
            "aws:ec2/vpc:Vpc: the stand-in does not know this resource type",
        ),
        ('aws.sqs.Queue("q", region="eu-west-1", opts=here)', "region: eu-west-1, but its provider works in us-east-1"),
        ("aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=here.provider))", "answers no questions"),
        ('aws.Provider("p", region="us-east-1", profile="mine")', "does not obey this argument"),
    ],
)
def test_preview_refuses_what_the_stand_in_does_not_know(tmp_path: Path, body: str, message: str) -> None:
    """An unknown type, property, question or provider argument ends the preview with a sentence that names it."""
    stack = Stack(tmp_path, {})
    stack.program(body)
    with pytest.raises(EngineError, match=message):
        stack.project.preview(policies=False)


@pytest.mark.parametrize(
    ("constants", "message"),
    [
        ({"EXTERNAL_ID": "another"}, r"assumeRoles\[0\]: .*external id 'another' was refused"),
        ({"ROLE": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, r"assumeRoles\[0\]: .*role/nobody"),
    ],
)
def test_a_role_that_cannot_be_assumed_is_named(stack: Stack, constants: dict[str, str], message: str) -> None:
    """A wrong role or external id ends the deployment before anything is made."""
    stack.program('aws.sqs.Queue("q", name="refused", opts=here)', **constants)
    with pytest.raises(EngineError, match=message):
        stack.project.up(policies=False)


def test_wrong_account_is_refused(stack: Stack, emulator: Emulator) -> None:
    """Credentials of an account that is not allowed make nothing."""
    body = 'p = aws.Provider("p", region="us-east-1", allowed_account_ids=["333333333333"])\n'
    body += 'aws.sqs.Queue("q", name="refused", opts=pulumi.ResourceOptions(provider=p))'
    stack.program(body)
    with pytest.raises(
        EngineError, match=f"allowedAccountIds: the credentials belong to account {HUB}, allowed are 333333333333"
    ):
        stack.project.up(policies=False)
    assert emulator.session(HUB).client("sqs").list_queues().get("QueueUrls", []) == []


def test_provider_ends_with_the_engine() -> None:
    """When the engine is gone, its end of the pipe is closed, and the provider ends by itself."""
    launcher = PROVIDER_FOLDER / "pulumi-resource-aws"
    with subprocess.Popen(
        [launcher, "127.0.0.1:1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"STACKMEND_PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
    ) as process:
        assert process.stdout
        assert int(process.stdout.readline()) > 0
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=10) == 0
