"""The lease over moto: the first control region that answers decides, and silence is no lease."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from handlers.aws.lease import HubTable, LeaseElsewhereError, LeaseUnrenewableError
from handlers.domain.lease import Lease
from handlers.domain.moment import epoch_ms
from handlers.domain.serving import Flag
from tests.handlers.aws.hub import CELL, NOON, Dead, Losing, Region, make_tables, put

KEY = {"S": "LEASE#222222222222#us-east-1"}
WARD_KEY = {"S": "LEASE#222222222222#us-west-2"}
FLAGS = {"S": "SERVING#test"}


def noon() -> datetime:
    """The cell's clock."""
    return NOON


@pytest.fixture
def hub(aws: None) -> HubTable:
    """An empty lease table in each control region."""
    make_tables()
    return HubTable(CELL, Region, noon)


def lease(holder: str, epoch: int, until: datetime, key: dict[str, str] = KEY) -> None:
    """Let *holder* hold the lease."""
    put(pk=key, holder={"S": holder}, epoch={"N": str(epoch)}, expires_at_ms={"N": str(epoch_ms(until))})


def flag(region: str, *, serving: bool, epoch: int, version: int = 1) -> None:
    """Let one region's flag be as said."""
    said = {"serving": {"BOOL": serving}, "epoch": {"N": str(epoch)}}
    put(pk=FLAGS, version={"N": str(version)}, change_id={"S": "one"}, regions={"M": {region: {"M": said}}})


def test_the_first_heartbeat_takes_the_lease(hub: HubTable) -> None:
    """Epoch one, for as long as the settings say."""
    held = hub.renew().lease

    assert held == Lease(holder="us-east-1", epoch=1, expires_at_ms=epoch_ms(NOON) + 180_000)
    assert hub.read().lease == held


def test_a_renewal_keeps_the_epoch(hub: HubTable) -> None:
    """Also after it has run out, as long as nobody else has taken it."""
    hub.renew()
    lease("us-east-1", 4, NOON - timedelta(hours=1))

    assert hub.renew().lease.epoch == 4


def test_anothers_lease_is_left_alone_while_it_may_act(hub: HubTable) -> None:
    """Whoever holds it now has a higher fence."""
    lease("us-west-2", 2, NOON)

    said = r"us-west-2 \(epoch 2\) holds the lease of 222222222222#us-east-1; us-west-2 may act under epoch 2 for another 47.0 s"
    with pytest.raises(LeaseElsewhereError, match=said):
        hub.renew()


def test_a_region_that_serves_again_takes_its_lease_back(hub: HubTable) -> None:
    """When the partner can do nothing more under it, and under a higher fence."""
    lease("us-west-2", 2, NOON - timedelta(seconds=47))

    assert hub.renew().lease == Lease(holder="us-east-1", epoch=3, expires_at_ms=epoch_ms(NOON) + 180_000)


def test_a_region_that_does_not_serve_lets_its_lease_run_out(hub: HubTable) -> None:
    """It may still be well; the flags say that its partner works."""
    hub.renew()
    flag("us-east-1", serving=False, epoch=1)

    with pytest.raises(LeaseElsewhereError, match="us-east-1 does not serve: its lease is us-west-2's to hold"):
        hub.renew()


def test_the_partner_takes_over_what_has_run_out(hub: HubTable) -> None:
    """Of the region that does not serve, under a fence above all that it ever claimed."""
    flag("us-west-2", serving=False, epoch=7)
    lease("us-west-2", 3, NOON - timedelta(seconds=47), WARD_KEY)
    of_ward = HubTable(CELL, Region, noon, owner="us-west-2")

    held = of_ward.renew()

    assert held.lease == Lease(holder="us-east-1", epoch=7, expires_at_ms=epoch_ms(NOON) + 180_000)
    assert held.serving.of("us-west-2") == Flag(serving=False, epoch=7)


