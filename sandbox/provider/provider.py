"""The stand-in for the AWS provider: the engine's requests, answered from the descriptions in resources/."""

import asyncio
from typing import Final

from pulumi.provider.experimental import provider as sdk

from sandbox.provider.account import Account, ProviderArgs, complaints
from sandbox.provider.errors import ForeignRegionError, InvokeRefusedError, UnknownTypeError
from sandbox.provider.naming import GENERATED, keeps_its_name, named, without_marks
from sandbox.provider.operations import create, delete, read, update
from sandbox.provider.resource import Call, accepted
from sandbox.provider.resources import TYPES
from sandbox.provider.schema import complaints as property_complaints
from sandbox.provider.schema import with_defaults
from sandbox.provider.state import changes, expected, inputs_after, without_drifted_code
from sandbox.provider.wire import Unknown, Values, is_unknown, to_plain, to_wire

_REPLACING: Final = frozenset(
    {sdk.PropertyDiffKind.ADD_REPLACE, sdk.PropertyDiffKind.DELETE_REPLACE, sdk.PropertyDiffKind.UPDATE_REPLACE}
)


class AwsProvider(sdk.Provider):
    """One provider configuration, as the engine runs it: one process for each explicit aws.Provider.

    boto3 blocks, so every call runs in a thread, and the engine's own parallelism stays.
    """

    def __init__(self) -> None:
        self._account = Account(ProviderArgs())

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        wrong = complaints(to_plain(request.new_inputs))
        return sdk.CheckResponse(inputs=request.new_inputs, failures=[sdk.CheckFailure(*each) for each in wrong])

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        given = to_plain(request.args)
        known = {name: value for name, value in given.items() if not is_unknown(value) and not name.startswith("__")}
        self._account = Account(ProviderArgs.model_validate(known))
        # Secrets are unwrapped by the engine before they come here, and marked again in what we answer.
        return sdk.ConfigureResponse(supports_preview=True)

    async def invoke(self, request: sdk.InvokeRequest) -> sdk.InvokeResponse:
        raise InvokeRefusedError(
            f"{request.tok}: the stand-in answers no questions, a preview works without any AWS: "
            "take account, region and partition from the settings, and write documents with json.dumps"
        )

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        token = _token(request)
        if token not in TYPES:
            return sdk.CheckResponse(request.new_inputs, [sdk.CheckFailure("", _unknown_type(token))])
        type_ = TYPES[token]
        inputs = with_defaults(type_.properties, without_marks(to_plain(request.new_inputs)))
        inputs, chosen = named(type_, inputs, request)
        wrong = [*property_complaints(accepted(type_), inputs)] or [*type_.rules(inputs)]
        checked = {**inputs, GENERATED: chosen}
        return sdk.CheckResponse(to_wire(checked), [sdk.CheckFailure(*each) for each in wrong])

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        call = self._call(request, to_plain(request.new_inputs), to_plain(request.old_state), request.resource_id)
        detail = await asyncio.to_thread(changes, call)
        detail = {name: change for name, change in detail.items() if name not in request.ignore_changes}
        replaces = [name for name, change in detail.items() if change.kind in _REPLACING]
        return sdk.DiffResponse(
            changes=bool(detail),
            replaces=replaces,
            diffs=list(detail),
            detailed_diff=detail,
            delete_before_replace=bool(replaces) and keeps_its_name(call),
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        call = self._call(request, to_plain(request.properties))
        if request.preview:
            return sdk.CreateResponse(properties=to_wire(expected(call.type, call.inputs, {}, call.tags)))
        id_, state = await asyncio.to_thread(create, call)
        return sdk.CreateResponse(id_, to_wire(state))

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        call = self._call(request, to_plain(request.inputs), to_plain(request.properties), request.resource_id)
        state = await asyncio.to_thread(read, call)
        if state is None:
            return sdk.ReadResponse()
        state = without_drifted_code(call, state)
        return sdk.ReadResponse(request.resource_id, to_wire(state), to_wire(inputs_after(call, state)))

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        call = self._call(request, to_plain(request.news), to_plain(request.olds), request.resource_id)
        if request.preview:
            return sdk.UpdateResponse(to_wire(expected(call.type, call.inputs, call.state, call.tags)))
        return sdk.UpdateResponse(to_wire(await asyncio.to_thread(update, call)))

    async def delete(self, request: sdk.DeleteRequest) -> None:
        state = to_plain(request.properties)
        await asyncio.to_thread(delete, self._call(request, state, state, request.resource_id))

    def _call(self, request: "_Request", inputs: Values, state: Values | None = None, id_: str = "") -> Call:
        token = _token(request)
        if token not in TYPES:
            raise UnknownTypeError(_unknown_type(token))
        region = inputs.get("region", self._account.args.region)
        if not isinstance(region, Unknown) and region != self._account.region:
            raise ForeignRegionError(
                f"{request.urn}: region: {region}, but its provider works in {self._account.region}: "
                "give the resource the provider of that region instead"
            )
        return Call(account=self._account, type=TYPES[token], inputs=inputs, state=state or {}, id=id_)


_Request = sdk.DiffRequest | sdk.CreateRequest | sdk.ReadRequest | sdk.UpdateRequest | sdk.DeleteRequest


def _token(request: sdk.CheckRequest | _Request) -> str:
    """The resource's own type; the SDK reads it from the URN, where the types of its parents stand before it."""
    return request.type.rpartition("$")[2]


def _unknown_type(token: str) -> str:
    return (
        f"{token}: the stand-in does not know this resource type (it knows {', '.join(sorted(TYPES))}): "
        "describe it in sandbox/provider/resources"
    )
