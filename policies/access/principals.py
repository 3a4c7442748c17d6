"""Resources do not open themselves to everybody."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.documents import RESOURCE_POLICIES, statements_of
from policies.rule import Rule

PERMISSION = "aws:lambda/permission:Permission"


def resource_names_who_reaches_it(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == PERMISSION:
        if "*" in (args.props.get("principal") or "*"):
            yield "lets everybody in"
        return
    for statement in statements_of(args, RESOURCE_POLICIES):
        if not statement.allows:
            continue
        if "NotPrincipal" in statement.content:
            yield f"lets everybody but some in by {statement.label}"
        if any("*" in principal for principals in statement.principals.values() for principal in principals):
            yield f"lets everybody in by {statement.label}"


RULE = Rule(
    name="resource-names-who-reaches-it",
    description="A wildcard principal is open to every account of AWS; conditions beside it are too easily lost.",
    severity=Severity.CRITICAL,
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    remedy="name the account, role or service",
    resource_types=(*RESOURCE_POLICIES, PERMISSION),
    judge=resource_names_who_reaches_it,
)
