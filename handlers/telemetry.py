"""Logs and metrics: every decision is one JSON line with its outcome; what is counted stands in handlers/domain/signals.py."""

import warnings
from enum import StrEnum

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from handlers import tracing
from handlers.domain.cell import Cell
from handlers.domain.signals import GRAINS, NAMESPACE, SERVICE, Grain, Metric, UnknownGrainError, dimensions

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)

warnings.filterwarnings("ignore", message="No application metrics to publish")  # most calls have nothing to count

_SUBJECT = ("message_id", "stack", "recovery_id", "attempt", "reason", "request_id", "client_token")


def introduce(cell: Cell, function: str) -> None:
    """Say in every line which cell and function speak, and in every metric which cell."""
    logger.append_keys(cell=cell.digest, environment=cell.environment, place=cell.key, function=function)
    metrics.set_default_dimensions(**dimensions(cell.environment, cell.key))


def begin_subject(**keys: object) -> None:
    """From here on the lines are about something else; what was said of the one before does not stick to it."""
    logger.remove_keys(_SUBJECT)
    logger.append_keys(**keys)


def about(**keys: object) -> None:
    """What the next decision is about, or why it is made: said once more by every line from here on."""
    logger.append_keys(**keys)


def report(outcome: StrEnum, **keys: object) -> None:
    """Log a decision by its outcome with what belongs to it. Each decision is reported once, by whoever answers for it."""
    decision = type(outcome).__name__.removesuffix("Outcome")
    told = {"outcome": outcome.value, "decision": decision, **keys}
    logger.info(outcome.value, extra=told, stacklevel=3)  # the line names who decided
    tracing.record(decision, {**logger.get_current_keys(), **told})


def count(metric: Metric, value: float = 1) -> None:
    """Add to a count of the cell."""
    _add(metric, MetricUnit.Count, value)


def measure(metric: Metric, seconds: float) -> None:
    """Add a duration of the cell."""
    _add(metric, MetricUnit.Seconds, seconds)


def _add(metric: Metric, unit: MetricUnit, value: float) -> None:
    if Grain.CELL not in GRAINS[metric]:
        raise UnknownGrainError(f"{metric} is not told by the cell alone; name its grain")
    metrics.add_metric(name=metric.value, unit=unit, value=value)


def count_by(cell: Cell, grain: Grain, metric: Metric, value: float, **values: str) -> None:
    """Add to a count of a tier, or of a failure class and strategy."""
    _single(metric, MetricUnit.Count, value, grain, dimensions(cell.environment, cell.key, grain, **values))


def measure_by(cell: Cell, grain: Grain, metric: Metric, seconds: float, **values: str) -> None:
    """Add a duration of a tier."""
    _single(metric, MetricUnit.Seconds, seconds, grain, dimensions(cell.environment, cell.key, grain, **values))


def _single(metric: Metric, unit: MetricUnit, value: float, grain: Grain, told: dict[str, str]) -> None:
    """A line of its own: every metric of one line gets every set of dimensions of that line, and each of them costs."""
    if grain not in GRAINS[metric]:
        raise UnknownGrainError(f"{metric} is not told by {grain}")
    with single_metric(name=metric.value, unit=unit, value=value, namespace=NAMESPACE, default_dimensions=told):
        pass
