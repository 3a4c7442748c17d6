"""`stackmend stop` and `start`: the kill switch of one cell, or of the whole environment."""

from typing import Annotated

import typer

from console.plainly import UnusableError, asking, told
from console.saying import answer, word
from console.target import Account, AsJson, Choice, Environment, Profile, Reason, Region, SettingsFile, Target
from handlers.aws.people import CellPeople, EnvironmentPeople, HubSilentError, Word
from handlers.domain.records import Switch

Everywhere = Annotated[bool, typer.Option("--everywhere", help="Every cell of the environment, by the switch in the hub.")]


def stop(
    reason: Reason,
    *,
    everywhere: Everywhere = False,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Throw the kill switch: no further step is begun on any stack of the cell, or with --everywhere of any cell.

    Failures are still taken in, and wait. What CloudFormation does at this moment goes on to its end.
    """
    choice = Choice(environment=environment, settings=settings, account=account, region=region, profile=profile)
    with told():
        _turn(choice, reason, everywhere=everywhere, stopped=True, as_json=as_json)


def start(
    reason: Reason,
    *,
    everywhere: Everywhere = False,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Turn the kill switch back; the next heartbeat takes up what has waited, within a minute."""
    choice = Choice(environment=environment, settings=settings, account=account, region=region, profile=profile)
    with told():
        _turn(choice, reason, everywhere=everywhere, stopped=False, as_json=as_json)


def _turn(choice: Choice, reason: str, *, everywhere: bool, stopped: bool, as_json: bool) -> None:
    if everywhere and choice.account:
        raise UnusableError("--everywhere means every cell, --account one of them: give one of the two")
    target = Target(choice)
    what, said = _turn_environment(target, reason, stopped) if everywhere else _turn_cell(target, reason, stopped)
    switch = Switch(stopped=stopped, reason=said.reason, by=said.by, at=said.at)
    state = "stopped: it takes failures in and changes nothing" if stopped else "started: the next heartbeat takes up what waited"
    sentence = f"{what} is {state}; {said.reason} (by {said.by})"
    answer(sentence, {"switch_of": what, "switch": switch.model_dump(mode="json")}, as_json=as_json)


def _turn_cell(target: Target, reason: str, stopped: bool) -> tuple[str, Word]:
    cell = target.cell()
    said = word(target.by(cell.account), reason)
    with asking(f"writing the switch to {cell.ledger_table}"):
        people = CellPeople(target.table(cell), cell.key)
        people.stop(said) if stopped else people.start(said)
    return f"cell {cell.account}/{cell.region}", said


def _turn_environment(target: Target, reason: str, stopped: bool) -> tuple[str, Word]:
    door = target.plans[0].cell.lease
    said = word(target.by(door.hub_account), reason)
    people = EnvironmentPeople(target.settings.environment, door, target.hub_client_in)
    try:
        people.stop(said) if stopped else people.start(said)
    except HubSilentError as error:
        raise UnusableError(
            f"no control region took the switch, so nothing is {'stopped' if stopped else 'started'}: {error};"
            " stop each cell by itself, with --account and --region"
        ) from error
    return f"environment {target.settings.environment}", said
