"""`stackmend recover`: let broken stacks be recovered now, or say what would be done; and wait for what comes of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from console.plainly import EXIT_NOT_SO, NotSoError, UnusableError, one_line, told
from console.recovering import REFUSED, SIMULATED, End, ask, await_end, failed_in, look
from console.target import Account, AsJson, Choice, Environment, Profile, Region, SettingsFile, Target
from handlers.aws.stacks import StackNow
from handlers.domain.cell import Cell
from handlers.domain.outcome import Settlement

SCHEMA_VERSION = 1

Stacks = Annotated[list[str] | None, typer.Argument(help="Names or ARNs of managed root stacks.")]
AllFailed = Annotated[bool, typer.Option("--all-failed", help="Every broken stack of the cells that nobody is repairing.")]
Simulate = Annotated[bool, typer.Option("--simulate", help="Decide and write the plan down; change nothing.")]
Wait = Annotated[int, typer.Option(min=1, help="Seconds to wait for the end. The recovery itself is not bounded by it.")]


def recover(
    stacks: Stacks = None,
    *,
    all_failed: AllFailed = False,
    simulate: Simulate = False,
    wait: Wait = 3600,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Recover broken stacks by the door of every event, under your name; exit code 0 only when each is recovered.

    With --simulate the whole recovery is run as far as its decision: the plan is written to the ledger, nothing is changed.
    """
    with told():
        if bool(stacks) == all_failed:
            raise UnusableError("say which: STACK..., or --all-failed")
        choice = Choice(environment=environment, settings=settings, account=account, region=region, profile=profile)
        ends = _recover(Target(choice), stacks or [], simulate=simulate, seconds=wait)
    _tell(ends, simulate=simulate, as_json=as_json)
    if any(end.outcome != (SIMULATED if simulate else Settlement.RECOVERED) for end in ends):
        raise typer.Exit(EXIT_NOT_SO)


def _recover(target: Target, stacks: Sequence[str], *, simulate: bool, seconds: int) -> list[End]:
    """Look at all of them before anything is asked for: of those that were named, one that cannot be begins none."""
    named = [target.stack(one) for one in stacks] if stacks else failed_in(target)
    ready: list[tuple[Cell, StackNow]] = []
    refused: list[End] = []
    for cell, key in named:
        try:
            ready.append((cell, look(target, cell, key, simulate=simulate)))
        except NotSoError as error:
            refused.append(End(stack=str(key), outcome=REFUSED, reason=str(error)))
    if stacks and refused:
        raise NotSoError("\n".join(end.reason for end in refused))
    with Console(stderr=True).status("asking") as status:
        asked = [ask(target, cell, now, simulate=simulate) for cell, now in ready]
        return refused + [await_end(target, one, status.update, seconds=seconds) for one in asked]


def _tell(ends: Sequence[End], *, simulate: bool, as_json: bool) -> None:
    if as_json:
        document = {"schema_version": SCHEMA_VERSION, "simulated": simulate, "results": [_data(end) for end in ends]}
        typer.echo(json.dumps(document, indent=2))
        return
    if not ends:
        typer.echo("no stack is broken that nobody is repairing")
    for end in ends:
        typer.echo(one_line(f"{end.stack}: {end.outcome}: {end.reason}"))
        for step in end.steps:
            word = "needs a person's word" if step.needs_approval else "needs no person's word"
            typer.echo(one_line(f"  {step.when} {step.after or ''} {step.strategy}: {step.risk}, {word}: {step.reason}"))
        if end.plan_digest:
            typer.echo(f"  plan {end.plan_digest}, {end.recovery_id}")


def _data(end: End) -> dict[str, Any]:
    return {**asdict(end), "steps": [step.model_dump(mode="json") for step in end.steps]}
