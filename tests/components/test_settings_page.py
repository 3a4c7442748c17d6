"""Every number that bounds something stands on one page, with its default, its unit and its reason."""

from pathlib import Path

import pytest

from components.settings import Settings
from components.settings_page import PAGE, Constant, Setting, constants, page, settings

UNITS = ("Attempts ", "Days ", "Errors ", "Minutes ", "Percent ", "Recoveries ", "Stacks ", "Seconds ", "Throttled calls ")
ALL = tuple(settings())
NUMBERS = tuple(one for one in ALL if one.is_number)


def test_the_page_is_fresh() -> None:
    """After a setting or a bound was changed: `make catalogues`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_part_of_the_model_stands_on_it() -> None:
    """Also what lies in lists and under names."""
    sections = {one.section for one in ALL}

    assert {
        "",
        "hub",
        "accounts",
        "accounts.regions",
        "patterns",
        "tiers",
        "freezes",
        "retention",
        "limits",
        "alarms",
    } <= sections
    assert {one.name for one in ALL if not one.section} == set(Settings.model_fields)


@pytest.mark.parametrize("setting", ALL, ids=lambda one: f"{one.section}.{one.name}")
def test_every_setting_says_what_it_means(setting: Setting) -> None:
    """In a sentence, with a full stop."""
    assert setting.description.endswith(".")


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda one: f"{one.section}.{one.name}")
def test_every_number_has_unit_limits_and_the_reason_of_its_default(setting: Setting) -> None:
    """The unit first; the default again, with a colon and why."""
    assert setting.description.startswith(UNITS)
    assert f" {setting.default.strip('`')}: " in setting.description
    assert setting.limits or setting.name == "log_days"


@pytest.mark.parametrize("constant", constants(), ids=lambda one: f"{one.module}:{one.name}")
def test_every_constant_bound_has_its_reason_beside_it(constant: Constant) -> None:
    """A number without one is either a setting or a mistake."""
    assert len(constant.why) > 10


def test_a_constant_without_a_reason_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page reads the code, so nothing has to be told to it."""
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "one.py").write_text(
        'LONGEST = 3 * 4\n"""Why."""\nA, B = 1, 2  # both\n_C = 9\nNAME = "x"\nON = True\n'
    )
    monkeypatch.setattr("components.settings_page.ROOT", tmp_path)
    monkeypatch.setattr("components.settings_page.FOLDERS", ("handlers",))

    assert [(one.name, one.value, one.why) for one in constants()] == [
        ("LONGEST", "3 * 4", "Why."),
        ("A, B", "(1, 2)", "both"),
        ("_C", "9", ""),
    ]
