"""Ranks are the longest chains, and stay so stack by stack."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.graph import Edge, Graph, SelfEdgeError, UnknownStackError
from handlers.domain.recovery_order import ClosesCycleError, CyclicError, RecoveryOrder, plan
from tests.handlers.domain.graphs import CELL, edge, edges, graph, short


def ranks(order: RecoveryOrder) -> dict[str, float]:
    return {stack: order.rank(stack) for stack in order.graph}


def as_planned_anew(order: RecoveryOrder) -> dict[str, float]:
    """The ranks of a plan from nothing over the same edges."""
    fresh = Graph(order.graph, order.graph.edges)
    return ranks(RecoveryOrder(fresh, {stack: order.seconds(stack) for stack in fresh}))


def test_rank_is_the_longest_chain_that_waits() -> None:
    """Not the largest number of stacks."""
    seconds = {f"{CELL}/{name}": float(length) for name, length in {"net": 1, "db": 20, "api": 5, "web": 2, "log": 9}.items()}
    order = plan(graph("db>net", "web>net", "api>db", "log>net"), seconds).order

    assert {short([stack])[0]: rank for stack, rank in ranks(order).items()} == {
        "net": 26, "db": 25, "web": 2, "api": 5, "log": 9,
    }  # fmt: skip
    assert order.critical_path == 26


def test_a_stack_of_which_nothing_is_known_lasts_the_default() -> None:
    """Stated, not guessed per stack."""
    assert plan(graph("b>a"), default_seconds=7).order.critical_path == 14


def test_a_cycle_is_resolved_by_the_rule_and_named() -> None:
    """The order itself refuses one."""
    with pytest.raises(CyclicError, match="3 stacks are in cycles or behind one"):
        RecoveryOrder(graph("a>b", "b>a", "c>a", "d"))
    planned = plan(graph("a>b", "b>a", "c>a", "d"))

    assert [short(one.members) for one in planned.cycles] == [["a", "b"]]
    assert short(planned.order.graph.producers(f"{CELL}/b")) == ["a"]
    assert planned.order.graph.producers(f"{CELL}/a") == ()


@given(edges(acyclic=True), st.data())
def test_longest_chain_is_that_of_networkx(known: tuple[list[str], list[Edge]], data: st.DataObject) -> None:
    """The oracle is a library that others use."""
    stacks, found = known
    seconds = {stack: float(data.draw(st.integers(1, 9))) for stack in stacks}
    theirs: nx.DiGraph[str] = nx.DiGraph()
    theirs.add_nodes_from([*stacks, "end"])
    theirs.add_weighted_edges_from((one.producer, one.consumer, seconds[one.producer]) for one in found)
    theirs.add_weighted_edges_from((stack, "end", seconds[stack]) for stack in stacks)

    assert plan(Graph(stacks, found), seconds).order.critical_path == nx.dag_longest_path_length(theirs)


@given(edges(acyclic=True), st.lists(st.tuples(st.integers(0, 14), st.sets(st.integers(0, 14)), st.integers(1, 9)), max_size=8))
def test_a_change_leads_to_the_same_as_a_plan_anew(
    known: tuple[list[str], list[Edge]], changes: list[tuple[int, set[int], int]]
) -> None:
    """Added or changed, any number of times; what would close a cycle is refused and changes nothing."""
    stacks, found = known
    order = plan(Graph(stacks, found)).order
    for number, producers, seconds in changes:
        name = f"s{number:02}"
        needs = [edge(name, f"s{one:02}") for one in sorted(producers) if one != number and f"{CELL}/s{one:02}" in order]
        before = (ranks(order), sorted(map(str, order.graph.edges)))
        try:
            order.put(f"{CELL}/{name}", needs, seconds=seconds)
        except ClosesCycleError:
            assert (ranks(order), sorted(map(str, order.graph.edges))) == before
            whole: nx.DiGraph[str] = nx.DiGraph(
                [(one.consumer, one.producer) for one in order.graph.edges if one.consumer != f"{CELL}/{name}"]
            )
            whole.add_edges_from((one.consumer, one.producer) for one in needs)
            assert not nx.is_directed_acyclic_graph(whole)
        assert ranks(order) == as_planned_anew(order)


@given(edges(acyclic=True), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_a_stack_that_comes_between_others_is_placed_between_them(
    known: tuple[list[str], list[Edge]], producers: set[int], consumers: set[int]
) -> None:
    """Known failures may need what fails now."""
    order = plan(Graph(*known)).order
    needs = [edge("new", f"s{one:02}") for one in sorted(producers) if f"{CELL}/s{one:02}" in order]
    users = [edge(f"s{one:02}", "new") for one in sorted(consumers) if f"{CELL}/s{one:02}" in order]
    before = len(order.graph)
    try:
        order.put(f"{CELL}/new", needs, users, seconds=5)
    except ClosesCycleError:
        assert len(order.graph) == before
    else:
        assert ranks(order) == as_planned_anew(order)
        assert len(order.graph.in_order()) == before + 1


def test_the_edge_that_closes_a_cycle_is_named() -> None:
    """With what to do about it."""
    order = plan(graph("b>a", "c>b")).order
    with pytest.raises(ClosesCycleError) as refused:
        order.put(f"{CELL}/a", [edge("a", "c")])

    assert str(refused.value) == (
        f"{CELL}/a cannot wait for {CELL}/c, which waits for {CELL}/a: plan anew, or leave this edge out"
    )


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(edge("a", "x"), UnknownStackError), (edge("b", "x"), UnknownStackError), (edge("a", "a"), SelfEdgeError)],
)
def test_an_edge_that_means_nothing_is_refused_before_anything_moves(wrong: Edge, error: type[Exception]) -> None:
    """Of strangers, or of itself."""
    order = plan(graph("b>a")).order
    with pytest.raises(error):
        order.put(f"{CELL}/a", [wrong])

    assert ranks(order) == as_planned_anew(order)


def test_room_between_neighbours_never_runs_out() -> None:
    """The same gap, halved again and again: the others make room."""
    order = plan(graph("z>a")).order
    last = "a"
    for number in range(200):
        name = f"s{number:03}"
        order.put(f"{CELL}/{name}", [edge(name, last)], [edge("z", name)])
        last = name

    assert ranks(order) == as_planned_anew(order)
    assert order.critical_path == 202 * 300
