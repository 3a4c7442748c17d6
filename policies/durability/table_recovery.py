"""Tables can be taken back to any second, in every region."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import as_list


def table_keeps_point_in_time_recovery(args: ResourceValidationArgs) -> Iterator[str]:
    if not (args.props.get("pointInTimeRecovery") or {}).get("enabled"):
        yield "cannot be taken back to a moment"
    for replica in as_list(args.props.get("replicas")):
        if not replica.get("pointInTimeRecovery"):
            yield f"cannot be taken back to a moment in {replica.get('regionName')}"


RULE = Rule(
    name="table-keeps-point-in-time-recovery",
    description="A wrong write is copied to every replica within a second; only this takes it back. It is each replica's own "
    "setting, and off unless said.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html",
    remedy="enable point-in-time recovery in the table and in every replica",
    resource_types=("aws:dynamodb/table:Table",),
    judge=table_keeps_point_in_time_recovery,
)
