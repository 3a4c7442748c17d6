"""`stackmend status`: every unresolved failure in its group with what to do next, every cell with why it does not act."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.status_report import CellState, Group, Report, Sight, report
from console.status_text import as_text, lasted
from handlers.aws.lease import Authority
from handlers.aws.ledger import Unresolved
from handlers.domain.freeze import Day, Freeze
from handlers.domain.lease import Lease
from handlers.domain.moment import epoch_ms
from handlers.domain.outcome import Escalation, Restraint, Settlement
from handlers.domain.records import Attempt, Failure, FailureState, Pause, SeenBy, Switch
from tests.cells import ACCOUNT, HUB, a_cell
from tests.console.conftest import OPERATOR, Run, Trial
from tests.console.test_pause import KEY, ledger

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
HELD = Authority(
    lease=Lease(holder="us-east-1", epoch=7, expires_at_ms=epoch_ms(NOON + timedelta(minutes=2))), environment_switch=Switch()
)
STOPPED = Switch(stopped=True, reason="a bad deploy", by="ann", at=NOON)
PAUSED = Pause(stack=KEY, reason="a migration", by="ann", at=NOON)


def a_failure(**changed: Any) -> Failure:
    """A stack of the trial's first cell that broke two hours ago and escalated."""
    given: dict[str, Any] = {
        "failure_id": "f-1",
        "stack": KEY,
        "stack_id": f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/app-one/1",
        "status": "UPDATE_ROLLBACK_FAILED",
        "seen_by": SeenBy.EVENT,
        "failed_at": NOON - timedelta(hours=2, minutes=5),
        "detected_at": NOON - timedelta(hours=2, minutes=4),
        "recovery_id": "r-1",
        "state": FailureState.ESCALATED,
        "outcome": Escalation.ATTEMPTS_SPENT,
        "reason": "tried 3 times",
    }
    return Failure(**given | changed)


def waiting(outcome: Restraint) -> Failure:
    """One that was held back before it had a recovery."""
    return a_failure(state=FailureState.WAITING, outcome=outcome, recovery_id="", reason="it broke")


def of(*failures: Failure, authority: Authority = HELD, freezes: tuple[Freeze, ...] = (), **more: Any) -> Report:
    """The report on one cell with these failures."""
    cell = a_cell(freezes=[freeze.model_dump() for freeze in freezes])
    seen = Unresolved(failures=failures, **more)
    return report("trial", [Sight(account_name="workload", cell=cell, authority=authority, unresolved=seen)], NOON)


def test_what_needs_a_person_says_why_and_where_to_read_on() -> None:
    """The runbook's heading, and the command that explains."""
    (row,) = of(a_failure()).failures

    assert (row.group, row.code, row.why) == (Group.NEEDS_A_PERSON, "attempts_spent", "tried 3 times")
    assert row.next == "https://runbooks.example.com/stackmend#attempts-spent; stackmend explain app-one --region us-east-1"


@pytest.mark.parametrize(
    ("waits_for", "why"),
    [
        (("222222222222/us-east-1/app-net",), "parked behind app-net, which it needs"),
        ((), "its cell has as many recoveries as it may"),
    ],
)
def test_a_parked_stack_says_for_what(waits_for: tuple[str, ...], why: str) -> None:
    """And that nobody has to do anything."""
    (row,) = of(a_failure(state=FailureState.PARKED, outcome=None, recovery_id="", waits_for=waits_for)).failures

    assert (row.group, row.code, row.why) == (Group.WAITS, "parked", why)
    assert row.next.startswith("nothing: it is taken up when")


