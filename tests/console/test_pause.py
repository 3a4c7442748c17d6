"""`stackmend pause` and `resume`, over a ledger with a table's rules."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from handlers.aws.ledger import Ledger
from handlers.aws.table import Table
from handlers.domain.identity import StackKey
from tests.cells import ACCOUNT
from tests.console.conftest import OPERATOR, Run, Trial

KEY = StackKey(account=ACCOUNT, region="us-east-1", name="app-one")


def ledger(trial: Trial, region: str = "us-east-1") -> Ledger:
    """The cell's ledger as its functions read it."""
    cell = trial.cell(region)
    return Ledger(Table(trial.client("dynamodb", region=region), cell.ledger_table), cell=cell.key, days=1)


def test_a_pause_is_what_the_functions_read(trial: Trial, run: Run) -> None:
    """Signed by STS, with the reason, and on the list of what holds."""
    trial.stack("app-one")
    result = run("pause", "app-one", "--reason", "a migration")

    pause = ledger(trial).pause(KEY)
    assert pause is not None
    assert (pause.paused, pause.by, pause.reason, pause.until) == (True, OPERATOR, "a migration", None)
    assert ledger(trial).unresolved().pauses == (pause,)
    assert result.exit_code == 0
    assert result.stdout == f"{KEY} is paused until somebody resumes it: a migration (by {OPERATOR})\n"


@pytest.mark.parametrize(("given", "hours"), [("90m", 1.5), ("2h", 2), ("1h30m", 1.5), ("3d", 72), ("1d 2h", 26)])
def test_a_pause_lasts_as_long_as_was_said(trial: Trial, run: Run, given: str, hours: float) -> None:
    """In the words that people use."""
    trial.stack("app-one")
    before = datetime.now(UTC)
    result = run("pause", "app-one", "--reason", "a migration", "--for", given, "--json")

    until = datetime.fromisoformat(json.loads(result.stdout)["pause"]["until"])
    assert timedelta() <= until - before - timedelta(hours=hours) + timedelta(seconds=1) < timedelta(minutes=5)


def test_a_pause_ends_at_the_moment_of_any_clock(trial: Trial, run: Run) -> None:
    """The record holds it in UTC."""
    trial.stack("app-one")
    run("pause", "app-one", "--reason", "a migration", "--until", "2126-03-04T18:00+01:00")

    pause = ledger(trial).pause(KEY)
    assert pause is not None
    assert pause.until == datetime(2126, 3, 4, 17, tzinfo=UTC)


def test_a_stack_is_named_by_its_arn_too(trial: Trial, run: Run) -> None:
    """Then neither account nor region need be said, nor does the shell's region count."""
    trial.stack("app-one")
    arn = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/app-one/1"

    assert run("pause", arn, "--reason", "x", region="us-west-2").exit_code == 0
    assert ledger(trial).pause(KEY) is not None


def test_resumed_it_says_who_resumed_it_and_why(trial: Trial, run: Run) -> None:
    """Also when the stack is gone by then."""
    trial.stack("app-one")
    run("pause", "app-one", "--reason", "a migration")
    trial.client("cloudformation").delete_stack(StackName="app-one")
    result = run("resume", "app-one", "--reason", "it is done", "--json")

    pause = ledger(trial).pause(KEY)
    assert pause is not None
    assert (pause.paused, pause.by, pause.reason) == (False, OPERATOR, "it is done")
    assert ledger(trial).unresolved().pauses == ()
    assert json.loads(result.stdout)["pause"]["paused"] is False


def test_what_is_not_paused_is_said_to_be_so(run: Run) -> None:
    """Exit code 1: AWS answered, and it is not so."""
    result = run("resume", "app-one", "--reason", "it is done")

    assert (result.exit_code, result.stderr) == (1, f"{KEY} is not paused; `stackmend status` lists what is\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("app-one", "--for", "soon"), "--for soon: write days, hours and minutes, such as 90m, 2h, 1h30m or 3d"),
        (("app-one", "--for", "0m"), "--for 0m: write days"),
        (("app-one", "--until", "tomorrow"), "--until tomorrow: write a moment such as"),
        (("app-one", "--until", "2126-03-04T18:00"), "--until 2126-03-04T18:00: whose clock?"),
        (("app-one", "--until", "2020-03-04T18:00Z"), "--until 2020-03-04T18:00Z has passed"),
        (("app-one", "--until", "2126-03-04T18:00Z", "--for", "2h"), "--until and --for both say when it ends"),
        (
            ("app-one", "--account", "payments"),
            "payments/us-east-1: no cell stands there; there are workload/us-east-1, workload/",
        ),
        (("app-one", "--region", "eu-west-1"), "eu-west-1: no cell stands there"),
        (("app_one",), "'app_one' is no stack's name"),
        (
            ("other-one",),
            f"{ACCOUNT}/us-east-1/other-one is not managed by Stackmend, which leaves it alone anyway; managed are app-*",
        ),
        (("arn:aws:s3:::app-one",), "'arn:aws:s3:::app-one' is not a stack's ARN"),
        ((f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/app-one/1",), f"{ACCOUNT}/eu-west-1: no cell stands there"),
    ],
)
def test_what_cannot_be_meant_is_one_line(trial: Trial, run: Run, words: tuple[str, ...], said: str) -> None:
    """It says what to write instead, exit code 2; nothing is paused."""
    trial.stack("app-one")
    result = run("pause", "--reason", "x", *words)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert said in result.stderr
    assert ledger(trial).unresolved().pauses == ()


@pytest.mark.parametrize(
    ("reason", "said"), [(" \t", "--reason is empty"), ("x" * 501, "--reason has 501 characters, at most 500")]
)
def test_a_reason_that_nobody_could_read_is_refused(trial: Trial, run: Run, reason: str, said: str) -> None:
    """Somebody else reads it at night."""
    trial.stack("app-one")
    result = run("pause", "app-one", "--reason", reason)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_reason_writes_no_terminal_commands(trial: Trial, run: Run) -> None:
    """It is shown to others, also by the functions."""
    trial.stack("app-one")
    run("pause", "app-one", "--reason", "look\x1b[2J\nhere")

    pause = ledger(trial).pause(KEY)
    assert pause is not None
    assert pause.reason == "look [2J here"


def test_an_unknown_stack_is_not_paused(trial: Trial, run: Run) -> None:
    """A slip in the name would leave the right one unprotected."""
    result = run("pause", "app-oen", "--reason", "x")

    assert result.exit_code == 1
    assert "app-oen: CloudFormation knows no such stack; correct the name, the account or the region" in result.stderr
    assert ledger(trial).unresolved().pauses == ()
