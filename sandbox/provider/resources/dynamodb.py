"""DynamoDB tables, with their indexes."""

from typing import Final

from sandbox.provider.api import to_api
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.resources.dynamodb_replicas import (
    REPLICA,
    create_replicas,
    delete_replicas,
    is_strong,
    read_replicas,
    replica_rules,
    update_replicas,
)
from sandbox.provider.schema import Kind, Property, block, blocks, by_key, flag, name, number, same, text, texts
from sandbox.provider.wire import Values

_WAIT: Final = {"Delay": 1, "MaxAttempts": 120}
_PROVISIONED: Final = "PROVISIONED"

_INDEX_KEY: Final = {
    "attributeName": text(api="AttributeName", required=True),
    "keyType": text(api="KeyType", required=True),
}
_INDEX: Final = {
    "name": text(api="IndexName", required=True),
    "keySchemas": blocks(_INDEX_KEY, key="attributeName", local=True),  # hashKey and rangeKey are deprecated for indexes
    "projectionType": text(local=True, required=True),
    "nonKeyAttributes": texts(local=True),
    "readCapacity": number(local=True, computed=True),
    "writeCapacity": number(local=True, computed=True),
}
_LOCAL_INDEX: Final = {
    "name": text(api="IndexName", required=True),
    "rangeKey": text(local=True, required=True),
    "projectionType": text(local=True, required=True),
    "nonKeyAttributes": texts(local=True),
}
_ATTRIBUTE: Final = {
    "name": text(api="AttributeName", required=True),
    "type": text(api="AttributeType", required=True),
}


def _key_schema(keys: Values) -> list[dict[str, str]]:
    roles = (("hashKey", "HASH"), ("rangeKey", "RANGE"))
    return [{"AttributeName": keys[key], "KeyType": role} for key, role in roles if keys.get(key)]


def _keys(shown: Values) -> Values:
    roles = {"HASH": "hashKey", "RANGE": "rangeKey"}
    return {roles[key["KeyType"]]: key["AttributeName"] for key in shown["KeySchema"]}


def _capacity(inputs: Values, billing: str) -> Values:
    if billing != _PROVISIONED:
        return {}
    units = {"ReadCapacityUnits": inputs["readCapacity"], "WriteCapacityUnits": inputs["writeCapacity"]}
    return {"ProvisionedThroughput": units}


def _index(wanted: Values, billing: str) -> Values:
    projection = {"ProjectionType": wanted["projectionType"]}
    keys = [to_api(_INDEX_KEY, each) for each in wanted.get("keySchemas", [])]
    if wanted.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = wanted["nonKeyAttributes"]
    return {
        "IndexName": wanted["name"],
        "KeySchema": keys or _key_schema(wanted),
        "Projection": projection,
        **(_capacity(wanted, billing) if "writeCapacity" in wanted else {}),
    }


def _shown_index(shown: Values) -> Values:
    projection = shown["Projection"]
    return {
        "name": shown["IndexName"],
        "keySchemas": [{"attributeName": key["AttributeName"], "keyType": key["KeyType"]} for key in shown["KeySchema"]],
        "projectionType": projection["ProjectionType"],
        **({"nonKeyAttributes": projection["NonKeyAttributes"]} if projection.get("NonKeyAttributes") else {}),
    }


def _encryption(inputs: Values) -> Values:
    wanted = inputs.get("serverSideEncryption", {"enabled": False})
    key = {"SSEType": "KMS", "KMSMasterKeyId": wanted["kmsKeyArn"]} if wanted.get("kmsKeyArn") else {}
    return {"Enabled": wanted["enabled"], **(key if wanted["enabled"] else {})}


def _stream(inputs: Values) -> Values:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}


def _attributes(inputs: Values) -> list[Values]:
    return [to_api(_ATTRIBUTE, attribute) for attribute in inputs["attributes"]]


def _create(call: Call) -> str:
    wanted, billing = call.inputs, call.inputs["billingMode"]
    local_keys = {"hashKey": wanted["hashKey"]}
    parts: Values = {
        "GlobalSecondaryIndexes": [_index(index, billing) for index in wanted.get("globalSecondaryIndexes", [])],
        "LocalSecondaryIndexes": [_index({**local_keys, **index}, "") for index in wanted.get("localSecondaryIndexes", [])],
        "StreamSpecification": _stream(wanted) if wanted.get("streamEnabled") else None,
        "SSESpecification": _encryption(wanted) if "serverSideEncryption" in wanted else None,
    }
    call.client.create_table(
        **call.parameters("name", "billingMode", "tableClass", "deletionProtectionEnabled"),
        KeySchema=_key_schema(wanted),
        AttributeDefinitions=_attributes(wanted),
        **_capacity(wanted, billing),
        **{key: part for key, part in parts.items() if part},
        **call.tagged,
    )
    _settled(call, str(wanted["name"]))
    return str(wanted["name"])


