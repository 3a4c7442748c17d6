"""`stackmend breaker`: what repeated failure has stopped, and let it go on."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from console.plainly import NotSoError, UnusableError, asking, told
from console.saying import answer, word
from console.target import Account, AsJson, Choice, Environment, Profile, Reason, Region, SettingsFile, Target
from handlers.aws.breakers import Breakers
from handlers.aws.people import CellPeople, NotOpenError, Word
from handlers.domain.breaker import Breaker, Scope, UnknownBreakerError, limit_of, named, why_open
from handlers.domain.cell import Cell

app = typer.Typer(no_args_is_help=True, help="See and reset what repeated failure has stopped.")

Name = Annotated[str, typer.Argument(help="cell, class:CLASS or stack:NAME, as `breaker show` prints it.")]


@app.command()
def show(
    *,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Show a cell's open breakers, and what classes and cell have counted; exit code 0 also when one is open."""
    with told():
        target = Target(Choice(environment=environment, settings=settings, account=account, region=region, profile=profile))
        cell = target.cell()
        with asking(f"reading {cell.ledger_table}"):
            found = _all(target, cell)
        now = datetime.now(UTC)
        lines = [_line(each, cell, now) for each in found] or [f"no breaker of {cell.account}/{cell.region} has counted anything"]
        if as_json:
            answer("", {"cell": cell.key, "breakers": [_data(each, cell) for each in found]}, as_json=True)
        else:
            for line in lines:
                typer.echo(line)


@app.command()
def reset(
    name: Name,
    reason: Reason,
    *,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Close an open breaker at once: what waits for it is taken up by the next heartbeat, all of it."""
    with told():
        known = _named(name)
        target = Target(Choice(environment=environment, settings=settings, account=account, region=region, profile=profile))
        cell = target.cell()
        said = word(target.by(cell.account), reason)
        with asking(f"writing to {cell.ledger_table}"):
            _reset(target, cell, known, said)
        data = {"cell": cell.key, "breaker": known, "by": said.by, "at": said.at.isoformat(), "reason": said.reason}
        sentence = f"breaker {known} of {cell.account}/{cell.region} is closed: {said.reason} (by {said.by})"
        answer(f"{sentence}; the next heartbeat takes up what waited", data, as_json=as_json)


def _named(text: str) -> str:
    try:
        return named(text)
    except UnknownBreakerError as error:
        raise UnusableError(str(error)) from error


def _reset(target: Target, cell: Cell, name: str, said: Word) -> None:
    try:
        CellPeople(target.table(cell), cell.key).reset(name, said)
    except NotOpenError as error:
        raise NotSoError(f"{error}; `stackmend breaker show` lists what is") from error


def _all(target: Target, cell: Cell) -> tuple[Breaker, ...]:
    """Open ones first; of stacks only those that are open, since the list alone knows them all."""
    stacks = [each for each in target.ledger(cell).unresolved().breakers if each.scope is Scope.STACK]
    wide = [each for each in Breakers(target.table(cell), cell.key).counting() if each.is_open or each.failures]
    return tuple(sorted((*wide, *stacks), key=lambda each: (not each.is_open, each.name)))


def _line(breaker: Breaker, cell: Cell, now: datetime) -> str:
    if breaker.is_open:
        return why_open(breaker, now)
    return f"breaker {breaker.name} is closed: {len(breaker.failures)} of {limit_of(breaker.name, cell.breakers).count} counted"


def _data(breaker: Breaker, cell: Cell) -> dict[str, Any]:
    return breaker.model_dump(mode="json") | {"limit": limit_of(breaker.name, cell.breakers).model_dump()}
