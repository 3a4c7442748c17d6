"""What holds a cell back, by name: the widest first, and nothing when nothing does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.domain.errors import HeldError
from handlers.domain.freeze import Freeze
from handlers.domain.identity import StackKey
from handlers.domain.outcome import IntakeOutcome, Reason, Restraint
from handlers.domain.records import Pause, Switch
from handlers.domain.restraint import restraint

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
THROWN = Switch(stopped=True, reason="an incident", by="ann")
PAUSE = Pause(
    stack=StackKey(account="222222222222", region="us-east-1", name="app-one"), reason="a repair by hand", by="bob", at=NOON
)
LUNCH = Freeze(name="lunch", zone="Europe/Berlin", days=("wed",), start="12:30", end="13:30")


def held(**change: Any) -> str | None:
    """What holds a standard stack at noon, as text."""
    usual: dict[str, Any] = {"switches": (("cell", Switch()),), "pause": None, "freezes": (), "tier": "standard", "now": NOON}
    reason = restraint(**(usual | change))
    return str(reason) if reason else None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"switches": (("cell", THROWN),)}, "stopped: the kill switch of the cell is on: an incident (by ann)"),
        (
            {"switches": (("cell", Switch()), ("environment", THROWN)), "pause": PAUSE, "freezes": (LUNCH,)},
            "stopped: the kill switch of the environment is on: an incident (by ann)",
        ),
        ({"pause": PAUSE, "freezes": (LUNCH,)}, "paused: paused until somebody resumes it: a repair by hand (by bob)"),
        ({"pause": PAUSE.model_copy(update={"paused": False})}, None),
        ({"pause": PAUSE.model_copy(update={"until": NOON})}, None),
        ({"freezes": (LUNCH,)}, "frozen: freeze lunch holds until 2026-03-04T12:30:00.000Z (Europe/Berlin)"),
        ({"freezes": (LUNCH.model_copy(update={"tiers": ("critical",)}),)}, None),
    ],
)
def test_what_holds_is_said(change: dict[str, Any], said: str | None) -> None:
    """With who and why, or until when."""
    assert held(**change) == said


@pytest.mark.parametrize("code", Restraint)
def test_every_restraint_is_an_outcome_of_intake_and_travels_in_an_error(code: Restraint) -> None:
    """Settle reads it back from the machine's Catch."""
    assert IntakeOutcome(code).value == code.value
    assert Reason.read(str(HeldError(code, "because: of this")), Restraint) == Reason(code=code, sentence="because: of this")
