"""Clocks that jump, a hub that is dark, settings that change while recoveries wait: each ends by name, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from handlers import acting, diagnose, heartbeat, intake, notice, validate
from handlers.domain.cell import Cell
from handlers.domain.decision import Route
from handlers.domain.errors import RefusedError, TransientError
from handlers.domain.escalation import EscalationMessage
from handlers.domain.outcome import ActOutcome, BeatOutcome, IntakeOutcome, NoticeOutcome
from handlers.domain.payload import Payload
from handlers.domain.plan import UnknownStrategyError
from tests.handlers.bench import BenchRuntime, cell_data
from tests.handlers.journey import broken, claimed, decided, diagnosed, order
from tests.handlers.machine_model import RETRIES, MachineModel, Run

INTAKE, NOTICE = "stackmend-test-intake", "stackmend-test-notice"
HOUR = 3600


def deploy(bench: BenchRuntime, change: Callable[[dict[str, Any]], object]) -> None:
    """New settings, while executions of the old ones wait."""
    data = cell_data()
    change(data)
    bench.cell = Cell.model_validate(data)


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_clock_that_jumped_takes_nothing_up_and_loses_nothing(bench: BenchRuntime, seconds: int) -> None:
    """Forward the lease has run out; back it would last too long, which no lease does. The next heartbeat brings the stack."""
    stack = broken(bench)
    bench.time.pass_seconds(seconds)

    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.NO_LEASE

    bench.time.pass_seconds(-seconds)
    heartbeat.handle(bench)
    (body,) = bench.fake_mail.queues[INTAKE]
    assert intake.handle(body, bench) is IntakeOutcome.STARTED


@pytest.mark.parametrize(("seconds", "why"), [(HOUR, "s left, 35 s are needed"), (-HOUR, "more than any lease has")])
def test_a_clock_that_jumped_does_not_act(bench: BenchRuntime, seconds: int, why: str) -> None:
    """Named, and nothing was ordered."""
    payload = order(bench, diagnosed(bench, broken(bench)))
    bench.time.pass_seconds(seconds)

    with pytest.raises(RefusedError, match=f"no_lease: the lease has .*{why}"):
        acting.handle(payload, bench)
    assert bench.cloudformation.accepted == []


def test_a_clock_that_jumped_forward_only_asks_after_what_runs(bench: BenchRuntime) -> None:
    """An attempt looks overdue; its operation's events say that it goes on."""
    payload = order(bench, diagnosed(bench, broken(bench)))
    acting.handle(payload, bench)
    bench.time.pass_seconds(2 * HOUR)

    assert heartbeat.handle(bench) is BeatOutcome.BEAT
    (body,) = bench.fake_mail.queues[NOTICE]
    assert notice.handle(body, bench) is NoticeOutcome.IN_PROGRESS
    assert len(bench.cloudformation.accepted) == 1


def test_a_clock_that_jumped_back_waits_with_the_heartbeat(bench: BenchRuntime) -> None:
    """Nothing looks old, so nothing is entered twice or escalated; when the clock is right again all goes on."""
    stack = broken(bench)
    claimed(bench, stack)
    bench.time.pass_seconds(-HOUR)

    assert heartbeat.handle(bench) is BeatOutcome.BEAT
    assert (bench.fake_mail.queues, bench.fake_functions.invoked) == ({}, [])


def test_a_dark_hub_takes_nothing_up_and_the_heartbeat_says_so(bench: BenchRuntime) -> None:
    """The stack stays unclaimed and is brought again."""
    stack = broken(bench)
    bench.hub.reachable = False
    assert heartbeat.handle(bench) is BeatOutcome.LEASE_UNRENEWABLE
    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.NO_LEASE

    bench.hub.reachable = True
    heartbeat.handle(bench)
    (body,) = bench.fake_mail.queues[INTAKE]
    assert intake.handle(body, bench) is IntakeOutcome.STARTED


def test_a_hub_that_goes_dark_stops_an_act_but_not_what_was_ordered(bench: BenchRuntime) -> None:
    """The machine asks again before anybody is called; what runs needs no lease to be awaited."""
    first = order(bench, diagnosed(bench, broken(bench)))
    bench.hub.reachable = False
    with pytest.raises(TransientError, match=r"no_lease: no control region returned a lease \(us-east-1: no answer\)"):
        acting.handle(first, bench)
    assert bench.cloudformation.accepted == []

    bench.hub.reachable = True
    acting.handle(first, bench)
    bench.hub.reachable = False
    assert acting.handle(first, bench) is ActOutcome.ADOPTED


