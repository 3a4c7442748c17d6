"""Code that the engine sends as a hash is read, and goes back as the hash it was."""

import asyncio
from typing import Any

import grpc.aio
import pytest
from botocore.exceptions import ClientError
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.provider.experimental.property_value import PropertyValue

from sandbox.provider.errors import StandInError
from sandbox.provider.serving import _answered, with_hash_as_uri, with_hashes_of, with_uri_as_hash, without_empty_assets

SIGNATURE = "4dabf18193072939515e22adb298388d"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
ELIDED = {SIGNATURE: ARCHIVE, "hash": "abc"}
WHOLE = {SIGNATURE: ARCHIVE, "hash": "abc", "path": "./handlers"}


def struct(values: dict[str, Any]) -> Struct:
    return ParseDict(values, Struct())


def test_elided_code_becomes_readable() -> None:
    """The SDK cannot read an archive without content; an address made of the hash will do."""
    properties = struct({"code": ELIDED, "name": "f", "environment": {"variables": {"a": "b"}}})
    with pytest.raises(AssertionError):
        PropertyValue.unmarshal_map(properties)
    with_hash_as_uri(properties)
    assert PropertyValue.unmarshal_map(properties)["code"].value.uri == "elided:abc"  # type: ignore[union-attr]


def test_elided_code_goes_back_as_its_hash() -> None:
    """The engine puts the content back by the hash; the SDK drops that on the way."""
    properties = struct({"code": ELIDED})
    with_hash_as_uri(properties)
    answer = PropertyValue.marshal_map(PropertyValue.unmarshal_map(properties))
    with_uri_as_hash(answer)
    assert MessageToDict(answer) == {"code": ELIDED}


def test_whole_code_is_left_alone() -> None:
    """Code that came with its content needs nothing, but keeps its hash."""
    properties = struct({"code": WHOLE})
    with_hash_as_uri(properties)
    with_uri_as_hash(properties)
    assert MessageToDict(properties) == {"code": WHOLE}
    answer = PropertyValue.marshal_map(PropertyValue.unmarshal_map(properties))
    with_hashes_of(properties, answer)
    assert MessageToDict(answer) == {"code": WHOLE}


class AbortedError(Exception):
    """What a context's abort ends the call with."""


class Context:
    """Keeps what a call was aborted with."""

    def __init__(self) -> None:
        self.aborted: tuple[grpc.StatusCode, str] | None = None

    async def abort(self, code: grpc.StatusCode, details: str) -> None:
        self.aborted = (code, details)
        raise AbortedError


DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "CreateQueue")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StandInError("field: value: remedy"), "field: value: remedy"),
        (DENIED, "An error occurred (AccessDenied) when calling the CreateQueue operation: no"),
    ],
)
def test_error_reaches_the_operator_as_a_sentence(error: Exception, sentence: str) -> None:
    """No Python class names and no traceback for what is not a fault of the stand-in."""

    async def fail() -> None:
        raise error

    context = Context()
    with pytest.raises(AbortedError):
        asyncio.run(_answered(fail(), context))  # type: ignore[arg-type]
    assert context.aborted == (grpc.StatusCode.UNKNOWN, sentence)


def test_notes_are_told_too() -> None:
    """What could not be deleted again after a failure is part of the message."""

    async def fail() -> None:
        error = StandInError("failed")
        error.add_note("q was made and could not be deleted again")
        raise error

    context = Context()
    with pytest.raises(AbortedError):
        asyncio.run(_answered(fail(), context))  # type: ignore[arg-type]
    assert context.aborted == (grpc.StatusCode.UNKNOWN, "failed; q was made and could not be deleted again")


def test_a_folder_is_read_as_a_folder() -> None:
    """The engine sends an empty list of parts beside the path, which the SDK would take for an empty archive."""
    properties = struct({"code": {**WHOLE, "assets": {}}})

    without_empty_assets(properties)

    assert PropertyValue.unmarshal_map(properties)["code"].value.path == "./handlers"  # type: ignore[union-attr]


def test_an_archive_of_nothing_stays_one() -> None:
    """Without a path the empty list is the content."""
    properties = struct({"code": {SIGNATURE: ARCHIVE, "assets": {}}})

    without_empty_assets(properties)

    assert MessageToDict(properties) == {"code": {SIGNATURE: ARCHIVE, "assets": {}}}
