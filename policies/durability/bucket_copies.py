"""Copies of a bucket are whole, in time, and under the other side's key."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import as_list, is_set


def bucket_is_copied_whole(args: ResourceValidationArgs) -> Iterator[str]:
    for rule in as_list(args.props.get("rules")):
        label, selected, target = rule.get("id"), rule.get("sourceSelectionCriteria") or {}, rule.get("destination") or {}
        faults = {
            "is off": not _is_on(rule),
            "leaves deletions out": not _is_on(rule.get("deleteMarkerReplication")),
            "leaves encrypted objects out": not _is_on(selected.get("sseKmsEncryptedObjects")),
            "leaves changes of copies out": not _is_on(selected.get("replicaModifications")),
            "names no key there": not is_set(target.get("encryptionConfiguration") or {}, "replicaKmsKeyId"),
            "keeps no time": not _is_on(target.get("replicationTime")),
            "is not measured": not _is_on(target.get("metrics")),
        }
        yield from (f"has rule {label} that {fault}" for fault, is_found in faults.items() if is_found)


def _is_on(part: Any) -> bool:  # noqa: ANN401 - the SDK hands mappings wrapped
    return (part or {}).get("status") == "Enabled"


RULE = Rule(
    name="bucket-is-copied-whole",
    description="S3 leaves out by default what a failover needs: encrypted objects, deletions, changes made on the other side; "
    "and says nothing when a copy is late.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
    remedy="switch each on, with replica_kms_key_id and replication time control",
    resource_types=("aws:s3/bucketReplicationConfig:BucketReplicationConfig",),
    judge=bucket_is_copied_whole,
)
