"""`stackmend status`: what is broken, why, and what to do next; which cells act, and what holds them back. It changes nothing."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from components.blueprint import Blueprint
from console.plainly import EXIT_NOT_SO, UnusableError, asking, told
from console.status_report import Sight, report
from console.status_text import as_text
from console.target import AsJson, Choice, Environment, Profile, SettingsFile, Target
from handlers.aws.lease import Authority
from handlers.domain.records import Switch

AT_ONCE = 8
"""Cells read at the same time."""


def status(
    *,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Annotated[str | None, typer.Option(help="Only the cells of this account, by id or name.")] = None,
    region: Annotated[str | None, typer.Option(help="Only the cells of this region.")] = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Show what needs a person, what waits and for what, what is under repair, and which cells act."""
    with told():
        target = Target(Choice(environment=environment, settings=settings, account=account, region=region, profile=profile))
        found = report(target.settings.environment, _read(target, target.chosen), datetime.now(UTC))
    typer.echo(json.dumps(found.as_data(), indent=2) if as_json else as_text(found))
    if not found.is_whole:
        raise typer.Exit(EXIT_NOT_SO)


def _read(target: Target, plans: Sequence[Blueprint]) -> list[Sight]:
    _ = target.sessions.person  # without credentials nothing is read, and that is said once
    with Console(stderr=True).status(f"reading {len(plans)} cells"), ThreadPoolExecutor(AT_ONCE) as together:
        return list(together.map(partial(_look, target), plans))


def _look(target: Target, plan: Blueprint) -> Sight:
    """One cell; what cannot be read there is a fact about it, and no reason not to show the others."""
    cell, name = plan.cell, plan.place.account.name
    authority = _authority(target, plan)
    try:
        with asking(f"reading {cell.ledger_table}"):
            return Sight(account_name=name, cell=cell, authority=authority, unresolved=target.ledger(cell).unresolved())
    except UnusableError as error:
        return Sight(account_name=name, cell=cell, authority=authority, problem=str(error))


def _authority(target: Target, plan: Blueprint) -> Authority:
    try:
        return target.hub(plan.cell).read()
    except UnusableError as error:
        return Authority(lease=None, environment_switch=Switch(), errors=(str(error),))
