"""A recovery can be followed through functions and state machine."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule

FUNCTION = "aws:lambda/function:Function"
MACHINE = "aws:sfn/stateMachine:StateMachine"


def what_runs_is_traced(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == FUNCTION:
        is_traced = (args.props.get("tracingConfig") or {}).get("mode") == "Active"
    else:
        is_traced = bool((args.props.get("tracingConfiguration") or {}).get("enabled"))
    if not is_traced:
        yield "is not traced"


RULE = Rule(
    name="what-runs-is-traced",
    description="One recovery runs through a queue, a machine and several functions; only its trace shows where the time went.",
    severity=Severity.MEDIUM,
    url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",
    remedy="set tracing_config to Active, tracing_configuration to enabled",
    resource_types=(FUNCTION, MACHINE),
    judge=what_runs_is_traced,
)
