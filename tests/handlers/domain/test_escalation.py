"""However a recovery ends with a person, the person reads why."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from handlers.domain.escalation import EscalationMessage, read_case, text_of
from handlers.domain.identity import StackKey
from handlers.domain.records import DiagnosisNote

EVENTS = Path(__file__).parents[2] / "events"


def load(name: str) -> dict[str, Any]:
    """An event by its file's name."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def test_a_refusal_keeps_its_own_reason() -> None:
    """Lambda wraps the message as JSON into the Cause."""
    case = read_case(load("machine_refused"))

    assert str(case.reason) == "no_lease: no control region returned a lease"
    assert case.recovery_id == "r-1"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"Error": "States.Timeout", "Cause": ""}, "step_failed: States.Timeout: "),
        ({"Error": "KeyError", "Cause": '{"errorMessage": "x"}'}, "step_failed: KeyError: x"),
        ({"Error": "TransientError", "Cause": '{"errorMessage": "no_lease: dark"}'}, "no_lease: dark"),
        ({"Error": "TransientError", "Cause": '{"errorMessage": "no answer"}'}, "step_failed: TransientError: no answer"),
        ({"Error": "RefusedError", "Cause": "not json"}, "step_failed: RefusedError: not json"),
    ],
)
def test_any_other_error_is_told_as_it_came(error: dict[str, str], reason: str) -> None:
    """A defect, a time-out, retries spent, with the reason's own name where it has one."""
    assert str(read_case(load("machine_refused") | {"error": error}).reason) == reason


def test_a_decision_brings_its_reason() -> None:
    """No error: Diagnose or Validate has decided so."""
    event = load("machine_refused")
    del event["error"]
    event["decision"] |= {"route": "escalate", "reason": "attempts_spent: 3 of 3"}

    assert str(read_case(event).reason) == "attempts_spent: 3 of 3"


def test_a_state_without_a_reason_is_a_defect_that_is_told() -> None:
    """Nothing ends silently."""
    event = load("machine_refused")
    del event["error"]

    assert str(read_case(event).reason) == "step_failed: the machine came here without a reason"


def test_an_executions_death_is_read_from_its_event() -> None:
    """What a machine cannot catch is caught outside it."""
    case = read_case(load("states_execution_status_change"))

    assert str(case.reason) == "execution_died: the execution r-1 is TIMED_OUT"
    assert case.stack == StackKey(account="222222222222", region="us-east-1", name="app-one")


def test_the_alert_says_what_to_do() -> None:
    """Cause, attempts, runbook, recovery; a subject that SNS takes."""
    note = DiagnosisNote(failure_class="permission", root_cause="Chaos", resource_type=None, reason="denied", evidence=())
    message = EscalationMessage(
        recovery_id="r-1",
        failure_id="f-1",
        environment="test",
        stack=StackKey(account="222222222222", region="us-east-1", name="app-one"),
        stack_id="id",
        code="attempts_spent",
        sentence="3 of 3",
        diagnosis=note,
        plan=None,
        attempts=3,
        runbook_url="https://runbooks.example#attempts-spent",
        cell_digest="0",
        escalated_at=datetime(2026, 3, 4, tzinfo=UTC),
    )

    assert message.subject == "Stackmend test: app-one needs a person (attempts_spent)"
    assert text_of(message) == (
        "222222222222/us-east-1/app-one could not be repaired and needs a person.\n"
        "Why: 3 of 3\n"
        "Root cause: Chaos (denied)\n"
        "Attempts: 3\n"
        "What to do: https://runbooks.example#attempts-spent\n"
        "Recovery: r-1"
    )
