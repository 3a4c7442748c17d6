"""Whoever is called at 3 a.m. finds the heading that the message names."""

import re
from pathlib import Path

import pytest

from handlers.domain.outcome import Escalation

PAGE = Path(__file__).parents[2] / "docs" / "runbooks" / "README.md"
ALARMS = ("dead-letters", "heartbeat-silence")
HEADINGS = dict(re.findall(r"^## (\S+)\n\n```sh\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("heading", [*(code.value.replace("_", "-") for code in Escalation), *ALARMS])
def test_every_reason_to_call_a_person_has_a_heading_that_begins_with_three_commands(heading: str) -> None:
    """The address in the message leads somewhere, and the first thing there can be typed."""
    assert len(HEADINGS[heading].splitlines()) == 3


def test_no_heading_is_left_over() -> None:
    """A page that describes what cannot happen is read at the wrong moment."""
    assert set(HEADINGS) == {code.value.replace("_", "-") for code in Escalation} | set(ALARMS)
