"""Where a person is called from: the alert topic of a cell."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.addresses import CellAddresses
from components.names import PROJECT


@dataclass(frozen=True, kw_only=True)
class AlertTopicArgs:
    """Whose alerts these are, and the key that encrypts them."""

    cell: CellAddresses
    key_arn: Input[str]


class AlertTopic(ComponentResource):
    """A topic that only the cell and its alarms publish to, over TLS; who is called, the organisation subscribes."""

    def __init__(self, name: str, args: AlertTopicArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:AlertTopic", name, None, opts)
        child = ResourceOptions(parent=self)
        topic = aws.sns.Topic(f"{name}-topic", name=args.cell.alert_topic_name, kms_master_key_id=args.key_arn, opts=child)
        aws.sns.TopicPolicy(f"{name}-policy", arn=topic.arn, policy=json.dumps(topic_policy(args.cell)), opts=child)
        self.arn: Output[str] = topic.arn
        self.register_outputs({"arn": self.arn})


def topic_policy(cell: CellAddresses) -> dict[str, Any]:
    """Senders of the own account are allowed by their roles; CloudWatch has none, and so is named."""
    arn = cell.alert_topic_arn
    alarms = {
        "StringEquals": {"aws:SourceAccount": cell.account},
        "ArnLike": {"aws:SourceArn": cell.arn("cloudwatch", f"alarm:{PROJECT}-{cell.environment}-*")},
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "FromOurAlarms",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": alarms,
            },
        ],
    }
