"""The SDK's provider server, with what it lacks: code that comes as a mere hash, and errors as plain sentences."""

from collections.abc import Awaitable
from typing import Final, TypeVar

import grpc.aio
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.provider.experimental import server
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2 as messages

from sandbox.provider.archives import ELIDED
from sandbox.provider.errors import StandInError
from sandbox.provider.provider import AwsProvider

VERSION: Final = "7.0.0"  # of the pulumi_aws classes that it answers to
_SIGNATURE: Final = rpc._special_sig_key  # noqa: SLF001 - the wire format has no public name
_CODE_SIGNATURES: Final = (rpc._special_asset_sig, rpc._special_archive_sig)  # noqa: SLF001
_CONTENTS: Final = frozenset({"text", "path", "uri", "assets"})

Answer = TypeVar("Answer")
Context = grpc.aio.ServicerContext[object, object]


def with_hash_as_uri(properties: Struct) -> None:
    """Gives code that the engine has sent without its content an address made of its hash, so that the SDK reads it.

    The engine leaves the content out wherever it is old or only compared (`ElideAssetContents` in its provider_plugin.go).
    """
    for value in _code(properties).values():
        fields = value.struct_value.fields
        if not _CONTENTS & set(fields):
            fields["uri"].string_value = ELIDED + fields["hash"].string_value


def without_empty_assets(properties: Struct) -> None:
    """Takes the empty list of parts from code that has a path: the engine sends both, and the SDK would read the list."""
    for value in _code(properties).values():
        fields = value.struct_value.fields
        if {"path", "uri"} & set(fields) and "assets" in fields and not fields["assets"].struct_value.fields:
            del fields["assets"]


def with_uri_as_hash(properties: Struct) -> None:
    """The inverse: the engine finds the content again by the hash."""
    for value in _code(properties).values():
        fields = value.struct_value.fields
        if "uri" in fields and fields["uri"].string_value.startswith(ELIDED):
            fields["hash"].string_value = fields["uri"].string_value.removeprefix(ELIDED)
            del fields["uri"]


def with_hashes_of(asked: Struct, answered: Struct) -> None:
    """Gives code in an answer the hash that it was asked about with, which the SDK has dropped."""
    hashes = {name: value.struct_value.fields["hash"] for name, value in _code(asked).items()}
    for name, value in _code(answered).items():
        if name in hashes:
            value.struct_value.fields["hash"].CopyFrom(hashes[name])


def _code(properties: Struct) -> dict[str, Value]:
    """The properties that are assets or archives; the provider knows none further down."""
    return {
        name: value
        for name, value in properties.fields.items()
        if _SIGNATURE in value.struct_value.fields and value.struct_value.fields[_SIGNATURE].string_value in _CODE_SIGNATURES
    }


class Servicer(server.ProviderServicer):
    """Answers the engine; an error of ours or of AWS's reaches the operator as the sentence that it is."""

    async def Configure(self, request: messages.ConfigureRequest, context: Context) -> messages.ConfigureResponse:  # noqa: N802
        return await _answered(super().Configure(request, context), context)

    async def Invoke(self, request: messages.InvokeRequest, context: Context) -> messages.InvokeResponse:  # noqa: N802
        return await _answered(super().Invoke(request, context), context)

    async def Check(self, request: messages.CheckRequest, context: Context) -> messages.CheckResponse:  # noqa: N802
        with_hash_as_uri(request.olds)
        without_empty_assets(request.news)
        answer: messages.CheckResponse = await _answered(super().Check(request, context), context)
        with_hashes_of(request.news, answer.inputs)
        return answer

    async def Diff(self, request: messages.DiffRequest, context: Context) -> messages.DiffResponse:  # noqa: N802
        with_hash_as_uri(request.olds)
        with_hash_as_uri(request.news)
        without_empty_assets(request.news)
        return await _answered(super().Diff(request, context), context)

    async def Create(self, request: messages.CreateRequest, context: Context) -> messages.CreateResponse:  # noqa: N802
        without_empty_assets(request.properties)
        answer: messages.CreateResponse = await _answered(
            super().Create(request, context),  # type: ignore[no-untyped-call]
            context,
        )
        with_hashes_of(request.properties, answer.properties)
        return answer

    async def Read(self, request: messages.ReadRequest, context: Context) -> messages.ReadResponse:  # noqa: N802
        with_hash_as_uri(request.inputs)
        with_hash_as_uri(request.properties)
        answer: messages.ReadResponse = await _answered(
            super().Read(request, context),  # type: ignore[no-untyped-call]
            context,
        )
        with_uri_as_hash(answer.inputs)
        with_uri_as_hash(answer.properties)
        return answer

    async def Update(self, request: messages.UpdateRequest, context: Context) -> messages.UpdateResponse:  # noqa: N802
        with_hash_as_uri(request.olds)
        without_empty_assets(request.news)
        answer: messages.UpdateResponse = await _answered(
            super().Update(request, context),  # type: ignore[no-untyped-call]
            context,
        )
        with_hashes_of(request.news, answer.properties)
        return answer

    async def Delete(self, request: messages.DeleteRequest, context: Context) -> Empty:  # noqa: N802
        with_hash_as_uri(request.properties)
        return await _answered(super().Delete(request, context), context)  # type: ignore[no-untyped-call]


async def _answered(answer: Awaitable[Answer], context: Context) -> Answer:
    try:
        return await answer
    except (StandInError, ClientError, BotoCoreError, OSError) as error:
        sentences = [str(error), *getattr(error, "__notes__", [])]
        await context.abort(grpc.StatusCode.UNKNOWN, "; ".join(sentences))
        raise


def serve(arguments: list[str]) -> None:
    """Serves until the process ends."""
    server.ProviderServicer = Servicer  # type: ignore[misc] # main() makes one itself and takes no other
    server.main(arguments, VERSION, AwsProvider())
