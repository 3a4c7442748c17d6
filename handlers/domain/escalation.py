"""What a person is told, and how it is read from the three ways in which a recovery can end with one."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from handlers.domain.events import DeadExecution, ExecutionEvent
from handlers.domain.identity import StackKey
from handlers.domain.moment import Moment
from handlers.domain.outcome import Escalation, Reason
from handlers.domain.payload import CaughtError, EscalatePayload, Payload
from handlers.domain.records import DiagnosisNote
from handlers.domain.situation import Plan

_CAUSE_LENGTH = 500
"""Characters of an error that a person is sent; the log has the rest."""

_NAMED = 20
"""Dependents that an alert names; the queue's message names all."""


class Case(BaseModel):
    """Which recovery ends with a person, and why."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    recovery_id: str
    failure_id: str
    stack: StackKey
    stack_id: str
    reason: Reason
    strategy: str = ""
    attempt: int = 0


class EscalationMessage(BaseModel):
    """What lies in the escalation queue; the recovery's id tells a repeat."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    kind: Literal["stackmend.escalation"] = "stackmend.escalation"
    recovery_id: str
    failure_id: str
    environment: str
    stack: StackKey
    stack_id: str
    code: str
    sentence: str
    diagnosis: DiagnosisNote | None
    plan: Plan | None
    attempts: int
    dependents: tuple[str, ...] = ()
    """The stacks that were parked behind it, and are given up with it."""
    incident: str = ""
    """The open breaker that it belongs to, for which people are called once; empty where the recovery stands by itself."""
    runbook_url: str
    cell_digest: str
    escalated_at: Moment

    @property
    def subject(self) -> str:
        """The alert's headline."""
        return f"Stackmend {self.environment}: {self.stack.name} needs a person ({self.code})"


def read_case(event: dict[str, Any]) -> Case:
    """Read why a recovery ends here: from the machine's state, an execution's end, or the heartbeat's word."""
    if event.get("source") == "aws.states":
        return _from_execution(ExecutionEvent.model_validate(event))
    if event.get("kind") == "stackmend.dead_execution":
        dead = DeadExecution.model_validate(event)
        sentence = f"the execution {dead.recovery_id} is {dead.status} and has not settled"
        return _case(dead, Reason(code=Escalation.EXECUTION_DIED, sentence=sentence))
    state = EscalatePayload.model_validate(event)
    case = _case(state, _reason_of(state))
    if state.decision is None:
        return case
    return case.model_copy(update={"strategy": state.decision.strategy, "attempt": state.decision.attempt})


def _from_execution(event: ExecutionEvent) -> Case:
    detail = event.detail
    why = f": {detail.error or 'no error named'}: {(detail.cause or '')[:_CAUSE_LENGTH]}" if detail.error or detail.cause else ""
    reason = Reason(code=Escalation.EXECUTION_DIED, sentence=f"the execution {detail.name} is {detail.status}{why}")
    return _case(Payload.model_validate_json(detail.input), reason)


def _case(ids: Payload | DeadExecution, reason: Reason) -> Case:
    return Case(recovery_id=ids.recovery_id, failure_id=ids.failure_id, stack=ids.stack, stack_id=ids.stack_id, reason=reason)


def _reason_of(state: EscalatePayload) -> Reason:
    if state.silence is not None and state.silence.error == "States.Timeout":
        step = state.decision.strategy if state.decision else "a step"
        return Reason(code=Escalation.APPROVAL_EXPIRED, sentence=f"nobody answered for {step}: nothing was done")
    if state.error is not None:
        return _reason_of_error(state.error)
    decided = Reason.read(state.decision.reason, Escalation) if state.decision else None
    return decided or Reason(code=Escalation.STEP_FAILED, sentence="the machine came here without a reason")


def _reason_of_error(error: CaughtError) -> Reason:
    """A refusal carries its own reason, and so does what was retried in vain for a reason that has a name."""
    message = error.message
    refused = Reason.read(message, Escalation) if error.error.endswith(("RefusedError", "TransientError")) else None
    return refused or Reason(code=Escalation.STEP_FAILED, sentence=f"{error.error}: {message[:_CAUSE_LENGTH]}")


def _waiting_in_vain(dependents: tuple[str, ...]) -> list[str]:
    if not dependents:
        return []
    shown = ", ".join(dependents[:_NAMED]) + (" and others" if len(dependents) > _NAMED else "")
    return [f"Behind it: {len(dependents)} failed stacks that need it ({shown}); they go on by themselves once it is healthy"]


def text_of(message: EscalationMessage) -> str:
    """The alert as a person reads it."""
    cause = message.diagnosis.root_cause if message.diagnosis else None
    lines = [
        f"{message.stack} could not be repaired and needs a person.",
        f"Why: {message.sentence}",
        f"Root cause: {cause or 'not known'}" + (f" ({message.diagnosis.reason})" if message.diagnosis and cause else ""),
        f"Attempts: {message.attempts}",
        *_waiting_in_vain(message.dependents),
        f"What to do: {message.runbook_url}",
        f"Recovery: {message.recovery_id}",
    ]
    return "\n".join(lines)
