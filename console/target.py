"""What a command is about: an environment's settings, sessions in its accounts, and one of its cells.

Every command that speaks to a deployed environment begins here, and takes these options.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import yaml

from components.blueprint import Blueprint, blueprints
from components.part import settings_of
from components.settings import Settings, SettingsError
from console.plainly import NotSoError, UnusableError, asking, one_line
from console.sessions import HUB, Sessions
from handlers.aws.lease import HubTable
from handlers.aws.ledger import Ledger
from handlers.aws.stacks import StackNow, Stacks
from handlers.aws.table import Table
from handlers.domain.cell import Cell
from handlers.domain.identity import NotAStackError, StackKey
from handlers.domain.patterns import match
from handlers.runtime import utc_now

Environment = Annotated[
    str | None,
    typer.Option("--environment", "-e", envvar="STACKMEND_ENVIRONMENT", help="Its settings are Pulumi.<environment>.yaml here."),
]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", envvar="STACKMEND_SETTINGS", help="The settings' file, wherever it lies.")
]
Account = Annotated[str | None, typer.Option(help="The cell's account, by id or name; else that of your credentials.")]
Region = Annotated[str | None, typer.Option(envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="The cell's region.")]
Profile = Annotated[str | None, typer.Option(help="Profile of ~/.aws/config to act with.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, with a schema version.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the record and in everything that is held back by it.")]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was typed to say which environment, which cell, and with whose credentials."""

    environment: str | None = None
    settings: Path | None = None
    account: str | None = None
    region: str | None = None
    profile: str | None = None


class Target:
    """An environment, and the cell in it that a command is about. Every method raises UnusableError with one line."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self.settings = read_settings(choice)
        self.sessions = Sessions(self.settings, choice.profile, choice.region)

    @cached_property
    def plans(self) -> tuple[Blueprint, ...]:
        """Every cell of the environment, as the settings describe it."""
        return blueprints(self.settings)

    @property
    def chosen(self) -> tuple[Blueprint, ...]:
        """The cells that the account and region of the command line leave; all where neither was given."""
        account, region = self._choice.account, self._choice.region
        found = tuple(
            plan
            for plan in self.plans
            if (account is None or account in _names_of(plan)) and (region is None or plan.cell.region == region)
        )
        if not found:
            _no_cell(account, region, self.plans)
        return found

    def cell(self) -> Cell:
        """The one cell that was meant; what was not said is taken from the credentials, or is the only one there is."""
        account = self._choice.account or self._own_account()
        found = [plan for plan in self.plans if account is None or account in _names_of(plan)]
        region = self.sessions.region
        if region is not None:
            found = [plan for plan in found if plan.cell.region == region]
        if not found:
            _no_cell(account, region, self.plans)
        if len(found) > 1:
            raise UnusableError(f"which cell? Give --account and --region; there are {_listed(found)}")
        return found[0].cell

    def _own_account(self) -> str | None:
        """The account of the credentials, where cells stand in it."""
        accounts = {plan.cell.account for plan in self.plans}
        if len(accounts) == 1:
            return accounts.pop()
        own = self.sessions.person.account
        return own if own in accounts else None

    def stack(self, given: str) -> tuple[Cell, StackKey]:
        """The cell and key of a managed stack, by name or by id; an id says itself where it is."""
        if not given.startswith("arn:"):
            cell = self.cell()
            return cell, _managed(_key(cell, given), cell)
        try:
            key = StackKey.of(given)
        except NotAStackError as error:
            raise UnusableError(str(error)) from error
        found = [plan for plan in self.plans if (plan.cell.account, plan.cell.region) == (key.account, key.region)]
        if not found:
            _no_cell(key.account, key.region, self.plans)
        return found[0].cell, _managed(key, found[0].cell)

    def root_stack(self, key: StackKey) -> StackNow:
        """The stack as CloudFormation shows it; raises NotSoError when there is none, or when another stack speaks for it."""
        client = self.client(key.account, key.region, "cloudformation")
        with asking(f"CloudFormation in {key.account}/{key.region} about {key.name}"):
            now = Stacks(client).describe(key.name)
        if now is None:
            raise NotSoError(f"{key}: CloudFormation knows no such stack; correct the name, the account or the region")
        if now.is_nested:
            raise NotSoError(f"{key} is nested in another stack: name the root stack, only roots are repaired")
        return now

    def client(self, account: str, region: str, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A client of whoever acts in that account."""
        return self.sessions.client(account, region, service)

    def table(self, cell: Cell) -> Table:
        """The cell's ledger, as a table."""
        return Table(self.client(cell.account, cell.region, "dynamodb"), cell.ledger_table)

    def ledger(self, cell: Cell) -> Ledger:
        """The cell's ledger."""
        return Ledger(self.table(cell), cell=cell.key, days=cell.ledger_days)

    def hub(self, cell: Cell) -> HubTable:
        """The lease of a cell and the environment's switch, to be read."""
        return HubTable(cell, self.hub_client_in, utc_now)

    @property
    def hub_client_in(self) -> Callable[[str], Any]:
        """A client for the lease table in each control region."""
        return lambda region: self.sessions.client(self.settings.hub.account, region, "dynamodb", HUB)

    def by(self, account: str) -> str:
        """Whoever acts in that account, as STS names them."""
        return self.sessions.identity(account).arn


def read_settings(choice: Choice) -> Settings:
    """The environment's settings; raises UnusableError with what can be chosen."""
    if choice.environment and choice.settings:
        raise UnusableError("--environment and --settings both say which environment: give one of them")
    if not choice.environment and not choice.settings:
        there = ", ".join(sorted(path.name.split(".")[1] for path in Path().glob("Pulumi.*.yaml"))) or "none"
        raise UnusableError(f"which environment? Give --environment (here: {there}), or --settings FILE")
    file = choice.settings or Path(f"Pulumi.{choice.environment}.yaml")
    try:
        return settings_of(file)
    except SettingsError as error:
        raise UnusableError(str(error)) from error
    except OSError as error:
        raise UnusableError(f"{file} cannot be read ({error.strerror}); give --settings FILE, or go to its folder") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnusableError(f"{file} is no YAML: {one_line(str(error))}") from error


def _key(cell: Cell, name: str) -> StackKey:
    try:
        return StackKey(account=cell.account, region=cell.region, name=name)
    except ValueError as error:
        raise UnusableError(
            f"{name!r} is no stack's name: write a letter, then letters, digits and hyphens, or its ARN"
        ) from error


def _managed(key: StackKey, cell: Cell) -> StackKey:
    if match(key.name, cell.patterns) is None:
        patterns = ", ".join(pattern.pattern for pattern in cell.patterns)
        raise UnusableError(f"{key} is not managed by Stackmend, which leaves it alone anyway; managed are {patterns}")
    return key


def _names_of(plan: Blueprint) -> tuple[str, str]:
    return plan.place.account.id, plan.place.account.name


def _listed(plans: Iterable[Blueprint]) -> str:
    return ", ".join(f"{plan.place.account.name}/{plan.cell.region}" for plan in plans)


def _no_cell(account: str | None, region: str | None, plans: Iterable[Blueprint]) -> NoReturn:
    where = "/".join(part for part in (account, region) if part)
    raise UnusableError(f"{where}: no cell stands there; there are {_listed(plans)}")
