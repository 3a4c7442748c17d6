"""The net below the events: one function, every minute, on quiet days as on bad ones."""

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, ResourceOptions

from components.addresses import CellAddresses
from components.functions import CellFunction, FunctionArgs, FunctionFrame
from components.names import Kind
from components.permissions import schedule_statements
from components.queues import CellQueue, QueueArgs
from components.roles import BoundedRole, RoleArgs, service_trust
from components.settings_checks import HEARTBEAT_SECONDS

BEAT = "rate(1 minute)"
"""EventBridge Scheduler runs nothing more often (its user guide, "Rate-based schedules")."""
MEMORY_MB = 256
"""It runs 43,200 times a month and nobody waits for it, so it takes half of the others' memory."""


@dataclass(frozen=True, kw_only=True)
class HeartbeatArgs:
    """What the heartbeat needs."""

    frame: FunctionFrame
    timeout_seconds: int
    message_days: int
    reserves_concurrency: bool


class Heartbeat(ComponentResource):
    """A beat that failed is not repeated, the next one is due; it is kept, and its silence is an alarm."""

    def __init__(self, name: str, args: HeartbeatArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Heartbeat", name, None, opts)
        self._child = ResourceOptions(parent=self)
        cell = args.frame.reach.cell
        dead = QueueArgs(cell=cell, queue="heartbeat-dead", retention_days=args.message_days)
        self._dead_letters = CellQueue(f"{name}-dead", dead, self._child)
        self.function = self._function(name, args)
        self._schedule(name, cell, self._role(name, cell, args))
        self.register_outputs({})

    def _function(self, name: str, args: HeartbeatArgs) -> CellFunction:
        arguments = FunctionArgs(
            role="heartbeat",
            frame=args.frame,
            timeout_seconds=args.timeout_seconds,
            memory_mb=MEMORY_MB,
            reserved_concurrency=1 if args.reserves_concurrency else None,
        )
        function = CellFunction(f"{name}-beat", arguments, self._child)
        function.keep_failed_calls(f"{name}-beat", self._dead_letters.arn, retries=0, age_seconds=HEARTBEAT_SECONDS)
        return function

    def _role(self, name: str, cell: CellAddresses, args: HeartbeatArgs) -> BoundedRole:
        """Scheduler presents the schedule's group, never the schedule (its user guide, "Confused deputy prevention")."""
        only_ours = {
            "StringEquals": {"aws:SourceAccount": cell.account, "aws:SourceArn": cell.schedule_group_arn},
        }
        arguments = RoleArgs(
            role_name=cell.role_name("scheduler"),
            frame=args.frame.role_frame,
            trust=service_trust("scheduler.amazonaws.com", only_ours),
            statements=schedule_statements(cell),
        )
        return BoundedRole(f"{name}-scheduler", arguments, self._child)

    def _schedule(self, name: str, cell: CellAddresses, role: BoundedRole) -> None:
        group = aws.scheduler.ScheduleGroup(f"{name}-group", name=cell.schedule_group_name, opts=self._child)
        aws.scheduler.Schedule(
            f"{name}-schedule",
            name=cell.named(Kind.SCHEDULE, "heartbeat"),
            group_name=group.name,
            schedule_expression=BEAT,
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=self.function.arn,
                role_arn=role.arn,
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=HEARTBEAT_SECONDS, maximum_retry_attempts=0
                ),
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=self._dead_letters.arn),
            ),
            opts=ResourceOptions(parent=self, depends_on=[*role.policies, self._dead_letters]),
        )
