"""The flags over moto: one conditional write, found again when its answer is lost, decided again when it lost a race."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from handlers.aws.flags import Flags, FlagsAddress, FlagsUnreadableError
from handlers.domain.outcome import Reason
from handlers.domain.serving import Change, Flag, Serving, SwitchOutcome
from tests.handlers.aws.conftest import client
from tests.handlers.aws.hub import CELL, NOON, Dead, Losing, Region, make_tables

EAST, WEST = "us-east-1", "us-west-2"
ADDRESS = FlagsAddress(
    environment="test",
    table=CELL.lease.table,
    control_regions=CELL.lease.regions,
    partners={EAST: frozenset({WEST}), WEST: frozenset({EAST})},
)


def noon() -> datetime:
    """The controller's clock."""
    return NOON


def flags(client_in: Callable[[str], Any] = Region) -> Flags:
    """The flags through some control regions."""
    return Flags(ADDRESS, client_in, noon)


def off(region: str = EAST, on: int = 0, name: str = "one") -> Change:
    """The wish that a region shall not serve."""
    return Change(change_id=name, region=region, serving=False, decided_on=on)


@pytest.fixture(autouse=True)
def _tables(aws: None) -> None:
    make_tables()


def code_of(answer: Serving | Reason) -> str:
    """Why a switch was refused."""
    assert isinstance(answer, Reason), answer
    return answer.code.value


def test_flags_that_nobody_has_switched_all_serve() -> None:
    """There is no item yet, and none is needed."""
    now = flags().read()

    assert now == Serving()
    assert now.serves(EAST)


def test_a_switch_is_written_and_read_back() -> None:
    """With who it was and when."""
    assert flags().switch(off()) == flags().read()

    item = client("dynamodb").get_item(TableName=CELL.lease.table, Key={"pk": {"S": "SERVING#test"}})["Item"]
    assert flags().read().regions == {EAST: Flag(serving=False, epoch=1), WEST: Flag()}
    assert (item["change_id"], item["changed_at"]) == ({"S": "one"}, {"S": "2026-03-04T12:00:00.000Z"})


def test_failing_back_is_the_same_write_the_other_way() -> None:
    """On the version that the failover has made."""
    flags().switch(off())

    then = flags().switch(Change(change_id="two", region=EAST, serving=True, decided_on=1))

    assert then == flags().read()
    assert flags().read().of(EAST) == Flag(serving=True, epoch=2)


def test_the_same_change_again_is_found_made() -> None:
    """It does not raise the epoch twice."""
    first = flags().switch(off())

    assert flags().switch(off()) == first
    assert code_of(flags().switch(off(on=1, name="another"))) == SwitchOutcome.ALREADY


def test_two_control_regions_cannot_switch_both_off() -> None:
    """Whoever comes second in the same instant reads what the first has done, and decides again: it is refused."""

    def first() -> None:
        flags().switch(off(WEST, name="first"))

    racing = Losing("update_item", "ReplicatedWriteConflictException", after=False, meanwhile=first)

    assert code_of(flags(lambda _region: racing).switch(off(EAST, name="second"))) == SwitchOutcome.SUPERSEDED
    assert flags().read().serves(EAST)


@pytest.mark.parametrize("version", [1, 8])
def test_the_write_itself_refuses(version: int) -> None:
    """On the right version as on a wrong one: who sends it believes that the west serves, and it does not."""
    flags().switch(off(WEST))
    wrong = Serving(version=version + 1, regions={EAST: Flag(serving=False, epoch=1), WEST: Flag()}, change_id="wrong")

    assert not flags()._written(Region(), Serving(version=version), wrong)
    assert flags().read().serves(EAST)


def test_an_answer_that_was_lost_is_found_in_the_next_region() -> None:
    """The change bears an id, so that its own effect is not taken for another's."""
    losing = Losing("update_item", "ServiceUnavailable", after=True)

    then = flags(lambda region: losing if region == EAST else Region()).switch(off())

    assert isinstance(then, Serving)
    assert then == flags().read()
    assert then.version == 1


def test_silence_after_a_write_is_said_to_be_unsure() -> None:
    """Nothing may be concluded from it."""
    losing = Losing("update_item", "ServiceUnavailable", after=False)

    assert code_of(flags(lambda region: losing if region == EAST else Dead()).switch(off())) == SwitchOutcome.UNSURE


def test_silence_before_a_write_is_said_to_be_no_change() -> None:
    """Each region's answer is in the sentence."""
    said = flags(lambda _region: Dead()).switch(off())

    assert code_of(said) == SwitchOutcome.UNREADABLE
    assert isinstance(said, Reason)
    assert [region for region in CELL.lease.regions if f"{region}: AWS could not answer" in said.sentence] == [
        *CELL.lease.regions
    ]
    with pytest.raises(FlagsUnreadableError, match="us-west-2: AWS could not answer"):
        flags(lambda _region: Dead()).read()


def test_a_race_that_is_always_lost_ends() -> None:
    """Nothing was written, and it says so."""

    class Hopeless:
        def __getattr__(self, name: str) -> Any:
            return getattr(
                Region() if name == "get_item" else Losing(name, "ReplicatedWriteConflictException", after=False), name
            )

    said = flags(lambda _region: Hopeless()).switch(off())

    assert code_of(said) == SwitchOutcome.UNREADABLE
    assert "the flags changed under 3 writes" in str(said)
