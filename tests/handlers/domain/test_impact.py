"""Before a rollback or a deletion, and after it."""

import pytest

from handlers.domain.graph import EdgeKind, Graph
from handlers.domain.graph_facts import StackState
from handlers.domain.impact import Blocked, Change, Exports, after, before
from tests.handlers.domain.graphs import CELL, edge

WEB, DB, NET = (f"{CELL}/{name}" for name in ("web", "db", "net"))
HEALTHY = dict.fromkeys([WEB, DB, NET], StackState.HEALTHY)


def of(kind: EdgeKind) -> Graph:
    """The web needs db by *kind*, db needs net."""
    return Graph([WEB, DB, NET], [edge("web", "db", kind), edge("db", "net")])


@pytest.mark.parametrize(
    ("kind", "why", "sentence"),
    [
        (EdgeKind.EXPORT, Blocked.IMPORTS, "it export of db, so CloudFormation refuses"),
        (EdgeKind.SECRET, Blocked.READS, "it secret of db, and would find nothing there"),
        (EdgeKind.PARAMETER, Blocked.READS, "it parameter of db, and would find nothing there"),
    ],
)
def test_a_deletion_is_blocked_by_whoever_would_be_left_without(kind: EdgeKind, why: Blocked, sentence: str) -> None:
    """By name and with the evidence."""
    (blocker,) = before(of(kind), HEALTHY, DB, Change.DELETE).blockers

    assert (blocker.stack, blocker.why, blocker.sentence) == (WEB, why, sentence)
    assert str(blocker) == f"{WEB} blocks it: {sentence}"


@pytest.mark.parametrize("kind", [EdgeKind.STACK_SET, EdgeKind.SETTINGS, EdgeKind.TAG])
def test_what_is_only_said_blocks_nothing_and_is_told(kind: EdgeKind) -> None:
    """A person decides with it in view."""
    found = before(of(kind), HEALTHY, DB, Change.DELETE)

    assert found.is_free
    assert [one.consumer for one in found.affected] == [WEB]


def test_nobody_blocks_what_nobody_needs() -> None:
    """The outermost stack goes first."""
    assert before(of(EdgeKind.EXPORT), HEALTHY, WEB, Change.DELETE).is_free


@pytest.mark.parametrize("change", Change)
@pytest.mark.parametrize(
    ("state", "why"),
    [
        (StackState.FAILED, Blocked.FAILED), (StackState.RECOVERING, Blocked.FAILED), (StackState.PARKED, Blocked.FAILED),
        (StackState.ESCALATED, Blocked.FAILED), (StackState.HELD, Blocked.HELD), (StackState.HEALTHY, None), (StackState.UNKNOWN, None),
    ],
)  # fmt: skip
def test_what_is_needed_and_not_well_comes_first(state: StackState, why: Blocked | None, change: Change) -> None:
    """Whatever is to be done."""
    found = before(of(EdgeKind.TAG), {**HEALTHY, NET: state}, DB, change)

    assert [(one.stack, one.why) for one in found.blockers] == ([(NET, why)] if why else [])


def test_a_stack_that_is_held_blocks_itself() -> None:
    """People first."""
    (blocker,) = before(of(EdgeKind.TAG), {**HEALTHY, DB: StackState.HELD}, DB, Change.ROLLBACK).blockers

    assert (blocker.stack, blocker.why) == (DB, Blocked.HELD)


def test_a_rollback_that_changes_what_is_imported_is_blocked_by_the_importers() -> None:
    """Whether the value would change or go; what nobody imports may."""
    exports = Exports(
        now={"Port": "1", "Host": "a", "Free": "x", "Kept": "k"}, after={"Port": "2", "Kept": "k"},
        importers={"Port": (WEB,), "Host": (WEB,), "Free": (), "Kept": (WEB,)},
    )  # fmt: skip
    found = before(of(EdgeKind.EXPORT), HEALTHY, DB, Change.ROLLBACK, exports)

    assert [one.sentence for one in found.blockers] == [
        "it imports Host, which would go: CloudFormation refuses",
        "it imports Port, which would become 2: CloudFormation refuses",
    ]
    assert (found.affected, found.not_proven) == ((), ())


def test_a_rollback_whose_exports_are_not_known_is_not_called_clean() -> None:
    """It may be done, and what was not looked at is said."""
    found = before(of(EdgeKind.EXPORT), HEALTHY, DB, Change.ROLLBACK)

    assert found.is_free
    assert found.not_proven == ("whether the old version exports what others import, with the same values",)
    assert before(of(EdgeKind.TAG), HEALTHY, DB, Change.ROLLBACK).not_proven == ()


def test_afterwards_is_told_what_has_changed_for_whom() -> None:
    """Of what is imported, and only of that."""
    exports = Exports(
        now={"Port": "1", "Host": "a", "Free": "x"}, after={"Port": "2"}, importers={"Port": (WEB, NET), "Host": (WEB,)}
    )

    assert [str(one) for one in after(exports)] == [
        f"export Host was a and is gone: imported by {WEB}",
        f"export Port was 1 and is 2: imported by {WEB}, {NET}",
    ]
    assert after(Exports(now={"Port": "1"}, after={"Port": "1"}, importers={"Port": (WEB,)})) == ()
