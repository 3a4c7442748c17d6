"""ParentId and RootId of nested stacks and the RoleARN of any, where DescribeStacks and ListStacks show them."""

import re
from html import escape, unescape
from typing import Any

from sandbox.emulator.hooks import Answer, Parameters, StackHandler, around_stack_actions, stack_record

_STACK_ID = re.compile(rb"<StackId>([^<]+)</StackId>")

# What each answer shows of a stack: Stack and StackSummary in botocore's service model.
SHOWN = {"DescribeStacks": ("ParentId", "RootId", "RoleARN"), "ListStacks": ("ParentId", "RootId")}


def install() -> None:
    """Add the fields to the answers."""
    around_stack_actions(SHOWN, _described)


def _described(action: str, original: StackHandler, parameters: Parameters) -> Answer:
    status, headers, content = original(parameters)
    return status, headers, _STACK_ID.sub(lambda found: found[0] + _fields(action, found[1]), content)


def _fields(action: str, stack_id: bytes) -> bytes:
    record = stack_record(unescape(stack_id.decode())) or {}
    known = {"ParentId": record.get("ParentId"), "RootId": root(record), "RoleARN": record.get("RoleARN")}
    return "".join(f"<{name}>{escape(str(known[name]))}</{name}>" for name in SHOWN[action] if known[name]).encode()


def root(record: dict[str, Any]) -> str | None:
    """The id of the stack at the top; None for a stack that is no one's child. The emulator keeps the parent's at every depth."""
    parent = record.get("ParentId")
    above = stack_record(parent) if parent else None
    return (root(above) or parent) if above else parent
