"""The act function of the roll group: lets a failed rollback go on or begins one, once per attempt."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.authority import standing
from handlers.aws.ledger import AttemptEndedError
from handlers.aws.stacks import AnsweredElsewhereError, StackNow
from handlers.domain.attempt import Move, Trace, View, next_move
from handlers.domain.cell import Mode
from handlers.domain.errors import HeldError, RefusedError, TransientError
from handlers.domain.outcome import ActOutcome, Escalation, Restraint
from handlers.domain.patterns import match
from handlers.domain.payload import ActPayload
from handlers.domain.records import Attempt, Claim, End
from handlers.domain.status import OPERATIONS, Kind, Operation
from handlers.runtime import Runtime
from handlers.task import begin
from handlers.telemetry import about, logger, metrics, report


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Answer the machine's state ActRoll, which waits for its task token and not for this function."""
    payload = ActPayload.model_validate(event)
    runtime = begin("act-roll", payload)
    about(attempt=payload.decision.attempt, strategy=payload.decision.strategy)
    try:
        report(handle(payload, runtime))
    except (RefusedError, HeldError) as error:
        report(error.reason.code, reason=error.reason.sentence)
        raise
    logger.info("ledger", extra={"capacity_units": runtime.ledger.consumed_units})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """One attempt at work: what it was called with, what was read, and by which means it works."""

    payload: ActPayload
    runtime: Runtime
    now: StackNow
    repair_role: str | None
    claim: Claim | None


def handle(payload: ActPayload, runtime: Runtime) -> ActOutcome:
    """Read everything that decides, consistently; then order, adopt, wake, hold, ask again or refuse."""
    order = _read(payload, runtime)
    view = _view(order)
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
        return _wake(order, decided.end_status or view.status)
    return _keep_and_go(order, view, is_new=decided.move is Move.ORDER)


def _read(payload: ActPayload, runtime: Runtime) -> _Order:
    claim = runtime.ledger.claim(payload.stack)
    pattern = match(payload.stack.name, runtime.cell.patterns)
    now = runtime.stacks.generation(payload.stack_id)
    repair_role = pattern.repair_role if pattern and not now.role_arn else None
    return _Order(payload=payload, runtime=runtime, now=now, repair_role=repair_role, claim=claim)


def _view(order: _Order) -> View:
    """The lease is read last: of all that is read it is what runs out."""
    payload, runtime, now = order.payload, order.runtime, order.now
    pattern = match(payload.stack.name, runtime.cell.patterns)
    attempt = runtime.ledger.attempt(payload.stack, payload.client_token)
    has_begun = attempt is not None or now.status.kind is Kind.IN_PROGRESS
    trace = _trace(order) if has_begun else Trace.NONE
    is_proven_stable = payload.operation is not Operation.ROLLBACK_STACK or runtime.stacks.last_stable(now.stack_id) is not None
    stands = standing(payload.stack, runtime)
    return View(
        recovery_id=payload.recovery_id,
        fence=payload.fence,
        operation=OPERATIONS[payload.operation],
        claim=order.claim,
        attempt=attempt,
        status=now.status,
        trace=trace,
        restraint=stands.restraint,
        mode=pattern.mode if pattern else Mode.OFF,
        lease_problem=stands.lease_problem(runtime, payload.fence),
        is_hub_dark=stands.is_hub_dark,
        has_role=bool(now.role_arn or order.repair_role),
        is_proven_stable=is_proven_stable,
    )


def _trace(order: _Order) -> Trace | End:
    if order.claim is None:
        return Trace.NONE
    return order.runtime.stacks.trace(order.now.stack_id, order.payload.client_token, order.claim.claimed_at)


def _keep_and_go(order: _Order, view: View, *, is_new: bool) -> ActOutcome:
    """Keep the task token before the call, since the event may come before the call's answer."""
    attempt = _attempt(order, view)
    try:
        order.runtime.ledger.order(attempt)
    except AttemptEndedError:
        return _wake_with_ledger(order)
    return _call(order, attempt) if is_new else ActOutcome.ADOPTED


def _attempt(order: _Order, view: View) -> Attempt:
    payload, at = order.payload, order.runtime.clock()
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
        deadline=at + timedelta(seconds=order.runtime.cell.timings.act_timeout_seconds),
    )


def _call(order: _Order, attempt: Attempt) -> ActOutcome:
    try:
        accepted = order.runtime.stacks.roll(
            order.payload.operation, stack_id=attempt.stack_id, token=attempt.token, role_arn=order.repair_role
        )
    except AnsweredElsewhereError as error:
        return _reconcile(order, attempt, error)
    return _accept(order, attempt, accepted.request_id, ActOutcome.ORDERED)


def _accept(order: _Order, attempt: Attempt, request_id: str, outcome: ActOutcome) -> ActOutcome:
    try:
        order.runtime.ledger.accept(attempt, request_id=request_id, at=order.runtime.clock())
    except AttemptEndedError:
        # The event was faster than the answer; notice has woken the execution with the token that was kept before.
        about(reason="ended before its answer")
    about(request_id=request_id, client_token=attempt.token)
    return outcome


def _reconcile(order: _Order, attempt: Attempt, error: AnsweredElsewhereError) -> ActOutcome:
    """CloudFormation would not take the call: because it had taken it before, or because the stack is not what it was."""
    trace = _trace(order)
    if isinstance(trace, End):
        order.runtime.ledger.end(attempt.stack, attempt.token, trace)
        return _wake(order, trace.status)
    if trace is Trace.RUNNING:
        return _accept(order, attempt, "", ActOutcome.ADOPTED)
    now = order.runtime.stacks.generation(attempt.stack_id)
    if now.status not in OPERATIONS[order.payload.operation].legal_from:
        return _wake(order, now.status)
    if error.code == "TokenAlreadyExistsException":
        raise TransientError(f"CloudFormation knows {attempt.token}, its events do not tell yet: {error}") from error
    raise RefusedError(Escalation.REFUSED_BY_CLOUDFORMATION, str(error)) from error


def _wake_with_ledger(order: _Order) -> ActOutcome:
    ended = order.runtime.ledger.attempt(order.payload.stack, order.payload.client_token)
    return _wake(order, ended.end_status if ended and ended.end_status else order.now.status)


def _wake(order: _Order, end_status: str) -> ActOutcome:
    """Tell the machine ourselves: there is nothing to wait for, and Validate looks at what is."""
    attempt = order.payload.decision.attempt
    if not order.runtime.machine.wake(order.payload.task_token, attempt=attempt, end_status=end_status):
        logger.warning("the execution does not wait any more", extra={"end_status": end_status})
    return ActOutcome.NOTHING_TO_WAIT_FOR
