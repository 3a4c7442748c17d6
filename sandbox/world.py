"""The organisation that Stackmend is deployed into: its accounts, who is in them, and what is left there afterwards."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox import permissions
from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Credentials, Session

HUB = "111111111111"
WORKLOAD, NEIGHBOUR = "222222222222", "333333333333"
EXTERNAL_ID = "stackmend-sandbox"
DEPLOY_ROLE = "stackmend-deploy"
BOOTSTRAP = Path(__file__).parent.parent / "bootstrap" / "stackmend-deploy.yaml"
BOOTSTRAP_STACK = "StackSet-stackmend-deploy"
DEPLOYER, PERSON = "deployer", "person"
APPROVER_ROLE = "stackmend-approver"
APPROVER = Path(__file__).parent.parent / "bootstrap" / "stackmend-approver.yaml"
APPROVER_STACK = "StackSet-stackmend-approver"
APPROVERS = ("alice", "bob")
"""Two people, since nobody approves what they started."""
OPERATOR_ROLE = "stackmend-operator"
OPERATOR = Path(__file__).parent.parent / "bootstrap" / "stackmend-operator.yaml"
OPERATOR_STACK = "StackSet-stackmend-operator"
SETTINGS = Path(__file__).parent / "Pulumi.sandbox.yaml"
BOOTSTRAP_STACKS = frozenset({BOOTSTRAP_STACK, APPROVER_STACK, OPERATOR_STACK})
"""What an organisation rolls out before anything else."""
ROLES_OF_PEOPLE = ("operator", "team")


class UnknownRoleError(Exception):
    """Nobody in the sandbox has this role."""


@dataclass(frozen=True)
class Kind:
    """A kind of thing that Stackmend deploys: how to list it, and what to call one of it."""

    name: str
    service: str
    operation: str
    key: str
    field: str | None = None


KINDS = (
    Kind("bucket", "s3", "list_buckets", "Buckets", "Name"),
    Kind("table", "dynamodb", "list_tables", "TableNames"),
    Kind("queue", "sqs", "list_queues", "QueueUrls"),
    Kind("topic", "sns", "list_topics", "Topics", "TopicArn"),
    Kind("role", "iam", "list_roles", "Roles", "RoleName"),
    Kind("function", "lambda", "list_functions", "Functions", "FunctionName"),
    Kind("layer", "lambda", "list_layers", "Layers", "LayerName"),
    Kind("event source mapping", "lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    Kind("rule", "events", "list_rules", "Rules", "Name"),
    Kind("state machine", "stepfunctions", "list_state_machines", "stateMachines", "name"),
    Kind("schedule", "scheduler", "list_schedules", "Schedules", "Name"),
    Kind("schedule group", "scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    Kind("key", "kms", "list_keys", "Keys", "KeyId"),
    Kind("key alias", "kms", "list_aliases", "Aliases", "AliasName"),
    Kind("log group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    Kind("alarm", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    Kind("dashboard", "cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
)

# What an account has without anybody's doing, or by seed's.
GIVEN = frozenset(
    {("schedule group", "default"), *(("role", role) for role in (DEPLOY_ROLE, APPROVER_ROLE, OPERATOR_ROLE, *ROLES_OF_PEOPLE))}
)


@dataclass(frozen=True, kw_only=True)
class World:
    """A seeded organisation; everybody in it acts by an assumed role, nobody as an account's root."""

    emulator: Emulator
    hub: str
    accounts: tuple[str, ...]
    external_id: str
    deployer: Credentials
    person: Credentials
    approvers: Mapping[str, Credentials]

    def deployer_environment(self) -> dict[str, str]:
        """Variables of the user who deploys: keys that can do nothing but assume the deploy roles, and no other configuration."""
        elsewhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_REGION": "us-east-1"}
        return self.deployer.environment() | elsewhere

    def session(self, account: str, region: str, role: str = "operator") -> Session:
        """A person in one of their roles, `operator` or `team`, or the deployer in `stackmend-deploy`."""
        if role not in {DEPLOY_ROLE, *ROLES_OF_PEOPLE}:
            raise UnknownRoleError(f"role {role!r}: nobody has it; there are {DEPLOY_ROLE}, {' and '.join(ROLES_OF_PEOPLE)}")
        user, proof = (self.deployer, {"ExternalId": self.external_id}) if role == DEPLOY_ROLE else (self.person, {})
        sts = self.emulator.session_of(user, region).client("sts")
        answer = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName=f"{role}-person", **proof)
        return self.emulator.session_of(_credentials(answer["Credentials"], "SessionToken"), region)

    def approver(self, account: str, region: str, name: str, *, session_name: str = "") -> Session:
        """One of the approvers in the approver role, under their own name or, where they try to be somebody else, another."""
        sts = self.emulator.session_of(self.approvers[name], region).client("sts")
        role = f"arn:aws:iam::{account}:role/{APPROVER_ROLE}"
        answer = sts.assume_role(RoleArn=role, RoleSessionName=session_name or name)
        return self.emulator.session_of(_credentials(answer["Credentials"], "SessionToken"), region)

    def on_call(self, account: str, region: str) -> Session:
        """The person in the role that is shipped for whoever operates Stackmend; its sessions bear the user's own name."""
        sts = self.emulator.session_of(self.person, region).client("sts")
        answer = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{OPERATOR_ROLE}", RoleSessionName=PERSON)
        return self.emulator.session_of(_credentials(answer["Credentials"], "SessionToken"), region)

    def person_environment(self) -> dict[str, str]:
        """Variables of the person at a console: their own keys, and no other configuration."""
        elsewhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        return self.emulator.environment() | self.person.environment() | elsewhere

    def remains(self, account: str, region: str) -> tuple[str, ...]:
        """Everything there of the kinds that Stackmend deploys, as `kind name`; without what the account had when it was seeded.

        Keys whose deletion is pending are gone as far as anybody can make them. Roles and buckets are the account's, whatever
        the region.
        """
        operator = self.session(account, region, "operator")
        found = ((kind, name) for kind in KINDS for name in _names(operator, kind))
        return tuple(
            f"{kind.name} {name}" for kind, name in found if (kind.name, name) not in GIVEN and _is_left(operator, kind, name)
        )


