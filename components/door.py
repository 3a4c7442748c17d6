"""One door of a cell: a rule that knows what belongs here, a queue that keeps it, a function that takes it in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi_aws as aws
from pulumi import ComponentResource, ResourceOptions

from components.addresses import Queue
from components.functions import CellFunction, FunctionArgs, FunctionFrame
from components.names import Kind
from components.queues import CellQueue, QueueArgs

BATCH = 10
"""Messages that one call works on: Lambda's own default for SQS, small enough for one function's time-out."""
AT_ONCE = 5
"""Enough for a storm of failures, and few enough not to spend the account's CloudFormation rate on reading."""
EVENT_AGE_SECONDS = 86400
"""The longest that EventBridge keeps trying (its user guide, "Retry policy and dead-letter queues")."""
EVENT_RETRIES = 185
"""The longest that EventBridge tries a target (its user guide, "Retrying event delivery")."""

DoorName = Literal["intake", "notice", "capture"]
_DEAD: dict[DoorName, Queue] = {"intake": "intake-dead", "notice": "notice-dead", "capture": "capture-dead"}


@dataclass(frozen=True, kw_only=True)
class DoorArgs:
    """What comes in here, and who takes it."""

    door: DoorName
    frame: FunctionFrame
    event_pattern: Mapping[str, Any]
    undelivered: CellQueue
    timeout_seconds: int
    message_days: int
    reserved_concurrency: int | None


class Door(ComponentResource):
    """Events of one sort, at least once and never silently lost: each place where one could stay behind has a queue for it."""

    def __init__(self, name: str, args: DoorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Door", name, None, opts)
        self._child = ResourceOptions(parent=self)
        queue = self._queues(name, args)
        self.function = self._function(name, args)
        self._mapping(name, queue)
        self._rule(name, args, queue)
        self.queue_arn = queue.arn
        self.register_outputs({"queue_arn": self.queue_arn})

    def _queues(self, name: str, args: DoorArgs) -> CellQueue:
        cell, days, dead = args.frame.reach.cell, args.message_days, _DEAD[args.door]
        dead_letters = CellQueue(
            f"{name}-dead",
            QueueArgs(cell=cell, queue=dead, retention_days=days, takes_dead_letters_of=(args.door,)),
            self._child,
        )
        arguments = QueueArgs(
            cell=cell,
            queue=args.door,
            retention_days=days,
            reader_timeout_seconds=args.timeout_seconds,
            dead_letters=dead_letters,
            rules=(args.door,),
        )
        return CellQueue(f"{name}-events", arguments, self._child)

    def _function(self, name: str, args: DoorArgs) -> CellFunction:
        arguments = FunctionArgs(
            role=args.door,
            frame=args.frame,
            timeout_seconds=args.timeout_seconds,
            reserved_concurrency=args.reserved_concurrency,
        )
        return CellFunction(f"{name}-taker", arguments, self._child)

    def _mapping(self, name: str, queue: CellQueue) -> None:
        aws.lambda_.EventSourceMapping(
            f"{name}-mapping",
            event_source_arn=queue.arn,
            function_name=self.function.function_name,
            batch_size=BATCH,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=AT_ONCE),
            opts=self._child,
        )

    def _rule(self, name: str, args: DoorArgs, queue: CellQueue) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=args.frame.reach.cell.named(Kind.RULE, args.door),
            description=f"What managed stacks tell, for {args.door}.",
            event_pattern=json.dumps(args.event_pattern),
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id=args.door,
            arn=queue.arn,
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=EVENT_AGE_SECONDS, maximum_retry_attempts=EVENT_RETRIES
            ),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=args.undelivered.arn),
            opts=ResourceOptions(parent=self, depends_on=[queue, args.undelivered]),  # their policies let the rule in
        )
