"""What is made of the figures of a run; the figures themselves are `make bench`'s."""

from dataclasses import replace

import networkx as nx
import pytest

from bench.planning import Change, Figures, changes, facts, keeps_its_promise, measured, ours, theirs

LARGE = Figures(stacks=100_000, seconds=1.0, networkx_seconds=1.2, bytes_=50, networkx_bytes=70)
MIDDLE = replace(LARGE, stacks=10_000, seconds=0.05)
CHEAP = Change(title="a change", mean=0.0001, most=0.1)


def test_both_are_given_the_same_and_see_the_same() -> None:
    """Else a ratio would compare two things."""
    given = facts(300)
    graph, order = theirs(given)
    planned = ours(given)

    assert {(edge.producer, edge.consumer) for edge in planned.order.graph.edges} == set(graph.edges)
    assert len(order) == len(planned.order.graph) == 300
    assert planned.cycles == ()
    assert nx.is_directed_acyclic_graph(graph)


def test_a_run_measures_time_and_memory_of_both() -> None:
    """Of every size."""
    found = measured(500)

    assert min(found.seconds, found.networkx_seconds, found.bytes_, found.networkx_bytes) > 0
    assert found.line().split()[0] == "500"


def test_changes_are_measured_one_by_one() -> None:
    """New stacks, and known ones whose dependencies have changed."""
    assert [one.title for one in changes(1500)] == ["a stack that fails now", "a stack whose dependencies changed"]


@pytest.mark.parametrize(
    ("last", "changed"),
    [
        (replace(LARGE, networkx_seconds=0.9), CHEAP),
        (replace(LARGE, networkx_bytes=40), CHEAP),
        (LARGE, replace(CHEAP, mean=0.002)),
        (replace(LARGE, seconds=1.9, networkx_seconds=2.0), CHEAP),
    ],
    ids=["slower", "larger", "dear changes", "not linear"],
)
def test_each_promise_can_be_broken_by_itself(last: Figures, changed: Change) -> None:
    """Time, memory, changes, and the curve."""
    assert keeps_its_promise([MIDDLE, LARGE], [CHEAP])
    assert not keeps_its_promise([MIDDLE, last], [changed])
