"""The lease's table in the hub: read by every act, renewed by the heartbeat, in whichever control region answers first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from handlers.aws.calls import Client, ask, code_of
from handlers.aws.table import marshal, unmarshal
from handlers.domain.cell import Cell
from handlers.domain.errors import TransientError
from handlers.domain.lease import Lease
from handlers.domain.moment import epoch_ms, iso
from handlers.domain.records import Switch

_TRIES = 3
"""Of a conditional renewal in one region: nobody but a takeover writes this item, so a second conflict is rare."""
TABLE_CALL = {"ReturnConsumedCapacity": "TOTAL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What one consistent read in one control region says; no lease where none answered."""

    lease: Lease | None
    environment_switch: Switch
    errors: tuple[str, ...] = ()


class LeaseUnrenewableError(Exception):
    """No control region took the renewal; the message says what each of them answered."""


class LeaseElsewhereError(Exception):
    """Another region holds the cell's lease."""


class HubTable:
    """The lease table, through the control regions in their order. *client_in* gives a client for a region."""

    def __init__(self, cell: Cell, client_in: Callable[[str], Client]) -> None:
        self._cell = cell
        self._client_in = client_in
        self._lease_key = f"LEASE#{cell.account}#{cell.region}"
        self._switch_key = f"SWITCH#{cell.environment}"

    def read(self) -> Authority:
        """Read lease and environment's switch at once, consistently; an error means no lease from that region."""
        errors: list[str] = []
        for region in self._cell.lease.regions:
            try:
                return self._read_in(region)
            except (ClientError, BotoCoreError, TransientError) as error:
                errors.append(f"{region}: {error}")
        return Authority(lease=None, environment_switch=Switch(), errors=tuple(errors))

    def _read_in(self, region: str) -> Authority:
        table = self._cell.lease.table
        keys = [marshal({"pk": key}) for key in (self._lease_key, self._switch_key)]
        request = {table: {"Keys": keys, "ConsistentRead": True}}
        answer = ask(self._client_in(region).batch_get_item, RequestItems=request, **TABLE_CALL)
        if answer.get("UnprocessedKeys"):
            raise TransientError(f"{table} in {region} left keys unread")
        items = {item["pk"]: item for item in map(unmarshal, answer["Responses"].get(table, []))}
        lease = items.get(self._lease_key)
        return Authority(
            lease=Lease.model_validate(lease) if lease else None,
            environment_switch=Switch.model_validate(items.get(self._switch_key, {})),
        )

    def renew(self, now: datetime) -> Lease:
        """Prolong the lease, or take it where there never was one; the first control region that answers decides."""
        errors: list[str] = []
        for region in self._cell.lease.regions:
            try:
                return self._renew_in(region, now)
            except (ClientError, BotoCoreError, TransientError) as error:
                errors.append(f"{region}: {error}")
        raise LeaseUnrenewableError("; ".join(errors))

    def _renew_in(self, region: str, now: datetime) -> Lease:
        client = self._client_in(region)
        for _ in range(_TRIES):
            held = self._held(client)
            if held is not None and held.holder != self._cell.region:
                raise LeaseElsewhereError(f"{held.holder} holds the lease of {self._cell.key} (epoch {held.epoch})")
            mine = self._mine(held, now)
            if self._written(client, mine, now, is_first=held is None):
                return mine
        raise TransientError(f"the lease of {self._cell.key} changed under {_TRIES} renewals in {region}")

    def _held(self, client: Client) -> Lease | None:
        key = marshal({"pk": self._lease_key})
        answer = ask(client.get_item, TableName=self._cell.lease.table, Key=key, ConsistentRead=True, **TABLE_CALL)
        return Lease.model_validate(unmarshal(answer["Item"])) if "Item" in answer else None

    def _mine(self, held: Lease | None, now: datetime) -> Lease:
        until = epoch_ms(now + timedelta(seconds=self._cell.lease.lease_seconds))
        return Lease(holder=self._cell.region, epoch=held.epoch if held else 1, expires_at_ms=until)

    def _written(self, client: Client, mine: Lease, now: datetime, *, is_first: bool) -> bool:
        """False when somebody was faster: MRSC answers ReplicatedWriteConflict, any table a failed condition."""
        try:
            _ = ask(client.put_item, **self._first(mine, now)) if is_first else ask(client.update_item, **self._next(mine, now))
        except ClientError as error:
            if code_of(error) in {"ConditionalCheckFailedException", "ReplicatedWriteConflictException"}:
                return False
            raise
        return True

    def _first(self, mine: Lease, now: datetime) -> dict[str, object]:
        item = {"pk": self._lease_key, "schema_version": 1, "renewed_at": iso(now), **mine.model_dump()}
        condition = "attribute_not_exists(pk)"
        return {"TableName": self._cell.lease.table, "Item": marshal(item), "ConditionExpression": condition, **TABLE_CALL}

    def _next(self, mine: Lease, now: datetime) -> dict[str, object]:
        values = {":until": mine.expires_at_ms, ":now": iso(now), ":holder": mine.holder, ":epoch": mine.epoch}
        return {
            "TableName": self._cell.lease.table,
            "Key": marshal({"pk": self._lease_key}),
            "UpdateExpression": "SET expires_at_ms = :until, renewed_at = :now",
            "ConditionExpression": "holder = :holder AND epoch = :epoch",
            "ExpressionAttributeValues": marshal(values),
            **TABLE_CALL,
        }
