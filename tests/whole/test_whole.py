"""The first whole: deployed by the real engine, a stack that cannot roll back repairs itself, and nothing is left behind.

The tests of this module use one deployment and run in the order in which they stand.
"""

import pytest

from console.rehearsal import Deployed, play_all
from drills import measure
from drills.catalogue import DRILLS
from drills.journal import Verdict
from drills.report import Report
from sandbox.world import BOOTSTRAP_STACK

pytestmark = pytest.mark.sandbox
REGION = "us-east-1"


@pytest.fixture(scope="module")
def reports(sandbox: Deployed) -> dict[str, Report]:
    """Every drill, played once on the deployment."""
    return {one.drill.name: one for one in play_all(sandbox, list(DRILLS.values()), print)}


@pytest.mark.parametrize("name", DRILLS)
def test_every_drill_holds(reports: dict[str, Report], name: str) -> None:
    """Every expectation of the drill holds, and the world was put back."""
    journal = reports[name].journal

    assert [(one.title, one.problem) for one in journal.problems] == []
    assert journal.undo_problems == []
    assert journal.verdict is Verdict.HELD


def test_a_second_up_changes_nothing(sandbox: Deployed) -> None:
    """What was deployed is what was described, also as the engine reads it back."""
    assert sandbox.project.up().is_unchanged


def test_a_refresh_finds_nothing_that_differs(sandbox: Deployed) -> None:
    """What the emulator holds is what the state says."""
    assert sandbox.project.refresh().is_unchanged


def test_every_recovery_has_all_its_stages_in_order(reports: dict[str, Report]) -> None:
    """Detected, diagnosed, acted, proven, settled: each is there, and none before the one that it rests on."""
    for row in reports["self-repair"].rows:
        moments = [row.seconds[stage] for stage in measure.STAGES]

        assert moments == sorted(moments), row.stack


def test_no_function_of_ours_was_refused_anything(sandbox: Deployed, reports: dict[str, Report]) -> None:
    """A permission that is missing would show as a call denied to one of our roles; others are taken away on purpose elsewhere."""
    prefix = f":assumed-role/stackmend-{sandbox.settings.environment}-"
    denied = [
        (one.caller_arn, one.action, one.error)
        for one in sandbox.emulator.calls()
        if one.at >= min(report.journal.began for report in reports.values())
        and prefix in one.caller_arn
        and one.error in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
    ]

    assert denied == []


def test_nobody_of_ours_acts_as_root(sandbox: Deployed, reports: dict[str, Report]) -> None:
    """Root bypasses every policy: after the world was seeded, no call to CloudFormation, the ledger or the lease is root's."""
    cells = [sandbox.cell(one.account.id, one.region) for one in sandbox.settings.cells]
    ours = {table for cell in cells for table in (cell.ledger_table, cell.lease.table)}
    by_root = [
        one.action
        for one in sandbox.emulator.calls()
        if one.caller_arn.endswith(":root")
        and (one.service == "cloudformation" or one.resource in ours)
        and one.resource != BOOTSTRAP_STACK
    ]

    assert by_root == []


def test_destroy_leaves_nothing_in_any_account(sandbox: Deployed, reports: dict[str, Report]) -> None:
    """What was deployed is taken away whole, in every account and region."""
    sandbox.project.destroy()
    places = [(place.account, place.region) for place in sandbox.settings.places]

    assert {place: left for place in places if (left := sandbox.world.remains(*place))} == {}
