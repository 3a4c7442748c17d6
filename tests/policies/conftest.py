"""How a rule is asked: with the values that the engine would hand it, wrapped as the SDK wraps them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pulumi_policy import PolicyCustomTimeouts, PolicyProviderResource, PolicyResourceOptions, ResourceValidationArgs
from pulumi_policy.policy import _NotApplicableError
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.rule import Rule

OPTIONS = PolicyResourceOptions(
    protect=False,
    ignore_changes=[],
    delete_before_replace=None,
    aliases=[],
    custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
    additional_secret_outputs=[],
)
EXPLICIT = PolicyProviderResource("pulumi:providers:aws", {"region": "us-east-1"}, "urn:provider", "payments-us-east-1")

Judge = Callable[..., list[str]]


def judged(
    rule: Rule,
    resource_type: str,
    props: Mapping[str, Any],
    provider: PolicyProviderResource | None = EXPLICIT,
    name: str = "thing",
) -> list[str]:
    """What *rule* reports of a resource; "not judged: reason" when it cannot tell yet."""
    found: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        found.append(message if urn is None else f"{urn}: {message}")

    args = ResourceValidationArgs(resource_type, unknown_checking_proxy(dict(props)), "urn:thing", name, OPTIONS, provider)
    try:
        rule.policy().validate(args, report)
    except _NotApplicableError as unknown:
        found.append(f"not judged: {unknown.reason}")
    return found


@pytest.fixture
def judge() -> Judge:
    """Ask a rule about one resource."""
    return judged


@pytest.fixture
def unknown() -> str:
    """What stands for text that only the deployment will know."""
    return UNKNOWN_STRING_VALUE
