"""What each role of a cell may do, as data: exactly the calls that its function makes, and nothing beside them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from components.addresses import CellAddresses, LeaseAddresses, Queue, Role
from handlers.domain.cell import Mode, Pattern
from handlers.domain.operations import Group
from handlers.domain.patterns import overlap
from handlers.domain.plan import STRATEGIES, group_of, operation_of

Conditions = Mapping[str, Mapping[str, str | list[str]]]


class UnexplainedWildcardError(ValueError):
    """A statement reaches everything, and nobody has said why it must."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One permission, or one refusal. `*` as the resource needs the reason why AWS leaves no other."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=dict)
    why_every_resource: str = ""
    effect: Literal["Allow", "Deny"] = "Allow"

    def __post_init__(self) -> None:
        if ("*" in self.resources) != bool(self.why_every_resource):
            raise UnexplainedWildcardError(f"{self.sid}: say why_every_resource exactly where the resource is *")

    def document(self) -> dict[str, Any]:
        whole = {"Sid": self.sid, "Effect": self.effect, "Action": list(self.actions), "Resource": list(self.resources)}
        return {**whole, "Condition": dict(self.conditions)} if self.conditions else whole


def policy(statements: Iterable[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement.document() for statement in statements]}


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a cell's functions can be allowed to touch."""

    cell: CellAddresses
    lease: LeaseAddresses
    patterns: tuple[Pattern, ...]

    @property
    def watched(self) -> tuple[str, ...]:
        """The stacks that the cell looks at, with their nested stacks, whose names AWS begins with the root's."""
        seen = [pattern.pattern for pattern in self.patterns if pattern.mode is not Mode.OFF]
        nested = [f"{pattern}-*" for pattern in seen if not pattern.endswith("*")]
        return tuple(self.cell.stack_arn(pattern) for pattern in dict.fromkeys((*seen, *nested)))

    @property
    def repaired(self) -> tuple[Pattern, ...]:
        """The patterns for which a cell may change a stack, after a person's word where the mode asks for it."""
        return tuple(pattern for pattern in self.patterns if _is_repaired(pattern))

    @property
    def spared(self) -> tuple[Pattern, ...]:
        """The patterns whose stacks may not be changed although a wider one that comes later would let them be.

        Where an earlier pattern lets some of the same stacks be changed, IAM cannot say so: a refusal would hold for those as
        well. There the act functions alone refuse, which match a stack to its first pattern immediately before the call.
        """
        places = [(pattern, self.patterns[:i], self.patterns[i + 1 :]) for i, pattern in enumerate(self.patterns)]
        return tuple(
            pattern
            for pattern, earlier, later in places
            if not _is_repaired(pattern) and _some_repaired(pattern, later) and not _some_repaired(pattern, earlier)
        )


def _is_repaired(pattern: Pattern) -> bool:
    return pattern.mode in (Mode.PROPOSE, Mode.ACT)


def _some_repaired(pattern: Pattern, others: Iterable[Pattern]) -> bool:
    """Whether one of *others* lets a stack be changed that *pattern* matches as well."""
    return any(_is_repaired(other) and overlap(pattern.pattern, other.pattern) for other in others)


def function_statements(role: Role, reach: Reach) -> tuple[Statement, ...]:
    """Everything that the function of *role* may do, its own log group included and its key left out."""
    wanted = (_logs(role, reach.cell), _traces(), *_CALLS[role](reach))
    return tuple(statement for statement in wanted if statement.resources)  # a cell that is off has no stacks to name


def key_statement(reach: Reach, role: Role, key_arn: str) -> Statement:
    """The cell's key, through the services that encrypt with it; apart because only AWS knows its ARN."""
    beside: dict[Role, str] = {"escalate": "sns", "capture": "s3"}
    services = ("dynamodb", beside[role]) if role in beside else ("dynamodb",)
    return use_of_key(key_arn, tuple(f"{service}.{reach.cell.region}.amazonaws.com" for service in services))


