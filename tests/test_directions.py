"""Imports go one way; the contracts stand in pyproject.toml."""

from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]


def test_imports_go_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every contract is kept; the linter's own words say which is not."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_file_with_tests_is_collected() -> None:
    """A file whose name pytest does not know would be passed over in silence."""
    tests = ROOT / "tests"
    forgotten = [path for path in tests.rglob("*.py") if "\ndef test_" in path.read_text() and not path.name.startswith("test_")]

    assert forgotten == []
