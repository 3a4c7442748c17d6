"""Which resources CloudFormation would let a rollback leave behind: read from the rollback's own events, before anyone is asked.

Only what is UPDATE_FAILED because the rollback failed, never what was cancelled; what lies in a nested stack by that stack's
name; a nested stack itself only while it is being deleted, or was (service model, ContinueUpdateRollbackInput, ResourcesToSkip).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.domain.diagnosis_history import STACK_TYPE, Happening, happenings, name_of, operations, root_of
from handlers.domain.diagnosis_rules_engine import CONSEQUENCES

_CANCELLED = CONSEQUENCES[0].starts
_DELETED = ("DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_FAILED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skippable:
    """A resource that CloudFormation would skip."""

    name: str
    """As ResourcesToSkip names it: the logical id, after its nested stack's name and a dot where it lies in one."""
    logical_id: str
    resource_type: str
    physical_id: str
    stack_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipCheck:
    """What of a request is legal, and of the rest why not."""

    legal: tuple[Skippable, ...]
    refused: Mapping[str, str]

    @property
    def is_legal(self) -> bool:
        """Whether CloudFormation would take the request as it stands."""
        return bool(self.legal) and not self.refused


@dataclass(frozen=True, slots=True)
class _Rollback:
    """The newest rollback of a root stack and its nested ones."""

    root: str | None
    newest: dict[str, Happening]
    """The last word on each resource, by the name that ResourcesToSkip knows it by."""
    stacks: dict[str, str]
    """The last status of each stack by its id."""

    def hindrance(self, one: Happening) -> str | None:
        """Why CloudFormation would not skip *one*; None where it would."""
        if one.resource_type == STACK_TYPE:
            child = self.stacks.get(one.physical_id, "unknown")
            is_going = child in _DELETED
            return None if is_going else f"it is a nested stack that is {child}: name what failed in it, after its name and a dot"
        if one.status != "UPDATE_FAILED":
            return f"it is {one.status}: only what is UPDATE_FAILED can be skipped"
        if one.reason.strip().lower().startswith(_CANCELLED):
            return "its update was cancelled: it has not failed by itself"
        return None


def skippable(events: Iterable[Mapping[str, Any]]) -> tuple[Skippable, ...]:
    """Everything that the newest rollback in *events* (DescribeStackEvents of root and nested stacks) could leave behind."""
    rollback = _read(events)
    found = ((name, one) for name, one in rollback.newest.items() if rollback.hindrance(one) is None)
    return tuple(_skippable(name, one) for name, one in found)


def check_against_events(requested: Iterable[str], events: Iterable[Mapping[str, Any]]) -> SkipCheck:
    """Tell what of *requested* CloudFormation would skip."""
    rollback = _read(events)
    legal: list[Skippable] = []
    refused: dict[str, str] = {}
    for name in dict.fromkeys(requested):
        one = rollback.newest.get(name)
        why = _not_named(name, rollback) if one is None else rollback.hindrance(one)
        if one is None or why:
            refused[name] = why or ""
        else:
            legal.append(_skippable(name, one))
    return SkipCheck(legal=tuple(legal), refused=refused)


def _not_named(name: str, rollback: _Rollback) -> str:
    inside = [known for known in rollback.newest if known.endswith(f".{name}")]
    if inside:
        return f"it lies in a nested stack: name it {' or '.join(sorted(inside))}"
    return "no event of the rollback says that it failed"


def _read(events: Iterable[Mapping[str, Any]]) -> _Rollback:
    history = happenings(events)
    root = root_of(history)
    newest: dict[str, Happening] = {}
    stacks: dict[str, str] = {}
    for one in operations(history)[-1].events:
        if one.is_own:
            stacks[one.stack_id] = one.status
        elif one.in_rollback:
            name = one.logical_id if one.stack_id == root else f"{name_of(one.stack_id)}.{one.logical_id}"
            newest[name] = one
    return _Rollback(root, newest, stacks)


def _skippable(name: str, one: Happening) -> Skippable:
    return Skippable(
        name=name,
        logical_id=one.logical_id,
        resource_type=one.resource_type,
        physical_id=one.physical_id,
        stack_id=one.stack_id,
        reason=one.reason,
    )
