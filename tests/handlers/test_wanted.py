"""A person wants a stack recovered, or wants to know what would be done: by the door of every event, and under their own name."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from handlers import diagnose, escalate, intake
from handlers.acting import handle as act
from handlers.domain.errors import RefusedError
from handlers.domain.escalation import read_case
from handlers.domain.events import UnknownSenderError, WantedRecovery
from handlers.domain.outcome import Escalation, IntakeOutcome
from handlers.domain.payload import ActPayload, Payload
from handlers.domain.records import FailureState, Recovery, SeenBy
from tests.handlers.bench import KEY, WORD, BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.journey import broken, claimed
from tests.handlers.machine_model import MachineModel

PERSON = "arn:aws:sts::222222222222:assumed-role/stackmend-operator/maria"
SENDER = "AROAEXAMPLEEXAMPLEEX:maria"


def wanted(bench: BenchRuntime, stack: FakeStack, **more: Any) -> WantedRecovery:
    given = {"stack_id": stack.stack_id, "request_id": uuid.uuid4().hex, "by": PERSON, "wanted_at": bench.clock()}
    return WantedRecovery.model_validate({**given, **more})


def want(bench: BenchRuntime, word: WantedRecovery, sender: str = SENDER) -> IntakeOutcome:
    return intake.handle(word.model_dump_json(), bench, sender)


def recovery_of(bench: BenchRuntime, word: WantedRecovery) -> Recovery:
    """What came of a person's word."""
    found = [Recovery.model_validate(each) for each in bench.table.items.values() if each.get("request_id") == word.request_id]
    assert len(found) == 1
    return found[0]


def run(bench: BenchRuntime) -> None:
    """Let every execution go on until it ends or waits."""
    machine = MachineModel(bench)
    while moving := [each for each in machine.running() if each.state != "Waiting"]:
        machine.step(moving[0])


def escalated(bench: BenchRuntime, stack: FakeStack) -> None:
    """Its recovery has ended with a person."""
    state = claimed(bench, stack)
    decision = {"route": "escalate", "reason": "attempts_spent: in a test"}
    escalate.handle(read_case({**state, "decision": decision}), bench)
    bench.time.pass_seconds(60)


def test_what_ended_with_a_person_is_begun_anew_under_their_name(bench: BenchRuntime) -> None:
    """The same failure in its next turn; who started it stands in the record, for approvals to refuse."""
    stack = broken(bench)
    escalated(bench, stack)
    word = wanted(bench, stack)

    assert want(bench, word) is IntakeOutcome.STARTED

    (failure,) = bench.failures()
    assert (failure.turn, failure.state, failure.seen_by) == (1, FailureState.OPEN, SeenBy.EVENT)
    assert recovery_of(bench, word).started_by == PERSON


def test_a_word_that_comes_twice_begins_one_recovery(bench: BenchRuntime) -> None:
    """While it runs, and after it has ended."""
    stack = broken(bench)
    escalated(bench, stack)
    word = wanted(bench, stack)
    want(bench, word)

    assert want(bench, word) is IntakeOutcome.DUPLICATE
    (failure,) = bench.failures()
    escalate.handle(read_case({**bench.claims()[0].machine_input(), "decision": {"route": "escalate", "reason": "x"}}), bench)
    assert want(bench, word) is IntakeOutcome.DUPLICATE
    assert want(bench, word.model_copy(update={"wanted_at": bench.clock() + timedelta(hours=1)})) is IntakeOutcome.DUPLICATE
    assert len(bench.fake_machine.executions) == failure.turn + 1


def test_a_stack_that_nobody_knows_to_be_broken_is_taken_up(bench: BenchRuntime) -> None:
    """Seen by a person, before any event or heartbeat."""
    word = wanted(bench, broken(bench))

    assert want(bench, word) is IntakeOutcome.STARTED
    assert [failure.seen_by for failure in bench.failures()] == [SeenBy.PERSON]


