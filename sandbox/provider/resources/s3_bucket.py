"""S3 buckets, without the configurations that are resources of their own."""

from typing import Final

from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import flag, name
from sandbox.provider.tags import write_tags
from sandbox.provider.wire import Values

GONE: Final = frozenset({"NoSuchBucket", "404"})
_FIRST_REGION: Final = "us-east-1"  # the one region that CreateBucket takes no location constraint for


def _create(call: Call) -> str:
    bucket, region = str(call.inputs["bucket"]), call.account.region
    place = {} if region == _FIRST_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    call.client.create_bucket(Bucket=bucket, **place)
    return bucket


def _finish(call: Call) -> None:
    if call.tags and call.type.tagging:
        write_tags(call, call.type.tagging)


def _read(call: Call) -> Values:
    shown = call.client.get_bucket_location(Bucket=call.id)["LocationConstraint"]
    return {
        "bucket": call.id,
        "arn": f"arn:{call.account.partition}:s3:::{call.id}",
        "bucketRegion": shown or _FIRST_REGION,
    }


def _update(_: Call) -> None:
    """Whether the bucket is emptied before it goes is the deployment's own note; AWS does not know it."""


def _delete(call: Call) -> None:
    """As the real provider: a bucket that holds something goes only where the program says so."""
    if call.inputs.get("forceDestroy"):
        _empty(call)
    call.client.delete_bucket(Bucket=call.id)


def _empty(call: Call) -> None:
    for page in call.client.get_paginator("list_object_versions").paginate(Bucket=call.id):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            keys = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            call.client.delete_objects(Bucket=call.id, Delete={"Objects": keys, "Quiet": True})


BUCKET = ResourceType(
    pulumi_type="aws:s3/bucket:Bucket",
    service="s3",
    properties={"bucket": name(63), "forceDestroy": flag(local=True, default=False)},
    outputs=("arn", "bucketRegion"),
    create=_create,
    finish=_finish,
    read=_read,
    update=_update,
    delete=_delete,
    gone=GONE,
    tagging=Tagging(
        read="get_bucket_tagging",
        write="put_bucket_tagging",
        erase="delete_bucket_tagging",
        handle="Bucket",
        by="bucket",
        tags="Tagging",
        whole="TagSet",
        absent="NoSuchTagSet",
    ),
)

TYPES = (BUCKET,)
