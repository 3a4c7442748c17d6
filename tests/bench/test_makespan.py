"""A thousand recoveries in simulated time: the same figures on every machine, so that they can be held to here."""

from dataclasses import replace

import pytest

from bench.makespan import (
    CELL,
    LEAST_TIMES_FASTER,
    LIMITS,
    MOST_TIMES_BOUND,
    SHAPES,
    Case,
    Row,
    by_levels,
    by_pool,
    by_us,
    keeps_its_promise,
    row,
)  # fmt: skip
from handlers.domain.graph import Edge, EdgeKind, Graph

A, B, C, D = (f"{CELL}/{name}" for name in "abcd")
KEPT = Row(shape="chains", limit=10, known=1.0, unknown=1.1, pool=1.2, levels=2.0, times_faster=LEAST_TIMES_FASTER)


@pytest.fixture
def small() -> Case:
    """Three that stand alone, the last of which a fourth waits for."""
    graph = Graph([A, B, C, D], [Edge(D, C, EdgeKind.EXPORT, "imports")])
    seconds = {A: 10.0, B: 10.0, C: 10.0, D: 20.0}
    return Case(shape="small", graph=graph, seconds=seconds, thought=seconds)


def test_the_longest_chain_first_meets_the_bound(small: Case) -> None:
    """And the pool, which takes what is ready first, does not."""
    assert small.bound(2) == 30
    assert by_us(small, 2, small.thought) == 30
    assert by_pool(small, 2) == 40


def test_level_barriers_wait_for_each_level(small: Case) -> None:
    """Two of three, the third, and then the next level."""
    assert by_levels(small, 2) == 40
    assert by_levels(small, 3) == 30


def test_bound_is_the_chain_or_the_work(small: Case) -> None:
    """Whichever is larger."""
    assert (small.bound(1), small.bound(100)) == (50, 30)


@pytest.mark.parametrize("shape", SHAPES)
def test_known_to_one_half_is_near_the_bound_whatever_the_shape(shape: str) -> None:
    """The first of the graphs that `make bench` plays; simulated time knows no slow machine."""
    case = Case.of(shape, 0)

    assert len(case.graph) == 1000
    assert len(case.graph.in_order()) == 1000
    for limit in LIMITS:
        assert 1 <= round(by_us(case, limit, case.thought) / case.bound(limit), 6) <= MOST_TIMES_BOUND


def test_a_case_is_the_same_every_time() -> None:
    """Figures can be compared over years."""
    assert Case.of("layered", 3, 200).seconds == Case.of("layered", 3, 200).seconds


def test_what_is_thought_is_known_to_one_half() -> None:
    """Neither better nor worse."""
    case = Case.of("chains", 0)
    errors = [case.thought[stack] / case.seconds[stack] for stack in case.graph]

    assert 0.5 <= min(errors) < 0.6
    assert 1.4 < max(errors) <= 1.5


def test_a_row_is_the_worst_of_its_cases(small: Case) -> None:
    """Of times the bound, and the best of times faster than the pool."""
    found = row("small", 2, [small])

    assert found.known == 1.0
    assert [found.pool, found.times_faster] == pytest.approx([4 / 3, 4 / 3])
    assert found.line().split() == ["small", "2", "1.000", "1.000", "1.333", "1.333", "1.33", "x"]


@pytest.mark.parametrize("broken", [replace(KEPT, known=1.02), replace(KEPT, times_faster=1.0)])
def test_a_promise_is_broken_far_from_the_bound_or_no_faster_than_the_pool(broken: Row) -> None:
    """Each by itself."""
    assert keeps_its_promise([KEPT])
    assert not keeps_its_promise([broken])
