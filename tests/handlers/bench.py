"""A cell on the workbench: the real handlers, ledger and stacks over doubles of AWS."""

import json
from datetime import UTC, datetime
from typing import Any, cast

from handlers.aws.approvals import Answers, Requests
from handlers.aws.breakers import Breakers
from handlers.aws.graph_store import GraphStore
from handlers.aws.inventory import Inventory
from handlers.aws.ledger import Ledger
from handlers.aws.orders import Orders
from handlers.aws.people import CellPeople, Word
from handlers.aws.roles import Roles
from handlers.aws.stack_reader import StackReader
from handlers.aws.stacks import Stacks
from handlers.aws.vault import Vault
from handlers.aws.watch import Watch
from handlers.domain.cell import Cell
from handlers.domain.identity import StackKey
from handlers.domain.records import Claim, Failure
from handlers.runtime import Runtime
from tests.handlers.fake_bucket import FakeBucket
from tests.handlers.fake_cloudformation import ACCOUNT, REGION, FakeCloudFormation, FakeStack
from tests.handlers.fake_services import (
    FakeAlerts,
    FakeClock,
    FakeCloudWatch,
    FakeFunctions,
    FakeHub,
    FakeIam,
    FakeMachine,
    FakeMail,
)
from tests.handlers.fake_table import FakeTable
from tests.handlers.fake_templates import FakeTemplates

HUB = "111111111111"
KEY = StackKey(account=ACCOUNT, region=REGION, name="app-one")
WORD = Word(by="ops", at=datetime(2026, 3, 4, 11, 0, tzinfo=UTC), reason="we look at it")


def cell_data() -> dict[str, Any]:
    """A valid cell, as JSON holds it."""
    return {
        "environment": "test",
        "account": ACCOUNT,
        "region": REGION,
        "partner": "us-west-2",
        "patterns": [
            {"pattern": "app-*", "mode": "act"},
            {"pattern": "shadow-*", "mode": "observe"},
            {"pattern": "ask-*", "mode": "propose"},
            {"pattern": "off-*", "mode": "off"},
            {"pattern": "lent-*", "mode": "act", "repair_role": f"arn:aws:iam::{ACCOUNT}:role/repair"},
        ],
        "tiers": {"standard": {"max_attempts": 3, "backoff_seconds": 30}},
        "ledger_table": "stackmend-test-ledger-us-east-1",
        "vault_bucket": "stackmend-test-vault",
        "approvals": {"table": "stackmend-test-approvals-us-east-1", "approver_role": "people/approver"},
        "lease": {
            "table": "stackmend-test-leases",
            "hub_account": HUB,
            "regions": ["us-east-1", "us-east-2", "us-west-2"],
            "read_role_arn": f"arn:aws:iam::{HUB}:role/lease-read",
            "renew_role_arn": f"arn:aws:iam::{HUB}:role/lease-renew",
            "external_id": "stackmend-test",
        },
        "machine_arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:stackmend-test",
        "intake_queue": "stackmend-test-intake",
        "notice_queue": "stackmend-test-notice",
        "capture_queue": "stackmend-test-capture",
        "escalation_queue": "stackmend-test-escalation",
        "alert_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:stackmend-test-alerts",
        "escalate_function": "stackmend-test-escalate",
        "runbook_url": "https://runbooks.example/stackmend",
        "timings": {"machine_timeout_seconds": 20000},
    }


class BenchRuntime(Runtime):
    """A runtime whose doors open into memory."""

    def __init__(self, cell: Cell, clock: FakeClock) -> None:
        self.cell = cell
        self.clock = clock
        self.time = clock
        self.cloudformation = FakeCloudFormation(clock)
        self.templates = FakeTemplates(self.cloudformation)
        self.table = FakeTable()
        self.bucket = FakeBucket()
        self.approvals_table = FakeTable()
        self.hub = FakeHub(cell, clock)
        self.people = CellPeople(cast("Any", self.table), cell.key)
        self.cloudwatch = FakeCloudWatch()
        self.iam = FakeIam()
        self.fake_machine = FakeMachine()
        self.fake_mail = FakeMail()
        self.fake_alerts = FakeAlerts()
        self.fake_functions = FakeFunctions()
        self.wire(lambda double: double)

    def wire(self, wrap: Any) -> None:
        """Put the doubles behind the handlers' doors, each through *wrap*."""
        cloudformation, table, approvals = wrap(self.cloudformation), wrap(self.table), wrap(self.approvals_table)
        self.__dict__.update(
            stacks=Stacks(cloudformation),
            orders=Orders(cloudformation),
            inventory=Inventory(cloudformation),
            watch=Watch(wrap(self.cloudwatch)),
            roles=Roles(wrap(self.iam)),
            ledger=Ledger(cast("Any", table), cell=self.cell.key, days=self.cell.ledger_days),
            graph=GraphStore(cast("Any", table), days=self.cell.ledger_days),
            stack_reader=StackReader(wrap(self.templates)),
            vault=Vault(wrap(self.bucket), self.cell.vault_bucket),
            breakers=Breakers(cast("Any", table), self.cell.key),
            requests=Requests(cast("Any", table), days=self.cell.ledger_days),
            answers=Answers(cast("Any", approvals), days=self.cell.ledger_days),
            lease=wrap(self.hub),
            lease_keeper=wrap(self.hub),
            machine=wrap(self.fake_machine),
            mail=wrap(self.fake_mail),
            alerts=wrap(self.fake_alerts),
            functions=wrap(self.fake_functions),
        )

    def renew(self) -> None:
        """Let the cell hold its lease."""
        self.hub.renew()

    def event_of(self, stack: FakeStack) -> str:
        """The newest event of the stack, as it lies in a queue."""
        return json.dumps(next(e for e in reversed(self.cloudformation.published) if e["detail"]["stack-id"] == stack.stack_id))

    def claims(self) -> list[Claim]:
        """Every claim in the ledger."""
        return [Claim.model_validate(item) for (_, sk), item in self.table.items.items() if sk == "CLAIM"]

    def failures(self) -> list[Failure]:
        """Every failure in the ledger."""
        return [Failure.model_validate(item) for (_, sk), item in self.table.items.items() if sk.startswith("FAILURE#")]


def make_bench() -> BenchRuntime:
    """A cell at noon, holding its lease."""
    bench = BenchRuntime(Cell.model_validate(cell_data()), FakeClock(datetime(2026, 3, 4, 12, 0, tzinfo=UTC)))
    bench.renew()
    return bench
