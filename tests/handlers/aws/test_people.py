"""People's words, over a real table's rules: who, when and why; on the heartbeat's list for as long as they hold."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.aws.ledger import Ledger, Unresolved
from handlers.aws.people import CellPeople, NotPausedError, Word
from handlers.aws.table import Table
from handlers.domain.identity import StackKey
from handlers.domain.records import Pause, Switch

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
CELL = "222222222222#us-east-1"
KEY = StackKey(account="222222222222", region="us-east-1", name="app-one")
ASKED = Word(by="arn:aws:sts::222222222222:assumed-role/operator/ann", at=NOON, reason="we look at it")
DONE = Word(by="arn:aws:sts::222222222222:assumed-role/operator/bob", at=NOON + timedelta(hours=1), reason="we are done")


@pytest.fixture
def people(table: Table) -> CellPeople:
    """Somebody at a console."""
    return CellPeople(table, CELL)


@pytest.fixture
def ledger(table: Table) -> Ledger:
    """The same table as the functions see it."""
    return Ledger(table, cell=CELL, days=7)


def test_a_pause_is_read_by_whoever_acts_and_listed_for_the_heartbeat(people: CellPeople, ledger: Ledger) -> None:
    """With its author, its reason and its end."""
    people.pause(KEY, ASKED, until=DONE.at)

    said = Pause(stack=KEY, reason=ASKED.reason, by=ASKED.by, at=NOON, until=DONE.at)
    assert ledger.pause(KEY) == said
    assert ledger.unresolved() == Unresolved(pauses=(said,))
    assert said.why() == f"paused until 2026-03-04T13:00:00.000Z: we look at it (by {ASKED.by})"


def test_a_new_pause_replaces_the_old(people: CellPeople, ledger: Ledger) -> None:
    """Also one that had an end, by one that has none."""
    people.pause(KEY, ASKED, until=DONE.at)
    people.pause(KEY, DONE, until=None)

    assert ledger.pause(KEY) == Pause(stack=KEY, reason=DONE.reason, by=DONE.by, at=DONE.at)


def test_a_resumed_stack_is_off_the_list_and_says_who_resumed_it(people: CellPeople, ledger: Ledger) -> None:
    """The record stays, for whoever asks later."""
    people.pause(KEY, ASKED, until=None)
    people.resume(KEY, DONE)

    pause = ledger.pause(KEY)
    assert pause is not None
    assert (pause.paused, pause.by, pause.reason) == (False, DONE.by, DONE.reason)
    assert not pause.holds(NOON)
    assert ledger.unresolved() == Unresolved()


def test_what_is_not_paused_cannot_be_resumed(people: CellPeople, ledger: Ledger) -> None:
    """Neither a stack that never was, nor one that was resumed before; nothing is written."""
    with pytest.raises(NotPausedError, match="222222222222/us-east-1/app-one is not paused"):
        people.resume(KEY, DONE)
    assert ledger.pause(KEY) is None

    people.pause(KEY, ASKED, until=None)
    people.resume(KEY, DONE)
    with pytest.raises(NotPausedError):
        people.resume(KEY, DONE)


def test_a_cell_is_stopped_and_started(people: CellPeople, ledger: Ledger) -> None:
    """The switch that every act reads; on the list while it is thrown."""
    assert ledger.switch() == Switch()
    people.stop(ASKED)
    assert ledger.switch() == Switch(stopped=True, reason=ASKED.reason, by=ASKED.by, at=ASKED.at)
    assert ledger.unresolved().switch == ledger.switch()

    people.start(DONE)
    assert ledger.switch() == Switch(stopped=False, reason=DONE.reason, by=DONE.by, at=DONE.at)
    assert ledger.unresolved() == Unresolved()


@pytest.mark.parametrize(("seconds", "holds"), [(-1, True), (0, False), (1, False)])
def test_a_pause_ends_at_its_moment(seconds: int, *, holds: bool) -> None:
    """By itself, whatever stands in the table."""
    pause = Pause(stack=KEY, reason="", by="", at=NOON, until=DONE.at)

    assert pause.holds(DONE.at + timedelta(seconds=seconds)) is holds
