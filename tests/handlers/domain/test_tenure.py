"""A lease changes hands when its holder can do nothing more under it, and never by a wrong clock."""

from typing import Any

import pytest

from handlers.domain.lease import Lease
from handlers.domain.serving import Flag, Serving
from handlers.domain.tenure import Handover, Tenure, Turn, clock_problem, turn

EAST, WEST = "us-east-1", "us-west-2"
HANDOVER = Handover(lease_seconds=180, function_seconds=30, sdk_seconds=12, skew_seconds=5)
EAST_IS_OFF = Serving(version=1, regions={EAST: Flag(serving=False, epoch=1)})
EAST_IS_BACK = Serving(version=2, regions={EAST: Flag(serving=True, epoch=2)})
NOBODY = Serving(version=9, regions={EAST: Flag(serving=False, epoch=1), WEST: Flag(serving=False, epoch=1)})


def decide(lease: Lease | None, serving: Serving, region: str = WEST, **more: Any) -> Turn:
    """What a region does about the lease of the cell in us-east-1."""
    given = {"region": region, "owner": EAST, "partner": WEST, "now_ms": 147_000, "handover": HANDOVER}
    return turn(lease, serving, **{**given, **more})


def held_by(holder: str, epoch: int = 1, until: int = 100_000) -> Lease:
    """A lease."""
    return Lease(holder=holder, epoch=epoch, expires_at_ms=until)


@pytest.mark.parametrize(
    ("lease", "serving", "region", "expected", "sentence"),
    [
        (None, Serving(), EAST, (Tenure.TAKE, 1), "nobody has held it yet"),
        (held_by(EAST, 3), Serving(), EAST, (Tenure.RENEW, 3), "it is held"),
        (held_by(EAST), Serving(), WEST, (Tenure.LEAVE, 0), "us-east-1 serves: its lease is us-east-1's to hold"),
        (held_by(EAST), EAST_IS_OFF, EAST, (Tenure.LEAVE, 0), "us-east-1 does not serve: its lease is us-west-2's to hold"),
        (held_by(EAST), NOBODY, WEST, (Tenure.LEAVE, 0), "neither us-east-1 nor us-west-2 serves"),
        (held_by(EAST), EAST_IS_OFF, WEST, (Tenure.TAKE, 2), "us-east-1 can do nothing more under epoch 1"),
        (
            held_by(EAST, until=100_001),
            EAST_IS_OFF,
            WEST,
            (Tenure.WAIT, 0),
            "us-east-1 may act under epoch 1 for another 0.0 s",
        ),
        (held_by(WEST, 2), EAST_IS_OFF, WEST, (Tenure.RENEW, 2), "it is held"),
        (held_by(WEST, 2), EAST_IS_BACK, EAST, (Tenure.TAKE, 3), "us-west-2 can do nothing more under epoch 2"),
        (held_by(EAST, 1), EAST_IS_BACK, EAST, (Tenure.TAKE, 2), "us-east-1 can do nothing more under epoch 1"),
        (
            held_by(EAST, 1, until=200_000),
            EAST_IS_BACK,
            EAST,
            (Tenure.WAIT, 0),
            "us-east-1 may act under epoch 1 for another 100.0 s",
        ),
    ],
)
def test_each_situation_has_one_turn(
    lease: Lease | None, serving: Serving, region: str, expected: tuple[Tenure, int], sentence: str
) -> None:
    """Whose the lease is follows from the flags alone; when, from the lease."""
    tenure, epoch = expected
    assert decide(lease, serving, region) == Turn(tenure=tenure, epoch=epoch, sentence=sentence)


@pytest.mark.parametrize("lease", [None, held_by(EAST), held_by(WEST, 2)])
def test_a_wrong_clock_neither_takes_nor_prolongs(lease: Lease | None) -> None:
    """A lease written by it would last longer than anybody reckons with, and one taken by it would be taken too early."""
    decided = decide(lease, EAST_IS_OFF, clock_problem="this clock is 60.0 s ahead")

    assert decided == Turn(tenure=Tenure.WAIT, sentence="this clock is 60.0 s ahead")


def test_the_longest_wait_is_a_whole_lease_and_what_may_follow_it() -> None:
    """The sum that the objectives show."""
    assert (HANDOVER.wait_seconds, HANDOVER.longest_seconds) == (47, 227)


@pytest.mark.parametrize(
    ("answered_ms", "said"),
    [
        (10_000, None),
        (4_001, None),
        (4_000, "this clock is 6.0 s ahead of the control region's"),
        (16_000, None),
        (17_000, "this clock is 6.0 s behind the control region's"),
        (None, "the control region's answer bears no time to hold this clock against"),
    ],
)
def test_a_clock_is_held_against_the_control_regions(answered_ms: int | None, said: str | None) -> None:
    """Asked at 10 s and heard at 11 s by the clock in question; 5 s of skew are allowed, and a date has no fractions."""
    assert clock_problem(answered_ms, 10_000, 11_000, skew_seconds=5) == said
