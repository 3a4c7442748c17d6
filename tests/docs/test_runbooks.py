"""Whoever is called at 3 a.m. finds the heading that the message names."""

import re
from pathlib import Path
from typing import get_type_hints

import pytest

from components.alarms import PAGE, catalogue
from components.blueprint import blueprints
from handlers.domain.outcome import Escalation
from handlers.domain.situation import Refusal
from tests.components.conftest import settings_of

PAGES = Path(__file__).parents[2] / "docs" / "runbooks"
ENVIRONMENTS = ("sandbox/Pulumi.sandbox.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml")


def headings(page: str) -> dict[str, str]:
    """Every heading of a page with the commands that it begins with."""
    return dict(re.findall(r"^## (\S+)\n\n```sh\n(.*?)```", (PAGES / page).read_text(), re.DOTALL | re.MULTILINE))


def named_by_alarms() -> set[str]:
    """The headings that the alarms of any shipped environment lead to."""
    plans = [plan for file in ENVIRONMENTS for plan in blueprints(settings_of(file))]
    return {alarm.heading for plan in plans for alarm in catalogue(plan.addresses, plan.settings.alarms, plan.settings.tiers)}


NAMED = {
    "README.md": {code.value.replace("_", "-") for code in Escalation},
    PAGE: named_by_alarms(),
}


@pytest.mark.parametrize(("page", "heading"), [(page, heading) for page, named in NAMED.items() for heading in sorted(named)])
def test_every_reason_to_call_a_person_has_a_heading_that_begins_with_three_commands(page: str, heading: str) -> None:
    """The address in the message leads somewhere, and the first thing there can be typed."""
    assert len(headings(page)[heading].splitlines()) == 3


@pytest.mark.parametrize("page", NAMED)
def test_no_heading_is_left_over(page: str) -> None:
    """A page that describes what cannot happen is read at the wrong moment."""
    assert set(headings(page)) == NAMED[page]


@pytest.mark.parametrize("page", NAMED)
def test_every_section_is_one_of_the_headings(page: str) -> None:
    """A section without commands would not be seen by the tests above."""
    assert set(re.findall(r"^## (.*)$", (PAGES / page).read_text(), re.MULTILINE)) == NAMED[page]


def test_what_a_plan_rules_out_is_named_by_the_same_codes() -> None:
    """So a plan's refusal leads to a heading, too."""
    assert get_type_hints(Refusal)["code"] is Escalation
