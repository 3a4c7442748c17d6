"""Buckets keep versions."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule


def bucket_keeps_versions(args: ResourceValidationArgs) -> Iterator[str]:
    status = (args.props.get("versioningConfiguration") or {}).get("status")
    if status != "Enabled":
        yield f"has its versions {status}"


RULE = Rule(
    name="bucket-keeps-versions",
    description="What is overwritten or deleted by mistake is had back from its versions; replication copies nothing else.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
    remedy="set the status to Enabled",
    resource_types=("aws:s3/bucketVersioning:BucketVersioning",),
    judge=bucket_keeps_versions,
)
