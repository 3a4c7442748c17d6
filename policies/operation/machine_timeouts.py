"""State machines and their tasks end in time."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule


def machine_ends_in_time(args: ResourceValidationArgs) -> Iterator[str]:
    definition = json.loads(args.props.get("definition") or "{}")
    if not definition.get("TimeoutSeconds"):
        yield "has no time-out"
    for name, task in _tasks(definition):
        if not (task.get("TimeoutSeconds") or task.get("TimeoutSecondsPath")):
            yield f"has no time-out in {name}"


def _tasks(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every Task, also inside Map and Parallel."""
    for name, state in definition.get("States", {}).items():
        if state.get("Type") == "Task":
            yield name, state
        for inner in (*state.get("Branches", []), state.get("ItemProcessor") or {}, state.get("Iterator") or {}):
            yield from _tasks(inner)


RULE = Rule(
    name="machine-ends-in-time",
    description="A task that waits for a token waits for a year unless told otherwise.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/step-functions/latest/dg/sfn-stuck-execution.html",
    remedy="set TimeoutSeconds in the machine and in every Task",
    resource_types=("aws:sfn/stateMachine:StateMachine",),
    judge=machine_ends_in_time,
)
