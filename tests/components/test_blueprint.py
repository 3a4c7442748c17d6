"""A cell on paper, from the shipped settings."""

from dataclasses import replace

import pytest

from components.blueprint import Blueprint, blueprints, lease_key
from components.settings import Settings
from handlers.domain.cell import Cell, Mode
from handlers.domain.criteria import Criterion, Demand
from handlers.domain.skip_policy import SkipVerdict


@pytest.fixture
def payments(prod_settings: Settings) -> Blueprint:
    return blueprints(prod_settings)[0]


def test_there_is_one_for_every_cell(prod_settings: Settings) -> None:
    """In the order of the settings, each with a name of its own."""
    names = [plan.name for plan in blueprints(prod_settings)]

    assert names[:3] == ["payments-us-east-1", "payments-us-east-2", "payments-us-west-2"]
    assert len(set(names)) == len(prod_settings.cells)


def test_a_repair_role_is_the_cells_own_accounts(payments: Blueprint) -> None:
    """The settings name it; each account has its own."""
    by_pattern = {pattern.pattern: pattern for pattern in payments.patterns}

    assert by_pattern["payments-*"].repair_role == "arn:aws:iam::444455556666:role/acme/cloudformation/payments-repair"
    assert by_pattern["payments-ledger-*"].repair_role is None


def test_the_order_of_patterns_is_kept(payments: Blueprint) -> None:
    """The first that matches decides."""
    assert [pattern.mode for pattern in payments.patterns] == [Mode.PROPOSE, Mode.ACT, Mode.ACT, Mode.OBSERVE]


def test_what_a_cell_is_told_survives_its_file(payments: Blueprint) -> None:
    """The function reads back what the deployment wrote, with the same digest."""
    read = Cell.model_validate_json(payments.cell.model_dump_json(indent=2))

    assert read == payments.cell
    assert read.digest == payments.cell.digest


def test_two_cells_have_two_digests(prod_settings: Settings) -> None:
    """A log line tells which cell wrote it."""
    digests = {plan.cell.digest for plan in blueprints(prod_settings)}

    assert len(digests) == len(prod_settings.cells)


def test_the_machine_outlasts_the_patience_of_every_tier(payments: Blueprint) -> None:
    """Each attempt of the most patient one may use its whole time-out."""
    tiers, limits = payments.settings.tiers.values(), payments.settings.limits
    longest = max(tier.max_attempts * limits.act_timeout_seconds for tier in tiers)

    assert payments.machine_timeout_seconds > longest
    assert payments.cell.timings.machine_timeout_seconds == payments.machine_timeout_seconds


def test_a_lease_is_reached_in_the_hub(payments: Blueprint) -> None:
    """Through this cell's own two roles."""
    door = payments.cell.lease
    role = "arn:aws:iam::111122223333:role/acme/stackmend/stackmend-prod-lease"

    assert door.regions == ("us-east-1", "us-east-2", "us-west-2")
    assert door.read_role_arn == f"{role}-read-444455556666-us-east-1"
    assert door.renew_role_arn == f"{role}-renew-444455556666-us-east-1"


def test_a_lease_key_is_for_the_table_alone(prod_settings: Settings) -> None:
    """No service writes under it by itself."""
    key = lease_key(prod_settings, "us-east-2")

    assert (key.account, key.region, key.has_logs, key.has_alarms) == ("111122223333", "us-east-2", False, False)


@pytest.mark.parametrize(
    ("of_pattern", "of_tier", "holds"),
    [
        (Mode.ACT, Mode.ACT, Mode.ACT),
        (Mode.ACT, Mode.PROPOSE, Mode.PROPOSE),
        (Mode.OBSERVE, Mode.ACT, Mode.OBSERVE),
        (Mode.PROPOSE, Mode.OBSERVE, Mode.OBSERVE),
        (Mode.ACT, Mode.OFF, Mode.OFF),
    ],
)
def test_the_stricter_of_pattern_and_tier_holds(payments: Blueprint, of_pattern: Mode, of_tier: Mode, holds: Mode) -> None:
    """For what the cell is told, and so for what its roles may do."""
    settings = payments.settings
    managed = settings.patterns[0].model_copy(update={"mode": of_pattern, "tier": "standard"})
    tiers = {**settings.tiers, "standard": settings.tiers["standard"].model_copy(update={"mode": of_tier})}
    changed = settings.model_copy(update={"patterns": (managed,), "tiers": tiers})
    plan = Blueprint(settings=changed, place=payments.place)

    assert plan.cell.patterns[0].mode is holds
    assert bool(plan.reach.repaired) is (holds in (Mode.ACT, Mode.PROPOSE))


def test_criteria_of_a_tier_reach_the_cell(payments: Blueprint) -> None:
    """What is asked of a repaired stack, and which alarms beside its own."""
    asked = {"criteria": {Criterion.ALARMS_QUIET: Demand.PROVE}, "alarms": ("checkout-errors",)}
    tiers = {name: tier.model_copy(update=asked) for name, tier in payments.settings.tiers.items()}
    strict = replace(payments, settings=payments.settings.model_copy(update={"tiers": tiers}))

    assert {(tier.alarms, tuple(tier.criteria.items())) for tier in strict.cell.tiers.values()} == {
        (("checkout-errors",), ((Criterion.ALARMS_QUIET, Demand.PROVE),))
    }


def test_skip_policy_reaches_the_cell(payments: Blueprint) -> None:
    """Where the environment is stricter, its cells are."""
    wish = {"AWS::RDS::*": SkipVerdict.NEVER}
    strict = replace(payments, settings=payments.settings.model_copy(update={"skip_policy": wish}))

    assert payments.cell.skip_policy == {}
    assert strict.cell.skip_policy == wish


def test_grace_and_freezes_reach_the_cell(payments: Blueprint) -> None:
    """What people are promised is known where it is kept."""
    settings = payments.settings

    assert {name: tier.grace_seconds for name, tier in payments.cell.tiers.items()} == {
        name: tier.grace_seconds for name, tier in settings.tiers.items()
    }
    assert payments.cell.freezes == settings.freezes != ()
