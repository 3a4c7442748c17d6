"""DynamoDB's consumed capacity of every call, also of one that did not ask for it: asked for, noted, and taken out again."""

import json
import zlib
from typing import Any

# The operations with ReturnConsumedCapacity: botocore's service model of DynamoDB.
OPERATIONS = frozenset({
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems",
    "TransactWriteItems", "UpdateItem",
})  # fmt: skip


class Asked:
    """One call whose capacity is to be known: *body* is what to send on."""

    def __init__(self, body: bytes, *, ours: bool, estimate: float | None = None) -> None:
        self.body = body
        self.consumed: float | None = None
        self._ours = ours
        self._estimate = estimate

    def take(self, headers: dict[str, str], content: bytes) -> bytes:
        """Note the capacity in the answer; give the caller what it would have got without our asking."""
        answer = _object(content) or {}
        if "ConsumedCapacity" not in answer:
            self.consumed = self._estimate if "Responses" in answer else None
            return content
        consumed = answer["ConsumedCapacity"]
        self.consumed = sum(float(one["CapacityUnits"]) for one in (consumed if isinstance(consumed, list) else [consumed]))
        if not self._ours:
            return content
        del answer["ConsumedCapacity"]
        bare = json.dumps(answer).encode()
        headers["x-amz-crc32"] = str(zlib.crc32(bare))  # SDKs check it against the body
        return bare


def ask(action: str, body: bytes) -> Asked:
    """Ask for the capacity on the caller's behalf, unless it did itself."""
    service, _, operation = action.partition(":")
    request = _object(body) if service == "dynamodb" and operation in OPERATIONS else None
    if request is None or request.get("ReturnConsumedCapacity", "NONE") != "NONE":
        return Asked(body, ours=False)
    estimate = _batch_units(request) if operation == "BatchGetItem" else None
    return Asked(json.dumps(request | {"ReturnConsumedCapacity": "TOTAL"}).encode(), ours=True, estimate=estimate)


def _batch_units(request: dict[str, Any]) -> float:
    """What BatchGetItem costs, which the emulator never says: each key as a GetItem of at most 4 KB, found or not."""
    tables = [one for one in request.get("RequestItems", {}).values() if isinstance(one, dict)]
    return sum(len(one.get("Keys", [])) * (1.0 if one.get("ConsistentRead") else 0.5) for one in tables)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
