"""CloudFormation's status events on EventBridge, as AWS documents them; those of one stack can be lost on purpose."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge
from ministack.services.cloudformation import changesets, handlers, stacks

from sandbox.emulator import control
from sandbox.emulator.hooks import replace

STACK = "AWS::CloudFormation::Stack"
DETAIL_TYPE = "CloudFormation Stack Status Change"
REASON = 5  # its place among the arguments of the emulator's function

_suppressed: set[tuple[str, str, str]] = set()


def install() -> None:
    """Send an event whenever a stack's own status changes; nested stacks send theirs, as on AWS."""
    replace(stacks, "_add_event", _announced)
    for module in (changesets, handlers):  # they took the name at import; the others look it up when they need it
        module._add_event = stacks._add_event
    control.command("suppress", lambda arguments: _suppressed.add(_stack(arguments)))
    control.command("restore", lambda arguments: _suppressed.discard(_stack(arguments)))


def _stack(arguments: Mapping[str, str]) -> tuple[str, str, str]:
    return arguments["account"], arguments["region"], arguments["stack"]


def _announced(original: Callable[..., None]) -> Callable[..., None]:
    def add_event(*event: Any, **named: Any) -> None:  # noqa: ANN401 - stack id, stack, logical id, type, status, reason...
        original(*event, **named)
        stack_id, stack_name, logical_id, resource_type, status = event[:5]
        reason = event[5] if len(event) > REASON else named.get("reason", "")
        is_own = resource_type == STACK and logical_id == stack_name
        if is_own and (get_account_id(), get_region(), stack_name) not in _suppressed:
            eventbridge._put_events({"Entries": [entry(stack_id, status, reason)]}, allow_aws_source=True)

    return add_event


def entry(stack_id: str, status: str, reason: str) -> dict[str, Any]:
    """The event of one change, in the words of PutEvents."""
    detail = {
        "stack-id": stack_id,
        "status-details": {"status": status, "status-reason": reason},
        "client-request-token": stacks.CLIENT_REQUEST_TOKEN.get(),
    }
    return {
        "Source": "aws.cloudformation",
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(detail),
        "Resources": [stack_id],
    }
