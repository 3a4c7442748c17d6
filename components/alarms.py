"""What must not stay unnoticed in a cell, as data: each alarm watches a metric that somebody writes, and names its runbook."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, ResourceOptions

from components.addresses import DEAD, ROLES, CellAddresses, Queue
from components.names import Kind
from components.settings_sections import AlarmLimits, Tier
from handlers.domain.signals import NAMESPACE, Grain, Metric, dimensions

PAGE = "alarms.md"
MINUTE, FIVE_MINUTES, DAY = 60, 300, 86400
"""Seconds of an alarm's period: the heartbeat's, a burst's, and a success rate's."""
ABOVE, BELOW, AT_LEAST = "GreaterThanThreshold", "LessThanThreshold", "GreaterThanOrEqualToThreshold"
QUIET, SILENT_TOO, UNTOLD = "notBreaching", "breaching", "ignore"
"""What no datum means: nothing happened; the very thing that is feared; nothing, another alarm tells it."""

EXECUTION_ENDS = {"failures": "ExecutionsFailed", "timeouts": "ExecutionsTimedOut", "aborts": "ExecutionsAborted"}


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One condition on one metric, the name it is known by, and the heading that says what to do."""

    role: str
    heading: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str
    comparison: str
    threshold: float
    period: int = FIVE_MINUTES
    periods: int = 1
    no_data: str = QUIET


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """Whose alarms these are, what they bear, and where they call."""

    cell: CellAddresses
    limits: AlarmLimits
    tiers: Mapping[str, Tier]
    topic_arn: Input[str]
    runbook_url: str


