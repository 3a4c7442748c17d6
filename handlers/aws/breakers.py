"""The cell's circuit breakers in its ledger: read consistently, and changed only as they were read."""

from collections.abc import Callable

from handlers.aws.ledger_items import INDEX_HASH, INDEX_RANGE, LISTING, SCHEMA_VERSION, cell_pk, stack_pk
from handlers.aws.table import Table
from handlers.domain.breaker import Breaker, Scope, as_reset
from handlers.domain.errors import TransientError
from handlers.domain.identity import StackKey
from handlers.domain.moment import iso

_TRIES = 8
"""Of one change: until a breaker opens, no more write it at once than its limit has failures; open, almost nobody does."""

Change = Callable[[Breaker], Breaker]


def breaker_key(cell: str, name: str) -> tuple[str, str]:
    """Where a breaker of this cell stands: a stack's with all else about the stack."""
    scope, _, subject = name.partition(":")
    if scope == Scope.STACK:
        account, region = cell.split("#")
        return stack_pk(StackKey(account=account, region=region, name=subject)), "BREAKER"
    return cell_pk(cell), f"BREAKER#{name}"


class Breakers:
    """The breakers of one cell, called `<account>#<region>`."""

    def __init__(self, table: Table, cell: str) -> None:
        self._table = table
        self._cell = cell

    def read(self, name: str) -> Breaker:
        """Read a breaker; one that nobody has written is closed."""
        return as_reset(Breaker.model_validate({"name": name} | (self._table.get(*breaker_key(self._cell, name)) or {})))

    def counting(self) -> tuple[Breaker, ...]:
        """The breakers of classes and cell that have ever counted anything, open or closed."""
        items = self._table.under(cell_pk(self._cell), "BREAKER#")
        return tuple(as_reset(Breaker.model_validate(item)) for item in items)

    def change(self, name: str, change: Change) -> Breaker:
        """Let *change* make a new breaker of the one that is there; answers it as it then stands.

        Raises TransientError when others were faster each time.
        """
        for _ in range(_TRIES):
            before = self.read(name)
            after = change(before)
            if after == before or self._write(before, after):
                return after
        raise TransientError(f"breaker {name} was changed by others {_TRIES} times meanwhile")

    def _write(self, before: Breaker, after: Breaker) -> bool:
        """Open breakers stand on the list that the heartbeat reads anyway; a person's word since it was read is kept."""
        unsaid = "#at = :said" if before.at else "attribute_not_exists(#at)"
        plain = after.model_copy(update={"version": before.version + 1}).model_dump(mode="json")
        sets = {name: value for name, value in plain.items() if value is not None} | {"schema_version": SCHEMA_VERSION}
        removes = tuple(name for name, value in plain.items() if value is None)
        listing = (
            {INDEX_HASH: self._cell, INDEX_RANGE: f"BREAKER#{iso(after.opened_at)}#{after.name}"}
            if after.is_open and after.opened_at
            else {}
        )
        write = self._table.change(
            breaker_key(self._cell, after.name),
            f"attribute_not_exists(pk) OR (#version = :read AND {unsaid})",
            sets=sets | listing,
            removes=removes if listing else (*removes, *LISTING),
            values={":read": before.version} | ({":said": iso(before.at)} if before.at else {}),
        )
        return self._table.do(write) is not None
