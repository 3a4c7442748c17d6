"""`stackmend graph`: which stack needs which, from the ledgers of an environment or a saved file of facts. It changes nothing."""

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from console.explain_text import printable
from console.graph_live import live
from console.graph_text import as_data, dot, page, text
from console.plainly import told
from console.target import AsJson, Choice, Environment, Profile, SettingsFile, Target
from handlers.domain.graph_facts import Facts, Known, known

UNREADABLE = 2

FactsFile = Annotated[
    Path | None,
    typer.Option("--facts", help="Instead of an environment: JSON, schema_version 1 and stacks, as docs/graph.md says."),
]
Stack = Annotated[str | None, typer.Option(help="Explain this stack: its name, or ACCOUNT/REGION/NAME.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a page to look at, in one file.")]
AsDot = Annotated[bool, typer.Option("--dot", help="For Graphviz.")]


class UnusableFactsError(Exception):
    """What was given holds no graph; the message says what to do."""


def graph(
    *,
    facts: FactsFile = None,
    stack: Stack = None,
    html: Html = None,
    as_dot: AsDot = False,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Annotated[str | None, typer.Option(help="Only the cells of this account, by id or name.")] = None,
    region: Annotated[str | None, typer.Option(help="Only the cells of this region.")] = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Draw the graph of stacks, name its cycles, and explain what a stack stands on and holds up."""
    choice = Choice(environment=environment, settings=settings, account=account, region=region, profile=profile)
    with told():
        read = live(Target(choice)) if facts is None else None
    try:
        found = known(read or _read(facts))
        chosen = None if stack is None else _chosen(found, stack)
        if html is not None:
            _write(html, page(found))
    except UnusableFactsError as unusable:
        typer.echo(printable(str(unusable)).replace("\n", " "), err=True)
        raise typer.Exit(UNREADABLE) from unusable
    if as_dot:
        typer.echo(dot(found))
    elif as_json:
        typer.echo(json.dumps(as_data(found, chosen), indent=2))
    else:
        typer.echo(printable("\n".join(text(found, chosen))))


def _read(path: Path | None) -> Facts:
    if path is None:
        raise UnusableFactsError("the ledgers hold no stack yet: a stack is there once it has come to rest under its cell's eyes")
    try:
        return Facts.model_validate_json(path.read_bytes())
    except OSError as refused:
        raise UnusableFactsError(f"{path} cannot be read ({refused.strerror}): give a file of facts") from refused
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        others = f", and {wrong.error_count() - 1} more" if wrong.error_count() > 1 else ""
        raise UnusableFactsError(f"{path} holds no facts: {where}: {first['msg']}{others}; see docs/graph.md") from wrong


def _chosen(found: Known, stack: str) -> str:
    matches = [each for each in found.graph if stack in {each, found.facts[each].stack.name}]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UnusableFactsError(f"{stack} is {' and '.join(matches)}: say which")
    raise UnusableFactsError(f"{stack} is not among the {len(found.graph)} stacks of the facts")


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as refused:
        raise UnusableFactsError(f"{path} cannot be written ({refused.strerror}): give another path") from refused
