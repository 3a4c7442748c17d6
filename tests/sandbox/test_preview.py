"""An environment's settings are previewed by the real engine, against nothing that could be changed."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sandbox import preview
from sandbox.engine.build import EngineMissingError
from sandbox.engine.events import Step
from sandbox.project import EngineError, Project, Result

app = typer.Typer()
app.command()(preview.preview)


@pytest.fixture
def any_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "find_engine", lambda _report: Path("/no/engine"))


def test_nowhere_is_no_aws() -> None:
    """The discard port of this machine: even a provider with a mistake changes nothing."""
    assert preview.NOWHERE["AWS_ENDPOINT_URL"] == "https://127.0.0.1:9"


@pytest.mark.usefixtures("any_engine")
def test_summary_is_the_engines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine wrote goes to standard output as it is; progress goes elsewhere."""

    def answer(project: Project, environment: str, *, progress: object) -> Result:
        assert callable(progress)
        progress(Step(state="begun", operation="create", resource_type="a", name="b"))
        return Result(changes={}, seconds=1, text=f"previewed {environment}\n")

    monkeypatch.setattr(Project, "preview", answer)

    done = CliRunner().invoke(app, ["staging"])

    assert (done.exit_code, done.stdout) == (0, "previewed staging\n")


@pytest.mark.usefixtures("any_engine")
def test_refusal_is_told_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 and the engine's diagnostics."""

    def answer(project: Project, environment: str, *, progress: object) -> Result:
        raise EngineError("pulumi preview failed: policy p refuses q")

    monkeypatch.setattr(Project, "preview", answer)

    done = CliRunner().invoke(app, ["prod"])

    assert done.exit_code == 1
    assert "policy p refuses q" in done.stderr


def test_missing_engine_is_told_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy, not a traceback."""

    def missing(report: object) -> Path:
        raise EngineMissingError("install Go")

    monkeypatch.setattr(preview, "find_engine", missing)

    done = CliRunner().invoke(app, ["prod"])

    assert done.exit_code == 1
    assert done.stderr.endswith("install Go\n")


@pytest.mark.usefixtures("any_engine")
def test_unknown_environment_is_told_and_fails() -> None:
    """Before any engine starts."""
    done = CliRunner().invoke(app, ["nowhere"])

    assert done.exit_code == 1
    assert "Pulumi.nowhere.yaml does not exist" in done.stderr


@pytest.mark.sandbox
@pytest.mark.parametrize("stack", ["staging", "prod-hub", "prod-first", "prod-second"])
def test_what_is_shipped_passes_the_policies(stack: str) -> None:
    """The repository's own settings, whole or in parts, its program and pack, through the real engine and the stand-in."""
    done = CliRunner().invoke(app, [stack])

    assert done.exit_code == 0, done.stderr
    assert "to create" in done.stdout
    assert "errored" not in done.stdout