def _at_act(bench: BenchRuntime) -> tuple[MachineModel, Run]:
    """An execution that is about to act, and the hub goes dark."""
    claimed(bench, broken(bench))
    machine = MachineModel(bench)
    (run,) = machine.running()
    machine.step(run)
    assert run.state == "ActRoll"
    bench.hub.reachable = False
    return machine, run


def test_a_hub_that_is_dark_for_a_moment_costs_retries_and_no_person(bench: BenchRuntime) -> None:
    """The last of the machine's retries still acts, once."""
    machine, run = _at_act(bench)
    for _ in range(RETRIES):
        machine.step(run)
    assert (run.state, bench.cloudformation.accepted) == ("ActRoll", [])

    bench.hub.reachable = True
    machine.step(run)

    assert run.state == "Waiting"
    assert len(bench.cloudformation.accepted) == 1


def test_a_hub_that_stays_dark_is_escalated_by_its_name(bench: BenchRuntime) -> None:
    """When the retries are spent a person reads why, and nothing was ordered."""
    machine, run = _at_act(bench)
    for _ in range(RETRIES + 2):
        machine.step(run)

    (message,) = bench.fake_mail.queues[bench.cell.escalation_queue]
    told = EscalationMessage.model_validate_json(message)
    assert (told.code, told.sentence) == ("no_lease", "no control region returned a lease (us-east-1: no answer)")
    assert bench.cloudformation.accepted == []


def _observe(data: dict[str, Any]) -> None:
    data["patterns"][0]["mode"] = "observe"


def _forget(data: dict[str, Any]) -> None:
    data["patterns"] = data["patterns"][1:]


def _one_attempt(data: dict[str, Any]) -> None:
    data["tiers"]["standard"]["max_attempts"] = 1


@pytest.mark.parametrize(("change", "why"), [(_observe, "observe"), (_forget, "off")])
def test_a_mode_that_was_taken_back_before_the_call_refuses_it(
    bench: BenchRuntime, change: Callable[[dict[str, Any]], None], why: str
) -> None:
    """A person hears of it, since something was about to be done."""
    payload = order(bench, diagnosed(bench, broken(bench)))
    deploy(bench, change)

    with pytest.raises(RefusedError, match=f"mode_forbids: the stack's mode is now {why}"):
        acting.handle(payload, bench)
    assert bench.cloudformation.accepted == []


@pytest.mark.parametrize(("change", "reason"), [(_observe, "observed: "), (_forget, "switched_off: ")])
def test_a_mode_that_was_taken_back_before_the_diagnosis_settles_it(
    bench: BenchRuntime, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    """Nothing was promised yet."""
    state = claimed(bench, broken(bench))
    deploy(bench, change)

    decision = diagnose.handle(Payload.model_validate(state), bench)
    assert (decision.route, decision.reason[: len(reason)]) == (Route.SETTLE, reason)


def test_fewer_attempts_count_from_the_next_one_on(bench: BenchRuntime) -> None:
    """The tier that is deployed when an attempt has ended decides whether another follows."""
    stack = broken(bench)
    state = diagnosed(bench, stack)
    acting.handle(order(bench, state), bench)
    bench.cloudformation.end_operation(stack, well=False, reason="Rate exceeded (Service: Lambda, Status Code: 429)")
    deploy(bench, _one_attempt)

    decision = validate.handle(decided(state), bench)
    assert decision.reason.startswith("attempts_spent: 1 of 1 attempts ended in UPDATE_ROLLBACK_FAILED; what is left: ")


def test_a_strategy_of_another_version_is_no_wrong_call(bench: BenchRuntime) -> None:
    """A decision that waited through a deployment names what this version does not know: the machine escalates it."""
    state = diagnosed(bench, broken(bench))
    payload = order(bench, {**state, "decision": {"route": "act", "strategy": "resume_update"}})

    with pytest.raises(UnknownStrategyError, match="strategy 'resume_update' is not known"):
        acting.handle(payload, bench)
    assert bench.cloudformation.accepted == []
