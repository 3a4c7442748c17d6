"""The bill of a month in which nothing fails."""

from collections import Counter
from typing import Any

import pytest

from bench.idle import BEATS, Beat, UnpricedResourceError, bill, of_cell
from drills import prices

BEAT = Beat(gigabyte_seconds=0.02, read_units=0.5, write_units=3, log_bytes=900)
DEPLOYED = {"Key": 1, "MetricAlarm": 32, "Dashboard": 1, "Schedule": 1, "EventSourceMapping": 2, "Role": 10}


def resource(name: str, type_: str, *, custom: bool = True) -> dict[str, Any]:
    """A resource as `pulumi stack export` shows it."""
    return {"urn": f"urn:pulumi:sandbox::stackmend::{type_}::{name}", "type": type_, "custom": custom}


def test_a_cells_resources_are_counted_by_type() -> None:
    """Its own only, and no components."""
    state = [
        resource("workload-us-east-1-key-key", "aws:kms/key:Key"),
        resource("workload-us-east-1-key", "stackmend:cell:RegionKey", custom=False),
        resource("workload-us-east-1-alarms-a-alarm", "aws:cloudwatch/metricAlarm:MetricAlarm"),
        resource("workload-us-east-1-alarms-b-alarm", "aws:cloudwatch/metricAlarm:MetricAlarm"),
        resource("workload-us-west-2-key-key", "aws:kms/key:Key"),
    ]

    assert of_cell(state, "workload-us-east-1") == Counter({"Key": 1, "MetricAlarm": 2})


def test_what_stands_and_what_beats_is_on_the_bill() -> None:
    """Each line is its quantity at its list price."""
    dollars = {item.title: item.dollars for item in bill(DEPLOYED, BEAT)}

    assert dollars["customer managed keys"] == pytest.approx(1.0)
    assert dollars["alarms"] == pytest.approx(3.2)
    assert dollars["custom metrics of the heartbeat"] == pytest.approx(0.6)
    assert dollars["scheduled calls"] == pytest.approx(0.0438)
    assert dollars["heartbeat: writes of the lease"] == pytest.approx(BEATS * 3 * prices.WRITE_UNIT.dollars)
    assert dollars["heartbeat: logs in GB"] == pytest.approx(BEATS * 900 / 1e9 * 0.5)


def test_a_resource_without_a_price_is_refused() -> None:
    """A sum that leaves something out would be believed."""
    with pytest.raises(UnpricedResourceError, match="NatGateway"):
        bill({**DEPLOYED, "NatGateway": 1}, BEAT)


def test_every_price_says_where_it_is_from() -> None:
    """And is of the region that the report names."""
    for item in bill(DEPLOYED, BEAT):
        assert item.price.source.startswith("https://aws.amazon.com/")
        assert item.price.unit
