"""Tables refuse to be deleted, in every region, but where an environment says that it is torn down again."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import as_list, default_tags

DISPOSABLE = "stackmend:disposable"


def table_refuses_deletion(args: ResourceValidationArgs) -> Iterator[str]:
    if args.provider is not None and default_tags(args.provider.props).get(DISPOSABLE) == "true":
        return
    if not args.props.get("deletionProtectionEnabled"):
        yield "can be deleted"
    for replica in as_list(args.props.get("replicas")):
        if not replica.get("deletionProtectionEnabled"):
            yield f"can be deleted in {replica.get('regionName')}"


RULE = Rule(
    name="table-refuses-deletion",
    description=f"Ledger and leases are what a recovery rests on. An environment whose resources are tagged `{DISPOSABLE}` "
    "(`protect_data: false`) is torn down again and exempt, and shows it on every resource.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
    remedy="enable deletion protection in the table and in every replica",
    resource_types=("aws:dynamodb/table:Table",),
    judge=table_refuses_deletion,
)
