"""What an engine says is believed over its exit code; an engine made of shell says it here."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.project import EngineError, Project

ENGINE = """#!/bin/sh
for argument; do
  if [ "$before" = --event-log ]; then cat {events} > "$argument"; fi
  before=$argument
done
case "$1" in
  stack) echo "{{}}";;
  *) {says};;
esac
"""


class Double:
    """An engine that answers every operation in the same way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "Pulumi.sandbox.yaml").write_text("config: {}\n")

    def project(self, says: str, *events: dict[str, Any]) -> Project:
        log = self.root / "events"
        log.write_text("".join(json.dumps(event) + "\n" for event in events))
        engine = self.root / "pulumi"
        engine.write_text(ENGINE.format(events=log, says=says))
        engine.chmod(0o755)
        return Project(engine, self.root / "run", folder=self.root)


@pytest.fixture
def double(tmp_path: Path) -> Double:
    return Double(tmp_path)


def test_error_with_exit_code_0_is_a_failure(double: Double) -> None:
    """An engine whose provider crashed while it was closed calls that a success."""
    crash = {"diagnosticEvent": {"severity": "error", "message": "the provider exited prematurely"}}
    summary = {"summaryEvent": {"resourceChanges": {"create": 3}}}

    with pytest.raises(EngineError) as told:
        double.project("true", summary, crash).preview()

    assert str(told.value) == "pulumi preview failed with exit code 0:\n- the provider exited prematurely"


def test_warning_is_no_failure(double: Double) -> None:
    """Advice and warnings are in the text, and stop nothing."""
    warning = {"diagnosticEvent": {"severity": "warning", "message": "careful"}}
    advice = {"policyEvent": {"message": "better not", "policyName": "p", "enforcementLevel": "advisory"}}

    assert double.project("echo careful", warning, advice).up().text == "careful\n"


def test_engine_that_fails_before_its_first_event_is_quoted(double: Double) -> None:
    """A refused flag or a locked state never reaches the event log."""
    with pytest.raises(EngineError) as told:
        double.project("echo noise; echo 'error: the stack is locked' >&2; exit 255").refresh()

    assert str(told.value) == "pulumi refresh failed with exit code 255:\n- error: the stack is locked"


def test_engine_that_names_no_cause_is_quoted_at_length(double: Double) -> None:
    """A crash is shown as it was, not summed up to nothing."""
    with pytest.raises(EngineError, match=r"^pulumi destroy failed with exit code 2:\npanic: oh\ngoroutine 1\n$"):
        double.project("echo 'panic: oh'; echo 'goroutine 1'; exit 2").destroy()


def test_engine_sees_only_what_it_is_given(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the caller's shell changes what the engine does, and no update is looked for."""
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "real")
    monkeypatch.setenv("AWS_PROFILE", "real")

    names = {line.split("=")[0] for line in double.project("env").preview().text.splitlines()}

    assert {"PULUMI_SKIP_UPDATE_CHECK", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_BACKEND_URL"} <= names
    assert names & {"PULUMI_ACCESS_TOKEN", "AWS_PROFILE"} == set()


def test_passphrase_is_the_states_own(double: Double) -> None:
    """It is made once per state, is readable by its owner alone, and is not in the environment."""
    project = double.project("cat $PULUMI_CONFIG_PASSPHRASE_FILE")
    first = project.preview().text

    assert first == double.project("cat $PULUMI_CONFIG_PASSPHRASE_FILE").preview().text
    assert len(first) == 32
    assert (double.root / "run" / "passphrase").stat().st_mode & 0o077 == 0


def test_locks_of_a_killed_engine_are_taken_away(double: Double) -> None:
    """Whoever holds the state knows that no engine works on it."""
    project = double.project("true")
    lock = double.root / "run" / "backend" / ".pulumi" / "locks" / "organization" / "lock.json"
    lock.parent.mkdir(parents=True)
    lock.touch()

    project.up()

    assert not lock.exists()
