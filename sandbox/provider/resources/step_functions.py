"""Step Functions state machines."""

from sandbox.provider.api import camel, from_api, moment
from sandbox.provider.documents import json_normal
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import block, flag, name, number, text
from sandbox.provider.wire import Values


def _parameters(call: Call) -> Values:
    """The call's parameters; the one log destination is a list of nested objects in the API."""
    wanted = call.parameters()
    logging = wanted.get("loggingConfiguration", {})
    if destination := call.inputs.get("loggingConfiguration", {}).get("logDestination"):
        logging["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": destination}}]
    return wanted


def _create(call: Call) -> str:
    return str(call.client.create_state_machine(**_parameters(call), **call.tagged)["stateMachineArn"])


def _read(call: Call) -> Values | None:
    shown = call.client.describe_state_machine(stateMachineArn=call.id)
    if shown["status"] == "DELETING":
        return None
    seen = from_api(STATE_MACHINE.properties, shown, camel)
    destinations = shown.get("loggingConfiguration", {}).get("destinations", [])
    if destinations and seen["loggingConfiguration"]:
        seen["loggingConfiguration"]["logDestination"] = destinations[0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    return {
        **seen,
        "arn": call.id,
        "status": shown["status"],
        "creationDate": moment(shown["creationDate"]),
        "revisionId": shown.get("revisionId"),
    }


def _update(call: Call) -> None:
    wanted = {key: value for key, value in _parameters(call).items() if key not in ("name", "type")}
    call.client.update_state_machine(stateMachineArn=call.id, **wanted)


STATE_MACHINE = ResourceType(
    pulumi_type="aws:sfn/stateMachine:StateMachine",
    service="stepfunctions",
    spelling=camel,
    properties={
        "name": name(80),
        "definition": text(required=True, normal=json_normal),
        "roleArn": text(required=True),
        "type": text(default="STANDARD", replaces=True),
        "loggingConfiguration": block(
            {"level": text(), "includeExecutionData": flag(), "logDestination": text(local=True)}, computed=True
        ),
        "tracingConfiguration": block({"enabled": flag()}, computed=True),
        "encryptionConfiguration": block(
            {"type": text(), "kmsKeyId": text(), "kmsDataKeyReusePeriodSeconds": number(computed=True)}, computed=True
        ),
        "publish": flag(default=False),
    },
    outputs=("arn", "status", "creationDate", "revisionId"),
    volatile=("revisionId",),
    create=_create,
    read=_read,
    update=_update,
    delete=lambda call: call.client.delete_state_machine(stateMachineArn=call.id),
    gone=frozenset({"StateMachineDoesNotExist"}),
    tagging=Tagging(handle="resourceArn", tags="tags", keys="tagKeys", pair=("key", "value")),
)

TYPES = (STATE_MACHINE,)
