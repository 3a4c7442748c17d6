"""The lease over moto: the first control region that answers decides, and silence is no lease."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.aws.lease import HubTable, LeaseElsewhereError, LeaseUnrenewableError
from handlers.domain.cell import Cell
from handlers.domain.lease import Lease
from handlers.domain.moment import epoch_ms
from tests.handlers.aws.conftest import client
from tests.handlers.bench import cell_data
from tests.handlers.fake_cloudformation import refusal

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
CELL = Cell.model_validate(cell_data())
KEY = {"S": "LEASE#222222222222#us-east-1"}


@pytest.fixture
def hub(aws: None) -> HubTable:
    """An empty lease table in each control region."""
    for region in CELL.lease.regions:
        client("dynamodb", region).create_table(
            TableName=CELL.lease.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
    return HubTable(CELL, lambda region: client("dynamodb", region))


def put(region: str = "us-east-1", **item: Any) -> None:
    """Write into one replica."""
    client("dynamodb", region).put_item(TableName=CELL.lease.table, Item=item)


class Dead:
    """A control region that answers nothing but errors."""

    def __getattr__(self, name: str) -> Any:
        def call(**_: object) -> None:
            raise refusal(name, "ServiceUnavailable", "dark", 503)

        return call


def test_the_first_heartbeat_takes_the_lease(hub: HubTable) -> None:
    """Epoch one, for as long as the settings say."""
    lease = hub.renew(NOON)

    assert lease == Lease(holder="us-east-1", epoch=1, expires_at_ms=epoch_ms(NOON) + 180_000)
    assert hub.read().lease == lease


def test_a_renewal_keeps_the_epoch(hub: HubTable) -> None:
    """Also after it has run out, as long as nobody else has taken it."""
    hub.renew(NOON)
    put(pk=KEY, holder={"S": "us-east-1"}, epoch={"N": "4"}, expires_at_ms={"N": "0"})

    assert hub.renew(NOON).epoch == 4


def test_anothers_lease_is_left_alone(hub: HubTable) -> None:
    """Whoever holds it now has a higher fence."""
    put(pk=KEY, holder={"S": "us-west-2"}, epoch={"N": "2"}, expires_at_ms={"N": "0"})

    with pytest.raises(LeaseElsewhereError, match=r"us-west-2 holds the lease of 222222222222#us-east-1 \(epoch 2\)"):
        hub.renew(NOON)


def test_a_dark_control_region_is_passed_over(hub: HubTable) -> None:
    """The next one answers."""
    half = HubTable(CELL, lambda region: Dead() if region == "us-east-1" else client("dynamodb", region))
    put("us-east-2", pk=KEY, holder={"S": "us-east-1"}, epoch={"N": "3"}, expires_at_ms={"N": "1"})

    lease = half.read().lease
    assert lease is not None
    assert lease.epoch == 3
    assert half.renew(NOON).epoch == 3


def test_silence_from_all_is_no_lease(aws: None) -> None:
    """And each region's error is kept for the log."""
    dark = HubTable(CELL, lambda _region: Dead())

    read = dark.read()
    assert read.lease is None
    assert [error.split(":")[0] for error in read.errors] == ["us-east-1", "us-east-2", "us-west-2"]
    with pytest.raises(LeaseUnrenewableError, match="us-west-2: AWS could not answer"):
        dark.renew(NOON)


def test_a_lost_race_is_read_again(hub: HubTable) -> None:
    """MRSC answers a concurrent write with an error of its own."""
    table = client("dynamodb")

    class Racing:
        tries = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(table, name)

        def put_item(self, **parameters: Any) -> Any:
            self.tries += 1
            if self.tries == 1:
                raise refusal("PutItem", "ReplicatedWriteConflictException", "conflict")
            return table.put_item(**parameters)

    racing = Racing()

    assert HubTable(CELL, lambda _region: racing).renew(NOON).epoch == 1
    assert racing.tries == 2


def test_the_environments_switch_comes_with_the_lease(hub: HubTable) -> None:
    """One read for both."""
    put(pk={"S": "SWITCH#test"}, stopped={"BOOL": True}, reason={"S": "freeze"}, by={"S": "ops"})

    stopped = hub.read().environment_switch.why("environment")
    assert stopped == "the kill switch of the environment is on: freeze (by ops)"
