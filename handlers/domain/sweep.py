"""What the heartbeat does about what no event has told: from one list of stacks and one list of open records."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from handlers.domain.breaker import Breaker, behind, holds, is_quiet, limit_of, needs_a_call
from handlers.domain.cell import BreakerLimits, Mode, Pattern, Tier
from handlers.domain.freeze import Freeze
from handlers.domain.parking import is_behind_somebody, may_look_again, next_up, tangled
from handlers.domain.patterns import match
from handlers.domain.records import Attempt, Failure, FailureState, Pause, Switch
from handlers.domain.restraint import may_begin_again, restraint
from handlers.domain.status import Kind, StackStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStack:
    """A stack that is failed or in progress, as ListStacks shows it."""

    stack_id: str
    name: str
    status: StackStatus
    is_nested: bool
    updated_at: datetime | None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Sight:
    """All that a heartbeat sees, the records read before the stacks."""

    failures: tuple[Failure, ...]
    attempts: tuple[Attempt, ...]
    stacks: tuple[SeenStack, ...]
    patterns: tuple[Pattern, ...]
    tiers: Mapping[str, Tier]
    now: datetime
    grace_seconds: int
    breaker_limits: BreakerLimits = field(default_factory=BreakerLimits)
    pauses: tuple[Pause, ...] = ()
    breakers: tuple[Breaker, ...] = ()
    """The open ones."""
    trial_seconds: int = 0
    """After which a recovery that tries for a breaker is given up."""
    switch: Switch = field(default_factory=Switch)
    """The cell's own; the environment's is read by intake."""
    freezes: tuple[Freeze, ...] = ()
    recoveries_at_once: int = 40

    @cached_property
    def next_up(self) -> frozenset[str]:
        """The stacks for which there is room, of those that wait for nothing else."""
        room = self.recoveries_at_once - sum(each.state is FailureState.OPEN for each in self.failures)
        return frozenset(each.stack_id for each in next_up(self.failures, room))


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is to be done, each by the door that its event would have used."""

    enter: tuple[SeenStack, ...]
    lasting: tuple[SeenStack, ...]
    """In somebody else's operation for longer than their tier allows, as far as a list can tell."""
    overdue: tuple[Attempt, ...]
    doubtful: tuple[Failure, ...]
    """Open failures whose execution is to be looked at."""
    breakers: tuple[Breaker, ...]
    """Open ones of which people have not heard, or that nothing has tried for long."""
    healed: tuple[Failure, ...]
    """Closed failures whose stack has left its failed status since."""
    untangled: tuple[tuple[SeenStack, tuple[str, ...]], ...] = ()
    """Parked stacks that wait for each other in a ring, each with those that it must not wait for."""


def sweep(sight: Sight) -> Findings:
    """Compare what is with what is known."""
    by_id = {stack.stack_id: stack for stack in sight.stacks}
    known = {each.stack_id: each for each in sorted(sight.failures, key=lambda each: each.failed_at)}
    ours = [each for each in sight.stacks if _is_ours(each, sight.patterns)]
    return Findings(
        enter=_one_trial_each(
            [each for each in ours if _is_news(each, known.get(each.stack_id)) or _may_go_on(each, known, sight)], known, sight
        ),
        lasting=tuple(each for each in sight.stacks if _lasts_too_long(each, known, sight)),
        overdue=tuple(each for each in sight.attempts if _is_overdue(each, by_id.get(each.stack_id), sight)),
        doubtful=tuple(each for each in sight.failures if each.state is FailureState.OPEN and _is_old(each.begun_at, sight)),
        untangled=tuple(_untangled(by_id, sight)),
        breakers=tuple(each for each in sight.breakers if _is_to_be_tended(each, sight)),
        healed=tuple(each for each in sight.failures if each.state is not FailureState.OPEN and each.stack_id not in by_id),
    )


def _is_ours(stack: SeenStack, patterns: Iterable[Pattern]) -> bool:
    pattern = match(stack.name, patterns)
    return stack.status.kind is Kind.FAILED and not stack.is_nested and pattern is not None and pattern.mode is not Mode.OFF


def _is_news(stack: SeenStack, failure: Failure | None) -> bool:
    """A stack that was changed after its known failure has failed anew; intake reads the event that tells."""
    if failure is None:
        return True
    if failure.state is FailureState.OPEN:
        return False
    if StackStatus(failure.status).kind is Kind.IN_PROGRESS:
        return True
    return stack.updated_at is not None and stack.updated_at > failure.failed_at