def test_a_lease_that_is_prolonged_in_the_last_moment_is_not_taken(hub: HubTable) -> None:
    """The write holds only on the very lease that was read."""
    flag("us-west-2", serving=False, epoch=1)
    lease("us-west-2", 1, NOON - timedelta(seconds=47), WARD_KEY)

    def prolong() -> None:
        lease("us-west-2", 1, NOON + timedelta(seconds=180), WARD_KEY)

    racing = Losing("update_item", "ReplicatedWriteConflictException", after=False, meanwhile=prolong)

    with pytest.raises(LeaseElsewhereError, match=r"us-west-2 may act under epoch 1 for another 227\.0 s"):
        HubTable(CELL, lambda _region: racing, noon, owner="us-west-2").renew()


@pytest.mark.parametrize(("seconds", "which"), [(60, "behind"), (-60, "ahead of")])
def test_a_clock_that_has_jumped_writes_no_lease(hub: HubTable, seconds: int, which: str) -> None:
    """It is held against the time in the control region's answer."""

    def elsewhere(region: str) -> Region:
        return Region(region, NOON + timedelta(seconds=seconds))

    jumped = HubTable(CELL, elsewhere, noon)

    with pytest.raises(LeaseElsewhereError, match=f"nobody holds .* this clock is 60.0 s {which} the control region's"):
        jumped.renew()
    assert jumped.read().clock_problem == f"this clock is 60.0 s {which} the control region's"


def test_a_dark_control_region_is_passed_over(hub: HubTable) -> None:
    """The next one answers."""
    half = HubTable(CELL, lambda region: Dead() if region == "us-east-1" else Region(region), noon)
    put("us-east-2", pk=KEY, holder={"S": "us-east-1"}, epoch={"N": "3"}, expires_at_ms={"N": "1"})

    read = half.read().lease
    assert read is not None
    assert read.epoch == 3
    assert half.renew().lease.epoch == 3


def test_silence_from_all_is_no_lease(aws: None) -> None:
    """And each region's error is kept for the log."""
    dark = HubTable(CELL, lambda _region: Dead(), noon)

    read = dark.read()
    assert read.lease is None
    assert [error.split(":")[0] for error in read.errors] == ["us-east-1", "us-east-2", "us-west-2"]
    with pytest.raises(LeaseUnrenewableError, match="us-west-2: AWS could not answer"):
        dark.renew()


def test_a_region_that_answers_with_the_past_is_passed_over(hub: HubTable) -> None:
    """The highest epoch and version ever seen win, whichever replica is asked next."""
    lease("us-east-1", 5, NOON)
    flag("us-west-2", serving=True, epoch=2, version=2)
    assert hub.read().lease is not None
    lease("us-east-1", 4, NOON)

    said = hub.read()

    assert said.lease is None
    assert said.errors[0] == "us-east-1: us-east-1 answered with what was true before epoch 5 and version 2"


@pytest.mark.parametrize("code", ["ReplicatedWriteConflictException", "ConditionalCheckFailedException"])
def test_a_lost_race_is_read_again(hub: HubTable, code: str) -> None:
    """MRSC answers a concurrent write with an error of its own."""
    racing = Losing("put_item", code, after=False)

    assert HubTable(CELL, lambda _region: racing, noon).renew().lease.epoch == 1
    assert racing.calls == ["batch_get_item", "put_item", "batch_get_item", "put_item"]


def test_a_race_that_is_always_lost_ends(hub: HubTable) -> None:
    """And says what happened; the next beat tries again."""

    class Hopeless:
        def __getattr__(self, name: str) -> Any:
            return getattr(
                Region() if name == "batch_get_item" else Losing(name, "ReplicatedWriteConflictException", after=False), name
            )

    with pytest.raises(LeaseUnrenewableError, match="changed under 3 renewals in us-west-2"):
        HubTable(CELL, lambda _region: Hopeless(), noon).renew()


def test_the_environments_switch_comes_with_the_lease(hub: HubTable) -> None:
    """One read for both."""
    put(pk={"S": "SWITCH#test"}, stopped={"BOOL": True}, reason={"S": "freeze"}, by={"S": "ops"})

    stopped = hub.read().environment_switch.why("environment")
    assert stopped == "the kill switch of the environment is on: freeze (by ops)"
