"""What people say to a cell: pauses and kill switches, beside the records that they bear upon.

No function calls this: the console and the drills do, with the rights of whoever types. Every write is an update of these few
attributes, so that nobody needs the right to put a whole item, and a claim cannot be overwritten by a slip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from handlers.aws.breakers import breaker_key
from handlers.aws.calls import Client, ask
from handlers.aws.ledger_items import INDEX_HASH, INDEX_RANGE, LISTING, SCHEMA_VERSION, cell_pk, stack_pk
from handlers.aws.table import ALWAYS, Table, marshal
from handlers.domain.cell import LeaseDoor
from handlers.domain.errors import TransientError
from handlers.domain.events import WantedRecovery
from handlers.domain.identity import StackKey
from handlers.domain.moment import iso
from handlers.domain.records import Recovery


class NotPausedError(Exception):
    """There is nothing to resume: the stack is not paused."""


class NotOpenError(Exception):
    """There is nothing to reset: the breaker is not open."""


class HubSilentError(Exception):
    """No control region took the word; the message says what each of them answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Who says something, when and why."""

    by: str
    at: datetime
    reason: str

    def fields(self) -> dict[str, object]:
        """The word as it stands in a record."""
        return {"schema_version": SCHEMA_VERSION, "by": self.by, "at": iso(self.at), "reason": self.reason}


class CellPeople:
    """The words about one cell and its stacks, in its ledger. *cell* is `<account>#<region>`."""

    def __init__(self, table: Table, cell: str) -> None:
        self._table = table
        self._cell = cell

    def pause(self, key: StackKey, word: Word, *, until: datetime | None) -> None:
        """Let a stack be left alone, for good or until a moment; a pause that is there is replaced."""
        said = {"stack": key.model_dump(), "paused": True, **word.fields(), **self._listing("PAUSE", word, key.name)}
        ends = {"until": iso(until)} if until else {}
        write = self._table.change((stack_pk(key), "PAUSE"), ALWAYS, sets=said | ends, removes=() if until else ("until",))
        self._table.do(write)

    def resume(self, key: StackKey, word: Word) -> None:
        """End a stack's pause; who ended it, when and why stays in the record.

        Raises NotPausedError where there is none.
        """
        sets = {"paused": False, **word.fields()}
        write = self._table.change((stack_pk(key), "PAUSE"), "paused = :yes", sets=sets, removes=LISTING, values={":yes": True})
        if self._table.do(write) is None:
            raise NotPausedError(f"{key} is not paused")

    def came_of(self, key: StackKey, wanted: WantedRecovery) -> Recovery | None:
        """The recovery, or the simulation, that a person's word has led to; None while there is none."""
        items = self._table.under(stack_pk(key), "RECOVERY#")
        return next((Recovery.model_validate(each) for each in items if each.get("request_id") == wanted.request_id), None)

    def stop(self, word: Word) -> None:
        """Throw the cell's kill switch."""
        sets = {"stopped": True, **word.fields(), **self._listing("SWITCH", word, "cell")}
        self._table.do(self._table.change(self._switch, ALWAYS, sets=sets))

    def start(self, word: Word) -> None:
        """Turn the cell's kill switch back."""
        sets = {"stopped": False, **word.fields()}
        self._table.do(self._table.change(self._switch, ALWAYS, sets=sets, removes=LISTING))

    def reset(self, name: str, word: Word) -> None:
        """Close an open breaker; who did, when and why stays in the record, and functions draw the conclusion.

        Raises NotOpenError where it is not open.
        """
        key = breaker_key(self._cell, name)
        write = self._table.change(key, f"attribute_exists({INDEX_HASH})", sets=word.fields(), removes=LISTING)
        if self._table.do(write) is None:
            raise NotOpenError(f"breaker {name} is not open")

    @property
    def _switch(self) -> tuple[str, str]:
        return cell_pk(self._cell), "SWITCH"

    def _listing(self, kind: str, word: Word, what: str) -> dict[str, object]:
        """On the list that the heartbeat reads anyway, so that what waits is not looked at while this holds."""
        return {INDEX_HASH: self._cell, INDEX_RANGE: f"{kind}#{iso(word.at)}#{what}"}


class EnvironmentPeople:
    """The word about a whole environment, in the hub's lease table. *client_in* gives a client for a control region."""

    def __init__(self, environment: str, door: LeaseDoor, client_in: Callable[[str], Client]) -> None:
        self._key = f"SWITCH#{environment}"
        self._door = door
        self._client_in = client_in

    def stop(self, word: Word) -> None:
        """Throw the environment's kill switch."""
        self._say(word, stopped=True)

    def start(self, word: Word) -> None:
        """Turn the environment's kill switch back."""
        self._say(word, stopped=False)

    def _say(self, word: Word, *, stopped: bool) -> None:
        """Through the first control region that takes it: said twice it says the same. Raises HubSilentError."""
        errors: list[str] = []
        for region in self._door.regions:
            try:
                ask(self._client_in(region).update_item, **self._update(word, stopped=stopped))
            except (ClientError, BotoCoreError, TransientError) as error:
                errors.append(f"{region}: {error}")
            else:
                return
        raise HubSilentError("; ".join(errors))

    def _update(self, word: Word, *, stopped: bool) -> dict[str, object]:
        said = {"stopped": stopped, **word.fields()}
        return {
            "TableName": self._door.table,
            "Key": marshal({"pk": self._key}),
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in said),
            "ExpressionAttributeNames": {f"#{name}": name for name in said},
            "ExpressionAttributeValues": marshal({f":{name}": value for name, value in said.items()}),
        }
