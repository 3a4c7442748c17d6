"""SQS queues and their policies."""

from collections.abc import Mapping
from typing import Final

from sandbox.provider.api import to_api
from sandbox.provider.documents import json_normal, policy_normal
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import Kind, Properties, flag, name, number, text
from sandbox.provider.wire import Value, Values

_GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})

# Defaults: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_ATTRIBUTES: Final[Properties] = {
    "visibilityTimeoutSeconds": number(api="VisibilityTimeout", default=30),
    "messageRetentionSeconds": number(api="MessageRetentionPeriod", default=345_600),
    "maxMessageSize": number(api="MaximumMessageSize", computed=True),
    "delaySeconds": number(default=0),
    "receiveWaitTimeSeconds": number(api="ReceiveMessageWaitTimeSeconds", default=0),
    "policy": text(computed=True, normal=policy_normal),
    "redrivePolicy": text(computed=True, normal=policy_normal),
    "redriveAllowPolicy": text(computed=True, normal=json_normal),
    "kmsMasterKeyId": text(),
    "kmsDataKeyReusePeriodSeconds": number(computed=True),
    "sqsManagedSseEnabled": flag(computed=True),
    "fifoQueue": flag(default=False, replaces=True),
    "contentBasedDeduplication": flag(default=False),
    "deduplicationScope": text(computed=True),
    "fifoThroughputLimit": text(computed=True),
}
_FIFO_ONLY = frozenset({"FifoQueue", "ContentBasedDeduplication"})


def _attributes(inputs: Values) -> dict[str, str]:
    """The queue's attributes, which SQS takes as text; what belongs to FIFO queues is refused by any other."""
    wanted = to_api(_ATTRIBUTES, inputs)
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in wanted.items()
        if not (key in _FIFO_ONLY and value is False)
    }


def _create_queue(call: Call) -> str:
    tags = {"tags": call.tags} if call.tags else {}
    return str(call.client.create_queue(QueueName=call.inputs["name"], Attributes=_attributes(call.inputs), **tags)["QueueUrl"])


def _read_queue(call: Call) -> Values:
    shown = call.client.get_queue_attributes(QueueUrl=call.id, AttributeNames=["All"])["Attributes"]
    seen = {name: _typed(prop.kind, shown.get(prop.api or _spelled(name))) for name, prop in _ATTRIBUTES.items()}
    return {**seen, "name": call.id.rpartition("/")[2], "arn": shown["QueueArn"], "url": call.id}


def _spelled(name: str) -> str:
    return name[:1].upper() + name[1:]


def _typed(kind: Kind, value: str | None) -> Value:
    if kind is Kind.FLAG:
        return value == "true"
    return int(value) if kind is Kind.NUMBER and value is not None else value


def _update_queue(call: Call) -> None:
    removed = {
        _ATTRIBUTES[name].api or _spelled(name): "" for name in call.changed & _ATTRIBUTES.keys() if name not in call.inputs
    }
    call.client.set_queue_attributes(QueueUrl=call.id, Attributes={**removed, **_changed_attributes(call)})


def _changed_attributes(call: Call) -> Mapping[str, str]:
    return _attributes({name: value for name, value in call.inputs.items() if name in call.changed})


QUEUE = ResourceType(
    pulumi_type="aws:sqs/queue:Queue",
    service="sqs",
    properties={"name": name(80), **_ATTRIBUTES},
    outputs=("arn", "url"),
    create=_create_queue,
    read=_read_queue,
    update=_update_queue,
    delete=lambda call: call.client.delete_queue(QueueUrl=call.id),
    gone=_GONE,
    tagging=Tagging(read="list_queue_tags", write="tag_queue", erase="untag_queue", handle="QueueUrl", by="url", pair=None),
)


def _set_policy(call: Call, policy: str) -> None:
    call.client.set_queue_attributes(QueueUrl=call.inputs["queueUrl"], Attributes={"Policy": policy})


def _create_policy(call: Call) -> str:
    _set_policy(call, call.inputs["policy"])
    return str(call.inputs["queueUrl"])


def _read_policy(call: Call) -> Values | None:
    shown = call.client.get_queue_attributes(QueueUrl=call.id, AttributeNames=["Policy"]).get("Attributes", {})
    return {"queueUrl": call.id, "policy": shown["Policy"]} if shown.get("Policy") else None


QUEUE_POLICY = ResourceType(
    pulumi_type="aws:sqs/queuePolicy:QueuePolicy",
    service="sqs",
    properties={
        "queueUrl": text(required=True, replaces=True),
        "policy": text(required=True, normal=policy_normal),
    },
    outputs=(),
    create=_create_policy,
    read=_read_policy,
    update=lambda call: _set_policy(call, call.inputs["policy"]),
    delete=lambda call: _set_policy(call, ""),
    gone=_GONE,
)

TYPES = (QUEUE, QUEUE_POLICY)