def _settled(call: Call, table: str) -> None:
    call.client.get_waiter("table_exists").wait(TableName=table, WaiterConfig=_WAIT)


def _finish(call: Call) -> None:
    if call.inputs.get("ttl", {}).get("enabled"):
        _set_ttl(call)
    if call.inputs.get("pointInTimeRecovery", {}).get("enabled"):
        _set_recovery(call)
    create_replicas(call, call.inputs.get("replicas", []))


def _set_ttl(call: Call) -> None:
    ttl = call.inputs.get("ttl") or call.state["ttl"]
    specification = {"AttributeName": ttl["attributeName"], "Enabled": bool(call.inputs.get("ttl", {}).get("enabled"))}
    call.client.update_time_to_live(TableName=call.id, TimeToLiveSpecification=specification)


def _set_recovery(call: Call) -> None:
    wanted = call.inputs.get("pointInTimeRecovery", {"enabled": False})
    days = {"RecoveryPeriodInDays": wanted["recoveryPeriodInDays"]} if "recoveryPeriodInDays" in wanted else {}
    specification = {"PointInTimeRecoveryEnabled": wanted["enabled"], **days}
    call.client.update_continuous_backups(TableName=call.id, PointInTimeRecoverySpecification=specification)


def _read(call: Call) -> Values:
    table = call.client.describe_table(TableName=call.id)["Table"]
    encryption = table.get("SSEDescription", {})
    return {
        "name": table["TableName"],
        "arn": table["TableArn"],
        "rangeKey": None,
        **_keys(table),
        "attributes": [{"name": each["AttributeName"], "type": each["AttributeType"]} for each in table["AttributeDefinitions"]],
        "billingMode": table.get("BillingModeSummary", {}).get("BillingMode", _PROVISIONED),
        "globalSecondaryIndexes": [_shown_index(index) for index in table.get("GlobalSecondaryIndexes", [])],
        "localSecondaryIndexes": [_shown_local(index) for index in table.get("LocalSecondaryIndexes", [])],
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "tableClass": table.get("TableClassSummary", {}).get("TableClass"),
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": encryption["KMSMasterKeyArn"]}
        if encryption.get("Status") == "ENABLED"
        else None,
        **_shown_capacity(table),
        **_shown_stream(call, table),
        **_shown_backup(call),
        "replicas": read_replicas(call, table),
    }


def _shown_local(shown: Values) -> Values:
    index = _shown_index(shown)
    index.pop("keySchemas")
    return {**index, "rangeKey": _keys(shown)["rangeKey"]}


def _shown_capacity(table: Values) -> Values:
    units = table.get("ProvisionedThroughput", {})
    return {"readCapacity": units.get("ReadCapacityUnits", 0), "writeCapacity": units.get("WriteCapacityUnits", 0)}


def _shown_stream(call: Call, table: Values) -> Values:
    """The stream; the emulator turns one on with any replica, AWS does not for a strongly consistent table."""
    if is_strong(call.known.get("replicas", [])) and not call.known.get("streamEnabled"):
        return {}
    stream = table.get("StreamSpecification", {})
    return {
        "streamEnabled": stream.get("StreamEnabled", False),
        "streamViewType": stream.get("StreamViewType"),
        "streamArn": table.get("LatestStreamArn"),
        "streamLabel": table.get("LatestStreamLabel"),
    }


def _shown_backup(call: Call) -> Values:
    ttl = call.client.describe_time_to_live(TableName=call.id)["TimeToLiveDescription"]
    backups = call.client.describe_continuous_backups(TableName=call.id)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    enabled = recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    days = {"recoveryPeriodInDays": recovery["RecoveryPeriodInDays"]} if recovery.get("RecoveryPeriodInDays") else {}
    return {
        "ttl": {"attributeName": ttl.get("AttributeName", ""), "enabled": ttl["TimeToLiveStatus"] == "ENABLED"},
        "pointInTimeRecovery": {"enabled": enabled, **(days if enabled else {})},
    }


