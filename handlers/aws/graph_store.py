"""The graph in the ledger: what each stack told when it last came to rest healthy, and who owns what others name.

GRAPH#ACCOUNT#REGION  STACK#NAME             a stack's facts; each edge is made of them, with its evidence, when it is asked for
GRAPH#ACCOUNT#REGION  OWNS#KIND#THING        the stack that an export, a parameter or a secret belongs to

A stack that is gone leaves a mark that DynamoDB forgets later: a late word about it must not bring it back.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from handlers.aws.ledger_items import SCHEMA_VERSION, expiry
from handlers.aws.table import Table
from handlers.domain.dynamic_references import Thing
from handlers.domain.graph_facts import StackFacts
from handlers.domain.identity import StackKey
from handlers.domain.moment import iso
from handlers.domain.stack_facts import owns

_LONGEST_NAME = 900
"""Bytes; a sort key holds 1,024, and a parameter's name may have 1,011."""


class Refreshed(StrEnum):
    """What became of a stack's facts."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    OLDER = "older"  # somebody saw the stack later, or has seen it gone


class GraphStore:
    """The graph of one cell's stacks."""

    def __init__(self, table: Table, *, days: int) -> None:
        self._table = table
        self._days = days

    def facts(self, key: StackKey) -> StackFacts | None:
        """Read what a stack told, consistently; None when it never came to rest before our eyes, or is gone."""
        return _facts_in(self._table.get(_pk(key), f"STACK#{key.name}"))

    def owner(self, thing: Thing, key: StackKey) -> StackKey | None:
        """The stack of *key*'s account and region that *thing* belongs to, consistently."""
        item = self._table.get(_pk(key), _sk(thing))
        if item is None or "gone_at" in item:
            return None
        return StackKey(account=key.account, region=key.region, name=item["owned_by"])

    def all(self, account: str, region: str) -> Iterator[StackFacts]:
        """Every stack of a cell: for people to look at, never on a recovery's way."""
        for item in self._table.under(f"GRAPH#{account}#{region}", "STACK#"):
            found = _facts_in(item)
            if found is not None:
                yield found

    def refresh(self, facts: StackFacts, stack_id: str, at: datetime) -> Refreshed:
        """Replace what is known of a stack. The facts come last, so that a death before them is made good by the repeat."""
        key = facts.stack
        item = self._table.get(_pk(key), f"STACK#{key.name}") or {}
        before = _facts_in(item)
        if (before, item.get("stack_id")) == (facts, stack_id):
            return Refreshed.UNCHANGED
        if item and item["seen_at"] > iso(at):
            return Refreshed.OLDER
        self._own(facts, before, at)
        fresh = {"stack_id": stack_id, "facts": facts.model_dump_json(exclude_defaults=True)}
        return Refreshed.WRITTEN if self._put(key, fresh, at) else Refreshed.OLDER

    def forget(self, key: StackKey, stack_id: str, at: datetime) -> Refreshed:
        """Mark this generation of a stack as gone; a later one of the same name stays."""
        item = self._table.get(_pk(key), f"STACK#{key.name}")
        before = _facts_in(item)
        if item is None or before is None:
            return Refreshed.UNCHANGED
        if item["stack_id"] != stack_id:
            return Refreshed.OLDER
        for thing in owns(before):
            self._disown(thing, key, at)
        gone = {"stack_id": stack_id, "gone_at": iso(at), "expires_at": expiry(at, self._days)}
        return Refreshed.WRITTEN if self._put(key, gone, at) else Refreshed.OLDER

    def _own(self, facts: StackFacts, before: StackFacts | None, at: datetime) -> None:
        had, has = set(owns(before)) if before else set(), set(owns(facts))
        for thing in sorted(has - had, key=str):
            item = _item(facts.stack, _sk(thing), owned_by=facts.stack.name, seen_at=iso(at))
            self._table.do(self._table.put(item, "attribute_not_exists(pk) OR seen_at <= :at", {":at": iso(at)}))
        for thing in sorted(had - has, key=str):
            self._disown(thing, facts.stack, at)

    def _disown(self, thing: Thing, key: StackKey, at: datetime) -> None:
        """Unless it has passed to another stack meanwhile."""
        item = _item(key, _sk(thing), owned_by=key.name, seen_at=iso(at), gone_at=iso(at), expires_at=expiry(at, self._days))
        condition = "owned_by = :owner AND seen_at <= :at"
        self._table.do(self._table.put(item, condition, {":owner": key.name, ":at": iso(at)}))

    def _put(self, key: StackKey, more: dict[str, Any], at: datetime) -> bool:
        item = _item(key, f"STACK#{key.name}", seen_at=iso(at), **more)
        write = self._table.put(item, "attribute_not_exists(pk) OR seen_at <= :at", {":at": iso(at)})
        return self._table.do(write) is not None


def _pk(key: StackKey) -> str:
    return f"GRAPH#{key.account}#{key.region}"


def _sk(thing: Thing) -> str:
    """A thing's place; one of another account or region is found there by nobody, and so needs none."""
    name = f"{thing.account}/{thing.region}/{thing.name}"
    if len(name.encode()) > _LONGEST_NAME:
        name = hashlib.sha256(name.encode()).hexdigest()
    return f"OWNS#{thing.kind.value}#{name}"


def _item(key: StackKey, sk: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the table holds
    return {"pk": _pk(key), "sk": sk, "schema_version": SCHEMA_VERSION, **more}


def _facts_in(item: dict[str, Any] | None) -> StackFacts | None:
    """A later version's fields are kept out of the way, not refused."""
    if not item or "facts" not in item:
        return None
    told = json.loads(item["facts"])
    return StackFacts.model_validate({name: value for name, value in told.items() if name in StackFacts.model_fields})
