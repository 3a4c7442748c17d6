"""Roles say who takes them on, and under which condition."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pulumi_policy import ResourceValidationArgs, Severity

from policies.documents import Statement, statements_of
from policies.rule import Rule

ROLE = {"aws:iam/role:Role": "assumeRolePolicy"}
SOURCE_KEYS = {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}
"""What tells a service acting for us from the same service acting for others (IAM guide, "The confused deputy problem")."""

VISITOR_KEYS = {"sts:externalid", "aws:principalarn", "aws:principalorgid", "sts:rolesessionname", "sts:sourceidentity"}
"""What narrows principals down from a whole account."""


@cache
def unconditioned_services() -> dict[str, str]:
    """Services that assume a role without saying for whom, each with the reason why that is safe."""
    read: dict[str, str] = json.loads((Path(__file__).parent / "unconditioned_services.json").read_text(encoding="utf-8"))
    return read


def role_names_who_takes_it_on(args: ResourceValidationArgs) -> Iterator[str]:
    for statement in statements_of(args, ROLE):
        if statement.allows:
            yield from _principals(statement)


def _principals(statement: Statement) -> Iterator[str]:
    if not statement.principals:
        yield f"names no principal in {statement.label}"
    for kind, principals in statement.principals.items():
        for principal in principals:
            if "*" in principal:
                yield f"trusts {kind} {principal} in {statement.label}"
            elif not _is_bound(kind, principal, statement):
                yield f"trusts {principal} without a condition in {statement.label}"


def _is_bound(kind: str, principal: str, statement: Statement) -> bool:
    if kind == "Service":
        return principal in unconditioned_services() or bool(statement.binding_keys & SOURCE_KEYS)
    if kind == "AWS":
        return bool(statement.binding_keys & VISITOR_KEYS)
    return bool(statement.binding_keys)


RULE = Rule(
    name="role-names-who-takes-it-on",
    description="A role that anybody, or a service for anybody, can take on is everybody's role.",
    severity=Severity.CRITICAL,
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    remedy="name the principal, and bind it with aws:SourceAccount (services) or sts:ExternalId and aws:PrincipalArn (accounts)",
    resource_types=tuple(ROLE),
    judge=role_names_who_takes_it_on,
)
