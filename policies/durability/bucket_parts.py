"""No bucket goes without what is said of it in resources of their own."""

from collections.abc import Iterator

from pulumi_policy import Severity, StackValidationArgs

from policies.rule import StackRule
from policies.values import account_of, region_of

BUCKET = "aws:s3/bucket:Bucket"
COPIES = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
PARTS = (
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)


def bucket_has_all_its_parts(args: StackValidationArgs) -> Iterator[tuple[str, str]]:
    buckets = [resource for resource in args.resources if resource.resource_type == BUCKET]
    parts = {
        (attached.urn, resource.resource_type)
        for resource in args.resources
        if resource.resource_type in (*PARTS, COPIES)
        for attached in resource.property_dependencies.get("bucket", [])
    }
    for bucket in buckets:
        for part in PARTS:
            if (bucket.urn, part) not in parts:
                yield f"{bucket.name} has no {part.rsplit(':', 1)[1]}", bucket.urn
        elsewhere = any(
            account_of(other) == account_of(bucket) and region_of(other) != region_of(bucket)
            for other in buckets
            if account_of(bucket)
        )
        if elsewhere and (bucket.urn, COPIES) not in parts:
            yield f"{bucket.name} has no copy in another region of its account, where a bucket stands", bucket.urn


RULE = StackRule(
    name="bucket-has-all-its-parts",
    description="Versions, encryption, who may reach it, how long it keeps things and where its copies go are resources of their "
    "own, and each can be forgotten. A copy is asked for where the account has a bucket in another region.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    remedy="add one that refers to it",
    resource_types=(BUCKET,),
    judge=bucket_has_all_its_parts,
)
