"""Which stack needs which, and who stands up- and downstream."""

import networkx as nx
import pytest
from hypothesis import given

from handlers.domain.graph import Edge, EdgeKind, Graph, SelfEdgeError, UnknownStackError
from tests.handlers.domain.graphs import CELL, edge, edges, graph, short

SMALL = graph("web>api", "api>db", "api>net", "db>net", "job>db")


def test_upstream_is_told_nearest_first_with_the_edge_that_leads_there() -> None:
    """What a person asks first: what does it stand on, and how is that known?"""
    found = SMALL.upstream(f"{CELL}/web")

    assert [(short([one.stack])[0], one.distance) for one in found] == [("api", 1), ("db", 2), ("net", 2)]
    assert str(found[0].by) == f"{CELL}/web needs {CELL}/api: export of api"


def test_downstream_is_what_would_suffer() -> None:
    """Directly or through others."""
    assert short([one.stack for one in SMALL.downstream(f"{CELL}/net")]) == ["api", "db", "web", "job"]
    assert SMALL.downstream(f"{CELL}/web") == ()


def test_two_edges_between_two_stacks_are_one_neighbour_and_two_pieces_of_evidence() -> None:
    """A consumer that imports two exports waits once."""
    two = Graph([f"{CELL}/a", f"{CELL}/b"], [edge("b", "a"), edge("b", "a", EdgeKind.TAG)])

    assert two.producers(f"{CELL}/b") == (f"{CELL}/a",)
    assert list(two.consumers(f"{CELL}/a")) == [f"{CELL}/b"]
    assert [one.kind for one in two.needed_by(f"{CELL}/a")] == [EdgeKind.EXPORT, EdgeKind.TAG]


def test_a_stack_that_comes_to_rest_replaces_its_own_edges_only() -> None:
    """What it needs, not who needs it."""
    changed = graph("web>api", "api>db", "api>net", "db>net")
    changed.put(f"{CELL}/api", [edge("api", "net")])

    assert short(changed.producers(f"{CELL}/api")) == ["net"]
    assert short(list(changed.consumers(f"{CELL}/api"))) == ["web"]
    assert short(list(changed.consumers(f"{CELL}/db"))) == []


def test_part_of_a_graph_has_no_edge_through_what_is_left_out() -> None:
    """A healthy stack in between has its exports: nobody waits through it."""
    part = SMALL.among([f"{CELL}/web", f"{CELL}/net"])

    assert (len(part), list(part.edges)) == (2, [])


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (edge("a", "x"), UnknownStackError, f"an edge names a stack that the graph has not got: {edge('a', 'x')}"),
        (edge("a", "a"), SelfEdgeError, str(edge("a", "a"))),
    ],
)
def test_an_edge_that_means_nothing_is_refused(wrong: Edge, error: type[Exception], said: str) -> None:
    """Facts are sifted before: what comes here is a defect."""
    with pytest.raises(error) as made:
        Graph([f"{CELL}/a"], [wrong])
    known = graph("a")
    with pytest.raises(error):
        known.put(f"{CELL}/a", [wrong])

    assert str(made.value) == said
    assert list(known.edges) == []


def test_a_stack_that_is_not_there_is_said_not_to_be() -> None:
    """Rather than to stand alone."""
    with pytest.raises(UnknownStackError, match="nobody is not in the graph: it holds 5 stacks"):
        SMALL.upstream("nobody")


@given(edges())
def test_reach_is_that_of_networkx(known: tuple[list[str], list[Edge]]) -> None:
    """The oracle is a library that others use."""
    stacks, found = known
    ours = Graph(stacks, found)
    theirs: nx.DiGraph[str] = nx.DiGraph([(one.producer, one.consumer) for one in found])
    theirs.add_nodes_from(stacks)

    for stack in stacks:
        assert {one.stack for one in ours.upstream(stack)} == nx.ancestors(theirs, stack)
        assert {one.stack: one.distance for one in ours.downstream(stack)} == {
            other: distance for other, distance in nx.single_source_shortest_path_length(theirs, stack).items() if distance
        }
