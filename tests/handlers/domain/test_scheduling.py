"""Parked stacks and their releases: never too early, each once, and everything ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.domain.graph import Edge, Graph
from handlers.domain.recovery_order import plan
from handlers.domain.scheduling import End, Joining, Phase, Recoveries, Turn
from tests.handlers.domain.graphs import CELL, edge, edges, graph, short


def recoveries(known: Graph, limit: int = 100, **seconds: float) -> Recoveries:
    return Recoveries(plan(known, {f"{CELL}/{name}": length for name, length in seconds.items()}).order, limit)


def ended(group: Recoveries, name: str, end: End = End.RECOVERED, reason: str = "") -> Turn:
    return group.ended(f"{CELL}/{name}", end, reason)


def test_the_last_release_starts_a_parked_stack() -> None:
    """Whoever empties the set."""
    group = recoveries(graph("web>api", "web>db"))

    assert short(group.begin().start) == ["api", "db"]
    assert group.waits_for(f"{CELL}/web") == {f"{CELL}/api", f"{CELL}/db"}
    assert ended(group, "api").start == ()
    assert short(ended(group, "db").start) == ["web"]


def test_a_release_that_comes_twice_takes_nothing_away_twice() -> None:
    """A set, not a number."""
    group = recoveries(graph("web>api", "web>db"))
    group.begin()

    assert [ended(group, "api").start for _ in range(3)] == [(), (), ()]
    assert group.phase(f"{CELL}/web") is Phase.PARKED


def test_whoever_holds_most_up_starts_first_within_the_limit() -> None:
    """By the longest chain behind it, not by name and not by its own length."""
    group = recoveries(graph("a", "b", "z", "y>z", "x>y"), limit=1, a=400, b=500)

    assert short(group.begin().start) == ["z"]
    assert short(ended(group, "z").start) == ["y"]
    assert short(ended(group, "y").start) == ["b"]


def test_each_cell_has_a_limit_of_its_own() -> None:
    """One cell's work does not hold up another's."""
    other = "444455556666/eu-west-1"
    group = Recoveries(plan(Graph([f"{CELL}/a", f"{CELL}/b", f"{other}/a", f"{other}/b"])).order, 1)

    assert group.begin().start == (f"{CELL}/a", f"{other}/a")


def test_a_limit_that_starts_nothing_is_refused() -> None:
    """A group that waits for ever is no group."""
    with pytest.raises(ValueError, match="a limit of 0 recoveries at once starts none: use 1 or more"):
        recoveries(graph("a"), limit=0)


def test_four_hundred_behind_one_are_one_incident() -> None:
    """It names the root, and is told once."""
    group = recoveries(graph("root", "other", *(f"s{number}>root" for number in range(400)), "last>s7"))
    group.begin()
    incident = ended(group, "root", End.GIVEN_UP, "the role is gone").incident

    assert incident is not None
    assert str(incident) == f"{CELL}/root cannot be recovered: the role is gone; 401 stacks that need it wait for it in vain"
    assert ended(group, "root", End.GIVEN_UP) == Turn()
    assert short(group.open) == ["other"]


def test_whoever_is_behind_two_roots_is_told_of_once() -> None:
    """The first takes it along."""
    group = recoveries(graph("web>api", "web>db", "job>db"))
    group.begin()
    first, second = ended(group, "api", End.GIVEN_UP).incident, ended(group, "db", End.GIVEN_UP).incident

    assert first is not None
    assert second is not None
    assert (short(first.dependents), short(second.dependents)) == (["web"], ["job"])


def test_a_place_that_a_given_up_stack_had_is_used_again() -> None:
    """What fails does not use the limit up."""
    group = recoveries(graph("a", "b"), limit=1)
    group.begin()

    assert short(ended(group, "a", End.GIVEN_UP).start) == ["b"]


def test_a_group_that_loses_a_member_goes_on_without_it() -> None:
    """Healed by somebody else while it was parked, or deleted: those behind it find out."""
    group = recoveries(graph("b>a", "c>b"))
    group.begin()

    assert short(ended(group, "b", End.LEFT).start) == ["c"]
    assert ended(group, "a").start == ()
    assert group.phase(f"{CELL}/b") is Phase.RELEASED


def test_a_stack_that_nobody_knows_ends_nothing() -> None:
    """A stray event."""
    group = recoveries(graph("a"))
    group.begin()

    assert ended(group, "stranger") == Turn()


def test_what_fails_meanwhile_is_waited_for_by_those_that_have_not_started() -> None:
    """Even by those that were ready and only waited for their turn."""
    group = recoveries(graph("a", "b"), limit=1)
    group.begin()
    joined = group.join(f"{CELL}/new", needed_by=[edge("b", "new")])

    assert (joined.outcome, joined.turn.start) == (Joining.JOINED, ())
    assert short(ended(group, "a").start) == ["new"]
    assert short(ended(group, "new").start) == ["b"]
    assert ended(group, "b").start == ()


def test_two_group_operations_over_one_stack_are_one() -> None:
    """The second finds it in the group already."""
    group = recoveries(graph("a"))
    group.begin()

    assert group.join(f"{CELL}/a").outcome is Joining.DUPLICATE
    assert group.begin() == Turn()


def test_whoever_fails_behind_a_given_up_stack_is_escalated_with_it() -> None:
    """And takes along what waits behind it."""
    group = recoveries(graph("root", "x>y"), limit=1, root=9000)
    group.begin()
    ended(group, "root", End.GIVEN_UP, "no role")
    joined = group.join(f"{CELL}/new", [edge("new", "root")], [edge("x", "new")])

    assert joined.outcome is Joining.BEHIND_GIVEN_UP
    assert joined.turn.incident is not None
    assert (joined.turn.incident.root, short(joined.turn.incident.dependents)) == (f"{CELL}/root", ["new", "x"])


def test_a_root_that_a_person_repaired_is_waited_for_no_more() -> None:
    """Its dependents fail anew, and join."""
    group = recoveries(graph("b>a"))
    group.begin()
    ended(group, "a", End.GIVEN_UP, "no role")
    ended(group, "a", End.RECOVERED)

    assert short(group.join(f"{CELL}/b", [edge("b", "a")]).turn.start) == ["b"]


def test_of_a_newcomer_the_edges_that_close_a_cycle_are_set_aside() -> None:
    """It came last."""
    group = recoveries(graph("b>a", "c>b"))
    group.begin()
    ended(group, "a")
    joined = group.join(f"{CELL}/a", [edge("a", "c")])

    assert joined.set_aside == (edge("a", "c"),)
    assert short(joined.turn.start) == ["a"]


@settings(max_examples=300)
@given(known=edges(most=10), limit=st.integers(1, 4), data=st.data())
def test_everything_ends_started_once_and_never_before_what_it_needs(
    known: tuple[list[str], list[Edge]], limit: int, data: st.DataObject
) -> None:
    """Whatever ends when and how, with releases repeated and brought again in any order."""
    planned = plan(Graph(*known))
    group, starts, told, over = Recoveries(planned.order, limit), list[str](), list[str](), dict[str, End]()
    running = list(group.begin().start)
    starts += running
    while running:
        assert len(running) <= limit
        stack = running.pop(data.draw(st.integers(0, len(running) - 1)))
        over[stack] = data.draw(st.sampled_from([End.RECOVERED, End.RECOVERED, End.LEFT, End.GIVEN_UP]))
        for again, end in [(stack, over[stack]), *data.draw(st.permutations(list(over.items())))[:3]]:
            turn = group.ended(again, end)
            told += turn.incident.dependents if turn.incident else ()
            for started in turn.start:
                assert all(over.get(each) in {End.RECOVERED, End.LEFT} for each in planned.order.graph.producers(started))
            starts += turn.start
            running += turn.start

    assert group.open == ()
    assert sorted([*starts, *told]) == sorted(known[0])
