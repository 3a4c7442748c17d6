"""What arrives in the queues: CloudFormation's events, an execution's end, and the heartbeat's own words."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, ValidationError

from handlers.domain.identity import NotAStackError, StackKey
from handlers.domain.status import StackStatus


class EventError(ValueError):
    """A message that nothing can be done with; the queue's redrive policy keeps it for a person."""

    outcome: ClassVar[str]
    """Its name among the outcomes of intake and notice."""


class MalformedEventError(EventError):
    """The message is none of the events that this queue carries."""

    outcome = "malformed"


class UnknownStatusError(EventError):
    """The stack's status is one that this version has never heard of."""

    outcome = "unknown_status"


class UnknownSenderError(EventError):
    """A person's word was not sent by the session that it names."""

    outcome = "unknown_sender"


class ForeignEventError(EventError):
    """The event is about a stack of another account or region."""

    outcome = "foreign"


class _Event(BaseModel):
    """AWS may add fields to its events at any time."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class _StatusDetails(_Event):
    status: str
    status_reason: Annotated[str | None, Field(alias="status-reason")] = None


class _StackDetail(_Event):
    stack_id: Annotated[str, Field(alias="stack-id")]
    status_details: Annotated[_StatusDetails, Field(alias="status-details")]
    client_request_token: Annotated[str | None, Field(alias="client-request-token")] = None


class StackEvent(_Event):
    """EventBridge's "CloudFormation Stack Status Change" (CloudFormation user guide, "Stack Status Change event detail")."""

    detail_type: Annotated[Literal["CloudFormation Stack Status Change"], Field(alias="detail-type")]
    source: Literal["aws.cloudformation"]
    event_id: Annotated[str, Field(alias="id")]
    account: str
    region: str
    time: AwareDatetime
    detail: _StackDetail

    @property
    def stack_id(self) -> str:
        """The stack's ARN."""
        return self.detail.stack_id

    @property
    def token(self) -> str | None:
        """The client request token of the operation that the event belongs to."""
        return self.detail.client_request_token or None

    @property
    def reported(self) -> str:
        """The status as it stands in the event."""
        return self.detail.status_details.status


class FoundStack(_Event):
    """Our own word for a failed stack: the heartbeat's, where no event told, or of whoever ended what it was parked behind."""

    kind: Literal["stackmend.found_stack"] = "stackmend.found_stack"
    stack_id: str
    reported: str
    found_at: AwareDatetime
    aside: tuple[str, ...] = ()
    """Stacks that it needs and must not wait for, because they wait for it: the rule of `cycles` has set them aside."""


class WantedRecovery(_Event):
    """A person's word that a stack is to be recovered, or that it is to be said what would be done.

    Who says it is not believed of the message: SQS names the session that sent it (`handlers.domain.sender`).
    """

    kind: Literal["stackmend.wanted_recovery"] = "stackmend.wanted_recovery"
    stack_id: str
    request_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    by: str
    wanted_at: AwareDatetime
    simulate: bool = False


class OverdueAttempt(_Event):
    """The heartbeat's word for an attempt whose end should have been heard by now."""

    kind: Literal["stackmend.overdue_attempt"] = "stackmend.overdue_attempt"
    stack_id: str
    token: str
    found_at: AwareDatetime


class RecoveredStack(_Event):
    """Settle's word for a stack that a recovery has healed and proven."""

    kind: Literal["stackmend.recovered_stack"] = "stackmend.recovered_stack"
    stack_id: str
    recovery_id: str


def _tag(raw: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(raw, dict):
        return ""
    return str(raw.get("kind") or raw.get("detail-type") or "")


QueueEvent = Annotated[
    Annotated[StackEvent, Tag("CloudFormation Stack Status Change")]
    | Annotated[FoundStack, Tag("stackmend.found_stack")]
    | Annotated[WantedRecovery, Tag("stackmend.wanted_recovery")]
    | Annotated[OverdueAttempt, Tag("stackmend.overdue_attempt")],
    Discriminator(_tag),
]
QueueMessage = StackEvent | FoundStack | WantedRecovery | OverdueAttempt
_QUEUE_EVENT: TypeAdapter[QueueMessage] = TypeAdapter(QueueEvent)

CaptureEvent = Annotated[
    Annotated[StackEvent, Tag("CloudFormation Stack Status Change")]
    | Annotated[RecoveredStack, Tag("stackmend.recovered_stack")],
    Discriminator(_tag),
]
_CAPTURE_EVENT: TypeAdapter[StackEvent | RecoveredStack] = TypeAdapter(CaptureEvent)

Read = TypeVar("Read", StackEvent | FoundStack | WantedRecovery | OverdueAttempt, StackEvent | RecoveredStack)


def read_event(body: str, *, account: str, region: str) -> QueueMessage:
    """Read a message of intake's or notice's queue for the cell of *account* and *region*, or refuse it by name."""
    return _read(_QUEUE_EVENT, body, (account, region))


def read_capture_event(body: str, *, account: str, region: str) -> StackEvent | RecoveredStack:
    """Read a message of capture's queue, or refuse it by name."""
    return _read(_CAPTURE_EVENT, body, (account, region))


def _read(adapter: TypeAdapter[Read], body: str, place: tuple[str, str]) -> Read:
    try:
        event = adapter.validate_json(body)
        key = StackKey.of(event.stack_id)
    except (ValidationError, NotAStackError) as error:
        raise MalformedEventError(f"the message is no event that this queue carries: {_unquoted(error)}") from error
    account, region = place
    places = {(key.account, key.region)} | ({(event.account, event.region)} if isinstance(event, StackEvent) else set())
    if places != {(account, region)}:
        raise ForeignEventError(f"{event.stack_id} is not a stack of {account} in {region}: check the rule that sent its event")
    if isinstance(event, StackEvent | FoundStack):
        status_of(event)
    return event


def status_of(event: StackEvent | FoundStack) -> StackStatus:
    """Read the event's status, or refuse one that is unknown."""
    try:
        return StackStatus(event.reported)
    except ValueError as error:
        raise UnknownStatusError(f"{event.stack_id} is {event.reported!r}, a status that this version does not know") from error


OPEN_BREAKER = "stackmend.open_breaker"


class OpenBreaker(_Event):
    """The heartbeat's word for an open breaker of which nobody has heard, or which nothing has tried for long."""

    kind: Literal["stackmend.open_breaker"] = "stackmend.open_breaker"
    name: str


class DeadExecution(_Event):
    """The heartbeat's word for an open failure whose execution runs no more."""

    kind: Literal["stackmend.dead_execution"] = "stackmend.dead_execution"
    recovery_id: str
    failure_id: str
    stack: StackKey
    stack_id: str
    status: str


class _ExecutionDetail(_Event):
    status: Literal["FAILED", "TIMED_OUT", "ABORTED"]
    name: str
    input: str
    error: str | None = None
    cause: str | None = None


class ExecutionEvent(_Event):
    """EventBridge's "Step Functions Execution Status Change", for executions that did not succeed."""

    detail_type: Annotated[Literal["Step Functions Execution Status Change"], Field(alias="detail-type")]
    source: Literal["aws.states"]
    time: datetime
    detail: _ExecutionDetail


def _unquoted(error: ValidationError | NotAStackError) -> str:
    """What is wrong, without what the message holds: it is somebody else's, and goes into a log."""
    if isinstance(error, NotAStackError):
        return str(error)
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'message'}: {each['type']}" for each in found)
