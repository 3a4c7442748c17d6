"""
What the engine says while it works: the lines of its `--event-log`, and what is made of them.

The fields are those of the engine's own `apitype.EngineEvent` (sdk/go/common/apitype/events.go), as far as they are
used here; the rest is ignored, because the engine adds to them with every version.
"""

from collections.abc import Iterable
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="ignore")


class Diagnostic(_Part):
    """One line for the reader, about a resource or about the whole."""

    urn: str = ""
    message: str
    severity: str


class Violation(_Part):
    """What a policy found; only `mandatory` ones stop an update."""

    resource_urn: str = ""
    message: str
    policy_name: str
    enforcement_level: str


class Metadata(_Part):
    """Which resource a step is about, and what is done to it."""

    op: str
    urn: str


class ResourceEvent(_Part):
    """A step of one resource: begun, done or failed by the field that holds it."""

    metadata: Metadata


class Summary(_Part):
    """How many resources were created, updated, left the same and so on."""

    resource_changes: dict[str, int] = Field(default_factory=dict)


class Event(_Part):
    """One line of the log: exactly one of these is set, or none that is used here."""

    diagnostic_event: Diagnostic | None = None
    policy_event: Violation | None = None
    resource_pre_event: ResourceEvent | None = None
    res_outputs_event: ResourceEvent | None = None
    res_op_failed_event: ResourceEvent | None = None
    summary_event: Summary | None = None

    def step(self) -> "Step | None":
        """The step that this event reports, if it reports one."""
        begun, done, failed = self.resource_pre_event, self.res_outputs_event, self.res_op_failed_event
        if begun is not None:
            return Step.of("begun", begun.metadata)
        if done is not None:
            return Step.of("done", done.metadata)
        return Step.of("failed", failed.metadata) if failed is not None else None


class Step(BaseModel):
    """One resource's step, for a progress bar."""

    model_config = ConfigDict(frozen=True)

    state: Literal["begun", "done", "failed"]
    operation: str
    resource_type: str
    name: str

    @classmethod
    def of(cls, state: Literal["begun", "done", "failed"], metadata: Metadata) -> "Step":
        resource_type, name = type_and_name(metadata.urn)
        return cls(state=state, operation=metadata.op, resource_type=resource_type, name=name)


def type_and_name(urn: str) -> tuple[str, str]:
    """The resource's own type and logical name: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`."""
    _, _, types, name = urn.split("::", 3)
    return types.rsplit("$", 1)[-1], name


class EventLog:
    """The log as it grows: each call to `new` gives the events that have become whole since the last one."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._unfinished = ""

    def new(self) -> list[Event]:
        *lines, self._unfinished = (self._unfinished + self._log.read()).split("\n")
        return [Event.model_validate_json(line) for line in lines if line.strip()]


def changes(events: Iterable[Event]) -> dict[str, int]:
    """Resources per operation, from the last summary; empty when the engine came to none."""
    summaries = [event.summary_event for event in events if event.summary_event is not None]
    return dict(summaries[-1].resource_changes) if summaries else {}


def complaints(events: Iterable[Event]) -> list[str]:
    """Why an operation failed, a sentence each: what policies refuse first, then the engine's and programs' errors."""
    known = list(events)
    violations = [event.policy_event for event in known if event.policy_event is not None]
    errors = [event.diagnostic_event for event in known if event.diagnostic_event is not None]
    refused = [
        f"policy {found.policy_name} refuses {_about(found.resource_urn)}{found.message.strip()}"
        for found in violations
        if found.enforcement_level == "mandatory"
    ]
    said = [f"{_about(error.urn)}{error.message.strip()}" for error in errors if error.severity == "error"]
    return list(dict.fromkeys([*refused, *said]))


def _about(urn: str) -> str:
    return "{} {}: ".format(*type_and_name(urn)) if urn else ""
