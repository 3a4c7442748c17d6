"""A model of everything around the handlers, in which events come twice, late, out of order or never, and functions die."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from handlers import escalate, heartbeat, intake, notice
from handlers.aws.people import NotPausedError, Word
from handlers.domain.cell import Mode
from handlers.domain.errors import TransientError
from handlers.domain.escalation import read_case
from handlers.domain.events import EventError
from handlers.domain.freeze import Day, Freeze
from handlers.domain.graph_facts import StackFacts
from handlers.domain.identity import StackKey, is_own
from handlers.domain.moment import iso
from handlers.domain.outcome import Escalation
from handlers.domain.patterns import match
from handlers.domain.records import ClaimState, Failure, FailureState
from handlers.domain.status import Kind, StackStatus
from tests.handlers.bench import KEY, BenchRuntime, make_bench
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.machine_model import CrashError, MachineModel, Run

HEALTHY = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


@dataclass
class Tripwire:
    """Lets a call to AWS fail: the n-th from now, before or after it took effect."""

    calls_left: int | None = None
    after: bool = False
    error: Callable[[], Exception] = CrashError
    tripped: int = 0

    def arm(self, calls_left: int, *, after: bool, transient: bool) -> None:
        self.calls_left, self.after = calls_left, after
        self.error = (lambda: TransientError("no answer")) if transient else CrashError

    def wrap(self, double: Any) -> Any:
        return _Tripped(double, self)

    @contextmanager
    def trouble(self, drawn: tuple[int, bool, bool] | None) -> Iterator[None]:
        """Trouble for as long as one thing happens: which call, after its effect or before, transient or deadly."""
        if drawn is not None:
            self.arm(drawn[0], after=drawn[1], transient=drawn[2])
        try:
            yield
        finally:
            self.calls_left = None

    def due(self) -> bool:
        if self.calls_left is None:
            return False
        self.calls_left -= 1
        if self.calls_left >= 0:
            return False
        self.calls_left = None
        self.tripped += 1
        return True


class _Tripped:
    """A double whose calls run over a tripwire. Building a write is no call."""

    def __init__(self, double: Any, wire: Tripwire) -> None:
        self._double = double
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._double, name)
        if not callable(found) or name in {"put", "change"}:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            due = self._wire.due()
            if due and not self._wire.after:
                raise self._wire.error()
            answer = found(*args, **kwargs)
            if due:
                raise self._wire.error()
            return answer

        return call


@dataclass
class World:
    """The cell, its stacks, its queues, its machine."""

    bench: BenchRuntime = field(default_factory=make_bench)
    wire: Tripwire = field(default_factory=Tripwire)
    delivered: int = 0
    queue: list[dict[str, Any]] = field(default_factory=list)
    """Status events on their way."""

    def __post_init__(self) -> None:
        self.bench.wire(self.wire.wrap)
        self.machine = MachineModel(self.bench)
        self._watch_the_call()
        for name in ("app-one", "shadow-one", "alien-one"):
            self.bench.cloudformation.create(name)
        self.bench.cloudformation.create_and_fail("app-unborn", updated=False)
        self._tell()
        self._collect(keep=False)

    def _tell(self) -> None:
        """The stack that never was stable needs the first one, by an import."""
        first, unborn = (KEY.model_copy(update={"name": name}) for name in ("app-one", "app-unborn"))
        self.bench.graph.refresh(StackFacts(stack=first, exports=("Vpc",)), "one", self.bench.clock())
        self.bench.graph.refresh(StackFacts(stack=unborn, imports=("Vpc",)), "unborn", self.bench.clock())

    # What happens in the world

    def stack(self, number: int) -> FakeStack:
        stacks = list(self.bench.cloudformation.stacks.values())
        return stacks[number % len(stacks)]

    def break_stack(self, stack: FakeStack, reason: str) -> None:
        if stack.status in HEALTHY:
            self.bench.cloudformation.fail_update(stack, reason)

    def fail_and_stay(self, stack: FakeStack, reason: str) -> None:
        """With rollback disabled, any number of times."""
        if stack.status in {*HEALTHY, "CREATE_FAILED", "UPDATE_FAILED"}:
            self.bench.cloudformation.fail_and_stay(stack, reason)

    def begin_update(self, stack: FakeStack) -> None:
        if stack.status in HEALTHY:
            self.bench.cloudformation.begin_update(stack)

    def end_operation(self, stack: FakeStack, *, well: bool) -> None:
        if stack.status == "UPDATE_IN_PROGRESS":
            self.bench.cloudformation.say(stack, "UPDATE_COMPLETE" if well else "UPDATE_FAILED", "", token=stack.token)
        if stack.status == "UPDATE_ROLLBACK_IN_PROGRESS":
            self.bench.cloudformation.end_operation(stack, well=well)

    def someone_continues(self, stack: FakeStack) -> None:
        if stack.status == "UPDATE_ROLLBACK_FAILED":
            self.bench.cloudformation.someone_continues(stack)

    def delete(self, stack: FakeStack) -> None:
        if StackStatus(stack.status).kind in {Kind.HEALTHY, Kind.FAILED}:
            self.bench.cloudformation.delete(stack)

    # What people and the calendar say

    def pause(self, stack: FakeStack, *, seconds: int | None) -> None:
        until = self.bench.clock() + timedelta(seconds=seconds) if seconds else None
        self.bench.people.pause(StackKey.of(stack.stack_id), self._word(), until=until)

    def resume(self, stack: FakeStack) -> None:
        with suppress(NotPausedError):
            self.bench.people.resume(StackKey.of(stack.stack_id), self._word())

    def switch_cell(self, *, stopped: bool) -> None:
        (self.bench.people.stop if stopped else self.bench.people.start)(self._word())

    def freeze(self, *tiers: str, minutes: int) -> None:
        """A new settings file: a window of so many minutes from now on, or none."""
        now = self.bench.clock()
        start, end = now.hour * 60 + now.minute, min(now.hour * 60 + now.minute + minutes, 24 * 60)
        window = Freeze(
            name="now",
            zone="UTC",
            days=(tuple(Day)[now.weekday()],),
            start=f"{start // 60:02}:{start % 60:02}",
            end=f"{max(end, start + 1) // 60:02}:{max(end, start + 1) % 60:02}",
            tiers=tiers,
        )
        self.bench.cell = self.bench.cell.model_copy(update={"freezes": (window,) if minutes else ()})

    def set_mode(self, mode: Mode) -> None:
        """A new settings file: what the cell may do for the stacks of its first pattern."""
        first, *others = self.bench.cell.patterns
        changed = first.model_copy(update={"mode": mode})
        self.bench.cell = self.bench.cell.model_copy(update={"patterns": (changed, *others)})

    def release(self) -> None:
        """Everybody goes home, and what may be repaired may be repaired."""
        self.set_mode(Mode.ACT)
        self.bench.hub.switch = self.bench.hub.switch.model_copy(update={"stopped": False})
        self.switch_cell(stopped=False)
        self.freeze(minutes=0)
        for stack in self.bench.cloudformation.stacks.values():
            self.resume(stack)

    def _word(self) -> Word:
        return Word(by="somebody", at=self.bench.clock(), reason="in a test")

    def _watch_the_call(self) -> None:
        """No call that changes a stack gets through while its mode or anything holds it, as it stands at that moment."""
        for operation in ("continue_update_rollback", "rollback_stack", "update_stack"):
            setattr(self.bench.cloudformation, operation, self._watched(getattr(self.bench.cloudformation, operation)))

    def _watched(self, honest: Callable[..., Any]) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            name = parameters["StackName"].split("/")[1] if "/" in parameters["StackName"] else parameters["StackName"]
            assert (why := self._what_holds(name)) is None, f"{name} was touched although {why}"
            return honest(**parameters)

        return call

    def _what_holds(self, name: str) -> str | None:
        """Read from what lies in the tables, not by the code that is under test."""
        cell, now = self.bench.cell, self.bench.clock()
        pattern = match(name, cell.patterns)
        if pattern is None or pattern.mode is not Mode.ACT:
            return f"it is {'in mode ' + pattern.mode if pattern else 'not managed'}"
        pause = self.bench.table.items.get((f"STACK#{cell.account}#{cell.region}#{name}", "PAUSE"), {})
        ends = pause.get("until")
        if pause.get("paused") and (ends is None or iso(now) < ends):
            return "it is paused"
        switch = self.bench.table.items.get((f"CELL#{cell.key}", "SWITCH"), {})
        if switch.get("stopped") or self.bench.hub.switch.stopped:
            return "a switch is thrown"
        for window in cell.freezes:
            if tuple(Day)[now.weekday()] in window.days and window.start <= f"{now:%H:%M}" < window.end and not window.tiers:
                return "a freeze holds"
        return None

    # What the network does

    def _collect(self, *, keep: bool = True) -> None:
        """Take over what CloudFormation has published since, as far as a rule would pass it on."""
        published = self.bench.cloudformation.published
        if keep:
            self.queue.extend(event for event in published[self.delivered :] if self._passes(event))
        self.delivered = len(published)

    def _passes(self, event: dict[str, Any]) -> bool:
        detail = event["detail"]
        managed = match(detail["stack-id"].split("/")[1], self.bench.cell.patterns) is not None
        return managed and StackStatus(detail["status-details"]["status"]).kind in {Kind.FAILED, Kind.HEALTHY}

    def waiting_events(self) -> list[dict[str, Any]]:
        self._collect()
        return self.queue

    def deliver(self, number: int, *, repeat: bool) -> None:
        """Deliver any of the events; keep a copy when it shall come again."""
        events = self.waiting_events()
        if not events:
            return
        event = events[number % len(events)]
        if not repeat:
            events.remove(event)
        self._route(event)

    def drop(self, number: int) -> None:
        events = self.waiting_events()
        if events:
            events.pop(number % len(events))

    def _route(self, event: dict[str, Any]) -> None:
        """EventBridge's two rules: our own tokens, and the rest."""
        cell = self.bench.cell
        queue = cell.notice_queue if is_own(event["detail"]["client-request-token"]) else cell.intake_queue
        self.bench.fake_mail.pass_on(queue, json.dumps(event))

    # What our functions do

    def drain(self, most: int = 1) -> None:
        """Let intake and notice take messages; one that fails goes back to its queue."""
        for queue, handle in ((self.bench.cell.intake_queue, intake.handle), (self.bench.cell.notice_queue, notice.handle)):
            bodies = self.bench.fake_mail.queues.setdefault(queue, [])
            for _ in range(min(most, len(bodies))):
                body = bodies.pop(0)
                try:
                    handle(body, self.bench)
                except (CrashError, TransientError):
                    bodies.append(body)
                except EventError as error:
                    raise AssertionError(f"a good event was refused: {error}") from error

    def beat(self) -> None:
        with suppress(CrashError, TransientError):
            heartbeat.handle(self.bench)

    def escalate_the_dead(self) -> None:
        """What the rule on dead executions, and the heartbeat, hand to Escalate; Lambda repeats it when it fails."""
        handed = [event.model_dump(mode="json") for _, event in self.bench.fake_functions.invoked] + self.machine.dead
        self.bench.fake_functions.invoked.clear()
        self.machine.dead = []
        for event in handed:
            try:
                escalate.handle(read_case(event), self.bench)
            except (CrashError, TransientError):
                self.machine.dead.append(event)

    def step(self, number: int) -> None:
        runs = self.machine.running()
        if runs:
            self.machine.step(runs[number % len(runs)])

    def run_of(self, number: int) -> Run | None:
        runs = self.machine.running()
        return runs[number % len(runs)] if runs else None

    # The end of the world

    def come_to_rest(self, *, well: bool) -> None:
        """No more trouble: every operation ends, and time goes on until nothing moves."""
        self.wire.calls_left = None
        self.bench.hub.reachable = True
        self.release()
        for _ in range(40):
            for stack in list(self.bench.cloudformation.stacks.values()):
                self.end_operation(stack, well=well)
            self._collect()
            while self.queue:
                self._route(self.queue.pop(0))
            self.drain(most=1000)
            for run in self.machine.running():
                for _ in range(3):
                    self.machine.step(run)
            self.escalate_the_dead()
            self.bench.time.pass_seconds(61)
            self.beat()
        for run in self.machine.running():
            self.machine.time_out(run)
            for _ in range(3):
                self.machine.step(run)
        self.drain(most=1000)
        self.beat()
        self.drain(most=1000)

    def check_now(self) -> None:
        """What holds at every moment: one mutation per attempt, one recovery per stack, nobody else's stack touched."""
        tokens = [(name, token) for name, token, _ in self.bench.cloudformation.accepted]
        assert len(tokens) == len(set(tokens)), f"a call to CloudFormation was made twice: {tokens}"
        attempts = [(item["recovery_id"], item["attempt"]) for (_, sk), item in self._items() if sk.startswith("ATTEMPT#")]
        assert len(attempts) == len(set(attempts)), f"an attempt has two tokens: {attempts}"
        open_stacks = [failure.stack for failure in self.bench.failures() if failure.state is FailureState.OPEN]
        assert not self.bench.cloudformation.lost, f"a stack that never was stable was deleted: {self.bench.cloudformation.lost}"
        assert len(open_stacks) == len(set(open_stacks)), f"two recoveries at once: {open_stacks}"

    def check_at_rest(self) -> None:
        """What holds in the end: every failure has an answer, and no broken stack is forgotten."""
        self.check_now()
        assert not [f for f in self.bench.failures() if f.state is FailureState.OPEN], "a failure stayed open"
        assert not [c for c in self.bench.claims() if c.state is ClaimState.HELD], "a claim was never released"
        assert not self.machine.running(), "an execution never ended"
        told = {json.loads(body)["recovery_id"] for body in self.bench.fake_mail.queues.get(self.bench.cell.escalation_queue, [])}
        escalated = [f for f in self.bench.failures() if f.state is FailureState.ESCALATED]
        alone = {f.recovery_id for f in escalated if f.outcome != Escalation.DEPENDENCY_GIVEN_UP}
        assert alone <= told, "a recovery was escalated without a message"
        roots = {f.root for f in escalated if f.stack_id in self._broken() and f.root}
        assert roots <= {str(f.stack) for f in escalated}, "a stack was given up behind one that nobody was told of"
        listed = {item.get("stack_id") for _, item in self._items() if "unresolved_cell" in item}
        for stack in self.bench.cloudformation.stacks.values():
            if match(stack.name, self.bench.cell.patterns) and StackStatus(stack.status).kind is Kind.FAILED:
                assert stack.stack_id in listed, f"{stack.name} is {stack.status} and forgotten"
            known = [failure for failure in self.bench.failures() if failure.stack_id == stack.stack_id]
            known.sort(key=lambda failure: failure.failed_at)  # of the same moment the one that was written last
            if StackStatus(stack.status).kind is Kind.FAILED:
                waits = known and known[-1].state in {FailureState.WAITING, FailureState.PARKED}
                assert not waits, f"{stack.name} waits for nothing"
                self._check_mode(stack, known)
        attempts = [item for (_, sk), item in self._items() if sk.startswith("ATTEMPT#") and item["state"] != "ended"]
        assert not attempts, f"an attempt never ended: {attempts}"

    def _broken(self) -> set[str]:
        stacks = self.bench.cloudformation.stacks.values()
        return {stack.stack_id for stack in stacks if StackStatus(stack.status).kind is Kind.FAILED}

    def _check_mode(self, stack: FakeStack, known: list[Failure]) -> None:
        """Nothing is left alone for a mode that was, once another is deployed."""
        pattern = match(stack.name, self.bench.cell.patterns)
        newest = known[-1] if known else None
        if pattern and newest and pattern.mode is Mode.ACT:
            left_alone = {"observed", "switched_off", "proposed", "mode_forbids"}
            assert newest.outcome not in left_alone, f"{stack.name} is left alone for a mode that it has no more"

    def _items(self) -> list[tuple[tuple[str, str], dict[str, Any]]]:
        return list(self.bench.table.items.items())
