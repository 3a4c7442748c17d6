"""The operations that recoveries order of CloudFormation, each given once: the SDK repeats none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from botocore.exceptions import ClientError

from handlers.aws.calls import Answer, Client, ask, code_of, message_of, request_id_of
from handlers.domain.errors import RefusedError
from handlers.domain.operations import Operation
from handlers.domain.outcome import Escalation

WITHOUT_ROLE = frozenset({"CancelUpdateStack", "ExecuteChangeSet"})
"""Calls that take no RoleARN (service model): what they act with is the stack's already."""


class AnsweredElsewhereError(Exception):
    """CloudFormation would not take the operation on; what that means must be read from the stack's events."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One operation on one stack under one client token."""

    operation: Operation
    stack_id: str
    token: str
    role_arn: str | None
    """Only where the stack has no service role, since it stays with the stack."""
    resources: tuple[str, ...] = ()
    """Logical ids that the operation names."""
    parameters: tuple[str, ...] = ()
    """Names of the stack's parameters, which an update must name to keep their values."""
    capabilities: tuple[str, ...] = ()
    """What the stack's last operation acknowledged."""
    is_express: bool = False
    """Whether the stack's operations would else end before its resources are ready."""


class Orders:
    """CloudFormation's changes in the cell's account and region."""

    def __init__(self, changes: Client) -> None:
        self._changes = changes

    def give(self, order: Order) -> str:
        """Order an operation; the answer is CloudFormation's request id."""
        calls: dict[str, Callable[..., Answer]] = {
            "ContinueUpdateRollback": self._changes.continue_update_rollback,
            "RollbackStack": self._changes.rollback_stack,
            "UpdateStack": self._changes.update_stack,
        }
        try:
            answer = ask(calls[order.operation.call], **_parameters(order))
        except ClientError as error:
            _raise_refusal(error)
        return request_id_of(answer)


def _parameters(order: Order) -> dict[str, Any]:
    role = {"RoleARN": order.role_arn} if order.role_arn and order.operation.call not in WITHOUT_ROLE else {}
    return {"StackName": order.stack_id, "ClientRequestToken": order.token, **role, **_own_parameters(order)}


def _own_parameters(order: Order) -> Mapping[str, Any]:
    match order.operation:
        case Operation.CONTINUE_SKIPPING:
            return {"ResourcesToSkip": list(order.resources)}
        case Operation.RESUME_STACK:
            return _as_it_was(order) | {"DisableRollback": True} | _standard(order)
        case Operation.ROLLBACK_STACK:
            return _standard(order)
        case _:
            return {}


def _standard(order: Order) -> dict[str, Any]:
    """A repair ends when its resources are ready. Said only where it makes a difference: an older SDK does not know the word."""
    return {"DeploymentConfig": {"Mode": "STANDARD"}} if order.is_express else {}


def _as_it_was(order: Order) -> dict[str, Any]:
    """Template and values that CloudFormation holds itself; tags, topics and triggers stay where they are not named (its API)."""
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in order.parameters]
    return {"UsePreviousTemplate": True, "Parameters": kept, "Capabilities": list(order.capabilities)}


def _raise_refusal(error: ClientError) -> NoReturn:
    """Name what CloudFormation's refusal means, where it means one thing."""
    code, message = code_of(error), message_of(error)
    if "is invalid or cannot be assumed" in message:
        sentence = f"CloudFormation cannot act for the stack, its role is gone or does not trust CloudFormation: {message}"
        raise RefusedError(Escalation.SERVICE_ROLE_UNUSABLE, sentence) from error
    if code in {"TokenAlreadyExistsException", "ValidationError"}:
        raise AnsweredElsewhereError(code, message) from error
    raise RefusedError(Escalation.REFUSED_BY_CLOUDFORMATION, f"{code}: {message}") from error
