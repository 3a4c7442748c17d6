"""One page that shows how a cell is: what it recovered, what waits, and whether it may act; its widgets are data."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, ResourceOptions

from components.addresses import DEAD, ROLES, CellAddresses
from components.alarms import EXECUTION_ENDS, catalogue
from components.names import Kind
from components.settings_sections import AlarmLimits, Tier
from handlers.domain.signals import NAMESPACE, Grain, Metric, dimensions

COLUMNS, WIDTH, HEIGHT = 24, 8, 6
"""A dashboard's grid is 24 units wide (CloudWatch guide, "Dashboard body structure and syntax")."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line of a graph."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """One question and the series that answer it."""

    title: str
    series: tuple[Series, ...]
    period: int = field(default=300)


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """Whose page it is, and what it has to show."""

    cell: CellAddresses
    limits: AlarmLimits
    tiers: Mapping[str, Tier]


class Dashboard(ComponentResource):
    """The page; its name carries the region, because an account has one list of dashboards for all regions."""

    def __init__(self, name: str, args: DashboardArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Dashboard", name, None, opts)
        aws.cloudwatch.Dashboard(
            f"{name}-page",
            dashboard_name=args.cell.named(Kind.DASHBOARD, "cell"),
            dashboard_body=json.dumps(body(args)),
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})


def body(args: DashboardArgs) -> dict[str, Any]:
    """The page as CloudWatch takes it: the alarms on top, the graphs below in rows of three."""
    alarms = [args.cell.alarm_arn(alarm.role) for alarm in catalogue(args.cell, args.limits, args.tiers)]
    top = {"title": "Alarms", "alarms": alarms}
    widgets = [{"type": "alarm", "x": 0, "y": 0, "width": COLUMNS, "height": HEIGHT, "properties": top}]
    in_row = COLUMNS // WIDTH
    widgets += [
        {
            "type": "metric",
            "x": WIDTH * (number % in_row),
            "y": HEIGHT * (1 + number // in_row),
            "width": WIDTH,
            "height": HEIGHT,
            "properties": _drawn(graph, args.cell.region),
        }
        for number, graph in enumerate(graphs(args.cell, args.tiers))
    ]
    return {"widgets": widgets}


def _drawn(graph: Graph, region: str) -> dict[str, Any]:
    lines = []
    for one in graph.series:
        path = [part for pair in one.dimensions.items() for part in pair]
        lines.append([one.namespace, one.metric, *path, {"stat": one.statistic, "label": one.label or one.metric}])
    return {"title": graph.title, "view": "timeSeries", "region": region, "period": graph.period, "metrics": lines}


def graphs(cell: CellAddresses, tiers: Mapping[str, Tier]) -> tuple[Graph, ...]:
    """Everything that the page draws."""
    return (
        Graph(title="Recoveries", series=(_own(cell, Metric.STARTED), *_by_tier(cell, tiers, Metric.FAILED, "Sum"))),
        Graph(title="Success rate", series=_by_tier(cell, tiers, Metric.SUCCEEDED, "Average"), period=3600),
        Graph(title="Seconds to proven", series=_by_tier(cell, tiers, Metric.SECONDS_TO_PROVEN, "Maximum")),
        Graph(
            title="Seconds to detected and acted",
            series=(_own(cell, Metric.SECONDS_TO_DETECTED, "Maximum"), _own(cell, Metric.SECONDS_TO_ACTED, "Maximum")),
        ),
        Graph(
            title="What the heartbeat sees",
            series=(
                _own(cell, Metric.LEASE_HELD, "Minimum"),
                _own(cell, Metric.UNRESOLVED, "Maximum"),
                _own(cell, Metric.WAITING, "Maximum"),
                _own(cell, Metric.BREAKER_OPEN, "Maximum"),
                *(_own(cell, metric) for metric in (Metric.ENTERED, Metric.LASTING, Metric.OVERDUE)),
            ),
        ),
        Graph(title="Failed items", series=(_own(cell, Metric.FAILED_ITEM), _own(cell, Metric.VAULT_FINDING))),
        Graph(title="Seconds that the oldest message waits", series=tuple(_waiting(cell))),
        Graph(title="Dead letters", series=tuple(_dead(cell))),
        Graph(title="Errors of functions", series=tuple(_function(cell, "Errors", "Sum"))),
        Graph(title="Throttles of functions", series=tuple(_function(cell, "Throttles", "Sum"))),
        Graph(title="Milliseconds of functions", series=tuple(_function(cell, "Duration", "p95"))),
        Graph(title="Executions that ended badly", series=tuple(_executions(cell))),
    )


def _own(cell: CellAddresses, metric: Metric, statistic: str = "Sum") -> Series:
    return Series(namespace=NAMESPACE, metric=metric, dimensions=dimensions(cell.environment, cell.key), statistic=statistic)


def _by_tier(cell: CellAddresses, tiers: Mapping[str, Tier], metric: Metric, statistic: str) -> tuple[Series, ...]:
    return tuple(
        Series(
            namespace=NAMESPACE,
            metric=metric,
            dimensions=dimensions(cell.environment, cell.key, Grain.TIER, tier=tier),
            statistic=statistic,
            label=f"{metric} {tier}",
        )
        for tier in tiers
    )


def _waiting(cell: CellAddresses) -> Iterator[Series]:
    for queue in ("intake", "notice", "capture", "escalation"):
        name = {"QueueName": cell.named(Kind.QUEUE, queue)}
        yield Series(
            namespace="AWS/SQS", metric="ApproximateAgeOfOldestMessage", dimensions=name, statistic="Maximum", label=queue
        )


def _dead(cell: CellAddresses) -> Iterator[Series]:
    for queue in DEAD:
        name = {"QueueName": cell.queue_name(queue)}
        yield Series(
            namespace="AWS/SQS", metric="ApproximateNumberOfMessagesVisible", dimensions=name, statistic="Maximum", label=queue
        )


def _function(cell: CellAddresses, metric: str, statistic: str) -> Iterator[Series]:
    for role in ROLES:
        name = {"FunctionName": cell.function_name(role)}
        yield Series(namespace="AWS/Lambda", metric=metric, dimensions=name, statistic=statistic, label=role)


def _executions(cell: CellAddresses) -> Iterator[Series]:
    for metric in EXECUTION_ENDS.values():
        yield Series(namespace="AWS/States", metric=metric, dimensions={"StateMachineArn": cell.machine_arn})
