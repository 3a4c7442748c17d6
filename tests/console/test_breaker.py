"""`stackmend breaker show` and `reset`, over a ledger with a table's rules."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from handlers.aws.breakers import Breakers
from handlers.aws.table import Table
from handlers.domain.breaker import Breaker, Limit, counted, tried_by
from tests.console.conftest import OPERATOR, Run, Trial

LIMIT = Limit(count=2, window_seconds=600, open_seconds=300, longest_open_seconds=3600)


def breakers(trial: Trial) -> Breakers:
    """The cell's breakers as its functions read them."""
    cell = trial.cell("us-east-1")
    return Breakers(Table(trial.client("dynamodb"), cell.ledger_table), cell.key)


def count(trial: Trial, name: str, *failures: str) -> None:
    """Let these have failed half a minute ago."""
    before = datetime.now(UTC) - timedelta(seconds=30)
    for each in failures:
        breakers(trial).change(name, partial(counted, what=each, failed_at=before, now=before, limit=LIMIT))


def test_open_ones_come_first(trial: Trial, run: Run) -> None:
    """With why and until when; of classes and the cell also what they have counted."""
    count(trial, "cell", "app-one")
    count(trial, "class:quota", "app-one", "app-two")
    count(trial, "stack:app-one", "r-1", "r-2")

    lines = run("breaker", "show").stdout.splitlines()

    assert lines[0].startswith(
        "breaker class:quota is open: 2 stacks could not be repaired that failed with quota within 600 s; one "
    )
    assert lines[1].startswith("breaker stack:app-one is open: 2 recoveries of the stack failed within 600 s")
    assert lines[2] == "breaker cell is closed: 1 of 50 counted"


def test_nothing_counted_is_said(run: Run, trial: Trial) -> None:
    """No empty screen."""
    assert trial
    assert "has counted anything" in run("breaker", "show").stdout


def test_a_program_reads_it(trial: Trial, run: Run) -> None:
    """Whole, with the limit that holds for it."""
    count(trial, "class:quota", "app-one", "app-two")

    (one,) = json.loads(run("breaker", "show", "--json").stdout)["breakers"]

    assert (one["name"], one["state"], sorted(one["failures"])) == ("class:quota", "open", ["app-one", "app-two"])
    assert one["limit"]["open_seconds"] == 300


def test_a_reset_closes_it_and_stays_in_its_record(trial: Trial, run: Run) -> None:
    """Signed by STS, and what failed before no longer counts; a later write of a function keeps the word."""
    count(trial, "class:quota", "app-one", "app-two")

    result = run("breaker", "reset", "class:quota", "--reason", "the quota was raised")

    assert result.exit_code == 0, result.stderr
    assert "is closed: the quota was raised" in result.stdout
    closed = breakers(trial).read("class:quota")
    assert (closed.is_open, closed.by, closed.reason) == (False, OPERATOR, "the quota was raised")
    count(trial, "class:quota", "app-three", "app-four")
    assert not breakers(trial).read("class:quota").is_open
    assert run("breaker", "reset", "class:quota", "--reason", "again").exit_code == 1


def test_a_reset_between_a_functions_read_and_its_write_stands(trial: Trial, run: Run) -> None:
    """The function finds that somebody has spoken, and reads again."""
    count(trial, "class:quota", "app-one", "app-two")
    resets = iter([("breaker", "reset", "class:quota", "--reason", "raised")])

    def try_late(breaker: Breaker) -> Breaker:
        for words in resets:
            run(*words)
        return tried_by(breaker, "r-9", datetime.now(UTC)) if breaker.is_open else breaker

    breakers(trial).change("class:quota", try_late)

    found = breakers(trial).read("class:quota")
    assert (found.is_open, found.trial, found.reason) == (False, None, "raised")


@pytest.mark.parametrize("name", ["quota", "class:fatigue", "stack:-x"])
def test_a_name_that_there_cannot_be_is_refused(run: Run, name: str) -> None:
    """With those that there can be, before anything is asked of AWS."""
    result = run("breaker", "reset", name, "--reason", "x")
    assert result.exit_code == 2
    assert "write cell, stack:NAME or class:CLASS" in result.stderr
