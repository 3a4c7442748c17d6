"""No queue, topic or bucket goes without a policy of its own."""

from collections.abc import Iterator

from pulumi_policy import Severity, StackValidationArgs

from policies.rule import StackRule

ATTACHED_BY = {
    "aws:sqs/queue:Queue": ("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
    "aws:sns/topic:Topic": ("aws:sns/topicPolicy:TopicPolicy", "arn"),
    "aws:s3/bucket:Bucket": ("aws:s3/bucketPolicy:BucketPolicy", "bucket"),
}


def what_is_reached_has_a_policy(args: StackValidationArgs) -> Iterator[tuple[str, str]]:
    covered = {
        attached.urn
        for resource in args.resources
        for policy, link in ATTACHED_BY.values()
        if resource.resource_type == policy
        for attached in resource.property_dependencies.get(link, [])
    }
    for resource in args.resources:
        if resource.resource_type in ATTACHED_BY and resource.urn not in covered:
            yield f"{resource.name} has no {ATTACHED_BY[resource.resource_type][0].rsplit(':', 1)[1]}", resource.urn


RULE = StackRule(
    name="what-is-reached-has-a-policy",
    description="What denies plain text and names the senders is a resource of its own, and can be forgotten.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
    remedy="add one that refers to it",
    resource_types=tuple(ATTACHED_BY),
    judge=what_is_reached_has_a_policy,
)