def use_of_key(key_arn: str, services: tuple[str, ...], sid: str = "UseTheKey") -> Statement:
    """What DynamoDB needs of the caller (its developer guide, "Authorizing use of your customer managed key"), grants apart.

    SNS needs a part of the same (its guide, "Allow a user to send messages to a topic with SSE").
    """
    return Statement(
        sid=sid,
        actions=(
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:DescribeKey",
        ),
        resources=(key_arn,),
        conditions={"StringEquals": {"kms:ViaService": list(services)}},
    )


def lease_statements(door: str, cell: CellAddresses, lease: LeaseAddresses) -> tuple[Statement, ...]:
    """What one cell may do in the hub's lease table: read its own lease, the flags and the switch, or keep its own lease.

    DynamoDB always fills LeadingKeys for calls on items, so ForAllValues cannot be passed by leaving it out.
    """
    own, flags, read = lease.lease_key(cell), lease.serving_key, ("dynamodb:BatchGetItem",)
    wanted: dict[str, tuple[tuple[str, tuple[str, ...], list[str]], ...]] = {
        "lease-read": (("ReadItems", read, [own, flags, lease.switch_key]),),
        "lease-renew": (
            ("ReadItems", read, [own, flags]),
            ("KeepItsLease", ("dynamodb:PutItem", "dynamodb:UpdateItem"), [own]),
        ),
    }
    return tuple(
        Statement(
            sid=sid,
            actions=actions,
            resources=lease.table_arns,
            conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": keys}},
        )
        for sid, actions, keys in wanted[door]
    )


def machine_statements(cell: CellAddresses, steps: Iterable[Role]) -> tuple[Statement, ...]:
    """What the state machine's own role may do."""
    return (
        Statement(
            sid="RunTheSteps",
            actions=("lambda:InvokeFunction",),
            resources=tuple(cell.function_arn(step) for step in steps),
        ),
        Statement(
            sid="WriteItsLog",
            actions=(
                "logs:CreateLogDelivery",
                "logs:GetLogDelivery",
                "logs:UpdateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
            ),
            resources=("*",),
            why_every_resource="log deliveries have no ARN (Step Functions guide, 'Logging using CloudWatch Logs')",
        ),
        _traces("xray:GetSamplingRules", "xray:GetSamplingTargets"),
    )


def schedule_statements(cell: CellAddresses) -> tuple[Statement, ...]:
    """What EventBridge Scheduler may do in the cell's name."""
    return (
        Statement(sid="Beat", actions=("lambda:InvokeFunction",), resources=(cell.function_arn("heartbeat"),)),
        Statement(sid="KeepWhatFailed", actions=("sqs:SendMessage",), resources=(cell.queue_arn("heartbeat-dead"),)),
    )


def _logs(role: Role, cell: CellAddresses) -> Statement:
    return Statement(
        sid="WriteItsLog",
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(f"{cell.log_group_arn(role)}:*",),
    )


def _traces(*sampling: str) -> Statement:
    """What a traced function's role needs (Lambda guide, "Visualize Lambda function invocations using X-Ray").

    A state machine's role also asks what to sample (Step Functions guide, "IAM policies for X-Ray").
    """
    return Statement(
        sid="WriteItsTraces",
        actions=("xray:PutTraceSegments", "xray:PutTelemetryRecords", *sampling),
        resources=("*",),
        why_every_resource="a trace has no ARN; what is written is times and ids, and nothing can be read with it",
    )


def _ledger(reach: Reach, *calls: str) -> Statement:
    return Statement(sid="Ledger", actions=tuple(f"dynamodb:{call}" for call in calls), resources=(reach.cell.ledger_arn,))


def _line(reach: Reach) -> Statement:
    """The list of what is unresolved: who waits for room stands in it, too."""
    return Statement(sid="FindUnresolved", actions=("dynamodb:Query",), resources=(reach.cell.unresolved_arn,))


def _stacks(reach: Reach, *calls: str) -> Statement:
    return Statement(sid="ReadStacks", actions=tuple(f"cloudformation:{call}" for call in calls), resources=reach.watched)


