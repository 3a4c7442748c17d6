"""What must not stay unnoticed in a cell: letters that nobody could handle, and a heart that has stopped."""

from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Input, ResourceOptions

from components.addresses import DEAD, CellAddresses
from components.names import Kind

SILENT_MINUTES = 3
"""As many beats as a lease outlives; a single late one is nobody's concern."""


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """Whose alarms these are, and where they call."""

    cell: CellAddresses
    topic_arn: Input[str]
    runbook_url: str


class Alarms(ComponentResource):
    """The alarms that hold without any code of ours running."""

    def __init__(self, name: str, args: AlarmsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Alarms", name, None, opts)
        self._child = ResourceOptions(parent=self)
        for queue in DEAD:
            self._alarm(f"{name}-{queue}", args, queue, _dead_letters(args.cell.queue_name(queue)))
        self._alarm(f"{name}-silence", args, "heartbeat-silence", _silence(args.cell.function_name("heartbeat")))
        self.register_outputs({})

    def _alarm(self, name: str, args: AlarmsArgs, role: str, condition: dict[str, Any]) -> None:
        heading = "heartbeat-silence" if role == "heartbeat-silence" else "dead-letters"
        aws.cloudwatch.MetricAlarm(
            f"{name}-alarm",
            name=args.cell.named(Kind.ALARM, role),
            alarm_description=f"{args.runbook_url}#{heading}",
            alarm_actions=[args.topic_arn],
            opts=self._child,
            **condition,
        )


def _dead_letters(queue_name: str) -> dict[str, Any]:
    """SQS tells nothing of a queue that nobody has used for hours, which is the good case."""
    return {
        "namespace": "AWS/SQS",
        "metric_name": "ApproximateNumberOfMessagesVisible",
        "dimensions": {"QueueName": queue_name},
        "statistic": "Maximum",
        "period": 60,
        "evaluation_periods": 1,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 0,
        "treat_missing_data": "notBreaching",
    }


def _silence(function_name: str) -> dict[str, Any]:
    """No datum at all is the very silence that is meant."""
    return {
        "namespace": "AWS/Lambda",
        "metric_name": "Invocations",
        "dimensions": {"FunctionName": function_name},
        "statistic": "Sum",
        "period": 60,
        "evaluation_periods": SILENT_MINUTES,
        "datapoints_to_alarm": SILENT_MINUTES,
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "treat_missing_data": "breaching",
    }
