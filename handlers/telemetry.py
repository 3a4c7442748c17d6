"""Logs and metrics: one JSON line and one count per outcome, by the outcome's own name."""

from enum import StrEnum

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from handlers.domain.cell import Cell

logger = Logger(service="stackmend")
metrics = Metrics(namespace="Stackmend")


def introduce(cell: Cell, function: str) -> None:
    """Say in every line and every metric which cell and function speak."""
    logger.append_keys(cell=cell.digest, environment=cell.environment, place=cell.key)
    metrics.set_default_dimensions(environment=cell.environment, cell=cell.key, function=function)


def report(outcome: StrEnum, **keys: object) -> None:
    """Log an outcome with what belongs to it, and count it: `WOKEN` of NoticeOutcome is the metric `NoticeWoken`."""
    name = type(outcome).__name__.removesuffix("Outcome") + outcome.value.title().replace("_", "")
    logger.info(outcome.value, extra={"outcome": outcome.value, **keys})
    count(name)


def count(name: str, value: float = 1) -> None:
    """Add to a count."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def measure(name: str, seconds: float) -> None:
    """Add a duration."""
    metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=seconds)
