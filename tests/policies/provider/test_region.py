"""Resources that leave their provider's region are found."""

from typing import Any

import pytest

from policies.provider.region import RULE
from tests.policies.conftest import Judge


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        pytest.param({}, [], id="no region"),
        pytest.param({"region": None}, [], id="an empty region"),
        pytest.param({"region": "us-east-1"}, [], id="its provider's region"),
        pytest.param(
            {"region": "us-west-2"}, [f"thing goes to us-west-2, its provider to us-east-1: {RULE.remedy}"], id="another region"
        ),
    ],
)
def test_resource_stays_where_its_provider_is(judge: Judge, props: dict[str, Any], expected: list[str]) -> None:
    """An override of the region is refused, even of one resource among hundreds."""
    assert judge(RULE, "aws:sqs/queue:Queue", props) == expected


def test_region_that_is_not_known_is_judged_later(judge: Judge, unknown: str) -> None:
    """A preview cannot tell, and says so."""
    assert judge(RULE, "aws:sqs/queue:Queue", {"region": unknown}) == [
        "not judged: thing: region is not known before the deployment, which judges it"
    ]
