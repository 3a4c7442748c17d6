"""What cannot be delivered is kept."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import is_set

TARGET = "aws:cloudwatch/eventTarget:EventTarget"
SCHEDULE = "aws:scheduler/schedule:Schedule"
CALLS = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"


def what_cannot_be_delivered_is_kept(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == CALLS:
        on_failure = (args.props.get("destinationConfig") or {}).get("onFailure")
        is_kept = is_set(on_failure or {}, "destination")
    else:
        is_kept = _has_dead_letters(args.props if args.resource_type == TARGET else args.props.get("target"))
    if not is_kept:
        yield "drops what it cannot deliver"


def _has_dead_letters(target: Any) -> bool:  # noqa: ANN401 - the SDK hands mappings wrapped
    return is_set((target or {}).get("deadLetterConfig") or {}, "arn")


RULE = Rule(
    name="what-cannot-be-delivered-is-kept",
    description="EventBridge, its Scheduler and Lambda's asynchronous calls give up in silence unless a queue takes the rest.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
    remedy="name a dead-letter queue",
    resource_types=(TARGET, SCHEDULE, CALLS),
    judge=what_cannot_be_delivered_is_kept,
)
