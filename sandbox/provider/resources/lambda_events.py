"""What a Lambda function is fed from, and what happens to asynchronous events that it does not manage."""

from typing import Final

from sandbox.provider.api import from_api
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.resources.lambda_permission import function_name
from sandbox.provider.schema import Properties, block, blocks, flag, number, text, texts
from sandbox.provider.wire import Values

_DESTINATION: Final = {"destination": text(required=True)}

_MAPPING: Final[Properties] = {
    "functionName": text(required=True, normal=function_name),
    "eventSourceArn": text(replaces=True),
    "enabled": flag(default=True),
    "batchSize": number(computed=True),
    "maximumBatchingWindowInSeconds": number(default=0),
    "functionResponseTypes": texts(),
    "scalingConfig": block({"maximumConcurrency": number()}),
    "filterCriteria": block({"filters": blocks({"pattern": text()}, key="pattern")}),
    "startingPosition": text(replaces=True),
    "bisectBatchOnFunctionError": flag(),
    "maximumRetryAttempts": number(computed=True),
    "maximumRecordAgeInSeconds": number(computed=True),
    "parallelizationFactor": number(computed=True),
    "tumblingWindowInSeconds": number(),
    "destinationConfig": block({"onFailure": block({"destinationArn": text(api="Destination", required=True)})}),
    "kmsKeyArn": text(api="KMSKeyArn"),
}


def _create_mapping(call: Call) -> str:
    return str(call.client.create_event_source_mapping(**call.parameters(), **_tags(call))["UUID"])


def _tags(call: Call) -> Values:
    return {"Tags": call.tags} if call.tags else {}


def _read_mapping(call: Call) -> Values | None:
    shown = call.client.get_event_source_mapping(UUID=call.id)
    if shown["State"] == "Deleting":
        return None
    arn = f"arn:{call.account.partition}:lambda:{call.account.region}:{call.account.id}:event-source-mapping:{call.id}"
    seen = from_api(_MAPPING, {**shown, "FunctionName": function_name(shown["FunctionArn"])})
    return {
        **seen,
        "enabled": shown["State"] in ("Enabled", "Enabling", "Creating", "Updating"),
        "arn": shown.get("EventSourceMappingArn", arn),
        "uuid": shown["UUID"],
        "functionArn": shown["FunctionArn"],
        "state": shown["State"],
    }


def _update_mapping(call: Call) -> None:
    wanted = call.parameters(*(_MAPPING.keys() - {"eventSourceArn", "startingPosition"}))
    empty: Values = {"FunctionResponseTypes": [], "ScalingConfig": {}, "FilterCriteria": {}, "DestinationConfig": {}}
    emptied = {key: value for key, value in empty.items() if key[:1].lower() + key[1:] in call.changed}
    call.client.update_event_source_mapping(UUID=call.id, **{**emptied, **wanted})


EVENT_SOURCE_MAPPING = ResourceType(
    pulumi_type="aws:lambda/eventSourceMapping:EventSourceMapping",
    service="lambda",
    properties=_MAPPING,
    outputs=("arn", "uuid", "functionArn", "state"),
    volatile=("functionArn", "state"),
    create=_create_mapping,
    read=_read_mapping,
    update=_update_mapping,
    delete=lambda call: call.client.delete_event_source_mapping(UUID=call.id),
    tagging=Tagging(read="list_tags", handle="Resource", pair=None),
)


def _put_config(call: Call) -> str:
    call.client.put_function_event_invoke_config(**call.parameters())
    qualifier = call.inputs.get("qualifier")
    return f"{call.inputs['functionName']}:{qualifier}" if qualifier else str(call.inputs["functionName"])


def _of_function(call: Call) -> Values:
    qualifier = call.known.get("qualifier")
    return {"FunctionName": call.known["functionName"], **({"Qualifier": qualifier} if qualifier else {})}


def _read_config(call: Call) -> Values:
    shown = call.client.get_function_event_invoke_config(**_of_function(call))
    parts = {name: prop for name, prop in EVENT_INVOKE_CONFIG.properties.items() if name not in ("functionName", "qualifier")}
    return from_api(parts, shown)


def _update_config(call: Call) -> None:
    _put_config(call)


EVENT_INVOKE_CONFIG = ResourceType(
    pulumi_type="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    service="lambda",
    properties={
        "functionName": text(required=True, replaces=True, normal=function_name),
        "qualifier": text(replaces=True),
        "maximumEventAgeInSeconds": number(computed=True),
        "maximumRetryAttempts": number(default=2),
        "destinationConfig": block({"onFailure": block(_DESTINATION), "onSuccess": block(_DESTINATION)}),
    },
    outputs=(),
    create=_put_config,
    read=_read_config,
    update=_update_config,
    delete=lambda call: call.client.delete_function_event_invoke_config(**_of_function(call)),
)

TYPES = (EVENT_SOURCE_MAPPING, EVENT_INVOKE_CONFIG)
