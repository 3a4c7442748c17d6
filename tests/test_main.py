"""The program's entry: what it exports, and how it refuses."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from components.layer import LayerNotBuiltError
from components.settings import SettingsError

PROGRAM = Path(__file__).parent.parent / "__main__.py"


@pytest.fixture
def main() -> Callable[[], None]:
    """The program, loaded as a module: nothing is built by loading it."""
    found: Callable[[], None] = runpy.run_path(str(PROGRAM), run_name="program")["main"]
    return found


def test_it_is_short() -> None:
    """Everything that could be wrong lies in a component."""
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) < 120


@pytest.mark.parametrize("error", [SettingsError("hub.account is 1: write 12 digits"), LayerNotBuiltError("run `make layer`")])
def test_a_refusal_is_one_message(main: Callable[[], None], monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Pulumi prints a RunError without a trace."""

    def refuse() -> None:
        raise error

    monkeypatch.setitem(main.__globals__, "from_pulumi", refuse)

    with pytest.raises(pulumi.RunError) as refused:
        main()

    assert str(refused.value) == str(error)
    assert refused.value.__suppress_context__


def test_what_was_built_is_exported(main: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the names that build gives."""
    exported: dict[str, object] = {}
    monkeypatch.setitem(main.__globals__, "from_pulumi", lambda: ("settings", "part"))
    monkeypatch.setitem(main.__globals__, "build", lambda settings, part: {"environment": "test", "from": (settings, part)})
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)

    main()

    assert exported == {"environment": "test", "from": ("settings", "part")}
