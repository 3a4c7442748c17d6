"""Buckets encrypt under our keys."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import as_list, is_set


def bucket_is_encrypted_under_our_key(args: ResourceValidationArgs) -> Iterator[str]:
    for rule in as_list(args.props.get("rules")):
        by_default = rule.get("applyServerSideEncryptionByDefault") or {}
        if not is_set(by_default, "kmsMasterKeyId"):
            yield "encrypts under a key of AWS"
        if not rule.get("bucketKeyEnabled"):
            yield "asks KMS for every object"


RULE = Rule(
    name="bucket-is-encrypted-under-our-key",
    description="Templates name what a team owns; a key of ours can be withdrawn. A bucket key spares one KMS call per object.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html",
    remedy="set kms_master_key_id to the region's key, and bucket_key_enabled",
    resource_types=("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",),
    judge=bucket_is_encrypted_under_our_key,
)
