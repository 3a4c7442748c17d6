"""What a cell costs in a month in which nothing fails: itemised from the resources that are deployed and a heartbeat that ran."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drills import prices
from drills.prices import Price
from handlers.domain.signals import GRAINS, Metric

BEATS = prices.HOURS_OF_MONTH * 60
"""One a minute (components/heartbeat.py)."""
POLLS = 5 * 3 * BEATS
"""Empty receives of one queue: Lambda begins with five pollers, each waiting 20 s (Lambda guide, "Using Lambda with Amazon SQS",
"Configuring scaling behavior"). Likely: to be compared with a first bill."""
KEY_REQUESTS = BEATS // 5
"""DynamoDB asks for the table's key once in five minutes of use and caller (its guide, "encryption at rest: usage notes")."""
WRITTEN_BY_EVERY_BEAT = (Metric.LEASE_HELD, Metric.UNRESOLVED)

FREE = frozenset({
    "Alias", "EventRule", "EventTarget", "FunctionEventInvokeConfig", "LayerVersion", "LogGroup", "Permission", "Queue",
    "QueuePolicy", "Role", "RolePolicy", "Function", "ScheduleGroup", "StateMachine", "Table", "Topic", "TopicPolicy",
    "Provider", "aws",
})  # fmt: skip
"""Cost nothing by standing there: they are billed by use, and an idle cell's use is the heartbeat's, itemised below. Bytes in
tables (an idle ledger holds none) and old logs are left out: cents."""


class UnpricedResourceError(LookupError):
    """A deployed resource is neither free nor in the price list, so the sum would be a lie."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the bill."""

    title: str
    quantity: float
    price: Price

    @property
    def dollars(self) -> float:
        """The line's sum."""
        return self.quantity * self.price.dollars


@dataclass(frozen=True, kw_only=True)
class Beat:
    """One heartbeat, measured."""

    gigabyte_seconds: float
    read_units: float
    write_units: float
    log_bytes: float


def of_cell(resources: Iterable[Mapping[str, Any]], cell: str) -> Counter[str]:
    """The types, by their last word, of the resources under the component called *cell* in an exported state."""
    return Counter(
        str(one["type"]).rpartition(":")[2] for one in resources if one.get("custom") and _name(one).startswith(f"{cell}-")
    )


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).rpartition("::")[2]


def bill(deployed: Mapping[str, int], beat: Beat) -> tuple[Item, ...]:
    """A month of one idle cell."""
    standing = {
        "Key": ("customer managed keys", prices.KEY_MONTH, 1),
        "MetricAlarm": ("alarms", prices.ALARM_MONTH, 1),
        "Dashboard": ("dashboards (an account's first three are free)", prices.DASHBOARD_MONTH, 1),
        "Schedule": ("scheduled calls", prices.SCHEDULED_CALL, BEATS),
        "EventSourceMapping": ("empty receives of the pollers", prices.QUEUE_REQUEST, POLLS),
    }
    unpriced = set(deployed) - set(standing) - FREE
    if unpriced:
        raise UnpricedResourceError(f"no price for {', '.join(sorted(unpriced))}: add it to bench/idle.py")
    series = sum(len(GRAINS[metric]) for metric in WRITTEN_BY_EVERY_BEAT)
    return (
        *(
            Item(title=title, quantity=deployed.get(type_, 0) * each, price=price)
            for type_, (title, price, each) in standing.items()
        ),
        Item(title="custom metrics of the heartbeat", quantity=series, price=prices.METRIC_MONTH),
        Item(title="heartbeat: requests", quantity=BEATS, price=prices.LAMBDA_REQUEST),
        Item(title="heartbeat: GB-seconds", quantity=BEATS * beat.gigabyte_seconds, price=prices.LAMBDA_SECOND),
        Item(title="heartbeat: reads of ledger and lease", quantity=BEATS * beat.read_units, price=prices.READ_UNIT),
        Item(title="heartbeat: writes of the lease", quantity=BEATS * beat.write_units, price=prices.WRITE_UNIT),
        Item(title="heartbeat: logs in GB", quantity=BEATS * beat.log_bytes / 1e9, price=prices.LOG_GIGABYTE),
        Item(title="heartbeat: traces", quantity=BEATS, price=prices.TRACE),
        Item(title="key requests", quantity=KEY_REQUESTS, price=prices.KEY_REQUEST),
    )
