"""EventBridge rules and targets."""

from sandbox.provider.api import from_api
from sandbox.provider.documents import json_normal
from sandbox.provider.errors import StandInError
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import block, flag, mapping, name, number, text
from sandbox.provider.wire import Values

_DEFAULT_BUS = "default"


def _put_rule(call: Call) -> str:
    call.client.put_rule(**call.parameters(), **call.tagged)
    bus, rule = call.inputs["eventBusName"], call.inputs["name"]
    return str(rule) if bus == _DEFAULT_BUS else f"{bus}/{rule}"


def _rule_key(call: Call) -> dict[str, str]:
    bus, _, rule = call.id.rpartition("/")
    return {"Name": rule, "EventBusName": bus or _DEFAULT_BUS}


def _read_rule(call: Call) -> Values:
    shown = call.client.describe_rule(**_rule_key(call))
    return {**from_api(RULE.properties, {"EventBusName": _DEFAULT_BUS, **shown}), "arn": shown["Arn"]}


def _update_rule(call: Call) -> None:
    """PutRule replaces a rule as a whole; the emulator keeps a description that it is not told."""
    call.client.put_rule(**{"Description": "", **call.parameters()})


def _delete_rule(call: Call) -> None:
    call.client.delete_rule(**_rule_key(call), Force=call.inputs.get("forceDestroy", False))


RULE = ResourceType(
    pulumi_type="aws:cloudwatch/eventRule:EventRule",
    service="events",
    properties={
        "name": name(64),
        "eventBusName": text(default=_DEFAULT_BUS, replaces=True),
        "eventPattern": text(normal=json_normal),
        "scheduleExpression": text(),
        "description": text(),
        "roleArn": text(),
        "state": text(default="ENABLED"),
        "forceDestroy": flag(local=True, default=False),
    },
    outputs=("arn",),
    create=_put_rule,
    read=_read_rule,
    update=_update_rule,
    delete=_delete_rule,
    tagging=Tagging(handle="ResourceARN"),
)


def _bus_and_rule(call: Call) -> dict[str, str]:
    return {"Rule": call.known["rule"], "EventBusName": call.known["eventBusName"]}


def _put_target(call: Call) -> str:
    target = call.parameters(*(TARGET.properties.keys() - {"rule", "eventBusName"}))
    answer = call.client.put_targets(**_bus_and_rule(call), Targets=[target])
    if answer["FailedEntryCount"]:
        failed = answer["FailedEntries"][0]
        raise TargetRefusedError(f"{call.inputs['arn']}: {failed['ErrorCode']}: {failed['ErrorMessage']}")
    return f"{call.inputs['rule']}-{call.inputs['targetId']}"


class TargetRefusedError(StandInError):
    """EventBridge answered the call and did not take the target."""


def _read_target(call: Call) -> Values | None:
    pages = call.client.get_paginator("list_targets_by_rule").paginate(**_bus_and_rule(call))
    targets = (target for page in pages for target in page["Targets"])
    found = next((target for target in targets if target["Id"] == call.known["targetId"]), None)
    return None if found is None else from_api(TARGET.properties, {**_bus_and_rule(call), **found})


def _update_target(call: Call) -> None:
    _put_target(call)


TARGET = ResourceType(
    pulumi_type="aws:cloudwatch/eventTarget:EventTarget",
    service="events",
    properties={
        "rule": text(required=True, replaces=True),
        "eventBusName": text(default=_DEFAULT_BUS, replaces=True),
        "targetId": name(64, api="Id"),
        "arn": text(required=True),
        "roleArn": text(),
        "input": text(normal=json_normal),
        "inputPath": text(),
        "inputTransformer": block({"inputPaths": mapping(api="InputPathsMap"), "inputTemplate": text(required=True)}),
        "deadLetterConfig": block({"arn": text()}),
        "retryPolicy": block({"maximumEventAgeInSeconds": number(), "maximumRetryAttempts": number()}),
        "sqsTarget": block({"messageGroupId": text()}, api="SqsParameters"),
        "forceDestroy": flag(local=True, default=False),
    },
    outputs=(),
    create=_put_target,
    read=_read_target,
    update=_update_target,
    delete=lambda call: call.client.remove_targets(**_bus_and_rule(call), Ids=[call.known["targetId"]]),
)

TYPES = (RULE, TARGET)
