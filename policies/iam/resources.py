"""Permissions name their resources, where AWS lets them."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pulumi_policy import ResourceValidationArgs, Severity

from policies.documents import IDENTITY_POLICIES, Statement, statements_of
from policies.rule import Rule


@cache
def unscoped_actions() -> dict[str, str]:
    """Actions, in lower case, that AWS allows on every resource or on none, each with the reason why a role of ours has it."""
    read: dict[str, str] = json.loads((Path(__file__).parent / "unscoped_actions.json").read_text(encoding="utf-8"))
    return {action.lower(): reason for action, reason in read.items()}


def policy_names_its_resources(args: ResourceValidationArgs) -> Iterator[str]:
    for statement in statements_of(args, IDENTITY_POLICIES):
        if not statement.allows:
            continue
        if "NotResource" in statement.content:
            yield f"allows everything but some resources in {statement.label}"
        if any(_is_everything(resource) for resource in statement.resources):
            yield from _scopable(statement)


def _is_everything(resource: str) -> bool:
    """Whether nothing after the service is named: `*`, `arn:*`, `arn:aws:sqs:*`, `arn:aws:sqs:*:*:*`."""
    return not any(part.strip("*?") for part in resource.split(":")[3:])


def _scopable(statement: Statement) -> Iterator[str]:
    for action in statement.actions:
        if action.lower() not in unscoped_actions():
            yield f"allows {action} on every resource in {statement.label}"


RULE = Rule(
    name="policy-names-its-resources",
    description="A role may touch what its function needs; what AWS cannot narrow stands in one file with its reason.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    remedy="name the resources, or, if AWS knows none for the action, add it to policies/iam/unscoped_actions.json",
    resource_types=tuple(IDENTITY_POLICIES),
    judge=policy_names_its_resources,
)
