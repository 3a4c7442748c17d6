"""A message that nobody can handle leaves its queue."""

from collections.abc import Iterator

from pulumi_policy import Severity, StackValidationArgs

from policies.rule import StackRule
from policies.values import is_set

QUEUE = "aws:sqs/queue:Queue"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"


def queue_that_is_read_has_dead_letters(args: StackValidationArgs) -> Iterator[tuple[str, str]]:
    read = {
        queue.urn
        for resource in args.resources
        if resource.resource_type == MAPPING
        for queue in resource.property_dependencies.get("eventSourceArn", [])
    }
    for resource in args.resources:
        if resource.resource_type == QUEUE and resource.urn in read and not is_set(resource.props, "redrivePolicy"):
            yield f"{resource.name} hands one bad message out for ever", resource.urn


RULE = StackRule(
    name="queue-that-is-read-has-dead-letters",
    description="A message that no function can handle comes back until it expires, and holds up the others with it.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    remedy="give it a redrive_policy",
    resource_types=(QUEUE,),
    judge=queue_that_is_read_has_dead_letters,
)