def _update(call: Call) -> None:
    for wanted in _table_updates(call):
        call.client.update_table(TableName=call.id, **wanted)
        _settled(call, call.id)
    if "globalSecondaryIndexes" in call.changed:
        _update_indexes(call)
    if "ttl" in call.changed:
        _set_ttl(call)
    if "pointInTimeRecovery" in call.changed:
        _set_recovery(call)
    if "replicas" in call.changed:
        update_replicas(call)


def _table_updates(call: Call) -> list[Values]:
    """The parameters of UpdateTable, one call for each matter, because DynamoDB takes no two together."""
    billing = call.inputs["billingMode"]
    matters: list[tuple[set[str], Values]] = [
        ({"deletionProtectionEnabled"}, call.parameters("deletionProtectionEnabled")),
        (
            {"billingMode", "readCapacity", "writeCapacity"},
            {"BillingMode": billing, **(_capacity(call.inputs, billing) if billing == _PROVISIONED else {})},
        ),
        ({"tableClass"}, call.parameters("tableClass")),
        ({"serverSideEncryption"}, {"SSESpecification": _encryption(call.inputs)}),
        ({"streamEnabled", "streamViewType"}, {"StreamSpecification": _stream(call.inputs)}),
    ]
    return [parameters for names, parameters in matters if names & call.changed]


def _update_indexes(call: Call) -> None:
    """Indexes are never changed: those that differ are dropped and built again, one call for each."""
    prop, whole = TABLE.properties["globalSecondaryIndexes"], Property(kind=Kind.BLOCK, fields=_INDEX)
    wanted = by_key(prop, call.inputs.get("globalSecondaryIndexes", []))
    found = by_key(prop, call.state.get("globalSecondaryIndexes", []))
    kept = {name for name, index in found.items() if name in wanted and same(whole, wanted[name], index)}
    drops: list[Values] = [{"Delete": {"IndexName": name}} for name in found if name not in kept]
    builds: list[Values] = [
        {"Create": _index(index, call.inputs["billingMode"])} for name, index in wanted.items() if name not in kept
    ]
    for change in (*drops, *builds):
        call.client.update_table(
            TableName=call.id, AttributeDefinitions=_attributes(call.inputs), GlobalSecondaryIndexUpdates=[change]
        )
        _settled(call, call.id)


def _delete(call: Call) -> None:
    """As the real provider: replicas first, then the table. AWS refuses a protected table, and so it stays."""
    delete_replicas(call, call.state.get("replicas", []))
    call.client.delete_table(TableName=call.id)
    call.client.get_waiter("table_not_exists").wait(TableName=call.id, WaiterConfig=_WAIT)


TABLE = ResourceType(
    pulumi_type="aws:dynamodb/table:Table",
    service="dynamodb",
    properties={
        "name": name(255, api="TableName"),
        "hashKey": text(local=True, required=True, replaces=True),
        "rangeKey": text(local=True, replaces=True),
        "attributes": blocks(_ATTRIBUTE, key="name", local=True),
        "billingMode": text(default=_PROVISIONED),
        "readCapacity": number(local=True, computed=True),
        "writeCapacity": number(local=True, computed=True),
        "tableClass": text(computed=True),
        "deletionProtectionEnabled": flag(default=False),
        "globalSecondaryIndexes": blocks(_INDEX, key="name", local=True),
        "localSecondaryIndexes": blocks(_LOCAL_INDEX, key="name", local=True, replaces=True),
        "ttl": block({"attributeName": text(), "enabled": flag(default=False)}, local=True),
        "pointInTimeRecovery": block(
            {"enabled": flag(required=True), "recoveryPeriodInDays": number(computed=True)}, local=True, computed=True
        ),
        "serverSideEncryption": block(
            {"enabled": flag(required=True), "kmsKeyArn": text(computed=True)}, local=True, computed=True
        ),
        "streamEnabled": flag(local=True),
        "streamViewType": text(local=True, computed=True),
        "replicas": blocks(REPLICA, key="regionName", local=True),
    },
    outputs=("arn", "streamArn", "streamLabel"),
    rules=replica_rules,
    create=_create,
    finish=_finish,
    read=_read,
    update=_update,
    delete=_delete,
    tagging=Tagging(read="list_tags_of_resource"),
)

TYPES = (TABLE,)
