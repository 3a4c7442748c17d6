"""Leases, flags, clocks and networks at random: what always holds, and that what is broken on purpose is found."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from handlers.aws.flags import Flags
from handlers.domain import tenure
from handlers.domain.lease import Lease
from handlers.domain.serving import Serving
from handlers.domain.tenure import Handover, Tenure, Turn
from tests.handlers.regions_world import PARTNER, REGIONS, World

WHICH = st.sampled_from(REGIONS)
SKEWS = st.sampled_from([-2.5, 0.0, 2.5])
"""Any two clocks differ by no more than the five seconds that the settings allow."""
JUMPS = st.sampled_from([-600.0, 600.0])


class Regions(RuleBasedStateMachine):
    """The world, moved at random; its rest is always brought about, and judged."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        for region in REGIONS:
            self.world.beat(region)

    @rule(seconds=st.sampled_from([1, 10, 35, 60, 140, 200]))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_seconds(seconds)

    @rule(region=WHICH)
    def heart_beats(self, region: str) -> None:
        self.world.beat(region)

    @rule(region=WHICH)
    def stack_fails(self, region: str) -> None:
        if region not in self.world.working:
            self.world.failed.add(region)

    @rule(stack=WHICH, by_partner=st.booleans())
    def act_looks_and_sends(self, stack: str, *, by_partner: bool) -> None:
        self.world.check(PARTNER[stack] if by_partner else stack, stack)

    @precondition(lambda self: self.world.calls)
    @rule(number=st.integers(min_value=0, max_value=3))
    def call_arrives(self, number: int) -> None:
        self.world.arrive(self.world.calls[number % len(self.world.calls)])

    @rule(stack=WHICH, well=st.booleans())
    def operation_ends(self, stack: str, *, well: bool) -> None:
        self.world.end(stack, well=well)

    @rule(by=WHICH, region=WHICH, serving=st.booleans())
    def region_is_switched(self, by: str, region: str, *, serving: bool) -> None:
        if by not in self.world.down:
            self.world.switch(by, region, serving=serving)

    @rule(first=WHICH, second=WHICH)
    def two_are_switched_off_at_once(self, first: str, second: str) -> None:
        self.world.hub.meanwhile = lambda: _switch_off(self.world, second, first)
        _switch_off(self.world, first, second)
        self.world.hub.meanwhile = None

    @rule(by=WHICH)
    def lost_regions_are_switched_off(self, by: str) -> None:
        for _ in range(3):
            self.world.pass_seconds(10)
            for region in REGIONS:
                self.world.probe(region)
        if by not in self.world.down:
            self.world.decide(by)

    @rule(region=WHICH, skew=SKEWS)
    def clock_drifts(self, region: str, skew: float) -> None:
        self.world.offsets[region] = skew

    @rule(region=WHICH, jump=JUMPS)
    def clock_jumps(self, region: str, jump: float) -> None:
        self.world.offsets[region] = jump

    @rule(stack=WHICH, offset=st.sampled_from([-2.5, 2.5, 600.0]))
    def partner_is_in_a_hurry(self, stack: str, offset: float) -> None:
        """A call is on its way when its region is switched off, and the partner's clock is not the owner's."""
        self.stack_fails(stack)
        self.world.check(stack, stack)
        self.world.offsets[PARTNER[stack]] = offset
        self.world.switch(PARTNER[stack], stack, serving=False)
        self.world.beat(PARTNER[stack])

    @rule(region=WHICH, comes_back=st.booleans())
    def region_is_isolated(self, region: str, *, comes_back: bool) -> None:
        (self.world.hub.isolated.discard if comes_back else self.world.hub.isolated.add)(region)

    @rule(region=WHICH, comes_back=st.booleans())
    def functions_stop(self, region: str, *, comes_back: bool) -> None:
        (self.world.down.discard if comes_back else self.world.down.add)(region)

    @rule(region=WHICH, comes_back=st.booleans())
    def control_region_is_dark(self, region: str, *, comes_back: bool) -> None:
        (self.world.hub.dark.discard if comes_back else self.world.hub.dark.add)(region)

    @rule()
    def next_answer_is_lost(self) -> None:
        self.world.hub.loses_answer = True

    @invariant()
    def every_moment(self) -> None:
        self.world.check_now()

    def teardown(self) -> None:
        self.world.come_to_rest()
        self.world.check_at_rest()


