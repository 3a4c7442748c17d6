"""What a bucket keeps has an end, and moves only where that saves something."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import as_list


def bucket_forgets_what_is_superseded(args: ResourceValidationArgs) -> Iterator[str]:
    rules = [rule for rule in as_list(args.props.get("rules")) if rule.get("status") == "Enabled"]
    if not any(rule.get("noncurrentVersionExpiration") for rule in rules):
        yield "keeps superseded versions for ever"
    if not any(rule.get("abortIncompleteMultipartUpload") for rule in rules):
        yield "keeps unfinished uploads for ever"
    for rule in rules:
        if _moves(rule) and not (rule.get("filter") or {}).get("objectSizeGreaterThan"):
            yield f"moves objects of any size by {rule.get('id')}"


def _moves(rule: Any) -> bool:  # noqa: ANN401 - the SDK hands mappings wrapped
    return bool(rule.get("transitions") or rule.get("noncurrentVersionTransitions"))


RULE = Rule(
    name="bucket-forgets-what-is-superseded",
    description="Versions and parts of uploads are paid for and seen by nobody; a small object costs more in a colder class.",
    severity=Severity.MEDIUM,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html",
    remedy="expire noncurrent versions, abort incomplete uploads, and filter what moves by object_size_greater_than",
    resource_types=("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",),
    judge=bucket_forgets_what_is_superseded,
)
