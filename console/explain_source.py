"""Where the events to explain come from: a saved file, or CloudFormation itself; it changes nothing in either."""

import codecs
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from handlers.domain.diagnosis_history import STACK_TYPE, happenings, name_of, operations, root_of

Event = Mapping[str, Any]
STDIN = Path("-")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How PowerShell saves what a command prints."""
MOST_NESTED = 50
"""Nested stacks read for one explanation; a deeper tree is cut off, and its last parent's word stands for the rest."""


class EventsUnreadableError(Exception):
    """There is nothing to explain in what was given; the message says what to give instead."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """The events of one stack and of those nested in it."""

    name: str
    status: str | None
    events: tuple[Event, ...]
    role_arn: str | None = None
    is_live: bool = False
    """Read from CloudFormation, so that a missing service role is a fact."""


def from_file(path: Path) -> tuple[Story, ...]:
    """Every stack tree in a saved `describe-stack-events`: JSON or YAML, one stack, a list of stacks or a map of stacks."""
    events = list(_events(_parsed(path)))
    if not events:
        raise EventsUnreadableError(
            f"{path} holds no stack events: save the output of `aws cloudformation describe-stack-events --stack-name NAME`"
        )
    return tuple(_story(tree) for tree in _trees(events))


def _parsed(path: Path) -> object:
    try:
        raw = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
        text = raw.decode("utf-16" if raw.startswith(_UTF_16) else "utf-8-sig")
    except FileNotFoundError as missing:
        raise EventsUnreadableError(f"{path} does not exist: give the path of a saved describe-stack-events") from missing
    except UnicodeDecodeError as binary:
        raise EventsUnreadableError(f"{path} is not text in UTF-8: save the events with --output json or yaml") from binary
    except OSError as refused:
        raise EventsUnreadableError(f"{path} cannot be read ({refused.strerror}): give a file you may read") from refused
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass  # not JSON; YAML is tried before anything is said
    try:
        parsed: object = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as neither:
        where = (
            f" (line {neither.problem_mark.line + 1})"
            if isinstance(neither, yaml.MarkedYAMLError) and neither.problem_mark
            else ""
        )
        raise EventsUnreadableError(f"{path} is neither JSON nor YAML{where}: save the events with --output json") from neither
    return parsed


def _events(data: object, depth: int = 3) -> Iterator[Event]:
    """Events at most *depth* levels down: file, stack, list."""
    if isinstance(data, Mapping):
        if isinstance(data.get("StackEvents"), list):
            yield from _events(data["StackEvents"], 1)
        elif "ResourceStatus" in data or "LogicalResourceId" in data:
            yield data
        elif depth:
            for each in data.values():
                yield from _events(each, depth - 1)
    elif isinstance(data, list) and depth:
        for each in data:
            yield from _events(each, depth - 1 if isinstance(each, list) else depth)


def _trees(events: list[Event]) -> list[list[Event]]:
    """Put stacks that nest in each other together; unrelated stacks are explained one by one."""
    parents: dict[str, str] = {}
    for one in happenings(events):
        if one.resource_type == STACK_TYPE and not one.is_own and one.physical_id:
            parents[one.physical_id] = one.stack_id

    def root(stack_id: str) -> str:
        seen = {stack_id}
        while (parent := parents.get(stack_id)) and parent not in seen:
            seen.add(parent)
            stack_id = parent
        return stack_id

    trees: dict[str, list[Event]] = {}
    for event in events:
        stack_id = event.get("StackId")
        trees.setdefault(root(stack_id) if isinstance(stack_id, str) else "", []).append(event)
    if any(f":stack/{name_of(each)}/" in reason for each in trees for reason in _quoted(events)):
        return [events]  # ids were masked, but a reason names one of the stacks as embedded: one tree
    return list(trees.values())


def _quoted(events: list[Event]) -> list[str]:
    reasons = (event.get("ResourceStatusReason") for event in events)
    return [reason for reason in reasons if isinstance(reason, str) and reason.startswith("Embedded stack")]


def _story(tree: list[Event], *, role_arn: str | None = None, is_live: bool = False, status: str | None = None) -> Story:
    history = happenings(tree)
    root = root_of(history)
    own = [one.status for one in history if one.is_own and one.stack_id == root]
    stack_id = root or next((one.stack_id for one in history if one.stack_id), "")
    return Story(
        name=name_of(stack_id) or "the stack",
        status=status or (own[-1] if own else None),
        events=tuple(tree),
        role_arn=role_arn,
        is_live=is_live,
    )


def from_stack(name: str, region: str | None, profile: str | None) -> Story:
    """Read the newest operation of stack *name*, and of the nested stacks that failed with it."""
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        client = session.client("cloudformation", config=Config(retries={"mode": "adaptive", "max_attempts": 6}))
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        events = list(_tree_events(client, stack["StackId"]))
    except ClientError as refused:
        raise EventsUnreadableError(
            f"CloudFormation refused to describe {name}: {refused.response['Error']['Message']}"
        ) from refused
    except BotoCoreError as unreachable:
        raise EventsUnreadableError(
            f"CloudFormation could not be asked about {name}: {unreachable} (--region, --profile and credentials decide)"
        ) from unreachable
    return _story(events, role_arn=stack.get("RoleARN"), is_live=True, status=stack["StackStatus"])


def _tree_events(client: Any, stack_id: str) -> Iterator[Event]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Events of the stack and of the nested stacks that its failures name, newest first each."""
    waiting, seen = [stack_id], {stack_id}
    while waiting:
        events = list(_own_events(client, waiting.pop()))
        yield from events
        nested = {one.physical_id for one in happenings(events) if one.resource_type == STACK_TYPE and not one.is_own}
        new = sorted(each for each in nested - seen if each.startswith("arn:"))[: MOST_NESTED - len(seen)]
        seen.update(new)
        waiting += new


def _own_events(client: Any, stack_id: str) -> Iterable[Event]:  # noqa: ANN401 - boto3 makes its clients at run time
    """One stack's events back to the beginning of its newest failing operation; CloudFormation keeps 90 days of them."""
    events: list[Event] = []
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        events += page["StackEvents"]
        if len(operations(happenings(events))) > 2:  # noqa: PLR2004 - what was before, and a whole operation after it
            break
    return events