@pytest.mark.parametrize(
    ("held", "why", "then"),
    [
        (
            {"pauses": (PAUSED,)},
            "paused until somebody resumes it: a migration (by ann)",
            "stackmend resume app-one --reason WHY --account workload --region us-east-1",
        ),
        (
            {"switch": STOPPED},
            "the kill switch of the cell is on: a bad deploy (by ann)",
            "stackmend start --reason WHY --account workload --region us-east-1",
        ),
        (
            {"authority": Authority(lease=HELD.lease, environment_switch=STOPPED)},
            "the kill switch of the environment is on: a bad deploy (by ann)",
            "stackmend start --reason WHY --everywhere",
        ),
        (
            {"freezes": (Freeze(name="midweek", zone="UTC", days=(Day.WED,)),)},
            "freeze midweek holds until 2026-03-05T00:00:00.000Z (UTC)",
            "nothing: it is taken up when the freeze ends",
        ),
        ({}, "nothing holds it any more", "nothing: the next heartbeat takes it up, within a minute"),
    ],
)
def test_what_waits_says_for_what_and_how_to_end_it(held: dict[str, Any], why: str, then: str) -> None:
    """By what holds it now, which may be something else than when it was written down."""
    (row,) = of(waiting(Restraint.PAUSED), **held).failures

    assert (row.group, row.why, row.next) == (Group.WAITS, why, then)


def test_what_is_under_repair_says_which_attempt_runs() -> None:
    """Its newest; and that nobody need do anything."""
    attempts = tuple(
        Attempt(
            token=f"sm-{number}", stack=KEY, stack_id="x", recovery_id="r-1", attempt=number, operation="ContinueUpdateRollback",
            fence=7, task_token="t", claimed_at=NOON, ordered_at=NOON, deadline=NOON,
        )
        for number in (2, 1)
    )  # fmt: skip
    (row,) = of(a_failure(state=FailureState.OPEN, outcome=None), attempts=attempts).failures

    assert (row.group, row.why) == (Group.UNDER_REPAIR, "attempt 2: ContinueUpdateRollback since 2026-03-04T12:00:00.000Z")
    assert row.next.startswith("nothing: it is being repaired")


def test_what_is_only_observed_is_not_lost_among_the_others() -> None:
    """It is broken, and nothing will be done about it by itself."""
    (row,) = of(a_failure(state=FailureState.SETTLED, outcome=Settlement.OBSERVED, reason="mode observe")).failures

    assert row.group is Group.OBSERVED
    assert "repair it by hand" in row.next


@pytest.mark.parametrize(
    ("authority", "switch", "state", "why"),
    [
        (HELD, Switch(), CellState.ACTS, ""),
        (HELD, STOPPED, CellState.STOPPED, "the kill switch of the cell is on: a bad deploy (by ann)"),
        (
            Authority(lease=HELD.lease, environment_switch=STOPPED),
            Switch(),
            CellState.STOPPED,
            "the kill switch of the environment is on: a bad deploy (by ann)",
        ),
        (
            Authority(lease=Lease(holder="us-west-2", epoch=8, expires_at_ms=epoch_ms(NOON)), environment_switch=Switch()),
            Switch(),
            CellState.NO_LEASE,
            "us-west-2 holds the lease (epoch 8); runbook alarms.md#lease-not-held",
        ),
        (
            Authority(lease=None, environment_switch=Switch(), errors=("us-east-1: dark",)),
            Switch(),
            CellState.NO_LEASE,
            "no control region returned a lease (us-east-1: dark); runbook alarms.md#lease-not-held",
        ),
    ],
)
def test_a_cell_that_does_not_act_says_why(authority: Authority, switch: Switch, state: CellState, why: str) -> None:
    """People's word first, then the lease."""
    (row,) = of(authority=authority, switch=switch).cells

    assert (row.state, row.why) == (state, why)


