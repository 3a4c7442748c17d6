"""What a stack's own events tell that strategies must know: what a rollback could leave behind, and what a deletion would end."""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.domain.diagnosis_history import STACK_TYPE
from handlers.domain.situation import Left, SkipOffer
from handlers.domain.skip_check import skippable
from handlers.domain.skip_policy import answer
from handlers.domain.stability import is_own


def skips(events: Iterable[Mapping[str, Any]]) -> tuple[SkipOffer, ...]:
    """Everything that CloudFormation would skip, with the policy's word on each; *events* are the failing operation's."""
    found = [(one.name, answer(one.resource_type)) for one in skippable(events)]
    return tuple(
        SkipOffer(name=name, verdict=said.verdict, is_stateful=said.is_stateful or not said.is_known, reason=said.reason)
        for name, said in found
    )


def left(events: Iterable[Mapping[str, Any]]) -> Left:
    """The resources that the events, newest first, do not show as gone: which may hold data, and which a deletion failed on."""
    newest: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if not is_own(event):
            newest.setdefault(str(event.get("LogicalResourceId")), event)
    there = {name: one for name, one in newest.items() if one.get("ResourceStatus") not in {"DELETE_COMPLETE", "DELETE_SKIPPED"}}
    return Left(
        may_hold_data=tuple(sorted(name for name, one in there.items() if _may_hold_data(str(one.get("ResourceType"))))),
        undeletable=tuple(sorted(name for name, one in there.items() if one.get("ResourceStatus") == "DELETE_FAILED")),
    )


def _may_hold_data(resource_type: str) -> bool:
    """What nobody can tell may; a nested stack may by what lies in it."""
    said = answer(resource_type)
    return said.is_stateful or not said.is_known or resource_type == STACK_TYPE
