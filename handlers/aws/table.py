"""A DynamoDB table with conditional writes: whether a condition held is an answer here, not an exception."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError
from pydantic import BaseModel

from handlers.aws.calls import Answer, Client, ask, code_of

Item = dict[str, Any]
Write = dict[str, Any]
Record = TypeVar("Record", bound=BaseModel)

ALWAYS = "attribute_exists(pk) OR attribute_not_exists(pk)"
"""The condition of a write that replaces whatever is there."""

_SERIALIZER = TypeSerializer()
_DESERIALIZER = TypeDeserializer()


def marshal(plain: dict[str, Any]) -> Item:
    """Plain values as DynamoDB's."""
    return {name: _SERIALIZER.serialize(value) for name, value in plain.items()}


def unmarshal(item: Item) -> dict[str, Any]:
    """DynamoDB's values as plain ones; numbers come as Decimal, which the records' models take."""
    return {name: _DESERIALIZER.deserialize(value) for name, value in item.items()}


class Table:
    """One table; every call returns what it consumed, and the sum is kept for the log."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        self.consumed_units = 0.0

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        """Read one item, consistently."""
        key = marshal({"pk": pk, "sk": sk})
        answer = self._ask(self._client.get_item, TableName=self._name, Key=key, ConsistentRead=True)
        return unmarshal(answer["Item"]) if "Item" in answer else None

    def do(self, write: Write, *, returns: str = "NONE") -> dict[str, Any] | None:
        """Do one write; None when its condition did not hold, else the attributes asked for (empty for a put)."""
        kind, parameters = next(iter(write.items()))
        call = self._client.put_item if kind == "Put" else self._client.update_item
        try:
            answer = self._ask(call, **parameters, ReturnValues=returns)
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return None
            raise
        return unmarshal(answer.get("Attributes", {}))

    def do_all(self, *writes: Write) -> bool:
        """Do all writes or none; False when a condition did not hold. A conflict with another transaction is transient."""
        try:
            self._ask(self._client.transact_write_items, TransactItems=list(writes))
        except ClientError as error:
            reasons = {each.get("Code") for each in error.response.get("CancellationReasons", [])}
            if "ConditionalCheckFailed" in reasons:
                return False
            raise
        return True

    def query(self, index: str, hash_name: str, value: str) -> Iterator[dict[str, Any]]:
        """Read everything under one hash key of an index, in its range key's order."""
        return self._pages(
            IndexName=index,
            KeyConditionExpression="#hash = :value",
            ExpressionAttributeNames={"#hash": hash_name},
            ExpressionAttributeValues=marshal({":value": value}),
        )

    def under(self, pk: str, prefix: str) -> Iterator[dict[str, Any]]:
        """Read everything of one partition whose sort key begins with *prefix*, consistently, in that key's order."""
        return self._pages(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=marshal({":pk": pk, ":prefix": prefix}),
            ConsistentRead=True,
        )

    def _pages(self, **question: object) -> Iterator[dict[str, Any]]:
        start: dict[str, Item] = {}
        while True:
            answer = self._ask(self._client.query, TableName=self._name, **question, **start)
            yield from (unmarshal(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def put(self, item: dict[str, Any], condition: str, values: dict[str, Any] | None = None) -> Write:
        """A conditional put, to be done alone or among others. `#state` stands for the attribute `state`."""
        write: Write = {"TableName": self._name, "Item": marshal(item), "ConditionExpression": condition}
        if "#state" in condition:
            write["ExpressionAttributeNames"] = {"#state": "state"}
        if values:
            write["ExpressionAttributeValues"] = marshal(values)
        return {"Put": write}

    def change(
        self,
        key: tuple[str, str],
        condition: str,
        *,
        sets: dict[str, Any],
        removes: tuple[str, ...] = (),
        values: dict[str, Any] | None = None,
    ) -> Write:
        """A conditional update of single attributes, to be done alone or among others."""
        names = {f"#{name}": name for name in (*sets, *removes)} | ({"#state": "state"} if "#state" in condition else {})
        expression = "SET " + ", ".join(f"#{name} = :new_{name}" for name in sets)
        if removes:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in removes)
        return {
            "Update": {
                "TableName": self._name,
                "Key": marshal({"pk": key[0], "sk": key[1]}),
                "UpdateExpression": expression,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": marshal({f":new_{name}": value for name, value in sets.items()} | (values or {})),
            }
        }

    def _ask(self, call: Callable[..., Answer], **parameters: object) -> Answer:
        answer = ask(call, **parameters, ReturnConsumedCapacity="TOTAL")
        consumed = answer.get("ConsumedCapacity") or []
        listed = consumed if isinstance(consumed, list) else [consumed]
        self.consumed_units += sum(float(each.get("CapacityUnits", 0)) for each in listed)
        return answer
