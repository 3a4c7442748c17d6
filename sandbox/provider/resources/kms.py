"""KMS keys and their aliases."""

from sandbox.provider.documents import policy_normal
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import flag, name, number, text
from sandbox.provider.wire import Values

_DEFAULT_WINDOW_DAYS = 30
_GONE = frozenset({"NotFoundException"})


def _create_key(call: Call) -> str:
    wanted = call.parameters("description", "keyUsage", "customerMasterKeySpec", "policy", "multiRegion")
    bypass = {"BypassPolicyLockoutSafetyCheck": call.inputs["bypassPolicyLockoutSafetyCheck"]}
    answer = call.client.create_key(**wanted, **bypass, **call.tagged)
    return str(answer["KeyMetadata"]["KeyId"])


def _set_rotation(call: Call) -> None:
    if call.inputs.get("enableKeyRotation"):
        call.client.enable_key_rotation(KeyId=call.id, **call.parameters("rotationPeriodInDays"))
    elif call.state.get("enableKeyRotation"):
        call.client.disable_key_rotation(KeyId=call.id)


def _set_enabled(call: Call) -> None:
    if call.inputs["isEnabled"]:
        call.client.enable_key(KeyId=call.id)
    else:
        call.client.disable_key(KeyId=call.id)


def _finish_key(call: Call) -> None:
    _set_rotation(call)
    if not call.inputs["isEnabled"]:
        _set_enabled(call)


def _read_key(call: Call) -> Values | None:
    shown = call.client.describe_key(KeyId=call.id)["KeyMetadata"]
    if shown["KeyState"] == "PendingDeletion":
        return None
    rotation = call.client.get_key_rotation_status(KeyId=call.id)
    return {
        "arn": shown["Arn"],
        "keyId": shown["KeyId"],
        "description": shown.get("Description", ""),
        "keyUsage": shown["KeyUsage"],
        "customerMasterKeySpec": shown["KeySpec"],
        "isEnabled": shown["Enabled"],
        "multiRegion": shown.get("MultiRegion", False),
        "enableKeyRotation": rotation["KeyRotationEnabled"],
        "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "policy": call.client.get_key_policy(KeyId=call.id, PolicyName="default")["Policy"],
    }


def _update_key(call: Call) -> None:
    if call.changed & {"enableKeyRotation", "rotationPeriodInDays"}:
        _set_rotation(call)
    if "description" in call.changed:
        call.client.update_key_description(KeyId=call.id, Description=call.inputs.get("description", ""))
    if "policy" in call.changed:
        call.client.put_key_policy(KeyId=call.id, PolicyName="default", Policy=call.inputs["policy"])
    if "isEnabled" in call.changed:
        _set_enabled(call)


def _delete_key(call: Call) -> None:
    window = call.inputs.get("deletionWindowInDays", _DEFAULT_WINDOW_DAYS)
    call.client.schedule_key_deletion(KeyId=call.id, PendingWindowInDays=window)


KEY = ResourceType(
    pulumi_type="aws:kms/key:Key",
    service="kms",
    properties={
        "description": text(computed=True),
        "keyUsage": text(default="ENCRYPT_DECRYPT", replaces=True),
        "customerMasterKeySpec": text(api="KeySpec", default="SYMMETRIC_DEFAULT", replaces=True),
        "policy": text(computed=True, normal=policy_normal),
        "bypassPolicyLockoutSafetyCheck": flag(local=True, default=False),
        "isEnabled": flag(local=True, default=True),
        "enableKeyRotation": flag(local=True, default=False),
        "rotationPeriodInDays": number(computed=True),
        "multiRegion": flag(computed=True, replaces=True),
        "deletionWindowInDays": number(local=True),
    },
    outputs=("arn", "keyId"),
    create=_create_key,
    finish=_finish_key,
    read=_read_key,
    update=_update_key,
    delete=_delete_key,
    gone=_GONE,
    tagging=Tagging(read="list_resource_tags", handle="KeyId", by="keyId", pair=("TagKey", "TagValue")),
)


def _key_id(key: str) -> str:
    """A key's id, also where its ARN is given."""
    return key.rpartition("/")[2]


def _create_alias(call: Call) -> str:
    call.client.create_alias(**call.parameters())
    return str(call.inputs["name"])


def _read_alias(call: Call) -> Values | None:
    pages = call.client.get_paginator("list_aliases").paginate()
    found = next((alias for page in pages for alias in page["Aliases"] if alias["AliasName"] == call.id), None)
    if found is None:
        return None
    key = call.client.describe_key(KeyId=found["TargetKeyId"])["KeyMetadata"]["Arn"]
    return {"name": call.id, "arn": found["AliasArn"], "targetKeyId": found["TargetKeyId"], "targetKeyArn": key}


ALIAS = ResourceType(
    pulumi_type="aws:kms/alias:Alias",
    service="kms",
    properties={
        "name": name(256, api="AliasName", prefix="alias/"),
        "targetKeyId": text(required=True, normal=_key_id),
    },
    outputs=("arn", "targetKeyArn"),
    volatile=("targetKeyArn",),
    create=_create_alias,
    read=_read_alias,
    update=lambda call: call.client.update_alias(**call.parameters()),
    delete=lambda call: call.client.delete_alias(AliasName=call.id),
    gone=_GONE,
)

TYPES = (KEY, ALIAS)
