"""The replicas of a DynamoDB table: a global table, eventually or strongly consistent."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sandbox.provider.errors import ProtectedError
from sandbox.provider.resource import Call, pairs
from sandbox.provider.schema import flag, text
from sandbox.provider.wire import UNKNOWN, Unknown, Values

_WAIT: Final = {"Delay": 1, "MaxAttempts": 120}
_STRONG: Final = "STRONG"
_STRONG_REPLICAS: Final = 2  # and the table's own region: MRSC has exactly three

REPLICA: Final = {
    "regionName": text(required=True),
    "kmsKeyArn": text(computed=True),
    "consistencyMode": text(default="EVENTUAL"),
    "pointInTimeRecovery": flag(default=False),
    "deletionProtectionEnabled": flag(computed=True),
    "propagateTags": flag(default=False),
}


def is_strong(replicas: Iterable[Values]) -> bool:
    """Whether the replicas make the table strongly consistent over regions (MRSC)."""
    return any(replica.get("consistencyMode") == _STRONG for replica in replicas)


def replica_rules(inputs: Values) -> Iterator[tuple[str, str]]:
    """What AWS asks of a global table and the emulator does not.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
    """
    replicas = inputs.get("replicas", [])
    if isinstance(replicas, Unknown) or not replicas:
        return
    if is_strong(replicas):
        yield from _strong_rules(inputs, replicas)
    elif not inputs.get("streamEnabled") or inputs.get("streamViewType") not in ("NEW_AND_OLD_IMAGES", UNKNOWN):
        yield "streamEnabled", "an eventually consistent replica is fed by the stream: set it, with NEW_AND_OLD_IMAGES"


def _strong_rules(inputs: Values, replicas: list[Values]) -> Iterator[tuple[str, str]]:
    modes = {replica.get("consistencyMode") for replica in replicas}
    if len(replicas) != _STRONG_REPLICAS or modes != {_STRONG}:
        yield "replicas", f"strong consistency spans exactly three regions: give {_STRONG_REPLICAS} replicas, both STRONG"
    if inputs.get("ttl", {}).get("enabled"):
        yield "ttl", "a strongly consistent table has no time to live: leave it out"
    if inputs.get("localSecondaryIndexes"):
        yield "localSecondaryIndexes", "a strongly consistent table has no local indexes: leave them out"


def create_replicas(call: Call, replicas: list[Values]) -> None:
    """Adds the replicas; those of a strongly consistent table in one call, because two make it one."""
    if not replicas:
        return
    creates = [{"Create": _replica_parameters(replica)} for replica in replicas]
    if is_strong(replicas):
        call.client.update_table(TableName=call.id, ReplicaUpdates=creates, MultiRegionConsistency=_STRONG)
    else:
        for create in creates:
            call.client.update_table(TableName=call.id, ReplicaUpdates=[create])
    for replica in replicas:
        _settle_replica(call, replica)


def _replica_parameters(replica: Values) -> Values:
    key = {"KMSMasterKeyId": replica["kmsKeyArn"]} if replica.get("kmsKeyArn") else {}
    return {"RegionName": replica["regionName"], **key}


def _there(call: Call, replica: Values) -> Any:  # noqa: ANN401 - boto3's clients have no static type
    return call.account.client("dynamodb", replica["regionName"])


def _settle_replica(call: Call, replica: Values) -> None:
    """The settings that a replica has for itself, made in its own region."""
    there = _there(call, replica)
    there.get_waiter("table_exists").wait(TableName=call.id, WaiterConfig=_WAIT)
    recovery = {"PointInTimeRecoveryEnabled": replica["pointInTimeRecovery"]}
    there.update_continuous_backups(TableName=call.id, PointInTimeRecoverySpecification=recovery)
    if "deletionProtectionEnabled" in replica:
        there.update_table(TableName=call.id, DeletionProtectionEnabled=replica["deletionProtectionEnabled"])
    if replica["propagateTags"] and call.tags:
        there.tag_resource(ResourceArn=_replica_arn(call, replica), Tags=pairs(call.tags))


def _replica_arn(call: Call, replica: Values) -> str:
    account = call.account
    return f"arn:{account.partition}:dynamodb:{replica['regionName']}:{account.id}:table/{call.id}"


def read_replicas(call: Call, table: Values) -> list[Values]:
    """The replicas as their own regions show them."""
    found = [{"regionName": shown["RegionName"]} for shown in table.get("Replicas", [])]
    others = [replica for replica in found if replica["regionName"] != call.account.region]
    return [_read_replica(call, replica) for replica in others]


def _read_replica(call: Call, replica: Values) -> Values:
    there = _there(call, replica)
    table = there.describe_table(TableName=call.id)["Table"]
    backups = there.describe_continuous_backups(TableName=call.id)["ContinuousBackupsDescription"]
    return {
        **replica,
        "arn": table["TableArn"],
        "kmsKeyArn": table.get("SSEDescription", {}).get("KMSMasterKeyArn"),
        "pointInTimeRecovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "streamArn": table.get("LatestStreamArn"),
        "streamLabel": table.get("LatestStreamLabel"),
    }


def update_replicas(call: Call) -> None:
    """Removes what is no longer wanted, adds what is new, and sets again what has stayed."""
    wanted = {replica["regionName"]: replica for replica in call.inputs.get("replicas", [])}
    found = {replica["regionName"]: replica for replica in call.state.get("replicas", [])}
    delete_replicas(call, [replica for region, replica in found.items() if region not in wanted])
    create_replicas(call, [replica for region, replica in wanted.items() if region not in found])
    for region in wanted.keys() & found.keys():
        _settle_replica(call, wanted[region])


def delete_replicas(call: Call, replicas: list[Values]) -> None:
    """Removes replicas, none of them while any is protected."""
    for replica in replicas:
        if replica.get("deletionProtectionEnabled"):
            raise ProtectedError(
                f"{call.id}: replicas.deletionProtectionEnabled: true in {replica['regionName']}: "
                "turn it off with an update first, then remove the replica"
            )
    deletes = [{"Delete": {"RegionName": replica["regionName"]}} for replica in replicas]
    if replicas and is_strong(replicas):
        call.client.update_table(TableName=call.id, ReplicaUpdates=deletes)
    else:
        for delete in deletes:
            call.client.update_table(TableName=call.id, ReplicaUpdates=[delete])
    for replica in replicas:
        _there(call, replica).get_waiter("table_not_exists").wait(TableName=call.id, WaiterConfig=_WAIT)
