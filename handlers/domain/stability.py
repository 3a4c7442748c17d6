"""Whether a stack ever was stable, as its own events prove it: RollbackStack deletes a stack that never was."""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.domain.status import LAST_KNOWN_STABLE, StackStatus


def is_own(event: Mapping[str, Any]) -> bool:
    """Whether an event is the stack's own; a nested stack is a resource of the same type with another physical id."""
    return event.get("ResourceType") == "AWS::CloudFormation::Stack" and event.get("PhysicalResourceId") == event.get("StackId")


def last_stable(events: Iterable[Mapping[str, Any]]) -> StackStatus | None:
    """Find the newest stable status in one stack's *events*, newest first; None where they prove none."""
    own = (event.get("ResourceStatus") for event in events if is_own(event))
    return next((StackStatus(status) for status in own if status in LAST_KNOWN_STABLE), None)
