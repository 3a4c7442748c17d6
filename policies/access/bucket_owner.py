"""Objects belong to their bucket's owner."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule

ENFORCED = "BucketOwnerEnforced"


def bucket_owns_its_objects(args: ResourceValidationArgs) -> Iterator[str]:
    found = (args.props.get("rule") or {}).get("objectOwnership")
    if found != ENFORCED:
        yield f"says {found}"


RULE = Rule(
    name="bucket-owns-its-objects",
    description="With access lists an object may belong to whoever wrote it, beyond the reach of our policies.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    remedy=f"set object_ownership to {ENFORCED}",
    resource_types=("aws:s3/bucketOwnershipControls:BucketOwnershipControls",),
    judge=bucket_owns_its_objects,
)
