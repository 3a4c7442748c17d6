"""Metrics in a function's log, and alarms on exactly the metric that they name, told apart by its dimensions.

An alarm is still evaluated when a datum arrives and not with time: it returns to OK with a better datum, never by silence.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

from ministack.services import cloudwatch, lambda_svc

from sandbox.emulator.hooks import replace

Datum = tuple[str, str, float, str, dict[str, str]]
"""Namespace, name, value, unit, dimensions."""

MOST_DIMENSIONS = 30
"""In one set (CloudWatch guide, "Embedded metric format specification", DimensionSet); a longer one yields no metric."""


def install() -> None:
    """Read every log that a function leaves; look at an alarm's own series alone."""
    replace(lambda_svc, "_emit_lambda_logs", _with_metrics)
    replace(cloudwatch, "_evaluate_alarm", _on_its_series)


def data(text: str) -> Iterator[Datum]:
    """Every datum in a log: each metric of a line, under each of its sets of dimensions."""
    for line in text.splitlines():
        whole = _embedded(line)
        for directive in whole.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in directive.get("Dimensions", []):
                yield from _of_set(whole, directive, names)


def _embedded(line: str) -> dict[str, Any]:
    """A line of the format; empty for every other line."""
    if '"_aws"' not in line:
        return {}
    try:
        whole = json.loads(line[line.index("{") :])
    except ValueError:  # CloudWatch takes such a line for text, too
        return {}
    return whole if isinstance(whole, dict) and isinstance(whole.get("_aws"), dict) else {}


def _of_set(whole: Mapping[str, Any], directive: Mapping[str, Any], names: list[str]) -> Iterator[Datum]:
    """A set that names a member that is not there yields nothing (specification, "DimensionSet array")."""
    if len(names) > MOST_DIMENSIONS or not all(isinstance(whole.get(name), str) for name in names):
        return
    dimensions = {name: whole[name] for name in names}
    for metric in directive.get("Metrics", []):
        values = whole.get(metric["Name"], [])
        for value in values if isinstance(values, list) else [values]:
            yield directive["Namespace"], metric["Name"], float(value), metric.get("Unit", "None"), dimensions


def _with_metrics(original: Callable[..., None]) -> Callable[..., None]:
    def emit(func: dict[str, Any], request_id: str, log_text: str, *rest: Any, **named: Any) -> None:  # noqa: ANN401
        original(func, request_id, log_text, *rest, **named)
        for datum in data(log_text or ""):
            cloudwatch.record_metric(*datum)
        cloudwatch._evaluate_all_alarms()  # those on AWS's metrics of the function, too: it has just been counted

    return emit


def _on_its_series(original: FunctionType) -> Callable[[dict[str, Any]], None]:
    """The emulator looks at every series of a name, so it is given a view of the one with the alarm's dimensions.

    The view is the call's own: functions write metrics in threads of their own meanwhile.
    """

    def evaluate(alarm: dict[str, Any]) -> None:
        dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions") or [])
        key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
        series = cloudwatch._metrics.get(key)
        view = {**original.__globals__, "_metrics": {key: list(series)} if series else {}}
        FunctionType(original.__code__, view, original.__name__, original.__defaults__)(alarm)

    return evaluate
