"""The cell's one scheduled function: renews the lease, and finds what no event has told."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.aws.lease import LeaseElsewhereError, LeaseUnrenewableError
from handlers.domain.events import DeadExecution, FoundStack, OpenBreaker, OverdueAttempt
from handlers.domain.outcome import BeatOutcome
from handlers.domain.records import Failure, FailureState
from handlers.domain.signals import Metric
from handlers.domain.sweep import Findings, Sight, sweep
from handlers.runtime import Runtime, worker
from handlers.telemetry import about, count, introduce, logger, metrics, report

_ALIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
_BEATS_TO_START = 5
"""How many graces an execution may be missing before a person is called; each of them asks intake to start it."""


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Answer the schedule."""
    runtime = worker()
    introduce(runtime.cell, "heartbeat")
    outcome = handle(runtime)
    report(outcome)
    logger.info("ledger", extra={"capacity_units": runtime.ledger.consumed_units})
    return {"outcome": outcome.value}


def handle(runtime: Runtime) -> BeatOutcome:
    """Renew the lease first; without it nothing else is this cell's business."""
    try:
        held = runtime.lease_keeper.renew()
    except LeaseElsewhereError as error:
        return _without_lease(BeatOutcome.LEASE_ELSEWHERE, str(error))
    except LeaseUnrenewableError as error:
        return _without_lease(BeatOutcome.LEASE_UNRENEWABLE, str(error))
    count(Metric.LEASE_HELD, 1)
    about(fence=held.lease.epoch)
    _act_on(_sweep(runtime), runtime)
    return BeatOutcome.BEAT


def _without_lease(outcome: BeatOutcome, why: str) -> BeatOutcome:
    count(Metric.LEASE_HELD, 0)
    about(reason=why)
    return outcome


def _sweep(runtime: Runtime) -> Findings:
    """Read the ledger before the stacks: what was written after the list was taken is not judged by the list."""
    unresolved = runtime.ledger.unresolved()
    sight = Sight(
        failures=unresolved.failures,
        attempts=unresolved.attempts,
        pauses=unresolved.pauses,
        breakers=unresolved.breakers,
        breaker_limits=runtime.cell.breakers,
        trial_seconds=runtime.cell.timings.machine_timeout_seconds,
        switch=unresolved.switch,
        freezes=runtime.cell.freezes,
        recoveries_at_once=runtime.cell.recoveries_at_once,
        stacks=runtime.stacks.unwell(),
        patterns=runtime.cell.patterns,
        tiers=runtime.cell.tiers,
        now=runtime.clock(),
        grace_seconds=runtime.cell.timings.overdue_grace_seconds,
    )
    found = sweep(sight)
    count(Metric.UNRESOLVED, len(sight.failures))
    waiting = [each for each in sight.failures if each.state is FailureState.WAITING]
    exceptions = {
        Metric.ENTERED: found.enter,
        Metric.LASTING: found.lasting,
        Metric.OVERDUE: found.overdue,
        Metric.WAITING: waiting,
        Metric.BREAKER_OPEN: unresolved.breakers,
    }
    for metric, seen in exceptions.items():
        if seen:  # a metric costs for every hour in which it is written; not to write it says the same
            count(metric, len(seen))
    return found


def _act_on(found: Findings, runtime: Runtime) -> None:
    cell, now = runtime.cell, runtime.clock()
    for stack in (*found.enter, *found.lasting):
        runtime.mail.send(cell.intake_queue, FoundStack(stack_id=stack.stack_id, reported=stack.status, found_at=now))
    for stack, aside in found.untangled:
        word = FoundStack(stack_id=stack.stack_id, reported=stack.status, found_at=now, aside=aside)
        runtime.mail.send(cell.intake_queue, word)
    for attempt in found.overdue:
        message = OverdueAttempt(stack_id=attempt.stack_id, token=attempt.token, found_at=now)
        runtime.mail.send(cell.notice_queue, message)
    for breaker in found.breakers:
        runtime.functions.invoke(cell.escalate_function, OpenBreaker(name=breaker.name))
    for failure in found.doubtful:
        _look_after(failure, runtime)
    for failure in found.healed:
        runtime.ledger.take_off(failure, now)


def _look_after(failure: Failure, runtime: Runtime) -> None:
    """See that an open failure has an execution that runs, or is about to, or that a person hears of it."""
    status = runtime.machine.status(failure.recovery_id)
    if status in _ALIVE:
        return
    now = runtime.clock()
    patience = timedelta(seconds=_BEATS_TO_START * runtime.cell.timings.overdue_grace_seconds)
    if status is None and now - failure.begun_at < patience:
        found = FoundStack(stack_id=failure.stack_id, reported=failure.status, found_at=now)
        runtime.mail.send(runtime.cell.intake_queue, found)
        return
    logger.warning("dead execution", extra={"recovery_id": failure.recovery_id, "stack": str(failure.stack), "status": status})
    dead = DeadExecution(
        recovery_id=failure.recovery_id,
        failure_id=failure.failure_id,
        stack=failure.stack,
        stack_id=failure.stack_id,
        status=status or "MISSING",
    )
    runtime.functions.invoke(runtime.cell.escalate_function, dead)
