"""Functions end in time, and have room to run."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule


def function_has_its_limits(args: ResourceValidationArgs) -> Iterator[str]:
    if not args.props.get("timeout"):
        yield "has no time-out of its own"
    reserved = args.props.get("reservedConcurrentExecutions")
    if reserved is None or reserved < 1:
        yield "has no concurrency of its own"


RULE = Rule(
    name="function-has-its-limits",
    description="A recovery happens when an account is busiest: without concurrency of its own a function is throttled by the "
    "rest, or starves it. Lambda's time-out of 3 seconds is nobody's choice.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
    remedy="set timeout and reserved_concurrent_executions",
    resource_types=("aws:lambda/function:Function",),
    judge=function_has_its_limits,
)