def _lasts_too_long(stack: SeenStack, known: Mapping[str, Failure], sight: Sight) -> bool:
    """A list does not say when an operation began, only what cannot be later than that: intake reads the events that tell.

    An operation that a person has heard of is not brought again while it stays in its status.
    """
    failure, pattern = known.get(stack.stack_id), match(stack.name, sight.patterns)
    since = stack.updated_at or stack.created_at
    if stack.status.kind is not Kind.IN_PROGRESS or stack.is_nested or since is None:
        return False
    if pattern is None or pattern.mode is Mode.OFF:
        return False
    if sight.now - since <= timedelta(seconds=sight.tiers[pattern.tier].in_progress_limit_seconds):
        return False
    if failure is None or _may_go_on(stack, known, sight):
        return True
    is_told = failure.status == stack.status and since <= failure.failed_at + timedelta(seconds=sight.grace_seconds)
    return failure.state is not FailureState.OPEN and not is_told


def _may_go_on(stack: SeenStack, known: Mapping[str, Failure], sight: Sight) -> bool:
    """A failure that waits or was left alone for its mode, and nothing that this list shows keeps it from being taken up now."""
    failure = known.get(stack.stack_id)
    pattern = match(stack.name, sight.patterns)
    if failure is None or pattern is None or not may_begin_again(failure, pattern.mode):
        return False
    if is_behind_somebody(failure) and not _is_let_go(failure, known, sight):
        return False
    pause = next((each for each in sight.pauses if each.stack == failure.stack), None)
    held = restraint(switches=(("cell", sight.switch),), pause=pause, freezes=sight.freezes, tier=pattern.tier, now=sight.now)
    return held is None and not any(_holds(each, failure, sight) for each in _over(failure, sight))


def _holds(breaker: Breaker, failure: Failure, sight: Sight) -> bool:
    """Also until people were told of it: a trial that closes it first would leave an outage of which nobody ever heard."""
    return needs_a_call(breaker) or holds(breaker, failure.recovery_id, now=sight.now, trial_seconds=sight.trial_seconds)


def _over(failure: Failure, sight: Sight) -> list[Breaker]:
    return behind(sight.breakers, failure.stack.name, failure.failure_class)


def _one_trial_each(stacks: Iterable[SeenStack], known: Mapping[str, Failure], sight: Sight) -> tuple[SeenStack, ...]:
    """Of those that wait for one breaker whose time is over let the longest waiting go first, alone: one recovery is to try."""
    tried: set[str] = set()
    found = []
    for stack in sorted(stacks, key=lambda each: known[each.stack_id].failed_at if each.stack_id in known else sight.now):
        failure = known.get(stack.stack_id)
        over = {each.name for each in _over(failure, sight)} if failure else set[str]()
        if over & tried:
            continue
        tried |= over
        found.append(stack)
    return tuple(found)


def _is_to_be_tended(breaker: Breaker, sight: Sight) -> bool:
    return needs_a_call(breaker) or is_quiet(breaker, now=sight.now, limit=limit_of(breaker.name, sight.breaker_limits))


def _is_let_go(failure: Failure, known: Mapping[str, Failure], sight: Sight) -> bool:
    """Whether a stack that rests because of others is to be looked at again, the usual way having had its time."""
    if failure.state is FailureState.PARKED and not failure.waits_for:
        return _is_old(failure.parked_at or failure.begun_at, sight) and failure.stack_id in sight.next_up
    place = f"{failure.stack.account}/{failure.stack.region}"
    failed = [f"{place}/{stack.name}" for stack in sight.stacks if stack.status.kind is Kind.FAILED and not stack.is_nested]
    newest = {str(each.stack): each for each in known.values()}
    return _is_old(failure.parked_at or failure.begun_at, sight) and may_look_again(failure, newest, failed)


def _untangled(by_id: Mapping[str, SeenStack], sight: Sight) -> Iterator[tuple[SeenStack, tuple[str, ...]]]:
    old = {str(each.stack): each for each in sight.failures if each.parked_at is not None and _is_old(each.parked_at, sight)}
    for stack, aside in tangled(old.values()).items():
        if old[stack].stack_id in by_id:
            yield by_id[old[stack].stack_id], aside


def _is_old(moment: datetime, sight: Sight) -> bool:
    return sight.now - moment > timedelta(seconds=sight.grace_seconds)


def _is_overdue(attempt: Attempt, stack: SeenStack | None, sight: Sight) -> bool:
    """At rest although we wait for its end: the event was lost. In progress: only past the deadline."""
    is_at_rest = stack is None or stack.status.kind is not Kind.IN_PROGRESS
    return sight.now > attempt.deadline or (is_at_rest and _is_old(attempt.ordered_at, sight))
