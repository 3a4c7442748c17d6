"""Where the ledger's records stand: their keys, the list of what is unresolved, and when they may be forgotten."""

from datetime import datetime, timedelta
from typing import Any

from handlers.domain.identity import StackKey
from handlers.domain.moment import iso
from handlers.domain.records import Attempt, Claim, Failure, Recovery

SCHEMA_VERSION = 1
"""Stands in every item, so that a later version knows what it reads."""
INDEX = "unresolved"
INDEX_HASH = "unresolved_cell"
INDEX_RANGE = "unresolved_key"
LISTING = (INDEX_HASH, INDEX_RANGE)
"""The attributes that put an item on the list; removing them takes it off."""


def stack_pk(key: StackKey) -> str:
    """The partition of everything about one stack."""
    return f"STACK#{key.account}#{key.region}#{key.name}"


def cell_pk(cell: str) -> str:
    """The partition of what is about a cell as a whole, called `<account>#<region>`."""
    return f"CELL#{cell}"


def sk_of(record: Failure | Claim | Recovery | Attempt) -> str:
    """A record's place in its stack's partition."""
    match record:
        case Failure():
            return f"FAILURE#{record.failure_id}"
        case Claim():
            return "CLAIM"
        case Recovery():
            return f"RECOVERY#{record.recovery_id}"
        case Attempt():
            return f"ATTEMPT#{record.token}"


def listed(record: Failure | Attempt) -> dict[str, str]:
    """What puts a record on the list that the heartbeat reads, oldest first within its kind."""
    kind, moment = ("FAILURE", record.failed_at) if isinstance(record, Failure) else ("ATTEMPT", record.ordered_at)
    stack = record.stack
    return {INDEX_HASH: f"{stack.account}#{stack.region}", INDEX_RANGE: f"{kind}#{iso(moment)}#{stack.name}"}


def item_of(record: Failure | Claim | Recovery | Attempt, **more: object) -> dict[str, Any]:
    """A record as the table holds it, with *more* attributes that are not the record's own."""
    plain = record.model_dump(mode="json", exclude_none=True)
    return {"pk": stack_pk(record.stack), "sk": sk_of(record), "schema_version": SCHEMA_VERSION, **plain, **more}


def expiry(moment: datetime, days: int) -> int:
    """When DynamoDB may drop an item: epoch seconds."""
    return int((moment + timedelta(days=days)).timestamp())
