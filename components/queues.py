"""A queue as every one of ours is: encrypted by SQS itself, reached over TLS only, and open to the senders that are named."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.addresses import CellAddresses, Queue

RECEIVES_BEFORE_DEAD = 5
"""The least that the Lambda guide advises for an SQS source ("Creating and configuring an Amazon SQS event source mapping")."""
VISIBILITY_FACTOR = 6
"""The same page: a message stays hidden for six times the function's time-out, so that throttled batches can be tried again."""
DAY_SECONDS = 86400
"""Settings count days, SQS seconds."""


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """One queue of a cell: who reads it, where what fails goes, which rules may send."""

    cell: CellAddresses
    queue: Queue
    retention_days: int
    reader_timeout_seconds: int | None = None
    dead_letters: "CellQueue | None" = None
    takes_dead_letters_of: tuple[Queue, ...] = ()
    rules: tuple[str, ...] = ()
    """The roles of the EventBridge rules that send here."""


class CellQueue(ComponentResource):
    """A queue with its policy; senders of the own account are allowed by their roles."""

    address: str
    """Its ARN, known before it is made."""

    def __init__(self, name: str, args: QueueArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:CellQueue", name, None, opts)
        self._child = ResourceOptions(parent=self)
        self.address = args.cell.queue_arn(args.queue)
        queue = self._queue(name, args)
        self.policy = aws.sqs.QueuePolicy(
            f"{name}-policy", queue_url=queue.url, policy=json.dumps(queue_policy(args)), opts=self._child
        )
        self.arn: Output[str] = queue.arn
        self.register_outputs({"arn": self.arn})

    def _queue(self, name: str, args: QueueArgs) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            f"{name}-queue",
            name=args.cell.queue_name(args.queue),
            sqs_managed_sse_enabled=True,
            message_retention_seconds=args.retention_days * DAY_SECONDS,
            visibility_timeout_seconds=VISIBILITY_FACTOR * args.reader_timeout_seconds if args.reader_timeout_seconds else None,
            redrive_policy=json.dumps(_redrive(args.dead_letters)) if args.dead_letters else None,
            redrive_allow_policy=json.dumps(_redrive_allow(args)),
            opts=ResourceOptions(parent=self, depends_on=[args.dead_letters] if args.dead_letters else None),
        )


def queue_policy(args: QueueArgs) -> dict[str, Any]:
    arn = args.cell.queue_arn(args.queue)
    tls_only = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    from_rules = {
        "Sid": "FromOurRules",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {
            "ArnEquals": {"aws:SourceArn": [args.cell.rule_arn(rule) for rule in args.rules]},
            "StringEquals": {"aws:SourceAccount": args.cell.account},
        },
    }
    return {"Version": "2012-10-17", "Statement": [tls_only, from_rules] if args.rules else [tls_only]}


def _redrive(dead_letters: CellQueue) -> dict[str, Any]:
    return {"deadLetterTargetArn": dead_letters.address, "maxReceiveCount": RECEIVES_BEFORE_DEAD}


def _redrive_allow(args: QueueArgs) -> dict[str, Any]:
    """Only the queue's own source may name it as its dead-letter queue."""
    if not args.takes_dead_letters_of:
        return {"redrivePermission": "denyAll"}
    sources = [args.cell.queue_arn(queue) for queue in args.takes_dead_letters_of]
    return {"redrivePermission": "byQueue", "sourceQueueArns": sources}
