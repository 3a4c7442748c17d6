"""What the end of an attempt or of a recovery means for the circuit breakers."""

from enum import StrEnum
from functools import partial

from handlers.domain.breaker import (
    call_text,
    called,
    closed,
    concluded,
    counted,
    is_quiet,
    limit_of,
    names_for,
    needs_a_call,
    stack_breaker,
)
from handlers.domain.outcome import BreakerOutcome
from handlers.domain.records import Recovery
from handlers.domain.signals import has_succeeded
from handlers.runtime import Runtime

RUNBOOK = "alarms.md#breaker-open"


def count_attempt(recovery: Recovery | None, runtime: Runtime) -> None:
    """An attempt did not help: its stack counts for its class and the cell, once however often it is tried."""
    if recovery is not None and not recovery.tries:
        _count(recovery, _wide(recovery), runtime)


def count_end(recovery: Recovery | None, code: StrEnum, runtime: Runtime) -> None:
    """A recovery has ended: one that tried for others says how; one that failed counts, also for its stack.

    Safe to repeat: what is counted is a set of stacks and recoveries, and a trial ends once.
    """
    if recovery is None:
        return
    succeeded, now = has_succeeded(code), runtime.clock()
    for name in recovery.tries:
        limit = limit_of(name, runtime.cell.breakers)
        end = partial(concluded, recovery_id=recovery.recovery_id, succeeded=succeeded, now=now, limit=limit)
        runtime.breakers.change(name, end)
    if succeeded is False:
        _count(recovery, [name for name in _names(recovery) if name not in recovery.tries], runtime)


def _names(recovery: Recovery) -> tuple[str, ...]:
    return names_for(recovery.stack.name, recovery.diagnosis.failure_class if recovery.diagnosis else None)


def _wide(recovery: Recovery) -> list[str]:
    """Those that it shares with other stacks."""
    return [name for name in _names(recovery) if name != stack_breaker(recovery.stack.name)]


def _count(recovery: Recovery, names: list[str], runtime: Runtime) -> None:
    now = runtime.clock()
    for name in names:
        what = recovery.recovery_id if name == stack_breaker(recovery.stack.name) else recovery.stack.name
        limit = limit_of(name, runtime.cell.breakers)
        runtime.breakers.change(name, partial(counted, what=what, failed_at=recovery.failed_at, now=now, limit=limit))


def incident_of(recovery: Recovery | None, runtime: Runtime) -> str:
    """The open breaker of cell or class that a failed recovery belongs to; empty where there is none."""
    if recovery is None:
        return ""
    return next((name for name in _wide(recovery) if runtime.breakers.read(name).is_open), "")


def tend(name: str, runtime: Runtime) -> BreakerOutcome:
    """Call people for an open breaker, once; close one that nothing has tried for long.

    Told first, marked after: a death in between tells twice, and never not at all.
    """
    breaker, now, limit = runtime.breakers.read(name), runtime.clock(), limit_of(name, runtime.cell.breakers)
    if is_quiet(breaker, now=now, limit=limit):
        runtime.breakers.change(name, lambda each: closed(each, now) if is_quiet(each, now=now, limit=limit) else each)
        return BreakerOutcome.CLOSED_QUIETLY
    if not needs_a_call(breaker):
        return BreakerOutcome.NOTHING_DUE
    cell = runtime.cell
    subject = f"Stackmend {cell.environment}: breaker {name} of {cell.account}/{cell.region} is open"
    runtime.alerts.raise_alert(subject, call_text(breaker, f"{cell.runbook_url}/{RUNBOOK}", now))
    runtime.breakers.change(name, lambda each: called(each, breaker, now))
    return BreakerOutcome.CALLED
