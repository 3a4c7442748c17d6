"""What an S3 bucket is told after it is made: each setting is a resource whose id is the bucket's name."""

from collections.abc import Callable
from typing import Final

from sandbox.provider.api import from_api
from sandbox.provider.documents import policy_normal
from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.resources.s3_bucket import GONE
from sandbox.provider.schema import Properties, block, blocks, flag, number, text
from sandbox.provider.wire import Values

_BUCKET: Final[Properties] = {"bucket": text(required=True, replaces=True)}


def _creating(put: Callable[[Call], None]) -> Callable[[Call], str]:
    """Setting it for the first time is setting it."""

    def create(call: Call) -> str:
        put(call)
        return str(call.inputs["bucket"])

    return create


def _setting(
    pulumi_type: str,
    properties: Properties,
    *,
    put: Callable[[Call], None],
    read: Callable[[Call], Values | None],
    delete: Callable[[Call], None],
    absent: str,
) -> ResourceType:
    return ResourceType(
        pulumi_type=pulumi_type,
        service="s3",
        properties={**_BUCKET, **properties},
        outputs=(),
        create=_creating(put),
        read=read,
        update=put,
        delete=delete,
        gone=GONE | {absent},
    )


def _put_versioning(call: Call) -> None:
    call.client.put_bucket_versioning(
        Bucket=call.inputs["bucket"],
        VersioningConfiguration=call.parameters("versioningConfiguration")["VersioningConfiguration"],
    )


def _read_versioning(call: Call) -> Values | None:
    status = call.client.get_bucket_versioning(Bucket=call.id).get("Status")
    return {"bucket": call.id, "versioningConfiguration": {"status": status}} if status else None


def _delete_versioning(call: Call) -> None:
    """Versioning is never taken away again, only suspended."""
    call.client.put_bucket_versioning(Bucket=call.id, VersioningConfiguration={"Status": "Suspended"})


VERSIONING = _setting(
    "aws:s3/bucketVersioning:BucketVersioning",
    {"versioningConfiguration": block({"status": text(required=True)}, required=True)},
    put=_put_versioning,
    read=_read_versioning,
    delete=_delete_versioning,
    absent="NoSuchVersioningConfiguration",
)

_ENCRYPTION: Final[Properties] = {
    "rules": blocks(
        {
            "applyServerSideEncryptionByDefault": block(
                {
                    "sseAlgorithm": text(api="SSEAlgorithm", required=True),
                    "kmsMasterKeyId": text(api="KMSMasterKeyID"),
                },
                api="ApplyServerSideEncryptionByDefault",
            ),
            "bucketKeyEnabled": flag(),
        },
        key="",  # S3 takes exactly one
    )
}


def _put_encryption(call: Call) -> None:
    call.client.put_bucket_encryption(Bucket=call.inputs["bucket"], ServerSideEncryptionConfiguration=call.parameters("rules"))


def _read_encryption(call: Call) -> Values:
    shown = call.client.get_bucket_encryption(Bucket=call.id)["ServerSideEncryptionConfiguration"]
    return {"bucket": call.id, **from_api(_ENCRYPTION, shown)}


ENCRYPTION = _setting(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    _ENCRYPTION,
    put=_put_encryption,
    read=_read_encryption,
    delete=lambda call: call.client.delete_bucket_encryption(Bucket=call.id),
    absent="ServerSideEncryptionConfigurationNotFoundError",
)

_BLOCKS: Final[Properties] = {
    "blockPublicAcls": flag(default=False),
    "blockPublicPolicy": flag(default=False),
    "ignorePublicAcls": flag(default=False),
    "restrictPublicBuckets": flag(default=False),
}


def _put_access_block(call: Call) -> None:
    call.client.put_public_access_block(Bucket=call.inputs["bucket"], PublicAccessBlockConfiguration=call.parameters(*_BLOCKS))


def _read_access_block(call: Call) -> Values:
    shown = call.client.get_public_access_block(Bucket=call.id)["PublicAccessBlockConfiguration"]
    return {"bucket": call.id, **from_api(_BLOCKS, shown)}


ACCESS_BLOCK = _setting(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    _BLOCKS,
    put=_put_access_block,
    read=_read_access_block,
    delete=lambda call: call.client.delete_public_access_block(Bucket=call.id),
    absent="NoSuchPublicAccessBlockConfiguration",
)

_OWNERSHIP: Final[Properties] = {"rule": block({"objectOwnership": text(required=True)}, required=True)}


def _put_ownership(call: Call) -> None:
    rule = call.parameters("rule")["Rule"]
    call.client.put_bucket_ownership_controls(Bucket=call.inputs["bucket"], OwnershipControls={"Rules": [rule]})


def _read_ownership(call: Call) -> Values:
    (rule,) = call.client.get_bucket_ownership_controls(Bucket=call.id)["OwnershipControls"]["Rules"]
    return {"bucket": call.id, **from_api(_OWNERSHIP, {"Rule": rule})}


OWNERSHIP = _setting(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    _OWNERSHIP,
    put=_put_ownership,
    read=_read_ownership,
    delete=lambda call: call.client.delete_bucket_ownership_controls(Bucket=call.id),
    absent="OwnershipControlsNotFoundError",
)

_TRANSITION: Final[Properties] = {"storageClass": text(required=True), "days": number()}
_NONCURRENT: Final[Properties] = {"storageClass": text(required=True), "noncurrentDays": number()}
_LIFECYCLE: Final[Properties] = {
    "rules": blocks(
        {
            "id": text(api="ID", required=True),
            "status": text(required=True),
            "filter": block({"prefix": text(), "objectSizeGreaterThan": number(), "objectSizeLessThan": number()}),
            "abortIncompleteMultipartUpload": block({"daysAfterInitiation": number()}),
            "expiration": block({"days": number(), "expiredObjectDeleteMarker": flag()}),
            "noncurrentVersionExpiration": block({"noncurrentDays": number(), "newerNoncurrentVersions": number()}),
            "noncurrentVersionTransitions": blocks(_NONCURRENT, key="storageClass"),
            "transitions": blocks(_TRANSITION, key="storageClass"),
        },
        key="id",
    )
}


def _put_lifecycle(call: Call) -> None:
    call.client.put_bucket_lifecycle_configuration(Bucket=call.inputs["bucket"], LifecycleConfiguration=call.parameters("rules"))


def _read_lifecycle(call: Call) -> Values:
    shown = call.client.get_bucket_lifecycle_configuration(Bucket=call.id)
    return {"bucket": call.id, **from_api(_LIFECYCLE, shown)}


LIFECYCLE = _setting(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    _LIFECYCLE,
    put=_put_lifecycle,
    read=_read_lifecycle,
    delete=lambda call: call.client.delete_bucket_lifecycle(Bucket=call.id),
    absent="NoSuchLifecycleConfiguration",
)


def _put_policy(call: Call) -> None:
    call.client.put_bucket_policy(Bucket=call.inputs["bucket"], Policy=call.inputs["policy"])


def _read_policy(call: Call) -> Values:
    return {"bucket": call.id, "policy": call.client.get_bucket_policy(Bucket=call.id)["Policy"]}


POLICY = _setting(
    "aws:s3/bucketPolicy:BucketPolicy",
    {"policy": text(required=True, normal=policy_normal)},
    put=_put_policy,
    read=_read_policy,
    delete=lambda call: call.client.delete_bucket_policy(Bucket=call.id),
    absent="NoSuchBucketPolicy",
)

TYPES = (VERSIONING, ENCRYPTION, ACCESS_BLOCK, OWNERSHIP, LIFECYCLE, POLICY)
