"""The recovery itself: the state machine, its steps, and the two ways out for what nobody could repair."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.addresses import ACTING, CellAddresses, Role
from components.alerts import AlertTopic, AlertTopicArgs
from components.door import EVENT_AGE_SECONDS, EVENT_RETRIES
from components.functions import CellFunction, FunctionArgs, FunctionFrame
from components.machine import Spans, definition
from components.names import Kind
from components.permissions import machine_statements
from components.queues import CellQueue, QueueArgs
from components.roles import BoundedRole, RoleArgs, service_trust

STEPS: tuple[Role, ...] = ("diagnose", *ACTING.values(), "validate", "settle", "escalate")
STEPS_AT_ONCE = 10
"""What a busy account cannot take from a recovery; a storm beyond it is retried by the machine."""
ENDED_BADLY = ("FAILED", "TIMED_OUT", "ABORTED")
"""The ends that no Catch sees (Step Functions guide, "Execution status change events")."""
CALL_RETRIES = 2
"""The most that Lambda tries an asynchronous call again (its guide, "Error handling for asynchronous invocation")."""
CALL_AGE_SECONDS = 21600
"""Lambda's longest patience with an asynchronous call (its guide, "Error handling for asynchronous invocation")."""


@dataclass(frozen=True, kw_only=True)
class RecoveryArgs:
    """What the machine and its steps need."""

    frame: FunctionFrame
    spans: Spans
    machine_timeout_seconds: int
    message_days: int
    reserves_concurrency: bool


class Recovery(ComponentResource):
    """One state machine per cell; what ends badly is told to a person, inside it or by its status from outside."""

    def __init__(self, name: str, args: RecoveryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Recovery", name, None, opts)
        self._child = ResourceOptions(parent=self)
        cell = args.frame.reach.cell
        self.functions: Mapping[Role, CellFunction] = {step: self._step(name, step, args) for step in STEPS}
        self.machine_arn: Output[str] = self._machine(name, args).arn
        self._ways_out(name, cell, args)
        self.register_outputs({"machine_arn": self.machine_arn})

    def _step(self, name: str, step: Role, args: RecoveryArgs) -> CellFunction:
        arguments = FunctionArgs(
            role=step,
            frame=args.frame,
            timeout_seconds=args.spans.act_function if step in ACTING.values() else args.spans.function,
            reserved_concurrency=STEPS_AT_ONCE if args.reserves_concurrency else None,
        )
        return CellFunction(f"{name}-{step}", arguments, self._child)

    def _machine(self, name: str, args: RecoveryArgs) -> aws.sfn.StateMachine:
        cell = args.frame.reach.cell
        role = self._role(name, args)
        log = aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=cell.machine_log_group_name,
            retention_in_days=args.frame.log_days,
            kms_key_id=args.frame.key_arn,
            opts=self._child,
        )
        steps = {step: cell.function_arn(step) for step in STEPS}
        return aws.sfn.StateMachine(
            f"{name}-machine",
            name=cell.machine_name,
            type="STANDARD",
            role_arn=role.arn,
            definition=json.dumps(definition(steps, args.spans, args.machine_timeout_seconds)),
            logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
                level="ALL",
                include_execution_data=True,  # ids only; what they stand for is in the ledger
                log_destination=log.arn.apply(lambda arn: f"{arn.removesuffix(':*')}:*"),
            ),
            tracing_configuration=aws.sfn.StateMachineTracingConfigurationArgs(enabled=True),
            opts=ResourceOptions(parent=self, depends_on=[*role.policies, *self.functions.values()]),
        )

    def _role(self, name: str, args: RecoveryArgs) -> BoundedRole:
        cell = args.frame.reach.cell
        only_it = {
            "ArnEquals": {"aws:SourceArn": cell.machine_arn},
            "StringEquals": {"aws:SourceAccount": cell.account},
        }
        arguments = RoleArgs(
            role_name=cell.role_name("recovery"),
            frame=args.frame.role_frame,
            trust=service_trust("states.amazonaws.com", only_it),
            statements=machine_statements(cell, STEPS),
        )
        return BoundedRole(f"{name}-machine", arguments, self._child)

    def _ways_out(self, name: str, cell: CellAddresses, args: RecoveryArgs) -> None:
        """A queue for what a person takes up, a topic that calls one, and the rule on the machine's status."""
        self.escalation = CellQueue(
            f"{name}-escalation", QueueArgs(cell=cell, queue="escalation", retention_days=args.message_days), self._child
        )
        self.alerts = AlertTopic(f"{name}-alerts", AlertTopicArgs(cell=cell, key_arn=args.frame.key_arn), self._child)
        dead = QueueArgs(cell=cell, queue="escalate-dead", retention_days=args.message_days, rules=("escalate",))
        dead_letters = CellQueue(f"{name}-escalate-dead", dead, self._child)
        escalate = self.functions["escalate"]
        escalate.keep_failed_calls(f"{name}-escalate", dead_letters.arn, retries=CALL_RETRIES, age_seconds=CALL_AGE_SECONDS)
        self._rule_on_status(name, cell, escalate, dead_letters)

    def _rule_on_status(self, name: str, cell: CellAddresses, escalate: CellFunction, dead_letters: CellQueue) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{name}-status-rule",
            name=cell.named(Kind.RULE, "escalate"),
            description="Recoveries that ended in a way no state could catch.",
            event_pattern=json.dumps(status_pattern(cell)),
            opts=self._child,
        )
        permission = aws.lambda_.Permission(
            f"{name}-status-permission",
            action="lambda:InvokeFunction",
            function=escalate.function_name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            source_account=cell.account,
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-status-target",
            rule=rule.name,
            target_id="escalate",
            arn=escalate.arn,
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=EVENT_AGE_SECONDS, maximum_retry_attempts=EVENT_RETRIES
            ),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead_letters.arn),
            opts=ResourceOptions(parent=self, depends_on=[permission, dead_letters]),
        )


def status_pattern(cell: CellAddresses) -> dict[str, object]:
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [cell.machine_arn], "status": list(ENDED_BADLY)},
    }