_HONEST = Flags._write


def _on_its_version_alone(self: Flags, now: Serving, then: Serving) -> dict[str, object]:
    write = _HONEST(self, now, then)
    return write if now.version == 0 else {**write, "ConditionExpression": "version = :seen"}


def _switch_off(world: World, by: str, region: str) -> None:
    world.switch(by, region, serving=False)


OFTEN = settings(
    max_examples=100, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), print_blob=False
)


def test_somebody_serves_nobody_acts_twice_and_every_takeover_ends() -> None:
    """Whatever clocks, networks and control regions do."""
    run_state_machine_as_test(Regions, settings=OFTEN)


HUNT = settings(OFTEN, max_examples=500, database=None, report_multiple_bugs=False, phases=(Phase.generate,))
SEEDS = 8
"""No single seed's luck may decide a test."""


def hunt() -> None:
    """Play the broken world under one seed after the other, until the model finds what is wrong with it."""
    for number in range(SEEDS):
        run_state_machine_as_test(seed(number)(type("Regions", (Regions,), {})), settings=HUNT)


def test_a_flag_without_its_condition_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two control regions at the same instant, one would undo what the other has just been told is done."""
    honest = Flags._write

    def careless(self: Flags, now: Serving, then: Serving) -> dict[str, object]:
        return {**honest(self, now, then), "ConditionExpression": ""}

    monkeypatch.setattr(Flags, "_write", careless)

    with pytest.raises(AssertionError, match="two changes made version"):
        hunt()


def test_a_region_that_is_switched_off_without_a_look_at_the_others_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one that serves would go, too, or the partner of one that does not."""
    monkeypatch.setattr("handlers.domain.serving._alone", lambda *_: None)
    monkeypatch.setattr(Flags, "_write", _on_its_version_alone)

    with pytest.raises(AssertionError, match=r"no region serves|never ended"):
        hunt()


def test_a_write_that_asks_for_another_region_holds_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the decision forgets to look, the last region's flag cannot be written off."""
    monkeypatch.setattr("handlers.domain.serving._alone", lambda _now, _region, _partners: None)
    world = World()
    outcomes = [world.switch(REGIONS[0], region, serving=False) for region in REGIONS]

    assert [isinstance(each, Serving) for each in outcomes] == [True, True, False]
    assert world.serving().serves(REGIONS[2])


def test_a_partner_that_does_not_wait_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call of the old holder's is still on its way."""
    monkeypatch.setattr(Handover, "wait_seconds", property(lambda self: -self.lease_seconds))

    with pytest.raises(AssertionError, match=r"changed .* under epoch"):
        hunt()


def test_an_act_that_does_not_look_at_its_lease_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A returning owner would change what its partner has taken over."""
    monkeypatch.setattr("handlers.authority.why_not", lambda *_, **__: None)

    with pytest.raises(AssertionError, match=r"changed .* under epoch"):
        hunt()


def test_clocks_that_nobody_checks_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has jumped ahead takes a lease that has not run out, or writes one that nobody can wait for."""
    monkeypatch.setattr("handlers.aws.lease.clock_problem", lambda *_: None)

    with pytest.raises(AssertionError, match=r"changed .* under epoch|never ended"):
        hunt()


def test_an_owner_that_renews_whatever_the_flags_say_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease would never run out, and its partner would wait for ever."""
    honest = tenure.turn

    def stubborn(lease: Lease | None, serving: Serving, **more: Any) -> Turn:
        if lease is not None and lease.holder == more["region"]:
            return Turn(tenure=Tenure.RENEW, sentence="it was mine", epoch=lease.epoch)
        return honest(lease, serving, **more)

    monkeypatch.setattr("handlers.aws.lease.turn", stubborn)

    with pytest.raises(AssertionError, match=r"never ended|forgotten"):
        hunt()
