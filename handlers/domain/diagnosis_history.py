"""Puts stack events in order and cuts them into operations of the root stack."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from handlers.domain.diagnosis_types import Evidence

STACK_TYPE = "AWS::CloudFormation::Stack"
IN_PROGRESS = "_IN_PROGRESS"
_ROLLBACKS = ("ROLLBACK", "UPDATE_ROLLBACK", "IMPORT_ROLLBACK")


@dataclass(slots=True, eq=False)
class Happening:
    """One stack event: always text, empty where the event did not say or said something else than text."""

    stack_id: str
    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    reason: str
    token: str
    is_own: bool
    """The stack speaks of itself, not of a resource in it."""
    raw: Mapping[str, Any]
    in_rollback: bool = False

    def evidence(self) -> Evidence:
        """The same for the outside, with the fields that only a reader needs."""
        at = self.raw.get("Timestamp")
        return Evidence(
            event_id=_text(self.raw, "EventId"),
            stack_id=self.stack_id,
            logical_id=self.logical_id,
            resource_type=self.resource_type,
            status=self.status,
            reason=self.reason,
            at=at.isoformat() if isinstance(at, datetime) else at if isinstance(at, str) else "",
        )


@dataclass(slots=True)
class Operation:
    """What one call set in motion, CloudFormation's own rollback included."""

    name: str | None
    """Status prefix; None for an excerpt that shows no beginning."""
    events: list[Happening] = field(default_factory=list)
    rollback: str | None = None
    """Status prefix of the rollback, once it has begun."""
    at_rest: str | None = None
    """The root's last status of this operation, once it rests."""


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    return value if isinstance(value, str) else ""


def _moment(event: Mapping[str, Any]) -> float | None:
    """Seconds since the epoch; None for what is no time."""
    at = event.get("Timestamp")
    try:
        if isinstance(at, str):
            at = datetime.fromisoformat(at)
        if isinstance(at, datetime):
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return float(at) if isinstance(at, float) and math.isfinite(at) else None


def _comparable(times: list[Any]) -> bool:
    """Can *times* be compared as they are: all text of one form, or all datetimes with, or all without, an offset?"""
    kinds = set(map(type, times))
    if kinds == {str}:
        return len({(len(time), time[-6:]) for time in times}) == 1
    return kinds == {datetime} and len({time.utcoffset() is None for time in times}) == 1


def _known(given: list[Mapping[str, Any]]) -> list[Any]:
    """A time for each event, its neighbour's where it has none of its own."""
    times = [event.get("Timestamp") for event in given]
    if _comparable(times):
        return times
    moments = [_moment(event) for event in given]
    last = next((moment for moment in moments if moment is not None), 0.0)
    known: list[float] = []
    for moment in moments:
        last = last if moment is None else moment
        known.append(last)
    return known


def oldest_first(events: Iterable[Any]) -> list[Mapping[str, Any]]:
    """Order *events* by time; what shares a moment keeps the order that AWS gave, what has none stays with its neighbour."""
    given = [event for event in events if isinstance(event, Mapping)]
    known = _known(given)
    if not known or known[0] >= known[-1]:
        given.reverse()  # newest first, as DescribeStackEvents has it
        known.reverse()
    if any(one > two for one, two in pairwise(known)):
        order = sorted(range(len(given)), key=known.__getitem__)
        return [given[index] for index in order]
    return given


def _speaks_of_itself(stack_id: str, stack_name: str, logical_id: str, physical_id: str) -> bool:
    if physical_id and stack_id:
        return physical_id == stack_id
    if stack_name:
        return logical_id == stack_name
    return f":stack/{logical_id}/" in (stack_id or physical_id)


_FIELDS = (
    "StackId",
    "StackName",
    "LogicalResourceId",
    "PhysicalResourceId",
    "ResourceType",
    "ResourceStatus",
    "ResourceStatusReason",
    "ClientRequestToken",
)
_EMPTY = ("",) * len(_FIELDS)
_TEXT = {str}


def _matters(event: Mapping[str, Any]) -> bool:
    """Most events of a long history only say that a resource is fine; stacks and failures are read."""
    if event.get("ResourceType") == STACK_TYPE:
        return True
    status = event.get("ResourceStatus")
    return isinstance(status, str) and (status.endswith("_FAILED") or status == "DELETE_COMPLETE")


def happenings(events: Iterable[Any]) -> list[Happening]:
    """Read *events*, oldest first, telling a stack's word about itself from its word about a resource."""
    read = []
    for event in filter(_matters, oldest_first(events)):
        values: list[str] = list(map(event.get, _FIELDS, _EMPTY))
        if set(map(type, values)) != _TEXT:
            values = [value if isinstance(value, str) else "" for value in values]
        stack_id, stack_name, logical_id, physical_id, resource_type, status, reason, token = values
        is_own = resource_type == STACK_TYPE and _speaks_of_itself(stack_id, stack_name, logical_id, physical_id)
        read.append(Happening(stack_id, logical_id, physical_id, resource_type, status, reason, token, is_own, event))
    return read


def root_of(history: Sequence[Happening]) -> str | None:
    """Id of the root stack: the one that speaks for itself last and is a resource of none of the others."""
    speakers: dict[str, None] = {}
    nested: set[str] = set()
    quoted: list[str] = []
    for one in history:
        if one.is_own:
            speakers.pop(one.stack_id, None)
            speakers[one.stack_id] = None
        elif one.resource_type == STACK_TYPE:
            nested.add(one.physical_id)
            quoted.append(one.reason[:400])
    names = " ".join(quoted)
    roots = [one for one in speakers if one not in nested and f":stack/{name_of(one)}/" not in names]
    return next(reversed(roots or list(speakers)), None)


def name_of(stack_id: str) -> str:
    """Name of the stack that *stack_id* identifies."""
    return stack_id.split("/")[1] if stack_id.count("/") > 1 else stack_id


def _turn(current: Operation, one: Happening) -> Operation:
    """The operation that the root's own event *one* belongs to: *current*, or a new one that it begins."""
    if "CLEANUP" in one.status or one.status == "REVIEW_IN_PROGRESS":
        return current
    if not one.status.endswith(IN_PROGRESS):
        current.at_rest = one.status or current.at_rest
        return current
    prefix = one.status.removesuffix(IN_PROGRESS)
    if prefix in _ROLLBACKS:
        if current.at_rest is not None or (current.rollback is not None and one.reason == "User Initiated"):
            return Operation(prefix, rollback=prefix)
        current.rollback = prefix
        return current
    goes_on = current.name == prefix and current.at_rest is None and current.rollback is None and not _differs(current, one)
    return current if goes_on else Operation(prefix)


def _differs(current: Operation, one: Happening) -> bool:
    begun = next((event.token for event in current.events if event.is_own and event.token), "")
    return bool(begun and one.token and begun != one.token)


def operations(history: Sequence[Happening]) -> list[Operation]:
    """Cut *history* into the root's operations, oldest first; each event says whether its stack was rolling back."""
    root = root_of(history)
    current = Operation(None)
    found = [current]
    rolling: set[str] = set()
    for one in history:
        if one.is_own and one.stack_id == root:
            following = _turn(current, one)
            if following is not current:
                current = following
                found.append(current)
                rolling.clear()
        elif one.is_own and one.status.endswith("ROLLBACK_IN_PROGRESS"):
            rolling.add(one.stack_id)
        begins = one.is_own and one.status.endswith("ROLLBACK_IN_PROGRESS")
        one.in_rollback = not begins and (current.rollback is not None or one.stack_id in rolling)
        current.events.append(one)
    return found
