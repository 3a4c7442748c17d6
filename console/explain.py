"""`stackmend explain`: why a stack failed, what followed, and what Stackmend would do. It changes nothing."""

import json
from pathlib import Path
from typing import Annotated

import typer

from console.explain_source import EventsUnreadableError, Story, from_file, from_stack
from console.explain_text import SCHEMA_VERSION, as_data, as_text, explained, printable
from handlers.domain.diagnosis import diagnose

Stack = Annotated[str | None, typer.Argument(help="Name or id of a stack to read from CloudFormation.")]
Events = Annotated[
    Path | None,
    typer.Option("--events", help="A saved describe-stack-events, JSON or YAML, or - for standard input: needs no AWS."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, with a schema version.")]
Region = Annotated[str | None, typer.Option(help="Region of the stack; else the profile's.")]
Profile = Annotated[str | None, typer.Option(help="Profile of ~/.aws/config to read with.")]

NOTHING_FAILED = 1
UNREADABLE = 2


def explain(
    stack: Stack = None,
    events: Events = None,
    *,
    as_json: AsJson = False,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Say why a stack failed: what failed first and why, what followed, what to do."""
    try:
        stories = _stories(stack, events, region, profile)
    except EventsUnreadableError as unreadable:
        typer.echo(str(unreadable).replace("\n", " "), err=True)
        raise typer.Exit(UNREADABLE) from unreadable
    found = [(story, diagnosis) for story in stories if (diagnosis := diagnose(story.events)).evidence]
    given = [explained(story, diagnosis) for story, diagnosis in found]
    if as_json:
        document = {"schema_version": SCHEMA_VERSION, "explanations": [as_data(each) for each in given]}
        typer.echo(json.dumps(document, indent=2, default=str))
    else:
        typer.echo(printable("\n\n".join(as_text(each) for each in given)), nl=bool(given))
    if not given:
        names = ", ".join(story.name for story in stories)
        typer.echo(printable(f"no failure in the events of {names}: nothing to explain"), err=True)
        raise typer.Exit(NOTHING_FAILED)


def _stories(stack: str | None, events: Path | None, region: str | None, profile: str | None) -> tuple[Story, ...]:
    if (stack is None) == (events is None):
        raise EventsUnreadableError("give either a STACK or --events FILE")
    return from_file(events) if events is not None else (from_stack(str(stack), region, profile),)
