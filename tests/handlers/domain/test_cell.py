"""A cell reads its settings whole, or says what is wrong with them."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from handlers.domain.cell import Cell, Mode, Pattern
from tests.handlers.bench import cell_data


def test_a_cell_survives_its_file(tmp_path: Path) -> None:
    """What components write is what functions read."""
    cell = Cell.model_validate(cell_data())
    file = tmp_path / "cell.json"
    file.write_text(cell.model_dump_json())

    assert cell == Cell.load(file)


def test_a_digest_tells_settings_apart() -> None:
    """Twelve digits, the same for the same settings, others for others."""
    cell = Cell.model_validate(cell_data())
    other = Cell.model_validate(cell_data() | {"partner": "us-east-2"})

    assert len(cell.digest) == 12
    assert cell.digest == Cell.model_validate(cell_data()).digest
    assert cell.digest != other.digest


def test_a_cell_only_observes_unless_told_otherwise() -> None:
    """The default of a pattern changes nothing."""
    assert Mode.OBSERVE is Pattern(pattern="app-*").mode


@pytest.mark.parametrize("pattern", ["**", "app-?", "app_[ab]", "", "9-*", "app**x", "stack/app-*"])
def test_a_pattern_that_others_would_read_differently_is_refused(pattern: str) -> None:
    """EventBridge, IAM and the matcher must mean the same."""
    with pytest.raises(ValidationError, match="would not mean the same to EventBridge, IAM and Stackmend"):
        Pattern(pattern=pattern)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"account": "1234"}, "account"),
        ({"region": "nowhere"}, "region"),
        ({"surprise": 1}, "surprise"),
        ({"runbook_url": "http://insecure"}, "runbook_url"),
        ({"patterns": [{"pattern": "a-*", "tier": "gold"}]}, "names tier 'gold', known are: standard"),
        ({"timings": {"machine_timeout_seconds": 1, "act_function_seconds": 120}}, "leaves no time to act"),
    ],
)
def test_a_cell_that_cannot_work_is_refused(change: dict[str, Any], said: str) -> None:
    """Each message names the field or the remedy."""
    with pytest.raises(ValidationError, match=said):
        Cell.model_validate(cell_data() | change)
