"""Logs are encrypted under our keys."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import is_set


def log_is_encrypted_under_our_key(args: ResourceValidationArgs) -> Iterator[str]:
    if not is_set(args.props, "kmsKeyId"):
        yield "is encrypted under a key of AWS"


RULE = Rule(
    name="log-is-encrypted-under-our-key",
    description="Logs quote reasons of failures, which quote whatever a resource said.",
    severity=Severity.MEDIUM,
    url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    remedy="set kms_key_id to the cell's key",
    resource_types=("aws:cloudwatch/logGroup:LogGroup",),
    judge=log_is_encrypted_under_our_key,
)
