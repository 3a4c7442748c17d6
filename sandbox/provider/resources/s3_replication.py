"""How an S3 bucket is copied to others."""

from collections.abc import Iterator
from typing import Final

from sandbox.provider.api import from_api
from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.resources.s3_bucket import GONE
from sandbox.provider.schema import Properties, block, blocks, number, text
from sandbox.provider.wire import Unknown, Values

_SWITCH: Final[Properties] = {"status": text(required=True)}
_MINUTES: Final[Properties] = {"minutes": number(required=True)}

_CONFIGURATION: Final[Properties] = {
    "role": text(required=True),
    "rules": blocks(
        {
            "id": text(api="ID", required=True),
            "priority": number(),
            "status": text(required=True),
            "filter": block({"prefix": text()}),
            "deleteMarkerReplication": block(_SWITCH),
            "sourceSelectionCriteria": block(
                {"replicaModifications": block(_SWITCH), "sseKmsEncryptedObjects": block(_SWITCH)},
            ),
            "destination": block(
                {
                    "bucket": text(required=True),
                    "encryptionConfiguration": block({"replicaKmsKeyId": text(api="ReplicaKmsKeyID", required=True)}),
                    "replicationTime": block({**_SWITCH, "time": block(_MINUTES, required=True)}),
                    "metrics": block({**_SWITCH, "eventThreshold": block(_MINUTES)}),
                },
                required=True,
            ),
        },
        key="id",
    ),
}


def _rules(inputs: Values) -> Iterator[tuple[str, str]]:
    """S3 user guide, "Replication configuration file elements": rules of one bucket differ in their priority."""
    rules = inputs.get("rules", [])
    if isinstance(rules, Unknown):
        return
    priorities = [rule.get("priority") for rule in rules if not isinstance(rule, Unknown)]
    if len(set(priorities)) != len(priorities):
        yield "rules", f"their priorities are {priorities}: give each its own"


def _put(call: Call) -> None:
    call.client.put_bucket_replication(Bucket=call.inputs["bucket"], ReplicationConfiguration=call.parameters("role", "rules"))


def _create(call: Call) -> str:
    _put(call)
    return str(call.inputs["bucket"])


def _read(call: Call) -> Values:
    shown = call.client.get_bucket_replication(Bucket=call.id)["ReplicationConfiguration"]
    return {"bucket": call.id, **from_api(_CONFIGURATION, shown)}


REPLICATION = ResourceType(
    pulumi_type="aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    service="s3",
    properties={"bucket": text(local=True, required=True, replaces=True), **_CONFIGURATION},
    outputs=(),
    create=_create,
    read=_read,
    update=_put,
    delete=lambda call: call.client.delete_bucket_replication(Bucket=call.id),
    rules=_rules,
    gone=GONE | {"ReplicationConfigurationNotFoundError"},
)

TYPES = (REPLICATION,)
