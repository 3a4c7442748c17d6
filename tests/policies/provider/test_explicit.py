"""Resources without a provider of their own are found."""

import pytest
from pulumi_policy import PolicyProviderResource

from policies.provider.explicit import RULE
from tests.policies.conftest import EXPLICIT, Judge

FOUND = [f"thing has no provider of its own: {RULE.remedy}"]


def provider(name: str) -> PolicyProviderResource:
    return PolicyProviderResource("pulumi:providers:aws", {}, "urn:provider", name)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(EXPLICIT, [], id="a provider of the program"),
        pytest.param(provider("defaults"), [], id="a provider whose name only begins alike"),
        pytest.param(provider("default"), FOUND, id="the engine's default"),
        pytest.param(provider("default_7_51_1"), FOUND, id="the engine's default of a version"),
        pytest.param(None, FOUND, id="no provider"),
    ],
)
def test_only_named_providers_pass(judge: Judge, given: PolicyProviderResource | None, expected: list[str]) -> None:
    """What the engine would choose by itself is refused."""
    assert judge(RULE, "aws:sqs/queue:Queue", {}, given) == expected


def test_components_need_no_provider(judge: Judge) -> None:
    """Only resources of AWS land anywhere."""
    assert judge(RULE, "stackmend:cell:RecoveryCell", {}, None) == []
