"""The first whole: deployed by the real engine, a stack that cannot roll back repairs itself, and nothing is left behind.

The tests of this module use one deployment and run in the order in which they stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from console.rehearsal import Deployed, play_all
from drills import measure
from drills.catalogue import DRILLS
from drills.journal import Verdict
from drills.report import Report
from sandbox.world import BOOTSTRAP_STACKS

pytestmark = pytest.mark.sandbox
REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Played:
    """Every drill, played once on the deployment, and how many calls had been recorded when they began."""

    reports: Mapping[str, Report]
    since: int


@pytest.fixture(scope="module")
def played(sandbox: Deployed) -> Played:
    """The drills; a drill of which a part came before the deployment has begun long before, so its own clock does not tell."""
    since = len(sandbox.emulator.calls())
    return Played(reports={one.drill.name: one for one in play_all(sandbox, list(DRILLS.values()), print)}, since=since)


@pytest.fixture(scope="module")
def reports(played: Played) -> Mapping[str, Report]:
    """What each drill came to, by its name."""
    return played.reports


@pytest.mark.parametrize("name", DRILLS)
def test_every_drill_holds(reports: Mapping[str, Report], name: str) -> None:
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


def test_every_recovery_has_all_its_stages_in_order(reports: Mapping[str, Report]) -> None:
    """Detected, diagnosed, acted, proven, settled: each is there, and none before the one that it rests on."""
    for row in reports["self-repair"].rows:
        moments = [row.seconds[stage] for stage in measure.STAGES]

        assert moments == sorted(moments), row.stack


def test_no_function_of_ours_was_refused_anything(sandbox: Deployed, played: Played) -> None:
    """A permission that is missing would show as a call denied to one of our roles; others are taken away on purpose elsewhere."""
    prefix = f":assumed-role/stackmend-{sandbox.settings.environment}-"
    denied = [
        (one.caller_arn, one.action, one.error)
        for one in sandbox.emulator.calls(played.since)
        if prefix in one.caller_arn and one.error in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
    ]

    assert denied == []


def test_nobody_of_ours_acts_as_root(sandbox: Deployed, reports: Mapping[str, Report]) -> None:
    """Root bypasses every policy: after the world was seeded, no call to CloudFormation, the ledger or the lease is root's."""
    cells = [sandbox.cell(one.account.id, one.region) for one in sandbox.settings.cells]
    ours = {table for cell in cells for table in (cell.ledger_table, cell.lease.table)}
    by_root = [
        one.action
        for one in sandbox.emulator.calls()
        if one.caller_arn.endswith(":root")
        and (one.service == "cloudformation" or one.resource in ours)
        and one.resource not in BOOTSTRAP_STACKS
    ]

    assert by_root == []


def test_destroy_leaves_nothing_in_any_account(sandbox: Deployed, reports: Mapping[str, Report]) -> None:
    """What was deployed is taken away whole, in every account and region, vaults that hold something too."""
    sandbox.project.destroy()
    places = [(place.account, place.region) for place in sandbox.settings.places]

    assert {place: left for place in places if (left := sandbox.world.remains(*place))} == {}
