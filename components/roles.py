"""The roles that Stackmend makes: bounded, under one path, with the permissions that are written down and no others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Output, Resource, ResourceOptions

from components.permissions import Conditions, Statement, policy


@dataclass(frozen=True, kw_only=True)
class RoleFrame:
    """What the organisation asks of every role in an account."""

    path: str
    boundary_arn: str | None


@dataclass(frozen=True, kw_only=True)
class RoleArgs:
    """One role: who may take it on, and what it may do.

    What names a key is apart: a key's ARN is known only after the first deployment, and all the rest should be seen before.
    """

    role_name: str
    frame: RoleFrame
    trust: dict[str, Any]
    statements: Sequence[Statement]
    key_statements: Output[list[Statement]] | None = None


class BoundedRole(ComponentResource):
    """A role with its inline policies; it is ready when its policies are."""

    def __init__(self, name: str, args: RoleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:BoundedRole", name, None, opts)
        self._child = ResourceOptions(parent=self)
        role = self._role(name, args)
        self.policies: list[Resource] = [self._policy(name, role, "calls", json.dumps(policy(args.statements)))]
        if args.key_statements is not None:
            self.policies.append(self._policy(name, role, "key", Output.json_dumps(args.key_statements.apply(policy))))
        self.arn: Output[str] = role.arn
        self.register_outputs({"arn": self.arn})

    def _role(self, name: str, args: RoleArgs) -> aws.iam.Role:
        return aws.iam.Role(
            f"{name}-role",
            name=args.role_name,
            path=args.frame.path,
            permissions_boundary=args.frame.boundary_arn,
            assume_role_policy=json.dumps(args.trust),
            opts=self._child,
        )

    def _policy(self, name: str, role: aws.iam.Role, part: str, document: str | Output[str]) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(f"{name}-{part}", name=part, role=role.name, policy=document, opts=self._child)


def service_trust(service: str, conditions: Conditions | None = None) -> dict[str, Any]:
    """A service takes the role on, for nobody but who the conditions name."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if conditions:
        statement["Condition"] = dict(conditions)
    return {"Version": "2012-10-17", "Statement": [statement]}


def function_trust() -> dict[str, Any]:
    """Lambda takes on only roles of its own account that the function's maker may pass; it documents no condition for it."""
    return service_trust("lambda.amazonaws.com")


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Roles of another account that may come in, and what they must present."""

    partition: str
    account: str
    role_arns: tuple[str, ...]
    external_id: str
    organization_id: str | None = field(default=None)

    def trust(self) -> dict[str, Any]:
        """The account as principal, so that a role may be made again; its exact roles as the condition."""
        equals = {"sts:ExternalId": self.external_id}
        if self.organization_id is not None:
            equals["aws:PrincipalOrgID"] = self.organization_id
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:{self.partition}:iam::{self.account}:root"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": equals, "ArnEquals": {"aws:PrincipalArn": list(self.role_arns)}},
                }
            ],
        }