def _lease(reach: Reach, door: str) -> Statement:
    role = reach.lease.role_arn("lease-read" if door == "read" else "lease-renew", reach.cell)
    return Statement(sid="AssumeLeaseRole", actions=("sts:AssumeRole",), resources=(role,))


def _receive(reach: Reach, queue: Queue) -> Statement:
    """What Lambda's poller does in the function's name (Lambda guide, "Execution role permissions" of SQS sources)."""
    return Statement(
        sid="Receive",
        actions=("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
        resources=(reach.cell.queue_arn(queue),),
    )


def _send(*arns: str) -> Statement:
    return Statement(sid="Send", actions=("sqs:SendMessage",), resources=arns)


def _wake() -> Statement:
    return Statement(
        sid="WakeRecovery",
        actions=("states:SendTaskSuccess",),
        resources=("*",),
        why_every_resource="SendTask calls know no resource; a token only wakes, what may be done stands in the ledger",
    )


def _intake(reach: Reach) -> tuple[Statement, ...]:
    return (
        _receive(reach, "intake"),
        _lease(reach, "read"),
        _stacks(reach, "DescribeStacks", "DescribeStackEvents"),
        _ledger(reach, "GetItem", "PutItem", "UpdateItem", "Query"),
        Statement(sid="StartRecovery", actions=("states:StartExecution",), resources=(reach.cell.machine_arn,)),
    )


def _notice(reach: Reach) -> tuple[Statement, ...]:
    return (
        _receive(reach, "notice"),
        _send(reach.cell.queue_arn("intake")),
        _stacks(reach, "DescribeStackEvents"),
        _ledger(reach, "GetItem", "UpdateItem"),
        _wake(),
    )


def vault_read(reach: Reach) -> tuple[Statement, ...]:
    """What a role needs to read versions of the cell's own stacks, and CloudFormation to read a template in that role's name.

    Without the right to list, S3 answers a missing object with a refusal (its API, GetObject, "Permissions").
    """
    cell = reach.cell
    return (
        Statement(sid="ReadVersions", actions=("s3:GetObject",), resources=(cell.versions_arn,)),
        Statement(sid="TellMissingFromForbidden", actions=("s3:ListBucket",), resources=(cell.vault_arn,)),
    )


def _capture(reach: Reach) -> tuple[Statement, ...]:
    """Reads stacks and writes vault and graph; it can change no stack and delete nothing that was kept."""
    cell = reach.cell
    return (
        _receive(reach, "capture"),
        _stacks(reach, "DescribeStacks", "DescribeStackEvents", "GetTemplate", "GetStackPolicy", "ListStackResources"),
        _ledger(reach, "GetItem", "PutItem"),
        *vault_read(reach),
        Statement(sid="Keep", actions=("s3:PutObject",), resources=(cell.versions_arn, cell.evidence_arn)),
    )


def _diagnose(reach: Reach) -> tuple[Statement, ...]:
    return (
        Statement(sid="SeeServiceRoles", actions=("iam:GetRole",), resources=(reach.cell.every_role_arn,)),
        _stacks(reach, "DescribeStacks", "DescribeStackEvents"),
        Statement(
            sid="FindImports",
            actions=("cloudformation:ListImports",),
            resources=("*",),
            why_every_resource="ListImports knows no resource; it is asked only about what a managed stack exports",
        ),
        _ledger(reach, "UpdateItem"),
    )


def _act_roll(reach: Reach) -> tuple[Statement, ...]:
    return _acting(reach, Group.ROLL)


def _act_change(reach: Reach) -> tuple[Statement, ...]:
    return _acting(reach, Group.CHANGE)


def _acting(reach: Reach, group: Group) -> tuple[Statement, ...]:
    return (
        _lease(reach, "read"),
        _stacks(reach, "DescribeStacks", "DescribeStackEvents"),
        _ledger(reach, "GetItem", "PutItem", "UpdateItem"),
        _wake(),
        *_changes(reach, group),
    )


def _changes(reach: Reach, group: Group) -> tuple[Statement, ...]:
    """The one group of changes that a role may make, on each pattern's stacks with that pattern's repair role or none.

    iam:PassRole alone would let a role that was meant for one pattern be given to another's stacks.
    """
    calls = {operation_of(one.NAME).call for one in STRATEGIES if group_of(one.NAME) is group}
    by_repair_role: dict[str | None, list[str]] = {}
    for pattern in reach.repaired:
        by_repair_role.setdefault(pattern.repair_role, []).append(reach.cell.stack_arn(pattern.pattern))
    given = [repair_role for repair_role in by_repair_role if repair_role]
    changes = tuple(
        Statement(
            sid=f"{group.title()}{number}",
            actions=tuple(f"cloudformation:{call}" for call in sorted(calls)),
            resources=tuple(stacks),
            conditions=_with_role(repair_role),
        )
        for number, (repair_role, stacks) in enumerate(by_repair_role.items(), start=1)
    )
    passes = Statement(
        sid="GiveRepairRole",
        actions=("iam:PassRole",),
        resources=tuple(given),
        conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
    )
    return (*changes, *_sparing(reach, changes), *([passes] if given else []))


def _sparing(reach: Reach, changes: Iterable[Statement]) -> tuple[Statement, ...]:
    """Refuse these changes on the stacks of narrower patterns that come first and forbid them: IAM knows no order."""
    return (
        Statement(
            sid="LeaveAlone",
            effect="Deny",
            actions=tuple(dict.fromkeys(action for one in changes for action in one.actions)),
            resources=tuple(reach.cell.stack_arn(pattern.pattern) for pattern in reach.spared),
        ),
    )


def _with_role(repair_role: str | None) -> Conditions:
    if repair_role is None:
        return {"Null": {"cloudformation:RoleArn": "true"}}
    return {"ArnEqualsIfExists": {"cloudformation:RoleArn": repair_role}}


def _validate(reach: Reach) -> tuple[Statement, ...]:
    return (
        _stacks(reach, "DescribeStacks", "DescribeStackEvents", "ListStackResources"),
        Statement(
            sid="SeeAlarms",
            actions=("cloudwatch:DescribeAlarms",),
            resources=("*",),
            why_every_resource="a narrower right shows no composite alarm (CloudWatch API reference, DescribeAlarms)",
        ),
        _ledger(reach, "GetItem", "UpdateItem"),
    )


def _settle(reach: Reach) -> tuple[Statement, ...]:
    return (
        _ledger(reach, "GetItem", "UpdateItem", "Query"),
        _line(reach),
        _send(reach.cell.queue_arn("capture"), reach.cell.queue_arn("intake")),
    )


def _escalate(reach: Reach) -> tuple[Statement, ...]:
    cell = reach.cell
    return (
        _ledger(reach, "GetItem", "UpdateItem", "Query"),
        _line(reach),
        _send(cell.queue_arn("escalation"), cell.queue_arn("escalate-dead"), cell.queue_arn("intake")),
        Statement(sid="Alert", actions=("sns:Publish",), resources=(cell.alert_topic_arn,)),
    )


def _heartbeat(reach: Reach) -> tuple[Statement, ...]:
    cell = reach.cell
    return (
        _lease(reach, "renew"),
        Statement(
            sid="FindStacks",
            actions=("cloudformation:ListStacks",),
            resources=("*",),
            why_every_resource="ListStacks knows no resource; what it lists is filtered by the patterns",
        ),
        _line(reach),
        _ledger(reach, "UpdateItem"),
        Statement(sid="FindExecutions", actions=("states:DescribeExecution",), resources=(cell.executions_arn,)),
        _send(cell.queue_arn("intake"), cell.queue_arn("notice"), cell.queue_arn("heartbeat-dead")),
        Statement(sid="Escalate", actions=("lambda:InvokeFunction",), resources=(cell.function_arn("escalate"),)),
    )


_CALLS: dict[Role, Callable[[Reach], tuple[Statement, ...]]] = {
    "intake": _intake,
    "notice": _notice,
    "capture": _capture,
    "diagnose": _diagnose,
    "act-roll": _act_roll,
    "act-change": _act_change,
    "validate": _validate,
    "settle": _settle,
    "escalate": _escalate,
    "heartbeat": _heartbeat,
}
