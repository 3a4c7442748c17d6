"""Capacity is known of every DynamoDB call, and its caller gets what it asked for."""

import json
import zlib

import pytest

from sandbox.emulator.capacity import ask


def answer(*units: float, listed: bool = False) -> bytes:
    """What DynamoDB answers when capacity was asked for."""
    consumed = [{"TableName": "t", "CapacityUnits": one} for one in units]
    return json.dumps({"Item": {}, "ConsumedCapacity": consumed if listed else consumed[0]}).encode()


def test_asks_on_the_callers_behalf_and_takes_it_out_again() -> None:
    """The caller sees an answer without it, under the right checksum."""
    asked = ask("dynamodb:GetItem", b'{"TableName": "t"}')
    headers = {"x-amz-crc32": "1"}

    assert json.loads(asked.body) == {"TableName": "t", "ReturnConsumedCapacity": "TOTAL"}
    content = asked.take(headers, answer(0.5))
    assert (json.loads(content), asked.consumed) == ({"Item": {}}, 0.5)
    assert headers["x-amz-crc32"] == str(zlib.crc32(content))


def test_adds_up_over_tables() -> None:
    """Batches and transactions answer a list."""
    asked = ask("dynamodb:TransactWriteItems", b"{}")

    asked.take({}, answer(2.0, 4.0, listed=True))

    assert asked.consumed == 6.0


def test_counts_a_batch_get_itself() -> None:
    """The emulator tells no capacity of it: a unit for each consistently read key, half a one else, nothing when refused."""
    request = {"RequestItems": {"a": {"Keys": [{}, {}], "ConsistentRead": True}, "b": {"Keys": [{}]}}}
    asked, refused = (ask("dynamodb:BatchGetItem", json.dumps(request).encode()) for _ in range(2))

    asked.take({}, b'{"Responses": {}}')
    refused.take({}, b'{"__type": "ResourceNotFoundException"}')

    assert (asked.consumed, refused.consumed) == (2.5, None)


@pytest.mark.parametrize("wish", ["TOTAL", "INDEXES"])
def test_leaves_an_answer_that_was_asked_for(wish: str) -> None:
    """The caller's own wish stands."""
    body = json.dumps({"ReturnConsumedCapacity": wish}).encode()
    asked = ask("dynamodb:Query", body)

    assert asked.body == body
    assert asked.take({}, answer(1.0)) == answer(1.0)
    assert asked.consumed == 1.0


@pytest.mark.parametrize(
    ("action", "body"), [("dynamodb:CreateTable", b"{}"), ("sqs:SendMessage", b"{}"), ("dynamodb:GetItem", b"broken")]
)
def test_asks_nothing_where_there_is_nothing_to_ask(action: str, body: bytes) -> None:
    """Other calls, and what is no request at all, go on untouched."""
    asked = ask(action, body)

    assert asked.body == body
    assert asked.take({}, b"{}") == b"{}"
    assert asked.consumed is None
