"""Function URLs that anybody could call are found."""

from typing import Any

import pytest

from policies.access.function_url import RULE, URL
from policies.access.principals import PERMISSION
from tests.policies.conftest import Judge

LET_IN = {"action": "lambda:InvokeFunctionUrl", "principal": "arn:aws:iam::222222222222:role/approver"}


@pytest.mark.parametrize(
    ("props", "findings"),
    [
        pytest.param({"authorizationType": "AWS_IAM"}, [], id="signed"),
        pytest.param({"authorizationType": "NONE"}, ["says NONE"], id="open"),
        pytest.param({}, ["says None"], id="nothing said"),
        pytest.param({"authorizationType": "AWS_IAM", "cors": {"allowOrigins": ["*"]}}, ["lets web pages call it"], id="cors"),
    ],
)
def test_a_url_asks_who_calls(judge: Judge, props: dict[str, Any], findings: list[str]) -> None:
    """By its own type of authorization."""
    assert judge(RULE, URL, props) == [f"thing {finding}: {RULE.remedy}" for finding in findings]


@pytest.mark.parametrize(
    ("props", "is_found"),
    [
        pytest.param({**LET_IN, "functionUrlAuthType": "AWS_IAM"}, False, id="signed"),
        pytest.param({**LET_IN, "functionUrlAuthType": "NONE"}, True, id="open"),
        pytest.param(LET_IN, True, id="nothing said"),
        pytest.param({"action": "lambda:InvokeFunction", "principal": "events.amazonaws.com"}, False, id="no URL"),
    ],
)
def test_a_permission_is_for_signed_calls(judge: Judge, props: dict[str, Any], is_found: bool) -> None:
    """It may be granted to the URL of a function that is opened later."""
    finding = f"thing lets a URL be called that asks nobody who they are: {RULE.remedy}"

    assert judge(RULE, PERMISSION, props) == ([finding] if is_found else [])
