"""Every provider is held to one account and one region."""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import PROVIDER, Rule
from policies.values import as_list, decoded, is_set


def provider_is_held_to_one_place(args: ResourceValidationArgs) -> Iterator[str]:
    accounts = as_list(decoded(args.props.get("allowedAccountIds")))
    if len(accounts) != 1:
        yield f"allows {len(accounts)} account ids"
    if not is_set(args.props, "region"):
        yield "names no region"
    if is_set(args.props, "accessKey") or is_set(args.props, "secretKey"):
        yield "holds an access key"
    for role in as_list(decoded(args.props.get("assumeRoles"))):
        if not is_set(role, "externalId"):
            yield f"assumes {_name(role)} without an external id"


def _name(role: Mapping[str, Any]) -> str:
    return str(role.get("roleArn")) if is_set(role, "roleArn") else "a role"


RULE = Rule(
    name="provider-is-held-to-one-place",
    description="Wrong credentials must fail before the first call, not build a cell in somebody else's account.",
    severity=Severity.CRITICAL,
    url="https://www.pulumi.com/registry/packages/aws/api-docs/provider/",
    remedy="give it a region, one allowed account id, and a role to assume with an external id; no keys",
    resource_types=(PROVIDER,),
    judge=provider_is_held_to_one_place,
)
