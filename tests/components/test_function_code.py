"""What goes into the functions' zip."""

from pathlib import Path

import pulumi
import pytest

from components.function_code import archive, sources
from handlers.domain.cell import Cell
from tests.cells import a_cell


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small `handlers` folder, as an interpreter leaves it."""
    for name in (
        "handlers/intake.py",
        "handlers/domain/data/rules.json",
        "handlers/__pycache__/intake.cpython-313.pyc",
        "other.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", encoding="utf-8")
    return tmp_path


def test_only_handlers_are_taken_and_nothing_that_an_interpreter_left(root: Path) -> None:
    """Data files too, in a stable order."""
    assert sources(root) == ["handlers/domain/data/rules.json", "handlers/intake.py"]


def test_the_cell_lies_beside_them(root: Path) -> None:
    """At the root, as the cell itself."""
    cell = a_cell()
    assets = archive(cell, root).assets
    told = assets["cell.json"]

    assert set(assets) == {"handlers/domain/data/rules.json", "handlers/intake.py", "cell.json"}
    assert isinstance(told, pulumi.StringAsset)
    assert Cell.model_validate_json(str(told.text)) == cell


def test_the_real_folder_holds_entries_and_domain() -> None:
    """The paths are the ones that Lambda imports by."""
    found = sources()

    assert "handlers/__init__.py" in found
    assert "handlers/domain/cell.py" in found
