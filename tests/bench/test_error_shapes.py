"""The table of error codes is as new as botocore's models, and small."""

from pathlib import Path

import pytest

from bench.error_shapes import agreed, class_of_shape, packed
from handlers.domain.diagnosis_codes import TABLE
from handlers.domain.failure_class import FailureClass

MOST_BYTES = 20_000


def test_table_is_fresh() -> None:
    """After botocore was raised: `python -m bench.error_shapes`."""
    assert TABLE.read_bytes() == packed()


def test_table_is_small() -> None:
    """It travels in every function's zip."""
    assert TABLE.stat().st_size < MOST_BYTES


def test_domain_does_not_import_botocore() -> None:
    """The table is why it need not."""
    sources = [path for path in Path("handlers/domain").glob("diagnosis*.py") if "botocore" in path.read_text(encoding="utf-8")]

    assert [path.name for path in sources if "import botocore" in path.read_text() or "from botocore" in path.read_text()] == []


@pytest.mark.parametrize(
    ("code", "shape", "expected"),
    [
        ("SlowDownPlease", {"retryable": {"throttling": True}}, FailureClass.THROTTLING),
        ("NoSuchThing", {"error": {"httpStatusCode": 400}}, FailureClass.NOT_FOUND),
        ("OddOne", {"error": {"httpStatusCode": 403}}, FailureClass.PERMISSION),
        ("OddOne", {"error": {"httpStatusCode": 500}, "fault": True}, None),
        ("ServiceUnavailableInTier", {"error": {"httpStatusCode": 400}}, None),
        ("InternalServerException", {"error": {"httpStatusCode": 500}, "fault": True}, FailureClass.TRANSIENT),
    ],
)
def test_shape_is_classed_by_documented_rule(code: str, shape: dict[str, object], expected: FailureClass | None) -> None:
    """AWS's own trait, then words, then a client's status; a server's status alone makes nothing transient."""
    assert expected == class_of_shape(code, shape)


def test_services_that_disagree_leave_it_to_the_words() -> None:
    """One code, one class: or none."""
    assert all(isinstance(each, FailureClass) for each in agreed().values())
