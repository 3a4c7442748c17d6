"""The page of a cell: what it draws is written by somebody, and it names every alarm."""

import json
from typing import Any

import pytest

from components.blueprint import blueprints
from components.dashboard import COLUMNS, DashboardArgs, body, graphs
from components.settings import Settings
from handlers.domain.signals import DIMENSIONS, GRAINS, NAMESPACE, Metric
from tests.components.conftest import Recording


@pytest.fixture
def page(sandbox: Recording) -> dict[str, Any]:
    """The page as it is deployed."""
    dashboard = sandbox.of("aws:cloudwatch/dashboard:Dashboard")[0]
    told: dict[str, Any] = json.loads(dashboard.inputs["dashboardBody"])
    return told


@pytest.fixture
def args(prod_settings: Settings) -> DashboardArgs:
    """A cell of a large environment."""
    plan = blueprints(prod_settings)[0]
    return DashboardArgs(cell=plan.addresses, limits=prod_settings.alarms, tiers=prod_settings.tiers)


def test_a_page_names_its_region(prod: Recording) -> None:
    """An account has one list of dashboards for all its regions."""
    names = [one.inputs["dashboardName"] for one in prod.of("aws:cloudwatch/dashboard:Dashboard")]
    cells = len(prod.of("RecoveryCell"))

    assert len(names) == cells
    assert all(name.startswith("stackmend-prod-cell-") for name in names)


def test_every_alarm_stands_on_the_page(sandbox: Recording, page: dict[str, Any]) -> None:
    """Whoever is called sees in one look what else is wrong."""
    alarms = page["widgets"][0]["properties"]["alarms"]

    assert {one.rpartition(":")[2] for one in alarms} == {one.inputs["name"] for one in sandbox.of("MetricAlarm")}
    assert len(alarms) == len(set(alarms))


def test_every_metric_of_ours_is_in_the_catalogue_with_these_dimensions(args: DashboardArgs) -> None:
    """That the catalogue's are written is held by tests/handlers/test_signals.py."""
    common = {"service", "environment", "cell"}
    known = {(metric, frozenset(common | set(DIMENSIONS[grain]))) for metric, grains in GRAINS.items() for grain in grains}
    drawn = {
        (Metric(one.metric), frozenset(one.dimensions))
        for graph in graphs(args.cell, args.tiers)
        for one in graph.series
        if one.namespace == NAMESPACE
    }

    assert drawn <= known
    assert {metric for metric, _ in drawn} == set(Metric)


def test_metrics_of_aws_are_those_that_alarms_watch_and_durations(args: DashboardArgs) -> None:
    """Each by the name that AWS documents."""
    drawn = {one.metric for graph in graphs(args.cell, args.tiers) for one in graph.series if one.namespace != NAMESPACE}

    assert drawn == {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "Errors",
        "Throttles",
        "Duration",
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionsAborted",
    }


def test_no_widget_lies_on_another_or_beyond_the_edge(args: DashboardArgs) -> None:
    """CloudWatch would move them."""
    covered = [
        (x, y)
        for widget in body(args)["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(covered) == len(set(covered))
    assert max(x for x, _ in covered) < COLUMNS