def test_it_reads_from_what_needs_somebody_down_to_what_is_quiet() -> None:
    """The sum in the first line; every line of a failure says what to do."""
    other = a_failure(failure_id="f-2", stack=KEY.model_copy(update={"name": "app-two"}), state=FailureState.OPEN, outcome=None)
    ended = PAUSED.model_copy(update={"until": NOON - timedelta(hours=1)})
    freeze = Freeze(name="midweek", zone="UTC", days=(Day.WED,), tiers=("standard",))
    text = as_text(of(other, a_failure(reason="three\x1b[2J\ntimes"), pauses=(PAUSED, ended), freezes=(freeze,)))

    assert text.splitlines() == [
        "trial at 2026-03-04T12:00:00.000Z: 1 stack needs a person, 1 is under repair; 1 of 1 cells act",
        "",
        "NEEDS A PERSON",
        "  app-one  workload/us-east-1  UPDATE_ROLLBACK_FAILED for 2 h 5 min  (attempts_spent)",
        "      why:  three [2J times",
        "      next: https://runbooks.example.com/stackmend#attempts-spent; stackmend explain app-one --region us-east-1",
        "",
        "UNDER REPAIR",
        "  app-two  workload/us-east-1  UPDATE_ROLLBACK_FAILED for 2 h 5 min  (open)",
        "      why:  no attempt under way",
        "      next: nothing: it is being repaired, since 2026-03-04T09:56:00.000Z",
        "",
        "PAUSES AND FREEZES",
        f"  pause {KEY}: paused until somebody resumes it: a migration (by ann)",
        "  freeze midweek until 2026-03-05T00:00:00.000Z: by the settings, for tiers: standard",
        "",
        "CELLS",
        "  workload/us-east-1  acts      lease until 2026-03-04T12:02:00.000Z (epoch 7)",
    ]


def test_a_quiet_night_is_two_words() -> None:
    """Nothing is broken as far as is known."""
    assert as_text(of()).splitlines()[0].endswith(": no stack is known to be broken; 1 of 1 cells act")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=1), "3 h 1 min"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
    ],
)
def test_ages_are_told_as_people_tell_them(span: timedelta, said: str) -> None:
    """Also where two clocks differ a little."""
    assert lasted(span) == said


def test_every_cell_of_the_environment_is_read(trial: Trial, run: Run) -> None:
    """Whatever the shell's region is; what was said on the console is shown with who said it."""
    trial.stack("app-one")
    run("pause", "app-one", "--reason", "a migration")
    run("stop", "--reason", "a bad deploy", region="us-west-2")
    ledger(trial).let_wait(waiting(Restraint.PAUSED))
    until = epoch_ms(datetime.now(UTC) + timedelta(minutes=2))
    lease = {"pk": {"S": f"LEASE#{ACCOUNT}#us-east-1"}, "holder": {"S": "us-east-1"}, "epoch": {"N": "1"}}
    table = trial.client("dynamodb", HUB)
    table.put_item(TableName=trial.cell().lease.table, Item={**lease, "expires_at_ms": {"N": str(until)}})
    result = run("status", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (found["schema_version"], found["environment"], found["is_whole"]) == (1, "trial", True)
    assert [(one["region"], one["state"]) for one in found["cells"]] == [("us-east-1", "acts"), ("us-west-2", "stopped")]
    assert [(one["stack"], one["group"]) for one in found["failures"]] == [("app-one", "waits")]
    assert [(one["kind"], one["what"]) for one in found["holds"]] == [("pause", str(KEY))]
    assert OPERATOR in found["cells"][1]["why"]


def test_a_cell_that_cannot_be_read_does_not_hide_the_others(trial: Trial, run: Run) -> None:
    """It is named with the reason, and the exit code says that something is missing."""
    trial.client("dynamodb", region="us-west-2").delete_table(TableName=trial.cell("us-west-2").ledger_table)
    result = run("status")

    assert result.exit_code == 1
    assert "0 of 2 cells act, 1 could not be read" in result.stdout
    assert "workload/us-west-2  NOT READ  reading stackmend-trial-ledger-us-west-2: it is not there" in result.stdout


def test_only_the_cells_that_were_asked_for(run: Run) -> None:
    """By region or account; one that is not there is said."""
    assert [one["region"] for one in json.loads(run("status", "--json", "--region", "us-west-2").stdout)["cells"]] == [
        "us-west-2"
    ]
    assert run("status", "--account", "payments").stderr.startswith("payments: no cell stands there; there are workload/")
