"""One list, one query: the heartbeat finds what no event has told, and enters it by the door of its event."""

import json

import pytest

from handlers import acting, escalate, intake, notice
from handlers.aws.lease import LeaseElsewhereError
from handlers.aws.ledger import Unresolved
from handlers.domain.escalation import read_case
from handlers.domain.outcome import BeatOutcome, CloseOutcome, IntakeOutcome, NoticeOutcome
from handlers.heartbeat import handle
from tests.handlers.bench import BenchRuntime
from tests.handlers.journey import broken, claimed, diagnosed, order, settle_as

INTAKE, NOTICE = "stackmend-test-intake", "stackmend-test-notice"


def test_a_stack_whose_event_was_lost_is_entered(bench: BenchRuntime) -> None:
    """And only once: the next beat knows it."""
    broken(bench)
    broken(bench, "alien-one")

    assert handle(bench) is BeatOutcome.BEAT
    (body,) = bench.fake_mail.queues[INTAKE]
    assert intake.handle(body, bench) is IntakeOutcome.STARTED

    handle(bench)
    assert len(bench.fake_mail.queues[INTAKE]) == 1


def test_a_quiet_minute_costs_one_list_and_no_message(bench: BenchRuntime) -> None:
    """The same on quiet days and bad ones."""
    bench.cloudformation.create("app-one")
    before = bench.cloudformation.calls

    handle(bench)

    assert bench.cloudformation.calls == before + 1
    assert bench.fake_mail.queues == {}


def test_the_lease_is_prolonged(bench: BenchRuntime) -> None:
    """By every beat."""
    bench.time.pass_seconds(100)
    handle(bench)

    assert bench.hub.lease is not None
    assert bench.hub.lease.expires_at_ms == int(bench.clock().timestamp() * 1000) + 180_000


def test_without_a_lease_nothing_else_is_done(bench: BenchRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and that is all."""
    broken(bench)
    before = bench.cloudformation.calls
    bench.hub.reachable = False
    assert handle(bench) is BeatOutcome.LEASE_UNRENEWABLE

    def elsewhere() -> None:
        raise LeaseElsewhereError("us-west-2 holds it")

    monkeypatch.setattr(bench.hub, "renew", elsewhere)
    assert handle(bench) is BeatOutcome.LEASE_ELSEWHERE
    assert bench.cloudformation.calls == before
    assert bench.fake_mail.queues == {}


def test_a_lost_end_is_asked_for(bench: BenchRuntime) -> None:
    """The stack rests and we still wait."""
    stack = broken(bench)
    payload = order(bench, diagnosed(bench, stack))
    acting.handle(payload, bench)
    bench.cloudformation.end_operation(stack, well=True)
    bench.time.pass_seconds(61)

    handle(bench)

    (body,) = bench.fake_mail.queues[NOTICE]
    assert notice.handle(body, bench) is NoticeOutcome.WOKEN


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"])
def test_an_execution_that_died_is_escalated(bench: BenchRuntime, status: str) -> None:
    """Also one that says it succeeded, and has not settled."""
    state = claimed(bench, broken(bench))
    bench.fake_machine.executions[state["recovery_id"]].status = status
    bench.time.pass_seconds(61)

    handle(bench)

    ((name, event),) = bench.fake_functions.invoked
    assert name == "stackmend-test-escalate"
    assert escalate.handle(read_case(event.model_dump(mode="json")), bench) is CloseOutcome.CLOSED


def test_a_running_execution_is_left_alone(bench: BenchRuntime) -> None:
    """However long it waits."""
    claimed(bench, broken(bench))
    bench.time.pass_seconds(6000)

    handle(bench)

    assert (bench.fake_functions.invoked, bench.fake_mail.queues) == ([], {})


def test_an_execution_that_never_started_is_started_then_escalated(bench: BenchRuntime) -> None:
    """Intake starts it again; when even that does not help, a person hears of it."""
    claimed(bench, broken(bench))
    bench.fake_machine.executions.clear()
    bench.time.pass_seconds(61)
    handle(bench)
    (body,) = bench.fake_mail.queues[INTAKE]
    assert bench.fake_functions.invoked == []

    bench.time.pass_seconds(300)
    handle(bench)
    assert [json.loads(event.model_dump_json())["status"] for _, event in bench.fake_functions.invoked] == ["MISSING"]
    assert intake.handle(body, bench) is IntakeOutcome.RESTARTED


def test_a_healed_stack_is_taken_off_the_list(bench: BenchRuntime) -> None:
    """A person has mended what was escalated or observed."""
    stack = broken(bench, "shadow-one")
    claimed(bench, stack)
    settle_as(bench, "observed")
    handle(bench)
    assert len(bench.ledger.unresolved().failures) == 1

    bench.cloudformation.someone_continues(stack)
    handle(bench)
    assert len(bench.ledger.unresolved().failures) == 1

    bench.cloudformation.end_operation(stack, well=True)
    handle(bench)
    assert bench.ledger.unresolved() == Unresolved()
