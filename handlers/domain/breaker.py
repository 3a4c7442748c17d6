"""Circuit breakers: repeated failure stops further attempts for a while, then one trial decides. Pure.

The pattern is Nygard's ("Release It!", 2nd edition, "Circuit Breaker"): closed, open after repeated failure, half-open for one
trial after a while. There are three kinds, each over a sliding window: one **stack** whose recoveries fail again and again; one
failure **class** that stands on many stacks at once, which is an outage and not as many bugs; and the whole **cell**.

What an open breaker holds back waits, as for a pause, and is taken up again; nobody is called for each of those stacks, once for
the breaker. docs/adr/0011-breakers.md says why it is no escalation.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from handlers.domain.cell import BreakerLimits
from handlers.domain.failure_class import FailureClass
from handlers.domain.moment import Moment, iso
from handlers.domain.outcome import Reason, Restraint


class Scope(StrEnum):
    """What a breaker is of."""

    STACK = "stack"
    CLASS = "class"
    CELL = "cell"


class BreakerState(StrEnum):
    """Half-open is not kept: it is what an open breaker is once its time is over."""

    CLOSED = "closed"
    OPEN = "open"


class Limit(BaseModel):
    """When a breaker opens, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int
    window_seconds: int
    open_seconds: int
    longest_open_seconds: int


class Breaker(BaseModel):
    """One breaker as the ledger keeps it; a new one is closed and has counted nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    """`cell`, `class:<failure class>` or `stack:<name>`."""
    state: BreakerState = BreakerState.CLOSED
    failures: Mapping[str, Moment] = Field(default_factory=dict)
    """What has failed within the window and when it was counted: stacks, or of a stack's own breaker its recoveries. A set, so
    that a repeat counts nothing twice."""
    since: Moment | None = None
    """Failures of stacks that broke before this moment do not count: they belong to what was closed or reset then."""
    opened_at: Moment | None = None
    retry_at: Moment | None = None
    """From when on one recovery may try."""
    open_seconds: int = 0
    """How long it stays open this time."""
    why: str = ""
    trial: str | None = None
    """The recovery that tries."""
    trial_at: Moment | None = None
    alerted_at: Moment | None = None
    closed_at: Moment | None = None
    by: str | None = None
    """Who reset it the last time, when, and for what reason."""
    at: Moment | None = None
    reason: str | None = None
    version: int = 0

    @property
    def scope(self) -> Scope:
        """What it is of."""
        return Scope(self.name.partition(":")[0])

    @property
    def subject(self) -> str:
        """The stack or the class; empty for the cell."""
        return self.name.partition(":")[2]

    @property
    def is_open(self) -> bool:
        """Whether it holds anybody back; at its time one recovery may try."""
        return self.state is BreakerState.OPEN


class UnknownBreakerError(ValueError):
    """No breaker can have this name; the message says which can."""


def stack_breaker(stack: str) -> str:
    """The name of a stack's breaker."""
    return f"{Scope.STACK}:{stack}"


def class_breaker(failure_class: str) -> str:
    """The name of a failure class's breaker."""
    return f"{Scope.CLASS}:{failure_class}"


CELL_BREAKER = Scope.CELL.value


def names_for(stack: str, failure_class: str | None) -> tuple[str, ...]:
    """The breakers that a stack's recovery stands behind, the widest first; the class is known from its diagnosis on."""
    of_class = (class_breaker(failure_class),) if failure_class else ()
    return (CELL_BREAKER, *of_class, stack_breaker(stack))


def behind(breakers: Iterable[Breaker], stack: str, failure_class: str | None) -> list[Breaker]:
    """Those of *breakers* that a stack's recovery stands behind."""
    names = names_for(stack, failure_class)
    return [each for each in breakers if each.name in names]


def limit_of(name: str, limits: BreakerLimits) -> Limit:
    """What the settings say of the breaker of this name."""
    scope, _, subject = name.partition(":")
    count, window = {
        Scope.CELL.value: (limits.cell_stacks, limits.window_seconds),
        Scope.CLASS.value: (_of_class(subject, limits), limits.window_seconds),
        Scope.STACK.value: (limits.stack_failures, limits.stack_window_seconds),
    }[scope]
    return Limit(
        count=count,
        window_seconds=window,
        open_seconds=limits.open_seconds,
        longest_open_seconds=limits.longest_open_seconds,
    )


def _of_class(subject: str, limits: BreakerLimits) -> int:
    """A class that this version does not know any more is like any other."""
    return {each.value: count for each, count in limits.classes.items()}.get(subject, limits.class_stacks)


def counted(breaker: Breaker, what: str, *, failed_at: datetime, now: datetime, limit: Limit) -> Breaker:
    """Count a failure of a stack that broke at *failed_at*; it may open the breaker. The same one twice counts once.

    While it is open nothing is counted, but a failure past its time with nobody trying shows that the time was too short.
    """
    if breaker.since is not None and failed_at <= breaker.since:
        return breaker
    if breaker.is_open:
        is_due = breaker.trial is None and breaker.retry_at is not None and now >= breaker.retry_at
        return _reopened(breaker, now, limit) if is_due else breaker
    horizon = now - timedelta(seconds=limit.window_seconds)
    recent = {each: at for each, at in breaker.failures.items() if at > horizon}
    failures = {**recent, what: recent.get(what, now)}
    if len(failures) < limit.count:
        return breaker.model_copy(update={"failures": failures})
    return breaker.model_copy(
        update={
            "state": BreakerState.OPEN,
            "failures": failures,
            "opened_at": now,
            "open_seconds": limit.open_seconds,
            "retry_at": now + timedelta(seconds=limit.open_seconds),
            "why": f"{len(failures)} {_counted_as(breaker)} within {limit.window_seconds} s",
            "trial": None,
            "trial_at": None,
            "alerted_at": None,
        }
    )


