"""Queues, topics and buckets are reached over TLS only."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from pulumi_policy import ResourceValidationArgs, Severity

from policies.documents import RESOURCE_POLICIES, Statement, statements_of
from policies.rule import Rule

BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"

# SNS's own example denies sns:Publish, the one call that carries a message's content.
DENIED = {
    "aws:sqs/queuePolicy:QueuePolicy": "sqs:*",
    "aws:sns/topicPolicy:TopicPolicy": "sns:publish",
    BUCKET_POLICY: "s3:*",
}


def plain_text_is_denied(args: ResourceValidationArgs) -> Iterator[str]:
    wanted = DENIED[args.resource_type]
    denials = [one for one in statements_of(args, RESOURCE_POLICIES) if _denies_plain_text(one, wanted)]
    if not denials:
        yield f"denies nobody {wanted} without TLS"
    elif args.resource_type == BUCKET_POLICY:
        denied = {resource.endswith("/*") or resource == "*" for one in denials for resource in one.resources}
        if True not in denied:
            yield "denies plain text for the bucket, and not for its objects"


def _denies_plain_text(statement: Statement, wanted: str) -> bool:
    return (
        statement.content.get("Effect") == "Deny"
        and any("*" in principals for principals in statement.principals.values())
        and any(fnmatchcase(wanted, action.lower()) for action in statement.actions)
        and _is_plain_text(statement.content.get("Condition") or {})
    )


def _is_plain_text(condition: Mapping[str, Any]) -> bool:
    spelled = {operator: {key.lower(): str(value).lower() for key, value in keys.items()} for operator, keys in condition.items()}
    return spelled == {"Bool": {"aws:securetransport": "false"}}


RULE = Rule(
    name="plain-text-is-denied",
    description="AWS still answers without TLS; only the resource's own policy refuses it.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html#enforce-encryption-data-in-transit",
    remedy="deny it to * where aws:SecureTransport is false",
    resource_types=tuple(DENIED),
    judge=plain_text_is_denied,
)
