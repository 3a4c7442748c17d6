"""Every status has a meaning."""

from typing import Any

import botocore.session
import pytest

from handlers.domain.status import BEGINNINGS, FAILED, Kind, StackStatus


def test_no_status_of_cloudformation_is_unknown() -> None:
    """The list is the service model's."""
    model = botocore.session.get_session().get_service_model("cloudformation")

    shape: Any = model.shape_for("StackStatus")
    assert set(shape.enum) == {status.value for status in StackStatus}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (StackStatus.ROLLBACK_COMPLETE, Kind.FAILED),
        (StackStatus.UPDATE_ROLLBACK_COMPLETE, Kind.HEALTHY),
        (StackStatus.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, Kind.IN_PROGRESS),
        (StackStatus.REVIEW_IN_PROGRESS, Kind.UNBORN),
        (StackStatus.DELETE_COMPLETE, Kind.GONE),
        (StackStatus.DELETE_FAILED, Kind.FAILED),
        (StackStatus.IMPORT_ROLLBACK_COMPLETE, Kind.HEALTHY),
    ],
)
def test_a_status_means_what_the_guide_says(status: StackStatus, kind: Kind) -> None:
    """Names mislead in both directions."""
    assert kind is status.kind


def test_every_failed_status_is_asked_for() -> None:
    """What the heartbeat lists is what intake takes up."""
    assert {
        "CREATE_FAILED",
        "ROLLBACK_FAILED",
        "ROLLBACK_COMPLETE",
        "DELETE_FAILED",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_FAILED",
        "IMPORT_ROLLBACK_FAILED",
    } == set(FAILED)


def test_a_rollback_never_begins_an_operation() -> None:
    """It belongs to the operation that somebody asked for."""
    assert not any("ROLLBACK" in status for status in BEGINNINGS)
