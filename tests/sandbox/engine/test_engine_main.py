"""`python -m sandbox.engine` shows that it works, and ends with the path."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from sandbox.engine import __main__ as command
from sandbox.engine.build import EngineBuildFailedError, Report


def test_path_is_the_last_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A script reads standard output; what is shown to people goes to standard error."""

    def found(report: Report) -> Path:
        report("building")
        return Path("/cache/pulumi")

    monkeypatch.setattr(command, "find_engine", found)

    assert command.main() == 0
    out, err = capsys.readouterr()
    assert out == "/cache/pulumi\n"
    assert "building" in err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(EngineBuildFailedError("no disk"), 1, "no disk"), (KeyboardInterrupt(), 130, "nothing half-built is left")],
)
def test_failure_is_a_sentence_and_a_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    """No traceback for what a reader can mend, and no path for a script to misread."""

    def fails(report: Report) -> Path:
        raise error

    monkeypatch.setattr(command, "find_engine", fails)

    assert command.main() == code
    out, err = capsys.readouterr()
    assert (out, said in err) == ("", True)


def test_log_without_terminal_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line at once, then one each twenty seconds, with the time that has passed."""
    now = iter([0.0, 0.0, 5.0, 21.0, 22.0])
    monkeypatch.setattr(command, "monotonic", lambda: next(now))
    written = io.StringIO()

    with command.shown(Console(file=written), "engine") as report:
        for line in ("starts", "soon after", "[later]", "too soon"):
            report(line)

    assert written.getvalue() == "engine 0 s: starts\nengine 21 s: [later]\n"


def test_terminal_shows_title_and_newest_line() -> None:
    """A spinner with the elapsed time; nothing of it stays when the work is done."""
    written = io.StringIO()

    with command.shown(Console(file=written, force_terminal=True, width=100), "Pulumi engine") as report:
        report("compiling [/things]")

    assert "Pulumi engine" in written.getvalue()
