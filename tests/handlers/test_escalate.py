"""Escalate sends, and then marks: nothing ends silently."""

import json
from typing import Any

import pytest

from handlers import diagnose
from handlers.domain.errors import TransientError
from handlers.domain.escalation import EscalationMessage, read_case
from handlers.domain.outcome import CloseOutcome
from handlers.domain.payload import Payload
from handlers.domain.records import ClaimState, FailureState
from handlers.escalate import handle
from tests.handlers.bench import BenchRuntime
from tests.handlers.journey import broken, claimed, settle_as

SPENT = {"route": "escalate", "strategy": "s", "attempt": 3, "wait_seconds": 0, "reason": "attempts_spent: 3 of 3 failed"}


@pytest.fixture
def state(bench: BenchRuntime) -> dict[str, Any]:
    """A diagnosed recovery that ends with a person."""
    state = claimed(bench, broken(bench))
    diagnose.handle(Payload.model_validate(state), bench)
    return {**state, "decision": SPENT}


def test_a_person_is_told_everything(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """A message with the runbook's address, an alert, and the ledger's mark."""
    assert handle(read_case(state), bench) is CloseOutcome.CLOSED

    (body,) = bench.fake_mail.queues["stackmend-test-escalation"]
    message = EscalationMessage.model_validate_json(body)
    assert (message.code, message.sentence) == ("attempts_spent", "3 of 3 failed")
    assert message.runbook_url == "https://runbooks.example/stackmend#attempts-spent"
    assert message.diagnosis is not None
    assert message.diagnosis.root_cause == "Chaos"
    assert message.cell_digest == bench.cell.digest
    ((subject, text),) = bench.fake_alerts.raised
    assert subject == "Stackmend test: app-one needs a person (attempts_spent)"
    assert message.runbook_url in text
    assert [failure.state for failure in bench.failures()] == [FailureState.ESCALATED]
    assert [claim.state for claim in bench.claims()] == [ClaimState.RELEASED]
    assert [failure.outcome for failure in bench.ledger.unresolved().failures] == ["attempts_spent"]


def test_a_repeat_sends_nothing(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Machine, rule and heartbeat may all come."""
    handle(read_case(state), bench)

    assert handle(read_case(state), bench) is CloseOutcome.ALREADY_CLOSED
    assert len(bench.fake_alerts.raised) == 1


def test_a_settled_recovery_is_not_escalated(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """Its execution may have died after Settle."""
    settle_as(bench, "recovered")

    assert handle(read_case(state), bench) is CloseOutcome.ALREADY_CLOSED
    assert bench.fake_alerts.raised == []


def test_a_message_that_cannot_be_sent_leaves_the_failure_open(
    bench: BenchRuntime, state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent first, marked after."""

    def dark(*_: object) -> None:
        raise TransientError("no answer")

    monkeypatch.setattr(bench.fake_mail, "pass_on", dark)

    with pytest.raises(TransientError):
        handle(read_case(state), bench)
    assert bench.failures()[0].state is FailureState.OPEN


def test_an_executions_death_is_told(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """From the rule's event, by the ids in its input."""
    ids = {name: value for name, value in state.items() if name != "decision"}
    detail = {"status": "ABORTED", "name": state["recovery_id"], "input": json.dumps(ids), "error": "Stop", "cause": "by hand"}
    event = {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "time": "2026-03-04T12:00:00Z",
        "detail": detail,
    }

    assert handle(read_case(event), bench) is CloseOutcome.CLOSED
    (failure,) = bench.failures()
    assert failure.outcome == "execution_died"


def test_another_recoverys_failure_is_left_alone(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """A dead execution of an earlier fence speaks for nobody."""
    assert handle(read_case({**state, "recovery_id": "r-other"}), bench) is CloseOutcome.ALREADY_CLOSED
    assert bench.failures()[0].state is FailureState.OPEN
