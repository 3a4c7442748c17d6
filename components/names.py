"""The one place where resources get their names; renaming later replaces tables and buckets, so it changes never."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from components.regions import partition_of

PROJECT = "stackmend"
HASH_LENGTH = 10
"""Hexadecimal digits of what was cut off a name: two of 10,000 names meet once in 20,000 environments."""
ENVIRONMENT_PATTERN = r"[a-z][a-z0-9]{0,15}"
"""No hyphen: it parts the environment from the role, so that no two inputs can spell the same name."""
_ENVIRONMENT = re.compile(ENVIRONMENT_PATTERN)
_ROLE = re.compile(r"[a-z]+(-[a-z]+)*")
_ACCOUNT = re.compile(r"[0-9]{12}")


class NameRefusedError(ValueError):
    """What was asked for cannot be made into a name that stays unique."""


class Kind(StrEnum):
    """A namespace of AWS in which names must be unique."""

    ROLE = "role"
    ROLE_POLICY = "role policy"
    FUNCTION = "function"
    LAYER = "layer"
    QUEUE = "queue"
    TOPIC = "topic"
    TABLE = "table"
    SHARED_TABLE = "shared table"  # owned by no single region: strongly consistent in all of its own
    BUCKET = "bucket"
    STATE_MACHINE = "state machine"
    RULE = "rule"
    EVENT_BUS = "event bus"
    SCHEDULE = "schedule"
    SCHEDULE_GROUP = "schedule group"
    KEY_ALIAS = "key alias"
    ALARM = "alarm"
    DASHBOARD = "dashboard"
    FUNCTION_LOG_GROUP = "function's log group"
    STATE_MACHINE_LOG_GROUP = "state machine's log group"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What AWS demands of one kind's names."""

    limit: int
    source: str
    prefix: str = ""
    needs_region: bool = False  # the namespace spans regions, or the owner's region must show
    needs_account: bool = False  # the namespace spans accounts


RULES = {
    Kind.ROLE: Rules(limit=64, needs_region=True, source="IAM CreateRole, RoleName"),
    Kind.ROLE_POLICY: Rules(limit=128, source="IAM PutRolePolicy, PolicyName"),
    Kind.FUNCTION: Rules(limit=64, source="Lambda CreateFunction, FunctionName"),
    Kind.LAYER: Rules(limit=64, source="Lambda PublishLayerVersion, LayerName: 140 with the ARN, of which 64 are sure to fit"),
    Kind.QUEUE: Rules(limit=80, source="SQS CreateQueue, QueueName"),
    Kind.TOPIC: Rules(limit=256, source="SNS CreateTopic, Name"),
    Kind.TABLE: Rules(limit=255, needs_region=True, source="DynamoDB CreateTable, TableName; a replica keeps its owner's"),
    Kind.SHARED_TABLE: Rules(limit=255, source="DynamoDB CreateTable, TableName"),
    Kind.BUCKET: Rules(limit=63, needs_region=True, needs_account=True, source="S3 user guide, bucket naming rules"),
    Kind.STATE_MACHINE: Rules(limit=80, source="Step Functions CreateStateMachine, name"),
    Kind.RULE: Rules(limit=64, source="EventBridge PutRule, Name"),
    Kind.EVENT_BUS: Rules(limit=256, source="EventBridge CreateEventBus, Name"),
    Kind.SCHEDULE: Rules(limit=64, source="EventBridge Scheduler CreateSchedule, Name"),
    Kind.SCHEDULE_GROUP: Rules(limit=64, source="EventBridge Scheduler CreateScheduleGroup, Name"),
    Kind.KEY_ALIAS: Rules(limit=256, prefix="alias/", source="KMS CreateAlias, AliasName"),
    Kind.ALARM: Rules(limit=255, source="CloudWatch PutMetricAlarm, AlarmName"),
    Kind.DASHBOARD: Rules(limit=255, needs_region=True, source="CloudWatch PutDashboard, DashboardName"),
    Kind.FUNCTION_LOG_GROUP: Rules(limit=512, prefix="/aws/lambda/", source="CloudWatch Logs CreateLogGroup, logGroupName"),
    # groups under /aws/vendedlogs share one statement of the log resource policy, whose size is limited
    Kind.STATE_MACHINE_LOG_GROUP: Rules(
        limit=512, prefix="/aws/vendedlogs/states/", source="CloudWatch Logs CreateLogGroup; Step Functions guide, cw-logs"
    ),
}
"""The longest names, by the operation and parameter of each service's API reference."""


def name(kind: Kind, environment: str, role: str, *, account: str | None = None, region: str | None = None) -> str:
    """Name the thing of *kind* that plays *role*: `stackmend-<environment>-<role>[-<account>][-<region>]`.

    For a table *region* is its owner's, also in its replicas; for a role or bucket the region it serves.
    What is longer than the service allows keeps its head and ends in a hash of the whole.
    """
    _check(kind, environment, role, account, region)
    whole = "-".join(part for part in (PROJECT, environment, role, account, region) if part)
    rules = RULES[kind]
    return rules.prefix + _cut(whole, rules.limit - len(rules.prefix))


def _cut(whole: str, limit: int) -> str:
    if len(whole) <= limit:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:HASH_LENGTH]
    return f"{whole[: limit - HASH_LENGTH - 1].rstrip('-')}-{digest}"


def _check(kind: Kind, environment: str, role: str, account: str | None, region: str | None) -> None:
    if not _ENVIRONMENT.fullmatch(environment):
        raise NameRefusedError(f"environment {environment!r}: give 1 to 16 lowercase letters and digits, a letter first")
    if not _ROLE.fullmatch(role):
        raise NameRefusedError(f"role {role!r}: give lowercase words joined by single hyphens, without digits")
    if account is not None and not _ACCOUNT.fullmatch(account):
        raise NameRefusedError(f"account {account!r}: give the 12 digits of an AWS account id")
    if region is not None and partition_of(region) is None:
        raise NameRefusedError(f"region {region!r}: AWS has no such region; see components/regions.json")
    rules = RULES[kind]
    if rules.needs_region and region is None:
        raise NameRefusedError(f"{kind} {role!r}: say the region, for names of this kind are seen in more than one")
    if rules.needs_account and account is None:
        raise NameRefusedError(f"{kind} {role!r}: say the account, for names of this kind are seen in more than one")
