"""CloudWatch's alarms as they stand."""

from collections.abc import Collection, Mapping
from typing import Any

from handlers.aws.calls import Client, ask
from handlers.domain.criteria import AlarmSeen

PAGE = 100
"""Names that one DescribeAlarms takes (service model, AlarmNames)."""


class Watch:
    """The alarms of the cell's account and region, to be read."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def alarms(self, names: Collection[str]) -> tuple[AlarmSeen, ...]:
        """Look at the alarms of these names; one that does not exist is left out."""
        wanted = sorted(set(names))
        found: list[AlarmSeen] = []
        for start in range(0, len(wanted), PAGE):
            part = wanted[start : start + PAGE]
            kinds = ["MetricAlarm", "CompositeAlarm"]
            answer = ask(self._client.describe_alarms, AlarmNames=part, AlarmTypes=kinds, MaxRecords=PAGE)
            found += map(_seen, (*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])))
        return tuple(found)


def _seen(alarm: Mapping[str, Any]) -> AlarmSeen:
    """An alarm of several metrics has a period in each; the longest counts."""
    periods = [each.get("MetricStat", {}).get("Period", each.get("Period", 0)) for each in alarm.get("Metrics", [])]
    period = alarm.get("Period") or max(periods, default=0)
    return AlarmSeen(
        name=alarm["AlarmName"],
        state=alarm["StateValue"],
        since=alarm["StateUpdatedTimestamp"],
        window_seconds=period * alarm.get("EvaluationPeriods", 1),
    )
