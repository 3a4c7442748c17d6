"""Providers that could reach another account or region are found."""

from typing import Any

import pytest

from policies.provider.account import RULE
from tests.policies.conftest import Judge

VALID = {
    "region": "us-east-1",
    "allowedAccountIds": '["222222222222"]',
    "assumeRoles": '[{"roleArn":"arn:aws:iam::222222222222:role/deploy","externalId":"ours"}]',
}


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        pytest.param({}, None, id="one account, one region, an external id"),
        pytest.param({"allowedAccountIds": ["222222222222"]}, None, id="account ids that are a list already"),
        pytest.param({"allowedAccountIds": None}, "allows 0 account ids", id="no account ids"),
        pytest.param({"allowedAccountIds": "[]"}, "allows 0 account ids", id="an empty list"),
        pytest.param({"allowedAccountIds": '["222222222222","333333333333"]'}, "allows 2 account ids", id="two accounts"),
        pytest.param({"region": ""}, "names no region", id="no region"),
        pytest.param({"accessKey": "AKIA"}, "holds an access key", id="a key id"),
        pytest.param({"secretKey": "s"}, "holds an access key", id="a secret key"),
        pytest.param(
            {"assumeRoles": '[{"roleArn":"arn:aws:iam::222222222222:role/deploy"}]'},
            "assumes arn:aws:iam::222222222222:role/deploy without an external id",
            id="no external id",
        ),
        pytest.param({"assumeRoles": "[{}]"}, "assumes a role without an external id", id="no role either"),
    ],
)
def test_provider_is_held_to_one_place(judge: Judge, change: dict[str, Any], finding: str | None) -> None:
    """Each way out is refused by itself."""
    expected = [] if finding is None else [f"thing {finding}: {RULE.remedy}"]

    assert judge(RULE, "pulumi:providers:aws", {**VALID, **change}) == expected


def test_other_resources_are_not_judged(judge: Judge) -> None:
    """The rule is about providers of AWS only."""
    assert judge(RULE, "aws:sqs/queue:Queue", {}) == []


def test_region_that_is_not_known_counts_as_named(judge: Judge, unknown: str) -> None:
    """A deployment will know it."""
    assert judge(RULE, "pulumi:providers:aws", {**VALID, "region": unknown}) == []