@pytest.mark.parametrize(
    "sender", ["AROAEXAMPLEEXAMPLEEX:someone-else", "AIDAEXAMPLEEXAMPLEEX", "222222222222", "", "AROAEXAMPLEEXAMPLEEX:"]
)
def test_nobody_speaks_in_anothers_name(bench: BenchRuntime, sender: str) -> None:
    """SQS says who sent it; what the message says of that is only compared. It ends in the dead letters."""
    stack = broken(bench)

    with pytest.raises(UnknownSenderError, match="SQS does not name that session as the sender"):
        want(bench, wanted(bench, stack), sender)
    assert bench.table.items == {}


def test_a_held_stack_is_not_taken_up_by_asking(bench: BenchRuntime) -> None:
    """People first: somebody has paused it."""
    stack = broken(bench)
    bench.people.pause(KEY, WORD, until=None)

    assert want(bench, wanted(bench, stack)) is IntakeOutcome.PAUSED
    assert bench.fake_machine.executions == {}


def simulate(bench: BenchRuntime, stack: FakeStack) -> Recovery:
    word = wanted(bench, stack, simulate=True)
    assert want(bench, word) is IntakeOutcome.SIMULATED
    run(bench)
    return recovery_of(bench, word)


def test_a_simulation_says_what_would_be_done_and_changes_nothing(bench: BenchRuntime) -> None:
    """No claim, no failure, no attempt, no alert, no letter, no call that changes a stack."""
    stack = broken(bench)
    before = list(stack.events)
    found = simulate(bench, stack)

    assert (found.outcome, found.attempts) == ("simulated", 0)
    assert str(found.reason).startswith("would act (continue_update_rollback): ")
    assert stack.events == before
    assert [each["sk"] for each in bench.table.items.values()] == [f"RECOVERY#{found.recovery_id}"]
    assert (bench.fake_mail.queues, bench.fake_alerts.raised) == ({}, [])


def test_its_plan_is_the_real_plan(bench: BenchRuntime) -> None:
    """By its digest, which an approval would be for; and the real recovery begins as if nobody had asked."""
    stack = broken(bench)
    digest = simulate(bench, stack).plan_digest
    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.STARTED
    (claim,) = bench.claims()
    decision = diagnose.handle(Payload.model_validate(claim.machine_input()), bench)

    real = bench.ledger.recovery(KEY, claim.recovery_id)
    assert real is not None
    assert (real.plan_digest, decision.route) == (digest, "act")


def test_a_simulation_goes_by_what_holds_the_stack(bench: BenchRuntime) -> None:
    """It takes nobody's claim and waits for no pause: it only looks."""
    stack = broken(bench)
    real = claimed(bench, stack)
    bench.people.pause(KEY, WORD, until=None)

    assert want(bench, wanted(bench, stack, simulate=True)) is IntakeOutcome.SIMULATED
    assert [claim.recovery_id for claim in bench.claims()] == [real["recovery_id"]]


def test_act_refuses_a_simulation(bench: BenchRuntime) -> None:
    """Whatever brought it there: it holds no claim."""
    stack = broken(bench)
    found = simulate(bench, stack)
    decision = {"route": "act", "group": "roll", "strategy": "continue_update_rollback"}
    ids = {**found.model_dump(mode="json", include={"recovery_id", "failure_id", "fence", "stack", "stack_id"})}

    with pytest.raises(RefusedError) as refused:
        act(ActPayload.model_validate({**ids, "decision": decision, "task_token": "t"}), bench)
    assert refused.value.reason.code is Escalation.CLAIM_LOST


def test_a_simulation_that_fails_calls_nobody(bench: BenchRuntime) -> None:
    """Whoever asked is told, by its record."""
    stack = broken(bench)
    found = simulate(bench, stack)
    ids = found.model_dump(mode="json", include={"recovery_id", "failure_id", "fence", "stack", "stack_id"})
    escalate.handle(read_case({**ids, "error": {"Error": "States.Timeout", "Cause": ""}}), bench)

    (after,) = [Recovery.model_validate(each) for each in bench.table.items.values()]
    assert after.outcome == "step_failed"
    assert (bench.fake_mail.queues, bench.fake_alerts.raised) == ({}, [])
