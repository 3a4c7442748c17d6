"""The URL of a Lambda function."""

from typing import Final

from sandbox.provider.api import from_api
from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.resources.lambda_permission import function_name
from sandbox.provider.schema import Properties, text
from sandbox.provider.wire import Values

_PROPERTIES: Final[Properties] = {
    "functionName": text(required=True, replaces=True, normal=function_name),
    "authorizationType": text(api="AuthType", required=True),
    "qualifier": text(replaces=True),
    "invokeMode": text(default="BUFFERED"),
}


def _create(call: Call) -> str:
    call.client.create_function_url_config(**call.parameters())
    return str(call.inputs["functionName"])


def _of_function(call: Call) -> Values:
    qualifier = call.known.get("qualifier")
    return {"FunctionName": call.known["functionName"], **({"Qualifier": qualifier} if qualifier else {})}


def _read(call: Call) -> Values:
    shown = call.client.get_function_url_config(**_of_function(call))
    url = shown["FunctionUrl"]
    seen = from_api({name: _PROPERTIES[name] for name in ("authorizationType", "invokeMode")}, shown)
    return {**seen, "functionArn": shown["FunctionArn"], "functionUrl": url, "urlId": url.split("//")[1].split(".")[0]}


FUNCTION_URL = ResourceType(
    pulumi_type="aws:lambda/functionUrl:FunctionUrl",
    service="lambda",
    properties=_PROPERTIES,
    outputs=("functionArn", "functionUrl", "urlId"),
    create=_create,
    read=_read,
    update=lambda call: call.client.update_function_url_config(**call.parameters()),
    delete=lambda call: call.client.delete_function_url_config(**_of_function(call)),
)

TYPES = (FUNCTION_URL,)
