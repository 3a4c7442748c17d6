"""CloudWatch log groups."""

from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import flag, name, number, text
from sandbox.provider.wire import Values


def _create(call: Call) -> str:
    tags = {"tags": call.tags} if call.tags else {}
    call.client.create_log_group(**call.parameters("name", "kmsKeyId", "logGroupClass"), **tags)
    return str(call.inputs["name"])


def _set_retention(call: Call) -> None:
    days = call.inputs["retentionInDays"]
    if days:
        call.client.put_retention_policy(logGroupName=call.id, retentionInDays=days)
    elif call.state.get("retentionInDays"):
        call.client.delete_retention_policy(logGroupName=call.id)


def _read(call: Call) -> Values | None:
    groups = call.client.describe_log_groups(logGroupNamePrefix=call.id)["logGroups"]
    group = next((group for group in groups if group["logGroupName"] == call.id), None)
    if group is None:
        return None
    return {
        "name": call.id,
        "arn": group["arn"].removesuffix(":*"),
        "retentionInDays": group.get("retentionInDays", 0),
        "kmsKeyId": group.get("kmsKeyId"),
        "logGroupClass": group.get("logGroupClass"),
    }


def _update(call: Call) -> None:
    if "retentionInDays" in call.changed:
        _set_retention(call)


def _delete(call: Call) -> None:
    if not call.inputs.get("skipDestroy"):
        call.client.delete_log_group(logGroupName=call.id)


LOG_GROUP = ResourceType(
    pulumi_type="aws:cloudwatch/logGroup:LogGroup",
    service="logs",
    properties={
        "name": name(512, api="logGroupName"),
        "retentionInDays": number(local=True, default=0),
        "kmsKeyId": text(api="kmsKeyId"),
        "logGroupClass": text(api="logGroupClass", computed=True, replaces=True),
        "skipDestroy": flag(local=True, default=False),
    },
    outputs=("arn",),
    create=_create,
    finish=_set_retention,
    read=_read,
    update=_update,
    delete=_delete,
    tagging=Tagging(handle="resourceArn", tags="tags", keys="tagKeys", pair=None),
)

TYPES = (LOG_GROUP,)
