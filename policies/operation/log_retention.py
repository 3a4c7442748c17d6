"""Logs have an end."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule


def log_has_an_end(args: ResourceValidationArgs) -> Iterator[str]:
    if not args.props.get("retentionInDays"):
        yield "is kept for ever"


RULE = Rule(
    name="log-has-an-end",
    description="CloudWatch keeps a log for ever unless told otherwise, and is paid for it.",
    severity=Severity.MEDIUM,
    url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    remedy="set retention_in_days",
    resource_types=("aws:cloudwatch/logGroup:LogGroup",),
    judge=log_has_an_end,
)
