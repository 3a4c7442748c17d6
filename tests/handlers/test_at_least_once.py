"""Events shuffled, repeated and dropped; functions that die at any call; people who interfere: what always holds."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from handlers import acting
from handlers.aws.ledger import Closing, Ledger
from handlers.aws.ledger_items import item_of, listed
from handlers.domain import attempt
from handlers.domain.attempt import Trace
from handlers.domain.cell import Mode
from handlers.domain.escalation import Case
from handlers.domain.outcome import CloseOutcome
from handlers.domain.records import Claim, Failure, FailureState, Recovery
from handlers.domain.status import StackStatus
from handlers.telemetry import logger
from tests.handlers.bench import BenchRuntime
from tests.handlers.world import World

NUMBERS = st.integers(min_value=0, max_value=2)
ANY = st.integers(min_value=0, max_value=3)
"""Also the stack that never was stable."""
TROUBLE = st.none() | st.tuples(st.integers(min_value=0, max_value=11), st.booleans(), st.booleans())
REASONS = st.sampled_from(["Internal failure", "Rate exceeded (Service: Lambda, Status Code: 429)", "Access denied", ""])
Drawn = tuple[int, bool, bool] | None


class Recoveries(RuleBasedStateMachine):
    """The world, moved at random; its end is always brought about, and judged."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.ends_well = False

    @initialize(reason=REASONS, head_start=st.sampled_from([3, 2, 2, 1, 0]), well=st.booleans())
    def something_breaks(self, reason: str, head_start: int, *, well: bool) -> None:
        """A quiet beginning, up to where things get interesting: claimed, diagnosed, ordered."""
        self.ends_well = well
        self.world.break_stack(self.world.stack(0), reason)
        if head_start:
            self.world.deliver(0, repeat=True)
            self.world.drain()
        for _ in range(head_start - 1):
            self.world.step(0)

    @rule(number=NUMBERS, reason=REASONS)
    def stack_breaks(self, number: int, reason: str) -> None:
        self.world.break_stack(self.world.stack(number), reason)

    @rule(number=ANY, reason=REASONS)
    def stack_breaks_with_rollback_disabled(self, number: int, reason: str) -> None:
        self.world.fail_and_stay(self.world.stack(number), reason)

    @rule(number=NUMBERS)
    def update_begins(self, number: int) -> None:
        self.world.begin_update(self.world.stack(number))

    @rule(number=NUMBERS, well=st.booleans())
    def operation_ends(self, number: int, *, well: bool) -> None:
        self.world.end_operation(self.world.stack(number), well=well)

    @rule(number=NUMBERS, fails=st.booleans())
    def someone_continues(self, number: int, *, fails: bool) -> None:
        self.world.someone_continues(self.world.stack(number))
        if fails:
            self.world.end_operation(self.world.stack(number), well=False)

    @rule(number=st.integers(min_value=0, max_value=30))
    def someone_deletes(self, number: int) -> None:
        if number <= 2:
            self.world.delete(self.world.stack(number))

    @precondition(lambda self: self.world.waiting_events())
    @rule(number=NUMBERS, repeat=st.booleans(), trouble=TROUBLE)
    def event_arrives(self, number: int, *, repeat: bool, trouble: Drawn) -> None:
        with self.world.wire.trouble(trouble):
            self.world.deliver(number, repeat=repeat)
            self.world.drain()

    @precondition(lambda self: self.world.waiting_events())
    @rule(number=NUMBERS)
    def event_is_lost(self, number: int) -> None:
        self.world.drop(number)

    @precondition(lambda self: any(self.world.bench.fake_mail.queues.values()))
    @rule(most=st.integers(min_value=1, max_value=5), trouble=TROUBLE)
    def queues_are_read(self, most: int, trouble: Drawn) -> None:
        with self.world.wire.trouble(trouble):
            self.world.drain(most)

    @precondition(lambda self: self.world.machine.running())
    @rule(number=NUMBERS, steps=st.integers(min_value=1, max_value=3), trouble=TROUBLE)
    def machine_steps(self, number: int, steps: int, trouble: Drawn) -> None:
        with self.world.wire.trouble(trouble):
            for _ in range(steps):
                self.world.step(number)

    @precondition(lambda self: self.world.machine.running())
    @rule(number=NUMBERS, abort=st.booleans())
    def execution_dies(self, number: int, *, abort: bool) -> None:
        run = self.world.run_of(number)
        if run is not None:
            (self.world.machine.abort if abort else self.world.machine.time_out)(run)

    @rule(seconds=st.sampled_from([1, 61, 400, 8000]), trouble=TROUBLE)
    def heart_beats_after(self, seconds: int, trouble: Drawn) -> None:
        self.world.bench.time.pass_seconds(seconds)
        with self.world.wire.trouble(trouble):
            self.world.beat()

    @precondition(lambda self: self.world.machine.dead or self.world.bench.fake_functions.invoked)
    @rule(trouble=TROUBLE)
    def dead_are_escalated(self, trouble: Drawn) -> None:
        with self.world.wire.trouble(trouble):
            self.world.escalate_the_dead()

    @rule(number=NUMBERS, seconds=st.sampled_from([None, 30, 400]), resumes=st.booleans())
    def someone_pauses_or_resumes(self, number: int, seconds: int | None, *, resumes: bool) -> None:
        stack = self.world.stack(number)
        if resumes:
            self.world.resume(stack)
        else:
            self.world.pause(stack, seconds=seconds)

    @rule(stopped=st.booleans())
    def cell_is_stopped_or_started(self, *, stopped: bool) -> None:
        self.world.switch_cell(stopped=stopped)

    @rule(minutes=st.sampled_from([0, 1, 5]), elsewhere=st.booleans())
    def settings_freeze(self, minutes: int, *, elsewhere: bool) -> None:
        self.world.freeze(*(["another"] if elsewhere else []), minutes=minutes)

    @rule(mode=st.sampled_from([*Mode, Mode.ACT]))
    def settings_change_the_mode(self, mode: Mode) -> None:
        self.world.set_mode(mode)

    @rule(trouble=st.sampled_from(["none", "none", "switch", "hub"]))
    def hub_changes(self, trouble: str) -> None:
        hub = self.world.bench.hub
        hub.switch = hub.switch.model_copy(update={"stopped": trouble == "switch"})
        hub.reachable = trouble != "hub"

    @invariant()
    def every_moment(self) -> None:
        self.world.check_now()

    def teardown(self) -> None:
        self.world.come_to_rest(well=self.ends_well)
        self.world.check_at_rest()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Ten thousand recoveries need no log."""
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(level)


OFTEN = settings(
    max_examples=300, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), print_blob=False
)


def test_one_mutation_per_attempt_and_an_answer_for_every_failure() -> None:
    """Whatever happens, no call is made twice, and every failure ends settled or escalated."""
    run_state_machine_as_test(Recoveries, settings=OFTEN)


HUNT = settings(OFTEN, max_examples=3000, database=None, report_multiple_bugs=False, phases=(Phase.generate,))
SEEDS = 8
"""What hypothesis generates from one seed depends on which modules are imported: no single seed's luck may decide a test."""