def seed(
    emulator: Emulator,
    *,
    hub: str = HUB,
    accounts: Iterable[str] = (WORKLOAD, NEIGHBOUR),
    external_id: str = EXTERNAL_ID,
    disposable: str = "sandbox",
) -> World:
    """Make users and roles as an organisation has them before Stackmend comes; all that is ever done as root.

    *disposable* is the environment whose vaults may be emptied.
    """
    everywhere = (hub, *(account for account in accounts if account != hub))
    deployer = _user(emulator, hub, DEPLOYER, permissions.may_assume(DEPLOY_ROLE))
    person = _user(emulator, hub, PERSON, permissions.may_assume(OPERATOR_ROLE, *ROLES_OF_PEOPLE))
    approvers = {name: _user(emulator, hub, name, permissions.may_assume(APPROVER_ROLE)) for name in APPROVERS}
    for account in everywhere:
        _bootstrap(emulator, account, hub, external_id, disposable)
        _approver_role(emulator, account, hub)
        _operator_role(emulator, account, hub)
        _role(emulator, account, "operator", _trust(hub, PERSON), permissions.operator())
        _role(emulator, account, "team", _trust(hub, PERSON), permissions.team())
    return World(
        emulator=emulator,
        hub=hub,
        accounts=everywhere,
        external_id=external_id,
        deployer=deployer,
        person=person,
        approvers=approvers,
    )


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _trust(hub: str, user: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - further parts of a statement
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{hub}:user/{user}"}, "Action": "sts:AssumeRole", **more}


def _user(emulator: Emulator, account: str, name: str, statements: list[dict[str, Any]]) -> Credentials:
    iam = emulator.session(account).client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=_document(*statements))
    return _credentials(iam.create_access_key(UserName=name)["AccessKey"])


def _role(emulator: Emulator, account: str, name: str, trust: dict[str, Any], statements: list[dict[str, Any]]) -> None:
    iam = emulator.session(account).client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_document(*statements))


def _bootstrap(emulator: Emulator, account: str, hub: str, external_id: str, disposable: str) -> None:
    """The deploy role, made as a StackSet makes it: from the template that is shipped."""
    # the emulator knows a role by its name alone, without the path that a policy must name on AWS
    given = {
        "DeployerArn": f"arn:aws:iam::{hub}:user/{DEPLOYER}",
        "ExternalId": external_id,
        "PathOfMadeRoles": "/",
        "DisposableEnvironment": disposable,
    }
    _roll_out(emulator, account, BOOTSTRAP_STACK, BOOTSTRAP, given)
    emulator.session(account).client("iam").put_role_policy(
        RoleName=DEPLOY_ROLE, PolicyName="emulator", PolicyDocument=_document(*permissions.emulators_own())
    )


def _approver_role(emulator: Emulator, account: str, hub: str) -> None:
    """The approvers' role, from the template that is shipped."""
    arns = ",".join(f"arn:aws:iam::{hub}:user/{name}" for name in APPROVERS)
    _roll_out(emulator, account, APPROVER_STACK, APPROVER, {"ApproverArns": arns})


def _operator_role(emulator: Emulator, account: str, hub: str) -> None:
    """The operators' role, from the template that is shipped, for the stacks that the sandbox manages."""
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))["config"]["stackmend:settings"]
    managed = ",".join(f"arn:aws:cloudformation:*:*:stack/{one['pattern']}/*" for one in settings["patterns"])
    given = {"OperatorUsers": f"arn:aws:iam::{hub}:user/{PERSON}", "ManagedStackArns": managed}
    _roll_out(emulator, account, OPERATOR_STACK, OPERATOR, {"Environment": settings["environment"], **given})


def _roll_out(emulator: Emulator, account: str, stack: str, template: Path, given: Mapping[str, str]) -> None:
    cloudformation = emulator.session(account).client("cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=template.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 0.1})


def _credentials(keys: dict[str, Any], token: str = "") -> Credentials:
    return Credentials(
        access_key_id=keys["AccessKeyId"], secret_access_key=keys["SecretAccessKey"], session_token=keys[token] if token else ""
    )


def _names(session: Session, kind: Kind) -> Iterator[str]:
    client = session.client(kind.service)
    can_page = client.can_paginate(kind.operation)
    pages = client.get_paginator(kind.operation).paginate() if can_page else [getattr(client, kind.operation)()]
    for page in pages:
        for item in page.get(kind.key, []):
            yield str(item[kind.field] if kind.field else item)


def _is_left(session: Session, kind: Kind, name: str) -> bool:
    """Is it somebody's, and still there? AWS's own keys and aliases are not, nor is a key that waits for its deletion."""
    if kind.name == "key alias":
        return not name.startswith("alias/aws/")
    if kind.name != "key":
        return True
    found = session.client("kms").describe_key(KeyId=name)["KeyMetadata"]
    return bool(found["KeyManager"] == "CUSTOMER" and found["KeyState"] != "PendingDeletion")
