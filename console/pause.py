"""`stackmend pause` and `resume`: let one stack be left alone, and let it be taken up again."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from console.plainly import NotSoError, asking, told
from console.saying import answer, word
from console.span import until_of
from console.target import Account, AsJson, Choice, Environment, Profile, Reason, Region, SettingsFile, Target
from handlers.aws.people import CellPeople, NotPausedError, Word
from handlers.domain.cell import Cell
from handlers.domain.identity import StackKey
from handlers.domain.records import Pause

Stack = Annotated[str, typer.Argument(help="Name or ARN of a managed root stack.")]


def pause(
    stack: Stack,
    reason: Reason,
    *,
    until: Annotated[str | None, typer.Option(help="When it ends by itself, such as 2026-03-04T18:00+01:00.")] = None,
    span: Annotated[str | None, typer.Option("--for", help="After how long it ends by itself, such as 90m, 2h or 3d.")] = None,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Let a stack be left alone, until a moment or until somebody resumes it; a pause that is there is replaced.

    No new step is begun on it. What CloudFormation does at this moment goes on to its end.
    """
    with told():
        end = until_of(until, span, datetime.now(UTC))
        target = Target(Choice(environment=environment, settings=settings, account=account, region=region, profile=profile))
        cell, key = target.stack(stack)
        target.root_stack(key)
        said = word(target.by(cell.account), reason)
        with asking(f"writing the pause to {cell.ledger_table}"):
            _people(target, cell).pause(key, said, until=end)
        pause = Pause(stack=key, reason=said.reason, by=said.by, at=said.at, until=end)
        answer(f"{key} is {pause.why()}", _data(key, pause), as_json=as_json)


def resume(
    stack: Stack,
    reason: Reason,
    *,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """End a stack's pause; if it is still broken, the next heartbeat takes it up within a minute."""
    with told():
        target = Target(Choice(environment=environment, settings=settings, account=account, region=region, profile=profile))
        cell, key = target.stack(stack)
        said = word(target.by(cell.account), reason)
        with asking(f"writing to {cell.ledger_table}"):
            _resume(target, cell, key, said)
        pause = Pause(stack=key, paused=False, reason=said.reason, by=said.by, at=said.at)
        sentence = f"{key} is no longer paused: {said.reason} (by {said.by}); if it is broken, the next heartbeat takes it up"
        answer(sentence, _data(key, pause), as_json=as_json)


def _resume(target: Target, cell: Cell, key: StackKey, said: Word) -> None:
    try:
        _people(target, cell).resume(key, said)
    except NotPausedError as error:
        raise NotSoError(f"{error}; `stackmend status` lists what is") from error


def _people(target: Target, cell: Cell) -> CellPeople:
    return CellPeople(target.table(cell), cell.key)


def _data(key: StackKey, pause: Pause) -> dict[str, object]:
    return {"stack": key.model_dump(), "pause": pause.model_dump(mode="json", exclude={"stack"})}
