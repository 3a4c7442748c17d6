"""The key that encrypts what one region keeps, and everyone who may use it."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.names import PROJECT

ROTATION_DAYS = 365
"""Once a year, the period that KMS takes when none is given (KMS API, EnableKeyRotation, RotationPeriodInDays)."""


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    """Whose key it is and what may write under it."""

    alias: str
    purpose: str
    partition: str
    account: str
    region: str
    environment: str
    has_logs: bool
    has_alarms: bool
    deletion_days: int

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


class RegionKey(ComponentResource):
    """A key and its alias in one region of one account; a replica elsewhere needs a key of its own there."""

    def __init__(self, name: str, args: KeyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:RegionKey", name, None, opts)
        self._child = ResourceOptions(parent=self)
        key = self._key(name, args)
        aws.kms.Alias(f"{name}-alias", name=args.alias, target_key_id=key.key_id, opts=self._child)
        self.arn: Output[str] = key.arn
        self.register_outputs({"arn": self.arn})

    def _key(self, name: str, args: KeyArgs) -> aws.kms.Key:
        return aws.kms.Key(
            f"{name}-key",
            description=args.purpose,
            policy=json.dumps(key_policy(args)),
            enable_key_rotation=True,
            rotation_period_in_days=ROTATION_DAYS,
            deletion_window_in_days=args.deletion_days,
            opts=self._child,
        )


def key_policy(args: KeyArgs) -> dict[str, Any]:
    """The account's own policies decide for its roles; a service that writes by itself is named, with the condition it supports.

    A service that is missing here would lose what it sends without a word. Queues have SQS's own encryption, and DynamoDB works
    with the caller's rights and grants, so neither stands here.
    """
    statements = [_account(args)]
    if args.has_logs:
        statements.append(_logs(args))
    if args.has_alarms:
        statements.append(_alarms(args))
    return {"Version": "2012-10-17", "Statement": statements}


def _account(args: KeyArgs) -> dict[str, Any]:
    return {
        "Sid": "AccountDecides",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{args.partition}:iam::{args.account}:root"},
        "Action": "kms:*",
        "Resource": "*",  # in a key policy, the key itself
    }


def _logs(args: KeyArgs) -> dict[str, Any]:
    """CloudWatch Logs user guide, "Encrypt log data using KMS": it presents the log group as encryption context."""
    prefix = f"{PROJECT}-{args.environment}-*"
    groups = [args.arn("logs", f"log-group:{folder}{prefix}") for folder in ("/aws/lambda/", "/aws/vendedlogs/states/")]
    return {
        "Sid": "LogsWrites",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{args.region}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }


def _alarms(args: KeyArgs) -> dict[str, Any]:
    """SNS developer guide, "Enable compatibility between event sources from AWS services and encrypted topics".

    It supports both conditions for CloudWatch, and neither for EventBridge: a rule with such a topic needs a statement without.
    """
    return {
        "Sid": "AlarmsWrite",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": args.account},
            "ArnLike": {"aws:SourceArn": args.arn("cloudwatch", f"alarm:{PROJECT}-{args.environment}-*")},
        },
    }