class Alarms(ComponentResource):
    """The alarms of a cell: those on AWS's own metrics hold without any code of ours running."""

    def __init__(self, name: str, args: AlarmsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Alarms", name, None, opts)
        for alarm in catalogue(args.cell, args.limits, args.tiers):
            aws.cloudwatch.MetricAlarm(
                f"{name}-{alarm.role}-alarm",
                name=args.cell.named(Kind.ALARM, alarm.role),
                alarm_description=f"{args.runbook_url}/{PAGE}#{alarm.heading}",
                alarm_actions=[args.topic_arn],
                namespace=alarm.namespace,
                metric_name=alarm.metric,
                dimensions=dict(alarm.dimensions),
                statistic=alarm.statistic,
                period=alarm.period,
                evaluation_periods=alarm.periods,
                datapoints_to_alarm=alarm.periods,
                comparison_operator=alarm.comparison,
                threshold=alarm.threshold,
                treat_missing_data=alarm.no_data,
                opts=ResourceOptions(parent=self),
            )
        self.register_outputs({})


def catalogue(cell: CellAddresses, limits: AlarmLimits, tiers: Mapping[str, Tier]) -> tuple[Alarm, ...]:
    """Every alarm of a cell."""
    return (
        *_letters(cell),
        *_waiting(cell, limits),
        *_functions(cell, limits),
        *_executions(cell),
        *_authority(cell, limits),
        *_breakers(cell),
        *_vault(cell),
        *(alarm for name, tier in tiers.items() for alarm in _outcomes(cell, name, tier)),
    )


def _queue(cell: CellAddresses, queue: Queue, heading: str, metric: str, threshold: float) -> Alarm:
    """SQS tells nothing of a queue that nobody has used for hours, which is the good case."""
    is_dead = queue in DEAD
    return Alarm(
        role=queue if is_dead else f"{queue}-age",
        heading=heading,
        namespace="AWS/SQS",
        metric=metric,
        dimensions={"QueueName": cell.queue_name(queue)},
        statistic="Maximum",
        comparison=ABOVE,
        threshold=threshold,
        period=MINUTE,
    )


def _letters(cell: CellAddresses) -> Iterator[Alarm]:
    for queue in DEAD:
        yield _queue(cell, queue, "dead-letters", "ApproximateNumberOfMessagesVisible", 0)


def _waiting(cell: CellAddresses, limits: AlarmLimits) -> Iterator[Alarm]:
    doors: tuple[Queue, ...] = ("intake", "notice", "capture")
    for queue in doors:
        yield _queue(cell, queue, "old-messages", "ApproximateAgeOfOldestMessage", limits.message_age_seconds)
    yield _queue(cell, "escalation", "old-escalations", "ApproximateAgeOfOldestMessage", limits.escalation_age_seconds)


def _functions(cell: CellAddresses, limits: AlarmLimits) -> Iterator[Alarm]:
    """One alarm per function, because which one it is decides what to do; one over all would cost the same."""
    for metric, most in {"Errors": limits.function_errors, "Throttles": limits.function_throttles}.items():
        for role in ROLES:
            yield Alarm(
                role=f"{role}-{metric.lower()}",
                heading=f"function-{metric.lower()}",
                namespace="AWS/Lambda",
                metric=metric,
                dimensions={"FunctionName": cell.function_name(role)},
                statistic="Sum",
                comparison=AT_LEAST,
                threshold=most,
            )


def _executions(cell: CellAddresses) -> Iterator[Alarm]:
    """Ends that no Catch sees. Each is also escalated; these call when the escalating itself does not work."""
    for role, metric in EXECUTION_ENDS.items():
        yield Alarm(
            role=f"execution-{role}",
            heading="executions-that-died",
            namespace="AWS/States",
            metric=metric,
            dimensions={"StateMachineArn": cell.machine_arn},
            statistic="Sum",
            comparison=ABOVE,
            threshold=0,
        )


def _authority(cell: CellAddresses, limits: AlarmLimits) -> Iterator[Alarm]:
    yield Alarm(
        role="heartbeat-silence",
        heading="heartbeat-silence",
        namespace="AWS/Lambda",
        metric="Invocations",
        dimensions={"FunctionName": cell.function_name("heartbeat")},
        statistic="Sum",
        comparison=BELOW,
        threshold=1,
        period=MINUTE,
        periods=limits.silent_minutes,
        no_data=SILENT_TOO,
    )
    yield Alarm(
        role="lease-not-held",
        heading="lease-not-held",
        namespace=NAMESPACE,
        metric=Metric.LEASE_HELD,
        dimensions=dimensions(cell.environment, cell.key),
        statistic="Maximum",
        comparison=BELOW,
        threshold=1,
        period=MINUTE,
        periods=limits.lease_minutes,
        no_data=UNTOLD,
    )


def _breakers(cell: CellAddresses) -> Iterator[Alarm]:
    """People are told of each breaker of a class or the cell when it opens; this stays until none is open, a stack's included."""
    yield Alarm(
        role="breaker-open",
        heading="breaker-open",
        namespace=NAMESPACE,
        metric=Metric.BREAKER_OPEN,
        dimensions=dimensions(cell.environment, cell.key),
        statistic="Maximum",
        comparison=ABOVE,
        threshold=0,
    )


def _vault(cell: CellAddresses) -> Iterator[Alarm]:
    """A capture that fails is a letter in capture-dead; this is a vault that was changed by other hands."""
    yield Alarm(
        role="vault-finding",
        heading="vault-finding",
        namespace=NAMESPACE,
        metric=Metric.VAULT_FINDING,
        dimensions=dimensions(cell.environment, cell.key),
        statistic="Sum",
        comparison=ABOVE,
        threshold=0,
    )


def _outcomes(cell: CellAddresses, name: str, tier: Tier) -> Iterator[Alarm]:
    told = dimensions(cell.environment, cell.key, Grain.TIER, tier=name)
    yield Alarm(
        role=f"recovery-failed-{name}",
        heading="recovery-failed",
        namespace=NAMESPACE,
        metric=Metric.FAILED,
        dimensions=told,
        statistic="Sum",
        comparison=ABOVE,
        threshold=tier.escalations_borne,
    )
    yield Alarm(
        role=f"success-rate-{name}",
        heading="success-rate",
        namespace=NAMESPACE,
        metric=Metric.SUCCEEDED,
        dimensions=told,
        statistic="Average",
        comparison=BELOW,
        threshold=tier.success_percent / 100,
        period=DAY,
    )
    yield Alarm(
        role=f"recovery-late-{name}",
        heading="recovery-late",
        namespace=NAMESPACE,
        metric=Metric.SECONDS_TO_PROVEN,
        dimensions=told,
        statistic="Maximum",
        comparison=ABOVE,
        threshold=tier.rto_seconds,
    )
