"""SNS topics and their policies."""

import json
from typing import Final

from sandbox.provider.api import pascal
from sandbox.provider.documents import json_normal, policy_normal
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import Kind, Properties, flag, name, number, text
from sandbox.provider.wire import Value, Values

_GONE = frozenset({"NotFound", "NotFoundException"})

_ATTRIBUTES: Final[Properties] = {
    "displayName": text(),
    "policy": text(computed=True, normal=policy_normal),
    "deliveryPolicy": text(normal=json_normal),
    "kmsMasterKeyId": text(),
    "signatureVersion": number(computed=True),
    "tracingConfig": text(computed=True),
    "fifoTopic": flag(default=False, replaces=True),
    "contentBasedDeduplication": flag(default=False),
}


def _attribute(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _create_topic(call: Call) -> str:
    wanted = {pascal(name): _attribute(call.inputs[name]) for name in _ATTRIBUTES if call.inputs.get(name) not in (None, False)}
    return str(call.client.create_topic(Name=call.inputs["name"], Attributes=wanted, **call.tagged)["TopicArn"])


def _read_topic(call: Call) -> Values:
    shown = call.client.get_topic_attributes(TopicArn=call.id)["Attributes"]
    seen = {name: _typed(prop.kind, shown.get(pascal(name))) for name, prop in _ATTRIBUTES.items()}
    return {**seen, "name": call.id.rpartition(":")[2], "arn": call.id, "owner": call.id.split(":")[4]}


def _typed(kind: Kind, value: str | None) -> Value:
    if kind is Kind.FLAG:
        return value == "true"
    return int(value) if kind is Kind.NUMBER and value is not None else value


def _update_topic(call: Call) -> None:
    for changed in sorted(call.changed & _ATTRIBUTES.keys()):
        _set_attribute(call, pascal(changed), _attribute(call.inputs.get(changed, "")))


def _set_attribute(call: Call, attribute: str, value: str) -> None:
    call.client.set_topic_attributes(TopicArn=call.id, AttributeName=attribute, AttributeValue=value)


TOPIC = ResourceType(
    pulumi_type="aws:sns/topic:Topic",
    service="sns",
    properties={"name": name(256), **_ATTRIBUTES},
    outputs=("arn", "owner"),
    create=_create_topic,
    read=_read_topic,
    update=_update_topic,
    delete=lambda call: call.client.delete_topic(TopicArn=call.id),
    gone=_GONE,
    tagging=Tagging(),
)


def _create_policy(call: Call) -> str:
    arn = str(call.inputs["arn"])
    call.client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=call.inputs["policy"])
    return arn


def _read_policy(call: Call) -> Values | None:
    policy = call.client.get_topic_attributes(TopicArn=call.id)["Attributes"].get("Policy")
    return {"arn": call.id, "policy": policy, "owner": call.id.split(":")[4]} if policy else None


def _delete_policy(call: Call) -> None:
    """A topic cannot be without a policy: it gets AWS's default back, as the real provider does it."""
    owner_may = {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in _DEFAULT_ACTIONS],
                "Resource": call.id,
                "Condition": {"StringEquals": {"AWS:SourceOwner": call.id.split(":")[4]}},
            }
        ],
    }
    _set_attribute(call, "Policy", json.dumps(owner_may))


_DEFAULT_ACTIONS: Final = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)

TOPIC_POLICY = ResourceType(
    pulumi_type="aws:sns/topicPolicy:TopicPolicy",
    service="sns",
    properties={
        "arn": text(required=True, replaces=True),
        "policy": text(required=True, normal=policy_normal),
    },
    outputs=("owner",),
    create=_create_policy,
    read=_read_policy,
    update=lambda call: _set_attribute(call, "Policy", call.inputs["policy"]),
    delete=_delete_policy,
    gone=_GONE,
)

TYPES = (TOPIC, TOPIC_POLICY)
