"""The lease's table in the hub: read by every act, renewed by the heartbeat, in whichever control region answers first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.aws.calls import CALL_SECONDS, Client, answered_at, ask, code_of
from handlers.aws.table import marshal, unmarshal
from handlers.domain.cell import Cell
from handlers.domain.errors import TransientError
from handlers.domain.lease import Lease
from handlers.domain.moment import epoch_ms, iso
from handlers.domain.records import Switch
from handlers.domain.serving import Serving
from handlers.domain.tenure import Handover, Tenure, Turn, clock_problem, turn

_TRIES = 3
"""Of a conditional renewal in one region: nobody but a takeover writes this item, so a second conflict is rare."""
TABLE_CALL = {"ReturnConsumedCapacity": "TOTAL"}
LOST_RACES = frozenset({"ConditionalCheckFailedException", "ReplicatedWriteConflictException"})
"""Somebody was faster: a table answers with a failed condition, one that is consistent over regions also with a conflict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What one consistent read in one control region says; no lease where none answered."""

    lease: Lease | None
    environment_switch: Switch
    serving: Serving = field(default_factory=Serving)
    clock_problem: str | None = None
    """Why this function's clock cannot be held against the lease."""
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A lease as it was written, and the flags that it was written upon."""

    lease: Lease
    serving: Serving


class LeaseUnrenewableError(Exception):
    """No control region took the renewal; the message says what each of them answered."""


class LeaseElsewhereError(Exception):
    """The lease is another region's to hold, or is not free yet; the message says which."""


