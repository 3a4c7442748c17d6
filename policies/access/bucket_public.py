"""Buckets are closed to the public, whatever else is said of them."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule

BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def bucket_is_closed_to_the_public(args: ResourceValidationArgs) -> Iterator[str]:
    for block in BLOCKS:
        if not args.props.get(block):
            yield f"leaves {block} off"


RULE = Rule(
    name="bucket-is-closed-to-the-public",
    description="Each of the four blocks closes another way; a later policy cannot open a bucket that has them all.",
    severity=Severity.CRITICAL,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    remedy="set all four to true",
    resource_types=("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",),
    judge=bucket_is_closed_to_the_public,
)
