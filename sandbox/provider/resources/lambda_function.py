"""Lambda functions."""

from typing import Final

from sandbox.provider.api import from_api
from sandbox.provider.archives import zip_bytes
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import Properties, block, code, flag, mapping, name, number, text, texts
from sandbox.provider.wire import Values

_UNRESERVED: Final = -1
_CODE = frozenset({"code", "sourceCodeHash", "architectures"})
_APART = frozenset({"architectures", "tags", "reservedConcurrentExecutions"})

_CONFIGURATION: Final[Properties] = {
    "name": name(64, api="FunctionName"),
    "role": text(required=True),
    "handler": text(),
    "runtime": text(),
    "description": text(),
    "memorySize": number(default=128),
    "timeout": number(default=3),
    "architectures": texts(computed=True),
    "layers": texts(ordered=True),
    "environment": block({"variables": mapping()}),
    "ephemeralStorage": block({"size": number(computed=True)}, computed=True),
    "deadLetterConfig": block({"targetArn": text(required=True)}),
    "tracingConfig": block({"mode": text(required=True)}, computed=True),
    "loggingConfig": block(
        {
            "logFormat": text(required=True),
            "applicationLogLevel": text(),
            "systemLogLevel": text(),
            "logGroup": text(computed=True),
        },
        computed=True,
    ),
    "kmsKeyArn": text(api="KMSKeyArn"),
    "packageType": text(default="Zip", replaces=True),
}


def _create(call: Call) -> str:
    wanted = call.parameters(*_CONFIGURATION)
    call.client.create_function(**wanted, Code={"ZipFile": zip_bytes(call.inputs["code"])}, **_tags(call))
    _settled(call, "function_active_v2", str(call.inputs["name"]))
    return str(call.inputs["name"])


def _tags(call: Call) -> Values:
    return {"Tags": call.tags} if call.tags else {}


def _settled(call: Call, waiter: str, function: str) -> None:
    call.client.get_waiter(waiter).wait(FunctionName=function, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def _set_concurrency(call: Call) -> None:
    reserved = call.inputs["reservedConcurrentExecutions"]
    if reserved != _UNRESERVED:
        call.client.put_function_concurrency(FunctionName=call.id, ReservedConcurrentExecutions=reserved)
    elif call.state:
        call.client.delete_function_concurrency(FunctionName=call.id)


def _read(call: Call) -> Values:
    shown = call.client.get_function(FunctionName=call.id)
    configuration = shown["Configuration"]
    configuration["Layers"] = [layer["Arn"] for layer in configuration.get("Layers", [])]
    arn = configuration["FunctionArn"]
    reserved = shown.get("Concurrency", {}).get("ReservedConcurrentExecutions", _UNRESERVED)
    return {
        **from_api(_CONFIGURATION, configuration),
        "reservedConcurrentExecutions": reserved,
        "arn": arn,
        "qualifiedArn": f"{arn}:{configuration['Version']}",
        "invokeArn": _invoke_arn(call, arn),
        "qualifiedInvokeArn": _invoke_arn(call, f"{arn}:{configuration['Version']}"),
        "version": configuration["Version"],
        "lastModified": configuration["LastModified"],
        "codeSha256": configuration["CodeSha256"],
        "sourceCodeSize": configuration["CodeSize"],
    }


def _invoke_arn(call: Call, function: str) -> str:
    account = call.account
    return f"arn:{account.partition}:apigateway:{account.region}:lambda:path/2015-03-31/functions/{function}/invocations"


def _update(call: Call) -> None:
    if call.changed & _CODE:
        archive = zip_bytes(call.inputs["code"])
        call.client.update_function_code(FunctionName=call.id, ZipFile=archive, **call.parameters("architectures"))
        _settled(call, "function_updated_v2", call.id)
    if call.changed & (_CONFIGURATION.keys() - _APART):
        call.client.update_function_configuration(**_configuration(call))
        _settled(call, "function_updated_v2", call.id)
    if "reservedConcurrentExecutions" in call.changed:
        _set_concurrency(call)


def _configuration(call: Call) -> Values:
    """The whole configuration; what the program no longer names is emptied, for Lambda keeps what it is not told."""
    empty = {
        "Description": "",
        "Layers": [],
        "Environment": {"Variables": {}},
        "DeadLetterConfig": {"TargetArn": ""},
        "KMSKeyArn": "",
    }
    return {**empty, **call.parameters(*(_CONFIGURATION.keys() - {"architectures", "packageType"}))}


FUNCTION = ResourceType(
    pulumi_type="aws:lambda/function:Function",
    service="lambda",
    properties={
        **_CONFIGURATION,
        "code": code(),
        "sourceCodeHash": text(local=True, computed=True),
        "reservedConcurrentExecutions": number(local=True, default=_UNRESERVED),
        "skipDestroy": flag(local=True, default=False),
    },
    code={"code": "codeSha256"},
    outputs=(
        "arn",
        "qualifiedArn",
        "invokeArn",
        "qualifiedInvokeArn",
        "version",
        "lastModified",
        "codeSha256",
        "sourceCodeSize",
    ),
    volatile=("lastModified", "codeSha256", "sourceCodeSize"),
    create=_create,
    finish=_set_concurrency,
    read=_read,
    update=_update,
    delete=lambda call: None if call.inputs.get("skipDestroy") else call.client.delete_function(FunctionName=call.id),
    tagging=Tagging(read="list_tags", handle="Resource", pair=None),
)

TYPES = (FUNCTION,)
