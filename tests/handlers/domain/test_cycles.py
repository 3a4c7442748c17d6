"""Cycles are named with the edges that make them, and ordered by the rule."""

import networkx as nx
import pytest
from hypothesis import given

from handlers.domain.cycles import cycles
from handlers.domain.graph import STRENGTH, Edge, EdgeKind, Graph
from tests.handlers.domain.graphs import CELL, edge, edges, graph, short


def test_a_ring_is_named_edge_by_edge() -> None:
    """So that somebody can go and take one out."""
    (found,) = cycles(graph("a>c", "b>a", "c>b", "d>a"))

    assert str(found) == (
        f"3 stacks need each other: {CELL}/a needs {CELL}/c: export of c; "
        f"{CELL}/c needs {CELL}/b: export of b; {CELL}/b needs {CELL}/a: export of a"
    )
    assert short(found.members) == ["a", "b", "c"]
    assert found.set_aside == (edge("a", "c"),)


def test_what_is_known_surely_is_held_to_and_what_contradicts_it_is_set_aside() -> None:
    """A tag against CloudFormation's own word."""
    ring = [edge("a", "b"), edge("b", "c", EdgeKind.SETTINGS), edge("c", "a", EdgeKind.TAG)]
    (found,) = cycles(Graph([f"{CELL}/{name}" for name in "abc"], ring))

    assert short(found.members) == ["c", "b", "a"]
    assert found.set_aside == (edge("c", "a", EdgeKind.TAG),)


def test_a_ring_of_one_kind_begins_where_least_is_missing() -> None:
    """Then with the one that most need, then by name."""
    (found,) = cycles(graph("a>b", "a>c", "b>a", "c>b", "c>a"))

    assert short(found.members) == ["b", "a", "c"]


def test_two_rings_are_two_and_a_stack_behind_one_is_none() -> None:
    """Who merely waits is not accused."""
    assert [short(one.members) for one in cycles(graph("a>b", "b>a", "x>y", "y>x", "z>a"))] == [["a", "b"], ["x", "y"]]


def test_ten_thousand_in_one_ring_are_ordered() -> None:
    """Without recursion, and without a second look at each edge for each stack."""
    size = 10_000
    (found,) = cycles(graph(*(f"s{number:05}>s{(number + 1) % size:05}" for number in range(size))))

    assert (len(found.members), len(found.ring), len(found.set_aside)) == (size, size, 1)


@given(edges())
def test_cycles_are_those_of_networkx_and_nothing_is_left_of_them(known: tuple[list[str], list[Edge]]) -> None:
    """The parts by a library that others use; without what is set aside, every stack has a place."""
    stacks, found = known
    whole = Graph(stacks, found)
    named = cycles(whole)
    theirs: nx.DiGraph[str] = nx.DiGraph([(one.producer, one.consumer) for one in found])
    parts = nx.strongly_connected_components(theirs)

    assert {frozenset(one.members) for one in named} == {frozenset(part) for part in parts if len(part) > 1}
    aside = [(one.consumer, one.producer) for cycle in named for one in cycle.set_aside]
    assert len(whole.without(aside).in_order()) == len(stacks)


@given(edges())
def test_each_ring_is_one(known: tuple[list[str], list[Edge]]) -> None:
    """Every edge begins where the one before it ends, and the last leads back."""
    for cycle in cycles(Graph(*known)):
        assert [one.producer for one in cycle.ring] == [one.consumer for one in (*cycle.ring[1:], cycle.ring[0])]
        assert cycle.ring[0].consumer == cycle.members[0]


@given(edges())
def test_the_order_of_the_facts_decides_nothing(known: tuple[list[str], list[Edge]]) -> None:
    """Two cells that read the same come to the same."""
    stacks, found = known
    shuffled = found[::-1]

    assert [one.members for one in cycles(Graph(stacks, found))] == [one.members for one in cycles(Graph(stacks[::-1], shuffled))]


@pytest.mark.parametrize("least", list(EdgeKind)[1:])
@given(known=edges())
def test_no_edge_is_set_aside_for_less_sure_ones(least: EdgeKind, known: tuple[list[str], list[Edge]]) -> None:
    """If the surer edges alone make no cycle, all of them are kept."""
    stacks, found = known
    surer = [one for one in found if STRENGTH[one.kind] < STRENGTH[least]]
    if not cycles(Graph(stacks, surer)):
        aside = [one for cycle in cycles(Graph(stacks, found)) for one in cycle.set_aside]
        pairs = {(one.consumer, one.producer) for one in surer}
        assert not [one for one in aside if (one.consumer, one.producer) in pairs]
