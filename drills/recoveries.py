"""What the cell wrote down about its recoveries, read from its ledger as an operator may."""

from collections.abc import Iterator
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from drills.field import Field
from handlers.domain.identity import is_simulation


def records(field: Field, stack: str, kind: str) -> list[dict[str, Any]]:
    """The ledger's items of *kind* (RECOVERY, ATTEMPT, FAILURE, CLAIM; all for "") of *stack*, in the order of their keys."""
    return under(field, f"STACK#{field.cell.account}#{field.cell.region}#{stack}", kind)


def graph_facts(field: Field) -> dict[str, dict[str, Any]]:
    """What the cell's graph holds, by the stack's name; what is gone is left out."""
    found = under(field, f"GRAPH#{field.cell.key}", "STACK#")
    return {str(one["sk"]).removeprefix("STACK#"): one for one in found if "facts" in one}


def under(field: Field, pk: str, kind: str) -> list[dict[str, Any]]:
    """The ledger's items of one partition whose keys begin with *kind*, in their order."""
    values = {":pk": {"S": pk}} | ({":sk": {"S": kind}} if kind else {})
    pages = (
        field.operator.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=field.cell.ledger_table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)" if kind else "pk = :pk",
            ExpressionAttributeValues=values,
        )
    )
    return [item for page in pages for item in _plain(page["Items"])]


def recoveries(field: Field, stack: str) -> list[dict[str, Any]]:
    """The recoveries of *stack*, oldest first; simulations are none."""
    found = (one for one in records(field, stack, "RECOVERY#") if not is_simulation(str(one.get("recovery_id", ""))))
    return sorted(found, key=lambda one: str(one.get("detected_at", "")))


def ended(recovery: dict[str, Any]) -> bool:
    """Has this recovery come to its end, a good one or not?"""
    return recovery.get("outcome") is not None


def _plain(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    deserializer = TypeDeserializer()
    for item in items:
        yield {name: deserializer.deserialize(value) for name, value in item.items()}
