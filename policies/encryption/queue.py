"""Queues are encrypted."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import is_set


def queue_is_encrypted(args: ResourceValidationArgs) -> Iterator[str]:
    if not args.props.get("sqsManagedSseEnabled") and not is_set(args.props, "kmsMasterKeyId"):
        yield "is not encrypted"


RULE = Rule(
    name="queue-is-encrypted",
    description="Messages name stacks and accounts; SQS's own key is enough, because they carry ids only.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
    remedy="set sqs_managed_sse_enabled, or a key whose policy names every service that sends",
    resource_types=("aws:sqs/queue:Queue",),
    judge=queue_is_encrypted,
)
