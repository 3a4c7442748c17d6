"""A fair sample of `make chaos` on the shared deployment: functions die at their calls, and every recovery ends well."""

import pytest

from console.kill_anywhere import play
from console.rehearsal import Deployed

pytestmark = pytest.mark.sandbox


def test_a_heartbeat_may_die_at_any_call(sandbox: Deployed) -> None:
    """A failure that it alone sees: the next beat does the rest."""
    rows, problems = play(sandbox, ["heartbeat-lost"], 2, print)

    assert {str(row.point): row.problem for row in rows if row.problem} == {}
    assert len(rows) == 2
    assert problems == []


@pytest.mark.parametrize(("strategy", "sample"), [("continue-update-rollback", 12), ("resume", 4), ("escalation", 2)])
def test_a_function_may_die_at_any_call(sandbox: Deployed, strategy: str, sample: int) -> None:
    """Settled or escalated, one accepted mutation per attempt, nothing left open: every function, before and after a call."""
    rows, problems = play(sandbox, [strategy], sample, print)

    assert {str(row.point): row.problem for row in rows if row.problem} == {}
    assert len(rows) == sample
    assert problems == []
