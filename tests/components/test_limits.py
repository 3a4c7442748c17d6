"""Settings that AWS would refuse half-way through a deployment are refused before its first resource."""

import json

import pytest

from components.blueprint import blueprints
from components.intake import intake_pattern
from components.limits import EVENT_PATTERN_CHARACTERS, check
from components.settings import Settings
from components.settings_errors import SettingsError
from components.settings_sections import ManagedPattern
from handlers.domain.cell import Mode


def with_patterns(settings: Settings, count: int) -> Settings:
    """The same settings, with *count* patterns that cover nothing in common."""
    patterns = tuple(ManagedPattern(pattern=f"team{number:03}-*", mode=Mode.ACT) for number in range(count))
    return settings.model_copy(update={"patterns": patterns})


def test_the_shipped_settings_fit(sandbox_settings: Settings, prod_settings: Settings) -> None:
    """Those that every preview uses."""
    check(blueprints(sandbox_settings))
    check(blueprints(prod_settings))


def test_too_many_patterns_are_refused_by_name_value_and_remedy(sandbox_settings: Settings) -> None:
    """The first line says which of AWS's limits, by how much, and what to write instead."""
    settings = with_patterns(sandbox_settings, 60)
    plan = blueprints(settings)[0]
    length = len(json.dumps(intake_pattern(plan.addresses, plan.patterns)))

    with pytest.raises(SettingsError) as refused:
        check([plan])

    assert str(refused.value).splitlines()[0] == (
        f'stackmend:settings.patterns is "60 patterns": with them the event pattern of rule intake in {plan.name} would have'
        f" {length} characters, AWS allows {EVENT_PATTERN_CHARACTERS}; write fewer, wider patterns"
    )


def test_role_policies_are_counted_too(sandbox_settings: Settings) -> None:
    """A role's inline policies have a limit of their own."""
    with pytest.raises(SettingsError, match="the policies of role act-roll in workload-us-east-1 would have"):
        check(blueprints(with_patterns(sandbox_settings, 120)))
