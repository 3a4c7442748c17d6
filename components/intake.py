"""How what the managed stacks tell reaches a cell: failures, ends of our own operations, and what is to be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import ComponentResource, ResourceOptions

from components.addresses import CellAddresses
from components.door import AT_ONCE, Door, DoorArgs, DoorName
from components.functions import CellFunction, FunctionFrame
from components.queues import CellQueue, QueueArgs
from handlers.domain.capture import CAPTURED
from handlers.domain.cell import Pattern
from handlers.domain.identity import OWN_TOKEN_PREFIX
from handlers.domain.status import Kind, StackStatus

UNINTERESTING = sorted(status.value for status in StackStatus if status.kind in (Kind.IN_PROGRESS, Kind.UNBORN))
"""Statuses that ask for nothing. A rule leaves these out, and so lets a status through that nobody knows yet."""


@dataclass(frozen=True, kw_only=True)
class IntakeArgs:
    """What all doors need."""

    frame: FunctionFrame
    timeout_seconds: int
    message_days: int
    reserves_concurrency: bool


class Intake(ComponentResource):
    """The three doors of a cell, and the queue of what EventBridge could not deliver to them."""

    def __init__(self, name: str, args: IntakeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Intake", name, None, opts)
        self._child = ResourceOptions(parent=self)
        reach = args.frame.reach
        undelivered = QueueArgs(
            cell=reach.cell, queue="events-dead", retention_days=args.message_days, rules=("intake", "notice", "capture")
        )
        self._undelivered = CellQueue(f"{name}-undelivered", undelivered, self._child)
        self.intake = self._door(name, "intake", intake_pattern(reach.cell, reach.patterns), args)
        self.notice = self._door(name, "notice", notice_pattern(reach.cell, reach.patterns), args)
        self.capture = self._door(name, "capture", capture_pattern(reach.cell, reach.patterns), args)
        self.register_outputs({})

    def _door(self, name: str, door: DoorName, event_pattern: dict[str, Any], args: IntakeArgs) -> CellFunction:
        arguments = DoorArgs(
            door=door,
            frame=args.frame,
            event_pattern=event_pattern,
            undelivered=self._undelivered,
            timeout_seconds=args.timeout_seconds,
            message_days=args.message_days,
            reserved_concurrency=AT_ONCE if args.reserves_concurrency else None,
        )
        return Door(f"{name}-{door}", arguments, self._child).function


def intake_pattern(cell: CellAddresses, patterns: Sequence[Pattern]) -> dict[str, Any]:
    """Everything but our own operations; a person's call in the console may carry no token at all."""
    return _event_pattern(cell, patterns, [{"anything-but": {"prefix": OWN_TOKEN_PREFIX}}, {"exists": False}, None])


def notice_pattern(cell: CellAddresses, patterns: Sequence[Pattern]) -> dict[str, Any]:
    return _event_pattern(cell, patterns, [{"prefix": OWN_TOKEN_PREFIX}])


def capture_pattern(cell: CellAddresses, patterns: Sequence[Pattern]) -> dict[str, Any]:
    """Every status that shows a version, whoever ordered it, and every failure."""
    return _told(cell, patterns, {"status-details": {"status": sorted(CAPTURED)}})


def _event_pattern(cell: CellAddresses, patterns: Sequence[Pattern], tokens: list[Any]) -> dict[str, Any]:
    return _told(
        cell, patterns, {"status-details": {"status": [{"anything-but": UNINTERESTING}]}, "client-request-token": tokens}
    )


def _told(cell: CellAddresses, patterns: Sequence[Pattern], more: dict[str, Any]) -> dict[str, Any]:
    """Field names: CloudFormation user guide, "Stack Status Change event detail".

    Patterns in mode off are here too: which pattern decides about a stack, its function says, and the first one wins.
    """
    return {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "detail": {"stack-id": [_stack_id(cell, pattern.pattern) for pattern in patterns], **more},
    }


def _stack_id(cell: CellAddresses, pattern: str) -> dict[str, str]:
    """A prefix where that says the same, for names hold no slash: EventBridge refuses many wildcards as too complex."""
    arn = cell.stack_arn(pattern).removesuffix("/*")
    head = arn.removesuffix("*")
    if "*" in head:
        return {"wildcard": f"{arn}/*"}
    return {"prefix": head if head != arn else f"{arn}/"}
