"""What all act functions share: everything that decides is read, and then one operation is ordered, once per attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from handlers.approved import approval_problem
from handlers.authority import standing
from handlers.aws.ledger import AttemptEndedError
from handlers.aws.orders import AnsweredElsewhereError, Order
from handlers.aws.stacks import StackNow
from handlers.domain.attempt import Move, Trace, View, next_move
from handlers.domain.breaker import Breaker, held_by, tried_by
from handlers.domain.cell import Mode
from handlers.domain.errors import HeldError, RefusedError, TransientError
from handlers.domain.operations import OPERATIONS, Group, Operation
from handlers.domain.outcome import ActOutcome, Escalation, Restraint
from handlers.domain.owners import foreign_owner
from handlers.domain.patterns import match
from handlers.domain.payload import ActPayload
from handlers.domain.records import Attempt, Claim, End, Recovery
from handlers.domain.situation import Step
from handlers.domain.skip_check import check_against_events
from handlers.domain.status import Kind
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import about, logger, report


class WrongGroupError(ValueError):
    """A decision came to an act function of another group: the machine and the functions are of two versions."""


def answer(event: dict[str, Any], group: Group) -> None:
    """Answer the machine's Act state of *group*."""
    payload = ActPayload.model_validate(event)
    runtime = begin(f"act-{group.value}", payload)
    about(attempt=payload.decision.attempt, strategy=payload.decision.strategy)
    if payload.group is not group:
        raise WrongGroupError(
            f"{payload.decision.strategy} belongs to group {payload.group.value}, this function to {group.value}"
        )
    try:
        report(handle(payload, runtime))
    except (RefusedError, HeldError) as error:
        report(error.reason.code, reason=error.reason.sentence)
        raise
    logger.info("ledger", extra={"capacity_units": runtime.ledger.consumed_units})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One attempt at work: what it was called with, what was read, and by which means it works."""

    payload: ActPayload
    runtime: Runtime
    now: StackNow
    repair_role: str | None
    claim: Claim | None
    recovery: Recovery | None
    step: Step | None
    """The step of the recorded plan: what the operation names stands in the ledger, not in the execution's state."""


def handle(payload: ActPayload, runtime: Runtime) -> ActOutcome:
    """Read everything that decides, consistently; then order, adopt, wake, hold, ask again or refuse."""
    work = _read(payload, runtime)
    view = _view(work)
    decided = next_move(view)
    if decided.reason is not None and decided.move is Move.HOLD:
        raise HeldError(Restraint(decided.reason.code), decided.reason.sentence)
    if decided.reason is not None and decided.move is Move.RETRY:
        raise TransientError(str(decided.reason))
    if decided.reason is not None:
        raise RefusedError(Escalation(decided.reason.code), decided.reason.sentence)
    if decided.move is Move.WAKE:
        if isinstance(view.trace, End):
            runtime.ledger.end(payload.stack, payload.client_token, view.trace)
        return _wake(work, decided.end_status or view.status)
    if decided.move is Move.ORDER and view.open_breakers:
        _try_for_all(work, view.open_breakers)
    return _keep_and_go(work, view, is_new=decided.move is Move.ORDER)


def _try_for_all(work: _Work, names: Sequence[str]) -> None:
    """Be the one recovery that tries while these breakers are open; the recovery's record says so first, so that its end is told.

    Raises HeldError when another was faster.
    """
    runtime, recovery_id = work.runtime, work.payload.recovery_id
    runtime.ledger.amend(work.payload.stack, recovery_id, tries=list(names))
    for name in names:
        now = runtime.clock()

        def be_the_trial(breaker: Breaker, now: datetime = now) -> Breaker:
            held = held_by((breaker,), recovery_id, now=now, trial_seconds=runtime.cell.timings.machine_timeout_seconds)
            if held is not None:
                raise HeldError(Restraint(held.code), held.sentence)
            return tried_by(breaker, recovery_id, now) if breaker.is_open else breaker

        runtime.breakers.change(name, be_the_trial)


def _read(payload: ActPayload, runtime: Runtime) -> _Work:
    claim = runtime.ledger.claim(payload.stack)
    recovery = runtime.ledger.recovery(payload.stack, payload.recovery_id)
    pattern = match(payload.stack.name, runtime.cell.patterns)
    now = runtime.stacks.generation(payload.stack_id)
    repair_role = pattern.repair_role if pattern and not now.role_arn else None
    step = recovery.plan.step(payload.decision.strategy) if recovery and recovery.plan else None
    return _Work(payload=payload, runtime=runtime, now=now, repair_role=repair_role, claim=claim, recovery=recovery, step=step)


