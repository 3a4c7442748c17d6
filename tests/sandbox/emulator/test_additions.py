"""The list of additions, which every report prints."""

from pathlib import Path

import pytest

from sandbox.emulator.additions import ADDITIONS

PATCHES = Path(__file__).parents[3] / "sandbox/emulator/patches"


def test_every_addition_is_listed_once() -> None:
    """What is installed is what the report says, in a module of its own."""
    modules = [one.module for one in ADDITIONS]

    assert sorted(modules) == sorted(path.stem for path in PATCHES.glob("*.py") if path.stem != "__init__")
    assert len({one.name for one in ADDITIONS}) == len(ADDITIONS)


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda one: one.module)
def test_addition_says_why_and_by_which_document(addition: object) -> None:
    """A reader can check it against AWS's page."""
    assert getattr(addition, "documents", "").startswith("https://docs.aws.amazon.com/")
    assert len(getattr(addition, "why", "")) > 40
