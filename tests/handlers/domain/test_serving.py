"""Never are all regions switched off, and every wish that cannot be granted has a name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.outcome import Reason
from handlers.domain.serving import Approval, Change, Flag, Serving, SwitchOutcome, switch

EAST, WEST, NORTH = "us-east-1", "us-west-2", "us-east-2"
TWO = {EAST: frozenset({WEST}), WEST: frozenset({EAST})}
RING = {EAST: frozenset({WEST}), WEST: frozenset({NORTH}), NORTH: frozenset({EAST})}


def off(region: str = EAST, on: int = 0, **more: Any) -> Change:
    """The wish that a region shall not serve, decided on version *on*."""
    return Change(change_id="one", region=region, serving=False, decided_on=on, **more)


def flags(*absent: str, version: int = 1) -> Serving:
    """Flags of which some are off."""
    return Serving(version=version, regions={region: Flag(serving=False, epoch=1) for region in absent})


def test_a_switch_raises_version_and_epoch() -> None:
    """And only the epoch of the region that was switched; what serves is written out for all."""
    then = switch(Serving(), off(), TWO, now_ms=0)

    assert then == Serving(version=1, regions={EAST: Flag(serving=False, epoch=1), WEST: Flag()}, change_id="one")


def test_serving_again_raises_the_epoch_too() -> None:
    """What the partner has claimed is void from then on."""
    back = Change(change_id="two", region=EAST, serving=True, decided_on=1)

    then = switch(flags(EAST), back, TWO, now_ms=0)

    assert isinstance(then, Serving)
    assert then.of(EAST) == Flag(serving=True, epoch=2)


@pytest.mark.parametrize(
    ("now", "change", "partners", "outcome", "sentence"),
    [
        (
            Serving(),
            off("eu-west-1"),
            TWO,
            SwitchOutcome.UNKNOWN_REGION,
            "there is no cell in 'eu-west-1'; name one of us-east-1, us-west-2",
        ),
        (flags(EAST), off(on=1), TWO, SwitchOutcome.ALREADY, "us-east-1 does not serve, nothing was changed"),
        (
            flags(EAST),
            off(WEST, on=1),
            TWO,
            SwitchOutcome.ONLY_SERVING_REGION,
            "us-west-2 is the only region that serves",
        ),
        (
            flags(EAST),
            off(WEST, on=0),
            RING,
            SwitchOutcome.SUPERSEDED,
            "the flags are at version 1, this was decided on 0: look again, then decide again",
        ),
        (
            flags(EAST),
            off(NORTH, on=1),
            RING,
            SwitchOutcome.PARTNER_NOT_SERVING,
            "us-east-2 cannot be spared: us-east-1 would take its work over and does not serve",
        ),
        (
            flags(EAST),
            off(WEST, on=1),
            RING,
            SwitchOutcome.LEANED_ON,
            "us-west-2 has taken over the work of us-east-1: let that serve first",
        ),
        (
            Serving(),
            off(),
            {EAST: frozenset[str](), WEST: frozenset({EAST})},
            SwitchOutcome.PARTNER_NOT_SERVING,
            "us-east-1 cannot be spared: it has no partner",
        ),
        (
            Serving(),
            off(needs_approval=True),
            TWO,
            SwitchOutcome.APPROVAL_DUE,
            "this environment asks a person before us-east-1 is switched",
        ),
        (
            Serving(),
            off(needs_approval=True, approval=Approval(region=WEST, version=0, expires_at_ms=9999)),
            TWO,
            SwitchOutcome.APPROVAL_VOID,
            "us-west-2 was approved on version 0, asked is us-east-1 on 0",
        ),
        (
            Serving(),
            off(needs_approval=True, approval=Approval(region=EAST, version=0, expires_at_ms=1000)),
            TWO,
            SwitchOutcome.APPROVAL_EXPIRED,
            "the approval of us-east-1 ran out 1.5 s ago: ask again",
        ),
    ],
)
def test_what_cannot_be_granted_is_named(
    now: Serving, change: Change, partners: dict[str, frozenset[str]], outcome: SwitchOutcome, sentence: str
) -> None:
    """Each with a sentence that says what to do."""
    assert switch(now, change, partners, now_ms=2500) == Reason(code=outcome, sentence=sentence)


def test_an_approval_that_has_not_run_out_is_enough() -> None:
    """For this region, on these flags."""
    asked = off(needs_approval=True, approval=Approval(region=EAST, version=0, expires_at_ms=2501))

    assert isinstance(switch(Serving(), asked, TWO, now_ms=2500), Serving)


@given(wishes=st.lists(st.tuples(st.sampled_from([EAST, WEST, NORTH]), st.booleans()), max_size=20), ring=st.booleans())
def test_whatever_is_wished_for_somebody_serves(wishes: list[tuple[str, bool]], *, ring: bool) -> None:
    """And whoever does not serve has a partner that does."""
    partners = RING if ring else {**TWO, NORTH: frozenset({WEST})}
    now = Serving()
    for region, serving in wishes:
        change = Change(change_id="any", region=region, serving=serving, decided_on=now.version)
        then = switch(now, change, partners, now_ms=0)
        now = now if isinstance(then, Reason) else then
        for absent in (each for each in partners if not now.serves(each)):
            assert all(now.serves(partner) for partner in partners[absent])
    assert any(now.serves(region) for region in partners)
