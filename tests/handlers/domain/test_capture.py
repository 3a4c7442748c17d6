"""Which version a stack shows, and what may be called good."""

import pytest

from handlers.domain.capture import CAPTURED, Shows, shows, why_not_good
from handlers.domain.status import FAILED, Kind, StackStatus


@pytest.mark.parametrize("status", StackStatus)
def test_only_what_was_not_rolled_back_shows_the_new_version(status: StackStatus) -> None:
    """After the rollback of an update CloudFormation gives the old template; after that of a creation there is no other."""
    if status.startswith(("UPDATE_ROLLBACK", "IMPORT_ROLLBACK", "DELETE", "REVIEW")) or "CLEANUP" in status:
        assert shows(status) is Shows.NOTHING_NEW
    elif status.kind is Kind.HEALTHY:
        assert shows(status) is Shows.DEPLOYED
    elif status.kind is Kind.FAILED:
        assert shows(status) is Shows.GIVEN_UP


def test_every_failure_is_heard_of() -> None:
    """Its evidence is kept, whether or not it shows a version."""
    assert set(FAILED) <= set(CAPTURED)
    assert StackStatus.UPDATE_ROLLBACK_COMPLETE not in CAPTURED


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"token": "sm-1"}, "the operation was ours, and its recovery has not validated it yet"),
        ({"token": "sm-1", "validated": True}, None),
        ({"is_claimed": True}, "a recovery holds the stack"),
        ({"is_claimed": True, "validated": True}, None),
        ({"has_skipped": True, "validated": True}, "resources were skipped, and template and reality are not reconciled yet"),
        ({"resources": {"Queue": "UPDATE_FAILED"}, "validated": True}, "Queue is UPDATE_FAILED"),
        ({"resources": {"Queue": "DELETE_SKIPPED"}}, None),
    ],
)
def test_good_is_what_is_whole_and_looked_at(changed: dict[str, object], why: str | None) -> None:
    """Each reason by itself is enough."""
    given = {"token": "deploy-1", "is_claimed": False, "has_skipped": False, "resources": {"Queue": "UPDATE_COMPLETE"}} | changed

    assert why_not_good(**given) == why  # type: ignore[arg-type]
