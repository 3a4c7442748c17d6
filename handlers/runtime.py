"""A worker's connections: made once, when first needed, from the cell's settings."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import botocore.session

from handlers.aws.alerts import Alerts
from handlers.aws.approvals import Answers, Requests
from handlers.aws.breakers import Breakers
from handlers.aws.calls import CHANGES, HUB, READS, Client, ask
from handlers.aws.functions import Functions
from handlers.aws.graph_store import GraphStore
from handlers.aws.inventory import Inventory
from handlers.aws.lease import HubTable
from handlers.aws.ledger import Ledger
from handlers.aws.machine import Machine
from handlers.aws.mail import Mail
from handlers.aws.orders import Orders
from handlers.aws.roles import Roles
from handlers.aws.stack_reader import StackReader, raw_templates
from handlers.aws.stacks import Stacks
from handlers.aws.table import Table
from handlers.aws.vault import Vault
from handlers.aws.watch import Watch
from handlers.domain.cell import Cell

CELL_FILE = Path(__file__).resolve().parents[1] / "cell.json"

Clock = Callable[[], datetime]

_RENEW_BEFORE = timedelta(minutes=5)
"""Far longer than any function lives: a session never ends during a call."""
_SESSION_SECONDS = 3600  # the most that AWS allows for a role assumed by a role (STS, "role chaining")


def utc_now() -> datetime:
    """The only clock that the handlers read."""
    return datetime.now(UTC)


class HubDoor:
    """Clients in the hub's control regions under one role, assumed again before its session ends."""

    def __init__(self, session: botocore.session.Session, cell: Cell, role_arn: str, clock: Clock) -> None:
        self._session = session
        self._cell = cell
        self._role_arn = role_arn
        self._clock = clock
        self._until: datetime = clock()
        self._keys: dict[str, Any] = {}
        self._clients: dict[str, Client] = {}

    def client_in(self, region: str) -> Client:
        """A DynamoDB client in a control region."""
        if not self._keys or self._clock() >= self._until - _RENEW_BEFORE:
            self._assume()
        if region not in self._clients:
            self._clients[region] = self._session.create_client("dynamodb", region_name=region, config=HUB, **self._keys)
        return self._clients[region]

    def _assume(self) -> None:
        sts: Client = self._session.create_client("sts", region_name=self._cell.region, config=HUB)
        answer = ask(
            sts.assume_role,
            RoleArn=self._role_arn,
            RoleSessionName=f"stackmend-{self._cell.region}",
            ExternalId=self._cell.lease.external_id,
            DurationSeconds=_SESSION_SECONDS,
        )
        given = answer["Credentials"]
        self._until = given["Expiration"]
        self._keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        self._clients = {}


class Runtime:
    """All that a handler may reach, and the cell that it works for."""

    def __init__(self, cell: Cell, clock: Clock = utc_now) -> None:
        self.cell = cell
        self.clock = clock
        self._session = botocore.session.get_session()

    @cached_property
    def stacks(self) -> Stacks:
        """CloudFormation, to be read."""
        return Stacks(self._client("cloudformation"))

    @cached_property
    def orders(self) -> Orders:
        """CloudFormation, to be changed."""
        return Orders(self._client("cloudformation", changes=True))

    @cached_property
    def inventory(self) -> Inventory:
        """What stacks are made of."""
        return Inventory(self._client("cloudformation"))

    @cached_property
    def roles(self) -> Roles:
        """The account's roles."""
        return Roles(self._client("iam"))

    @cached_property
    def watch(self) -> Watch:
        """CloudWatch's alarms."""
        return Watch(self._client("cloudwatch"))

    @cached_property
    def ledger(self) -> Ledger:
        """The cell's ledger."""
        table = Table(self._client("dynamodb"), self.cell.ledger_table)
        return Ledger(table, cell=self.cell.key, days=self.cell.ledger_days)

    @cached_property
    def graph(self) -> GraphStore:
        """Which of the cell's stacks needs which."""
        return GraphStore(Table(self._client("dynamodb"), self.cell.ledger_table), days=self.cell.ledger_days)

    @cached_property
    def breakers(self) -> Breakers:
        """The cell's circuit breakers."""
        return Breakers(Table(self._client("dynamodb"), self.cell.ledger_table), self.cell.key)

    @cached_property
    def vault(self) -> Vault:
        """What the cell's stacks could be made again from."""
        return Vault(self._client("s3"), self.cell.vault_bucket)

    @cached_property
    def requests(self) -> Requests:
        """What is asked of people."""
        return Requests(Table(self._client("dynamodb"), self.cell.ledger_table), days=self.cell.ledger_days)

    @cached_property
    def answers(self) -> Answers:
        """What people answered."""
        return Answers(Table(self._client("dynamodb"), self.cell.asked.table), days=self.cell.ledger_days)

    @cached_property
    def stack_reader(self) -> StackReader:
        """CloudFormation, to be read for the vault."""
        return StackReader(raw_templates(self._client("cloudformation")))

    @cached_property
    def lease(self) -> HubTable:
        """The lease, to be read."""
        return self._hub(self.cell.lease.read_role_arn)

    @cached_property
    def lease_keeper(self) -> HubTable:
        """The lease, to be renewed."""
        return self._hub(self.cell.lease.renew_role_arn)

    @cached_property
    def machine(self) -> Machine:
        """The recovery state machine."""
        return Machine(self._client("stepfunctions"), self.cell.machine_arn)

    @cached_property
    def mail(self) -> Mail:
        """The cell's queues."""
        return Mail(self._client("sqs"), self.cell.account)

    @cached_property
    def alerts(self) -> Alerts:
        """The topic that calls people."""
        return Alerts(self._client("sns"), self.cell.alert_topic_arn)

    @cached_property
    def functions(self) -> Functions:
        """The cell's own functions."""
        return Functions(self._client("lambda"))

    def _client(self, service: str, *, changes: bool = False) -> Client:
        return self._session.create_client(service, region_name=self.cell.region, config=CHANGES if changes else READS)

    def _hub(self, role_arn: str) -> HubTable:
        return HubTable(self.cell, HubDoor(self._session, self.cell, role_arn, self.clock).client_in, self.clock)


@cache
def worker() -> Runtime:
    """The runtime of this worker, for as long as it lives."""
    return Runtime(Cell.load(CELL_FILE))