def _counted_as(breaker: Breaker) -> str:
    return {
        Scope.STACK: "recoveries of the stack failed",
        Scope.CLASS: f"stacks could not be repaired that failed with {breaker.subject}",
        Scope.CELL: "stacks of the cell could not be repaired",
    }[breaker.scope]


def _reopened(breaker: Breaker, now: datetime, limit: Limit) -> Breaker:
    """Open for twice as long, up to the longest: whoever was told of it knows already."""
    seconds = min(max(breaker.open_seconds, 1) * 2, limit.longest_open_seconds)
    times = {"open_seconds": seconds, "retry_at": now + timedelta(seconds=seconds)}
    return breaker.model_copy(update={**times, "trial": None, "trial_at": None})


def holds(breaker: Breaker, recovery_id: str, *, now: datetime, trial_seconds: int) -> bool:
    """Whether this recovery may not act for now. One that tries may go on; a trial that nobody ended is over after its time."""
    if not breaker.is_open or (breaker.trial is not None and breaker.trial == recovery_id):
        return False
    if breaker.retry_at is not None and now < breaker.retry_at:
        return True
    return breaker.trial_at is not None and now < breaker.trial_at + timedelta(seconds=trial_seconds)


def held_by(breakers: Iterable[Breaker], recovery_id: str, *, now: datetime, trial_seconds: int) -> Reason | None:
    """Which breaker holds this recovery back, and until when; None when it may act."""
    for breaker in breakers:
        if holds(breaker, recovery_id, now=now, trial_seconds=trial_seconds):
            return Reason(code=Restraint.BREAKER_OPEN, sentence=why_open(breaker, now))
    return None


def why_open(breaker: Breaker, now: datetime) -> str:
    """The breaker's name, why it is open and what ends that."""
    due = breaker.retry_at is None or now >= breaker.retry_at
    then = f"recovery {breaker.trial} is trying" if breaker.trial else "the next recovery tries"
    end = then if due or breaker.retry_at is None else f"one recovery may try from {iso(breaker.retry_at)} on"
    return f"breaker {breaker.name} is open: {breaker.why}; {end}"


def tried_by(breaker: Breaker, recovery_id: str, now: datetime) -> Breaker:
    """Let this recovery try."""
    return breaker.model_copy(update={"trial": recovery_id, "trial_at": now})


def concluded(breaker: Breaker, recovery_id: str, *, succeeded: bool | None, now: datetime, limit: Limit) -> Breaker:
    """What a trial's end means: closed when it succeeded, open for longer when it failed; None says that it told nothing."""
    if not breaker.is_open or breaker.trial != recovery_id:
        return breaker
    if succeeded is None:
        return breaker.model_copy(update={"trial": None, "trial_at": None})
    return closed(breaker, now) if succeeded else _reopened(breaker, now, limit)


def is_quiet(breaker: Breaker, *, now: datetime, limit: Limit) -> bool:
    """Whether its time has been over for a whole window and nothing came that could have tried."""
    if not breaker.is_open or breaker.trial is not None or breaker.retry_at is None:
        return False
    return now >= breaker.retry_at + timedelta(seconds=limit.window_seconds)


def closed(breaker: Breaker, now: datetime) -> Breaker:
    """Closed, with nothing counted."""
    nothing: dict[str, object] = dict.fromkeys(("opened_at", "retry_at", "trial", "trial_at", "alerted_at"))
    return breaker.model_copy(
        update={**nothing, "state": BreakerState.CLOSED, "failures": {}, "open_seconds": 0, "closed_at": now, "since": now}
    )


def as_reset(breaker: Breaker) -> Breaker:
    """Closed where a person's word came after its opening. The word is all that a person writes: the rest follows from it."""
    if breaker.at is None or breaker.opened_at is None or breaker.at < breaker.opened_at:
        return breaker
    return closed(breaker, breaker.at)


def named(text: str) -> str:
    """A breaker's name as somebody typed it; raises UnknownBreakerError with the names that there can be."""
    scope, _, subject = text.partition(":")
    is_class = scope == Scope.CLASS and subject in {each.value for each in FailureClass}
    is_stack = scope == Scope.STACK and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,127}", subject)
    if text == CELL_BREAKER or is_class or is_stack:
        return text
    classes = ", ".join(each.value for each in FailureClass)
    raise UnknownBreakerError(f"{text!r} is no breaker: write cell, stack:NAME or class:CLASS, the class one of {classes}")


_NAMED = 20
"""Stacks that a call lists; `stackmend breaker show` has all."""


def needs_a_call(breaker: Breaker) -> bool:
    """Whether people are to be told; of a single stack's breaker its recoveries have told already."""
    return breaker.is_open and breaker.alerted_at is None and breaker.scope is not Scope.STACK


def called(breaker: Breaker, told: Breaker, now: datetime) -> Breaker:
    """Note that people were told of this opening; a later one they have not heard of."""
    return breaker.model_copy(update={"alerted_at": now}) if breaker.opened_at == told.opened_at else breaker


def call_text(breaker: Breaker, runbook_url: str, now: datetime) -> str:
    """The one alert for all that an open breaker holds."""
    stacks = sorted(breaker.failures)
    more = f" and {len(stacks) - _NAMED} more" if len(stacks) > _NAMED else ""
    lines = [
        f"{why_open(breaker, now)}.",
        f"It counted: {', '.join(stacks[:_NAMED])}{more}.",
        "Stacks that fail so wait, and are taken up again when it closes; no further alert comes for each of them.",
        f"What to do: {runbook_url}",
    ]
    return "\n".join(lines)
