"""What the machine's states hand to the functions."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from handlers.domain.decision import Decision
from handlers.domain.identity import StackKey, client_token
from handlers.domain.operations import OPERATIONS, Group, Operation
from handlers.domain.plan import operation_of


class Payload(BaseModel):
    """The ids that every state passes on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    recovery_id: str
    failure_id: str
    fence: int
    stack: StackKey
    stack_id: str


class DecidedPayload(Payload):
    """The ids and the decision that led here."""

    decision: Decision

    @property
    def operation(self) -> Operation:
        """The operation of CloudFormation that this attempt orders."""
        return operation_of(self.decision.strategy)

    @property
    def group(self) -> Group:
        """The act functions that this operation belongs to."""
        return OPERATIONS[self.operation].group

    @property
    def client_token(self) -> str:
        """The token of this attempt's call to CloudFormation."""
        return client_token(
            key=self.stack,
            fence=self.fence,
            recovery=self.recovery_id,
            attempt=self.decision.attempt,
            step=self.decision.strategy,
            operation=self.operation.value,
        )


class ActPayload(DecidedPayload):
    """What an act function is called with; the token only wakes, it allows nothing."""

    task_token: str


class _LambdaError(BaseModel):
    errorMessage: str  # noqa: N815 - Lambda's name for it


class CaughtError(BaseModel):
    """What a Catch leaves behind."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=str.capitalize, populate_by_name=True)

    error: str
    cause: str = ""

    @property
    def message(self) -> str:
        """The error's own words; Lambda wraps them as JSON into the Cause."""
        try:
            return _LambdaError.model_validate_json(self.cause).errorMessage
        except ValidationError:
            return self.cause


class SettlePayload(DecidedPayload):
    """The whole state of an execution that ends without a person; the error is there where it has to wait."""

    error: CaughtError | None = None


class EscalatePayload(Payload):
    """The whole state of an execution that ends with a person."""

    decision: Decision | None = None
    error: CaughtError | None = None
    silence: CaughtError | None = None
    """What AwaitSecondApprover leaves behind when nobody has answered."""


def stack_fields(payload: Payload) -> dict[str, Any]:
    """The fields that every log line of a recovery bears."""
    return {"recovery_id": payload.recovery_id, "stack": str(payload.stack)}
