"""Turn corpus rows into the events that `diagnose` takes: the shape of DescribeStackEvents, newest first.

`message_events(row)` wraps one message of failures.csv in the shortest history that could have held it;
`sequence_events(row)` turns one line of sequences.jsonl. Judging uses these same two functions.
"""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STACK = "AWS::CloudFormation::Stack"
NAME = "app"
START = datetime(2026, 11, 1, tzinfo=UTC)
AT_REST = {"CREATE": "ROLLBACK_COMPLETE", "UPDATE": "UPDATE_ROLLBACK_FAILED", "DELETE": "DELETE_FAILED"}


def arn(name: str) -> str:
    return f"arn:aws:cloudformation:us-east-1:111122223333:stack/{name}/aaaaaaaa-1111-2222-3333-444444444444"


def event(
    second: int, logical_id: str, resource_type: str, status: str, reason: str = "", *, stack: str = NAME
) -> dict[str, Any]:
    """One event of *stack*; the stack's own events carry its id as physical id, as on AWS."""
    made: dict[str, Any] = {
        "StackId": arn(stack),
        "StackName": stack,
        "EventId": f"{logical_id}-{status}-{second}",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": arn(stack) if logical_id == stack else logical_id.lower(),
        "ResourceType": resource_type,
        "Timestamp": START + timedelta(seconds=second),
        "ResourceStatus": status,
    }
    if reason:
        made["ResourceStatusReason"] = reason
    return made


def message_events(row: Mapping[str, str]) -> list[dict[str, Any]]:
    """The history of one message; a stack's own message (terminal state, nothing to do) is its only failure."""
    status = row["resource_status"] or "CREATE_FAILED"
    operation = status.split("_", maxsplit=1)[0] if status.split("_", maxsplit=1)[0] in AT_REST else "CREATE"
    rest = row["stack_status"] or AT_REST[operation]
    resource_type = row["resource_type"] or "AWS::Unknown::Resource"
    begun = event(1, NAME, STACK, f"{operation}_IN_PROGRESS", "User Initiated")
    if resource_type == STACK and row["label"] in ("terminal_state", "no_op"):
        return [event(2, NAME, STACK, rest, row["message"]), begun]
    return [
        event(4, NAME, STACK, rest),
        event(3, "Resource", resource_type, status, row["message"]),
        event(2, "Resource", resource_type, f"{operation}_IN_PROGRESS"),
        begun,
    ]


def sequence_events(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A recorded sequence, newest first, in one list; nested stacks that speak for themselves have their own StackId."""
    speakers = [one["logical_id"] for one in row["events"] if speaks_as_stack(one)]
    root = speakers[-1] if speakers else NAME
    return [
        event(
            second,
            one["logical_id"],
            one["type"],
            one["status"],
            one.get("reason", ""),
            stack=one["logical_id"] if one["logical_id"] in speakers else root,
        )
        for second, one in enumerate(row["events"])
    ][::-1]


def speaks_as_stack(one: Mapping[str, Any]) -> bool:
    """Is this a stack's own event, rather than its parent's word about it?"""
    reason: str = one.get("reason", "")
    return one["type"] == STACK and (
        "ROLLBACK" in one["status"] or reason == "User Initiated" or reason.startswith("The following resource(s) failed")
    )


def failures() -> list[dict[str, str]]:
    """Rows of failures.csv."""
    with (HERE / "failures.csv").open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def sequences() -> list[dict[str, Any]]:
    """Rows of sequences.jsonl."""
    with (HERE / "sequences.jsonl").open(encoding="utf-8") as rows:
        return [json.loads(line) for line in rows]