def _view(work: _Work) -> View:
    """The lease is read last: of all that is read it is what runs out."""
    payload, runtime, now = work.payload, work.runtime, work.now
    pattern = match(payload.stack.name, runtime.cell.patterns)
    attempt = runtime.ledger.attempt(payload.stack, payload.client_token)
    has_begun = attempt is not None or now.status.kind is Kind.IN_PROGRESS
    trace = _trace(work) if has_begun else Trace.NONE
    is_proven_stable = payload.operation is not Operation.ROLLBACK_STACK or runtime.stacks.last_stable(now.stack_id) is not None
    mode = pattern.mode if pattern else Mode.OFF
    is_legal = _is_where_it_begins(work, now)  # else nothing is ordered, and nobody need have said yes
    not_approved = approval_problem(payload, work.recovery, now, mode, runtime) if is_legal else None
    stands = standing(payload.stack, runtime, work.recovery)
    return View(
        recovery_id=payload.recovery_id,
        fence=payload.fence,
        operation=OPERATIONS[payload.operation],
        claim=work.claim,
        attempt=attempt,
        status=now.status,
        trace=trace,
        restraint=stands.restraint,
        open_breakers=tuple(one.name for one in stands.breakers if one.is_open),
        mode=mode,
        approval_problem=not_approved,
        lease_problem=stands.lease_problem(runtime, payload.fence),
        is_hub_dark=stands.is_hub_dark,
        has_role=bool(now.role_arn or work.repair_role),
        owner=foreign_owner(payload.stack.name, runtime.cell),
        is_planned=work.step is not None,
        begins_in=work.step.begins_in if work.step else None,
        unskippable=_unskippable(work),
        is_proven_stable=is_proven_stable,
    )


def _is_where_it_begins(work: _Work, now: StackNow) -> bool:
    """Whether CloudFormation would take the operation on, and for what the plan means by it."""
    begins_in = work.step.begins_in if work.step else None
    return now.status in OPERATIONS[work.payload.operation].legal_from and now.status == (begins_in or now.status)


def _unskippable(work: _Work) -> str:
    """What of the resources to skip the rollback's events, read now, do not allow; none where nothing is skipped."""
    if work.payload.operation is not Operation.CONTINUE_SKIPPING or work.step is None:
        return ""
    checked = check_against_events(work.step.resources, work.runtime.stacks.failing_operation(work.now.stack_id))
    return "; ".join(f"{name}: {why}" for name, why in checked.refused.items())


def _trace(work: _Work) -> Trace | End:
    if work.claim is None:
        return Trace.NONE
    return work.runtime.stacks.trace(work.now.stack_id, work.payload.client_token, work.claim.claimed_at)


def _keep_and_go(work: _Work, view: View, *, is_new: bool) -> ActOutcome:
    """Keep the task token before the call, since the event may come before the call's answer."""
    attempt = _attempt(work, view)
    try:
        work.runtime.ledger.order(attempt)
    except AttemptEndedError:
        return _wake_with_ledger(work)
    return _call(work, attempt) if is_new else ActOutcome.ADOPTED


def _attempt(work: _Work, view: View) -> Attempt:
    payload, at = work.payload, work.runtime.clock()
    return Attempt(
        token=payload.client_token,
        stack=payload.stack,
        stack_id=payload.stack_id,
        recovery_id=payload.recovery_id,
        attempt=payload.decision.attempt,
        operation=payload.operation.value,
        fence=payload.fence,
        task_token=payload.task_token,
        claimed_at=view.claim.claimed_at if view.claim else at,
        ordered_at=at,
        deadline=at + timedelta(seconds=work.runtime.cell.timings.act_timeout_seconds),
    )


def _call(work: _Work, attempt: Attempt) -> ActOutcome:
    order = Order(
        operation=work.payload.operation,
        stack_id=attempt.stack_id,
        token=attempt.token,
        role_arn=work.repair_role,
        resources=work.step.resources if work.step else (),
        parameters=work.now.parameters,
        capabilities=work.now.capabilities,
        is_express=work.now.is_express,
    )
    try:
        request_id = work.runtime.orders.give(order)
    except AnsweredElsewhereError as error:
        return _reconcile(work, attempt, error)
    return _accept(work, attempt, request_id, ActOutcome.ORDERED)


def _accept(work: _Work, attempt: Attempt, request_id: str, outcome: ActOutcome) -> ActOutcome:
    try:
        work.runtime.ledger.accept(attempt, request_id=request_id, at=work.runtime.clock())
    except AttemptEndedError:
        # The event was faster than the answer; notice has woken the execution with the token that was kept before.
        about(reason="ended before its answer")
    about(request_id=request_id, client_token=attempt.token)
    return outcome


def _reconcile(work: _Work, attempt: Attempt, error: AnsweredElsewhereError) -> ActOutcome:
    """CloudFormation would not take the call: because it had taken it before, or because the stack is not what it was."""
    trace = _trace(work)
    if isinstance(trace, End):
        work.runtime.ledger.end(attempt.stack, attempt.token, trace)
        return _wake(work, trace.status)
    if trace is Trace.RUNNING:
        return _accept(work, attempt, "", ActOutcome.ADOPTED)
    now = work.runtime.stacks.generation(attempt.stack_id)
    if not _is_where_it_begins(work, now):
        return _wake(work, now.status)
    if error.code == "TokenAlreadyExistsException":
        raise TransientError(f"CloudFormation knows {attempt.token}, its events do not tell yet: {error}") from error
    raise RefusedError(Escalation.REFUSED_BY_CLOUDFORMATION, str(error)) from error


def _wake_with_ledger(work: _Work) -> ActOutcome:
    ended = work.runtime.ledger.attempt(work.payload.stack, work.payload.client_token)
    return _wake(work, ended.end_status if ended and ended.end_status else work.now.status)


def _wake(work: _Work, end_status: str) -> ActOutcome:
    """Tell the machine ourselves: there is nothing to wait for, and Validate looks at what is."""
    attempt = work.payload.decision.attempt
    if not work.runtime.machine.wake(work.payload.task_token, attempt=attempt, end_status=end_status):
        logger.warning("the execution does not wait any more", extra={"end_status": end_status})
    return ActOutcome.NOTHING_TO_WAIT_FOR