class HubTable:
    """The lease table, through the control regions in their order. *client_in* gives a client for a region.

    The lease is that of *owner*'s cell in the account: this cell's own, or that of a region whose partner this one is.
    """

    def __init__(
        self, cell: Cell, client_in: Callable[[str], Client], clock: Callable[[], datetime], owner: str | None = None
    ) -> None:
        self._cell = cell
        self._client_in = client_in
        self._clock = clock
        self._owner = owner or cell.region
        self._lease_key = f"LEASE#{cell.account}#{self._owner}"
        self._switch_key = f"SWITCH#{cell.environment}"
        self._serving_key = f"SERVING#{cell.environment}"
        self._highest = (0, 0)
        """The lease's epoch and the flags' version that were seen last: neither ever goes back."""

    def read(self) -> Authority:
        """Read lease, flags and environment's switch at once, consistently; an error means no lease from that region."""
        errors: list[str] = []
        for region in self._cell.lease.regions:
            try:
                return self._read_in(region, self._lease_key, self._switch_key, self._serving_key)
            except (ClientError, BotoCoreError, TransientError) as error:
                errors.append(f"{region}: {error}")
        return Authority(lease=None, environment_switch=Switch(), errors=tuple(errors))

    def _read_in(self, region: str, *keys: str) -> Authority:
        table = self._cell.lease.table
        request = {table: {"Keys": [marshal({"pk": key}) for key in keys], "ConsistentRead": True}}
        client = self._client_in(region)
        asked_ms = epoch_ms(self._clock())
        answer = ask(client.batch_get_item, RequestItems=request, **TABLE_CALL)
        heard_ms = epoch_ms(self._clock())
        if answer.get("UnprocessedKeys"):
            raise TransientError(f"{table} in {region} left keys unread")
        items: dict[str, Any] = {item["pk"]: item for item in map(unmarshal, answer["Responses"].get(table, []))}
        lease = items.get(self._lease_key)
        read = Authority(
            lease=Lease.model_validate(lease) if lease else None,
            environment_switch=Switch.model_validate(items.get(self._switch_key, {})),
            serving=Serving.model_validate(items.get(self._serving_key, {})),
            clock_problem=clock_problem(answered_at(answer), asked_ms, heard_ms, self._cell.lease.skew_seconds),
        )
        self._see(read, region)
        return read

    def _see(self, read: Authority, region: str) -> None:
        """A read that is older than one before it is no answer: the highest epoch ever seen wins."""
        epoch, version = self._highest
        if (read.lease is not None and read.lease.epoch < epoch) or read.serving.version < version:
            raise TransientError(f"{region} answered with what was true before epoch {epoch} and version {version}")
        self._highest = max(epoch, read.lease.epoch if read.lease else 0), max(version, read.serving.version)

    def renew(self) -> Held:
        """Prolong the lease, or take it where it is this region's to take; the first control region that answers decides."""
        errors: list[str] = []
        for region in self._cell.lease.regions:
            try:
                return self._renew_in(region)
            except (ClientError, BotoCoreError, TransientError) as error:
                errors.append(f"{region}: {error}")
        raise LeaseUnrenewableError("; ".join(errors))

    def _renew_in(self, region: str) -> Held:
        for _ in range(_TRIES):
            now = self._clock()
            read = self._read_in(region, self._lease_key, self._serving_key)
            mine = self._mine(self._turn(read, now), read.lease, now)
            if self._written(self._client_in(region), mine, read.lease, now):
                return Held(lease=mine, serving=read.serving)
        raise TransientError(f"the lease of {self._name} changed under {_TRIES} renewals in {region}")

    @property
    def _name(self) -> str:
        return f"{self._cell.account}#{self._owner}"

    def _turn(self, read: Authority, now: datetime) -> Turn:
        is_own = self._owner == self._cell.region
        return turn(
            read.lease,
            read.serving,
            region=self._cell.region,
            owner=self._owner,
            partner=self._cell.partner if is_own else self._cell.region,
            now_ms=epoch_ms(now),
            handover=handover(self._cell),
            clock_problem=read.clock_problem,
        )

    def _mine(self, decided: Turn, held: Lease | None, now: datetime) -> Lease:
        """The lease to write, from a moment that lies before it was read: a slow call shortens it and never prolongs it."""
        if decided.tenure not in (Tenure.RENEW, Tenure.TAKE):
            holder = f"{held.holder} (epoch {held.epoch})" if held else "nobody"
            raise LeaseElsewhereError(f"{holder} holds the lease of {self._name}; {decided.sentence}")
        until = epoch_ms(now + timedelta(seconds=self._cell.lease.lease_seconds))
        return Lease(holder=self._cell.region, epoch=decided.epoch, expires_at_ms=until)

    def _written(self, client: Client, mine: Lease, held: Lease | None, now: datetime) -> bool:
        """False when somebody was faster."""
        try:
            _ = (
                ask(client.put_item, **self._first(mine, now))
                if held is None
                else ask(client.update_item, **self._next(mine, held, now))
            )
        except ClientError as error:
            if code_of(error) in LOST_RACES:
                return False
            raise
        return True

    def _first(self, mine: Lease, now: datetime) -> dict[str, object]:
        item = {"pk": self._lease_key, "schema_version": 1, "renewed_at": iso(now), **mine.model_dump()}
        condition = "attribute_not_exists(pk)"
        return {"TableName": self._cell.lease.table, "Item": marshal(item), "ConditionExpression": condition, **TABLE_CALL}

    def _next(self, mine: Lease, held: Lease, now: datetime) -> dict[str, object]:
        """Over the very lease that was read: one that was prolonged since is not free."""
        new = {":holder": mine.holder, ":epoch": mine.epoch, ":until": mine.expires_at_ms, ":now": iso(now)}
        seen = {":was_held_by": held.holder, ":was_epoch": held.epoch, ":was_until": held.expires_at_ms}
        return {
            "TableName": self._cell.lease.table,
            "Key": marshal({"pk": self._lease_key}),
            "UpdateExpression": "SET holder = :holder, epoch = :epoch, expires_at_ms = :until, renewed_at = :now",
            "ConditionExpression": "holder = :was_held_by AND epoch = :was_epoch AND expires_at_ms = :was_until",
            "ExpressionAttributeValues": marshal(new | seen),
            **TABLE_CALL,
        }


def handover(cell: Cell) -> Handover:
    """How long after its end a lease of this cell still may be acted under."""
    return Handover(
        lease_seconds=cell.lease.lease_seconds,
        function_seconds=cell.timings.act_function_seconds,
        sdk_seconds=CALL_SECONDS,
        skew_seconds=cell.lease.skew_seconds,
    )
