"""Where everything of a cell is found: names and ARNs follow from the settings, so nothing has to be deployed to be known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from components.names import RULES, Kind, name
from handlers.domain.operations import Group

Role = Literal["intake", "notice", "capture", "diagnose", "act-roll", "act-change", "validate", "settle", "escalate", "heartbeat"]
ROLES: tuple[Role, ...] = get_args(Role)
"""What a cell's functions are for; in the names of functions and roles."""

ACTING: Mapping[Group, Role] = {Group.ROLL: "act-roll", Group.CHANGE: "act-change"}
"""The function of each group of operations: by blast radius, each under a role of its own."""

Queue = Literal[
    "intake",
    "intake-dead",
    "notice",
    "notice-dead",
    "capture",
    "capture-dead",
    "events-dead",
    "escalation",
    "escalate-dead",
    "heartbeat-dead",
]
DEAD: tuple[Queue, ...] = ("intake-dead", "notice-dead", "capture-dead", "events-dead", "escalate-dead", "heartbeat-dead")
"""What nobody could handle ends in one of these; a message there is an alarm."""

UNRESOLVED = "unresolved"
"""The ledger's sparse index of what has not ended well."""


@dataclass(frozen=True, kw_only=True)
class CellAddresses:
    """The names and ARNs of one cell. What AWS itself invents, a key's id, is not among them."""

    environment: str
    partition: str
    account: str
    region: str
    role_path: str = "/"

    @property
    def key(self) -> str:
        """The cell as its own metrics, ledger and lease name it (handlers.domain.cell.Cell.key)."""
        return f"{self.account}#{self.region}"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def named(self, kind: Kind, role: str) -> str:
        """The name of what belongs to this cell; region and account show where the namespace spans them."""
        rules = RULES[kind]
        return name(
            kind,
            self.environment,
            role,
            account=self.account if rules.needs_account else None,
            region=self.region if rules.needs_region or kind is Kind.DASHBOARD else None,
        )

    def function_name(self, role: Role) -> str:
        return self.named(Kind.FUNCTION, role)

    def function_arn(self, role: Role) -> str:
        return self.arn("lambda", f"function:{self.function_name(role)}")

    def role_name(self, role: str) -> str:
        return self.named(Kind.ROLE, role)

    def role_arn(self, role: str) -> str:
        return f"arn:{self.partition}:iam::{self.account}:role{self.role_path}{self.role_name(role)}"

    @property
    def every_role_arn(self) -> str:
        """Every role of the account: which ones its stacks act with, nobody says beforehand."""
        return f"arn:{self.partition}:iam::{self.account}:role/*"

    def log_group_name(self, role: Role) -> str:
        return self.named(Kind.FUNCTION_LOG_GROUP, role)

    def log_group_arn(self, role: Role) -> str:
        return self.arn("logs", f"log-group:{self.log_group_name(role)}")

    def queue_name(self, queue: Queue) -> str:
        return self.named(Kind.QUEUE, queue)

    def queue_arn(self, queue: Queue) -> str:
        return self.arn("sqs", self.queue_name(queue))

    def rule_arn(self, role: str) -> str:
        return self.arn("events", f"rule/{self.named(Kind.RULE, role)}")

    def alarm_arn(self, role: str) -> str:
        return self.arn("cloudwatch", f"alarm:{self.named(Kind.ALARM, role)}")

    @property
    def ledger_table(self) -> str:
        return self.named(Kind.TABLE, "ledger")

    @property
    def ledger_arn(self) -> str:
        return self.arn("dynamodb", f"table/{self.ledger_table}")

    @property
    def unresolved_arn(self) -> str:
        return f"{self.ledger_arn}/index/{UNRESOLVED}"

    @property
    def vault_bucket(self) -> str:
        return self.named(Kind.BUCKET, "vault")

    @property
    def vault_arn(self) -> str:
        """A bucket's ARN says neither region nor account: its name is one in the whole partition."""
        return f"arn:{self.partition}:s3:::{self.vault_bucket}"

    @property
    def versions_arn(self) -> str:
        """What this cell's stacks could be made again from, in its own vault."""
        return f"{self.vault_arn}/stacks/{self.account}/{self.region}/*"

    @property
    def evidence_arn(self) -> str:
        """The events of this cell's failures, in its own vault."""
        return f"{self.vault_arn}/evidence/{self.account}/{self.region}/*"

    @property
    def machine_name(self) -> str:
        return self.named(Kind.STATE_MACHINE, "recovery")

    @property
    def machine_arn(self) -> str:
        return self.arn("states", f"stateMachine:{self.machine_name}")

    @property
    def executions_arn(self) -> str:
        """Every execution of this cell's machine."""
        return self.arn("states", f"execution:{self.machine_name}:*")

    @property
    def machine_log_group_name(self) -> str:
        return self.named(Kind.STATE_MACHINE_LOG_GROUP, "recovery")

    @property
    def alert_topic_name(self) -> str:
        return self.named(Kind.TOPIC, "alerts")

    @property
    def alert_topic_arn(self) -> str:
        return self.arn("sns", self.alert_topic_name)

    @property
    def schedule_group_name(self) -> str:
        return self.named(Kind.SCHEDULE_GROUP, "heartbeat")

    @property
    def schedule_group_arn(self) -> str:
        return self.arn("scheduler", f"schedule-group/{self.schedule_group_name}")

    def stack_arn(self, pattern: str) -> str:
        """Every stack whose name matches *pattern*, in all its generations."""
        return self.arn("cloudformation", f"stack/{pattern}/*")


@dataclass(frozen=True, kw_only=True)
class LeaseAddresses:
    """The names and ARNs of the lease table and of the two roles through which one cell reaches it."""

    environment: str
    partition: str
    hub_account: str
    regions: tuple[str, str, str]
    role_path: str = "/"

    @property
    def table(self) -> str:
        return name(Kind.SHARED_TABLE, self.environment, "leases")

    @property
    def table_arns(self) -> tuple[str, ...]:
        """The table in each control region: a policy must name every replica."""
        return tuple(f"arn:{self.partition}:dynamodb:{region}:{self.hub_account}:table/{self.table}" for region in self.regions)

    def role_name(self, door: Literal["lease-read", "lease-renew"], cell: CellAddresses) -> str:
        return name(Kind.ROLE, self.environment, door, account=cell.account, region=cell.region)

    def role_arn(self, door: Literal["lease-read", "lease-renew"], cell: CellAddresses) -> str:
        return f"arn:{self.partition}:iam::{self.hub_account}:role{self.role_path}{self.role_name(door, cell)}"

    def lease_key(self, cell: CellAddresses) -> str:
        return f"LEASE#{cell.account}#{cell.region}"

    @property
    def switch_key(self) -> str:
        return f"SWITCH#{self.environment}"

    @property
    def serving_key(self) -> str:
        return f"SERVING#{self.environment}"
