"""The hub's table over moto, one replica per control region, with control regions that fail in the ways that matter."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from handlers.domain.cell import Cell
from tests.handlers.aws.conftest import client
from tests.handlers.bench import cell_data
from tests.handlers.fake_cloudformation import refusal

CELL = Cell.model_validate(cell_data())
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def make_tables() -> None:
    """An empty table in each control region; moto keeps them apart, so whoever reads the wrong one is seen."""
    for region in CELL.lease.regions:
        client("dynamodb", region).create_table(
            TableName=CELL.lease.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )


def put(region: str = "us-east-1", **item: Any) -> None:
    """Write into one replica."""
    client("dynamodb", region).put_item(TableName=CELL.lease.table, Item=item)


class Region:
    """A control region whose clock shows *at*."""

    def __init__(self, region: str = "us-east-1", at: datetime = NOON) -> None:
        self._client = client("dynamodb", region)
        self._at = at

    def __getattr__(self, name: str) -> Any:
        honest = getattr(self._client, name)

        def call(**parameters: Any) -> Any:
            answer = honest(**parameters)
            answer["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(self._at, usegmt=True)
            return answer

        return call


class Dead:
    """A control region that answers nothing but errors."""

    def __getattr__(self, name: str) -> Any:
        def call(**_: object) -> None:
            raise refusal(name, "ServiceUnavailable", "dark", 503)

        return call


class Losing:
    """A control region that fails the first call of one name: before it took effect, or after, when only the answer is lost."""

    def __init__(self, name: str, code: str, *, after: bool, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._region = Region()
        self._name = name
        self._code = code
        self._after = after
        self._meanwhile = meanwhile
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(**parameters: Any) -> Any:
            is_due = name == self._name and name not in self.calls
            self.calls.append(name)
            answer = getattr(self._region, name)(**parameters) if self._after or not is_due else None
            if is_due:
                self._meanwhile()
                raise refusal(name, self._code, "lost", 503 if self._code == "ServiceUnavailable" else 400)
            return answer

        return call
