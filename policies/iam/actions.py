"""Permissions name their actions."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.documents import IDENTITY_POLICIES, statements_of
from policies.rule import Rule


def policy_names_its_actions(args: ResourceValidationArgs) -> Iterator[str]:
    for statement in statements_of(args, IDENTITY_POLICIES):
        if not statement.allows:
            continue
        if "NotAction" in statement.content:
            yield f"allows everything but some actions in {statement.label}"
        for action in statement.actions:
            if "*" in action or "?" in action:
                yield f"allows {action} in {statement.label}"


RULE = Rule(
    name="policy-names-its-actions",
    description="A wildcard allows what AWS adds tomorrow, and hides what a function really calls.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    remedy="name each action that is called",
    resource_types=tuple(IDENTITY_POLICIES),
    judge=policy_names_its_actions,
)