def hunt() -> None:
    """Play the broken world under one seed after the other, until the model finds what is wrong with it."""
    for number in range(SEEDS):
        world = type("Recoveries", (Recoveries,), {})
        run_state_machine_as_test(seed(number)(world), settings=HUNT)


def test_a_call_that_trusts_what_intake_saw_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that does not look for itself at switches, pauses and freezes is seen to touch what is held."""
    rows = tuple(row for row in attempt.TABLE if row.__name__ != "_is_restrained")
    monkeypatch.setattr(attempt, "TABLE", rows)

    with pytest.raises(AssertionError):
        hunt()


def test_a_heartbeat_that_forgets_what_waits_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was held for a while must be brought again, or it would wait for ever."""
    monkeypatch.setattr("handlers.domain.sweep._may_go_on", lambda *_: False)

    with pytest.raises(AssertionError, match="waits for nothing"):
        hunt()


def test_a_heartbeat_that_forgets_what_a_mode_left_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that broke while it was only observed would stay broken for ever."""
    monkeypatch.setattr("handlers.domain.sweep.may_begin_again", lambda failure, _mode: failure.state is FailureState.WAITING)

    with pytest.raises(AssertionError, match="left alone for a mode"):
        hunt()


def _claim_without_condition(self: Ledger, failure: Failure, claim: Claim, recovery: Recovery) -> None:
    for item in (item_of(failure, **listed(failure)), item_of(claim), item_of(recovery)):
        self._table.do(self._table.put(item, "(attribute_exists(pk) OR attribute_not_exists(pk))"))


def test_a_claim_without_its_condition_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is no decoration: a claim that does not look whether it is held lets two recoveries at one stack."""
    monkeypatch.setattr(Ledger, "open", _claim_without_condition)
    monkeypatch.setattr("handlers.intake._known", lambda *_: None)

    with pytest.raises(AssertionError):
        hunt()


def test_a_call_that_does_not_look_at_its_trace_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeat that asks with a new token, and does not read what became of the old one, is seen to act twice."""
    numbers = iter(range(10**9))

    def fresh(self: Any) -> str:
        return f"sm-{next(numbers)}"

    monkeypatch.setattr("handlers.domain.payload.DecidedPayload.client_token", property(fresh))
    monkeypatch.setattr(acting, "_trace", lambda _order: Trace.NONE)

    with pytest.raises(AssertionError):
        hunt()


def test_an_escalation_that_is_marked_before_it_is_sent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marking first would lose the message when the function dies in between."""

    def mark_first(case: Case, runtime: BenchRuntime) -> CloseOutcome:
        closing = Closing(
            stack=case.stack,
            failure_id=case.failure_id,
            recovery_id=case.recovery_id,
            state=FailureState.ESCALATED,
            outcome=case.reason.code.value,
            reason=case.reason.sentence,
            at=runtime.clock(),
            stays_listed=True,
        )
        if runtime.ledger.close(closing):
            runtime.mail.pass_on(runtime.cell.escalation_queue, case.model_dump_json(include={"recovery_id"}))
        return CloseOutcome.CLOSED

    monkeypatch.setattr("handlers.escalate.handle", mark_first)

    with pytest.raises(AssertionError, match="escalated without a message"):
        hunt()


def test_a_rollback_without_proof_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking every stack for one that once was stable deletes the one that never was."""
    monkeypatch.setattr("handlers.aws.stacks.Stacks.last_stable", lambda *_: StackStatus.CREATE_COMPLETE)

    with pytest.raises(AssertionError, match="a stack that never was stable was deleted"):
        hunt()
