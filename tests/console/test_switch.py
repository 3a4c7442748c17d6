"""`stackmend stop` and `start`: what the functions read of a cell's and an environment's kill switch."""

import json

import pytest

from handlers.aws.lease import HubTable
from handlers.domain.records import Switch
from handlers.runtime import utc_now
from tests.cells import HUB
from tests.console.conftest import OPERATOR, Run, Trial
from tests.console.test_pause import ledger


def environment_switch(trial: Trial) -> Switch:
    """As every act reads it."""
    return HubTable(trial.cell(), lambda region: trial.client("dynamodb", HUB, region), utc_now).read().environment_switch


def test_a_cell_is_stopped_alone(trial: Trial, run: Run) -> None:
    """Signed by STS; its neighbour and the environment go on."""
    result = run("stop", "--reason", "it repairs what we change")

    switch = ledger(trial).switch()
    assert (switch.stopped, switch.by, switch.reason) == (True, OPERATOR, "it repairs what we change")
    assert ledger(trial, "us-west-2").switch() == Switch()
    assert environment_switch(trial) == Switch()
    assert result.exit_code == 0
    assert result.stdout.startswith(
        f"cell {trial.cell().account}/us-east-1 is stopped: it takes failures in and changes nothing; "
    )


def test_a_cell_is_started_again(trial: Trial, run: Run) -> None:
    """And off the list of what holds."""
    run("stop", "--reason", "x")
    result = run("start", "--reason", "understood", "--json")

    assert (ledger(trial).switch().stopped, ledger(trial).switch().reason) == (False, "understood")
    assert ledger(trial).unresolved().switch == Switch()
    said = json.loads(result.stdout)
    assert (said["schema_version"], said["switch"]["stopped"], said["switch"]["by"]) == (1, False, OPERATOR)


def test_an_environment_is_stopped_and_started_in_the_hub(trial: Trial, run: Run) -> None:
    """By one word that every cell reads; signed by who the person is in the hub."""
    run("stop", "--everywhere", "--reason", "something is wrong", region=None)
    switch = environment_switch(trial)
    assert (switch.stopped, switch.reason) == (True, "something is wrong")
    assert switch.by == OPERATOR.replace(trial.cell().account, HUB)

    run("start", "--everywhere", "--reason", "it was not us", region=None)
    assert environment_switch(trial).stopped is False


def test_a_dark_control_region_does_not_keep_the_switch_from_being_thrown(trial: Trial, run: Run) -> None:
    """The next one takes it."""
    trial.client("dynamodb", HUB, "us-east-1").delete_table(TableName=trial.cell().lease.table)

    assert run("stop", "--everywhere", "--reason", "x").exit_code == 0
    assert environment_switch(trial).stopped is True


def test_without_any_control_region_it_says_what_to_do_instead(trial: Trial, run: Run) -> None:
    """Each cell has a switch of its own, which needs no hub."""
    for region in trial.settings.hub.control_regions:
        trial.client("dynamodb", HUB, region).delete_table(TableName=trial.cell().lease.table)
    result = run("stop", "--everywhere", "--reason", "x")

    assert result.exit_code == 2
    assert result.stderr.startswith("no control region took the switch, so nothing is stopped: us-east-1: ")
    assert result.stderr.endswith("stop each cell by itself, with --account and --region\n")


@pytest.mark.parametrize(
    ("words", "region", "said"),
    [
        ((), None, "which cell? Give --account and --region; there are workload/us-east-1, workload/us-west-2"),
        (("--everywhere", "--account", "workload"), "us-east-1", "--everywhere means every cell, --account one of them"),
    ],
)
def test_which_cell_is_never_guessed(run: Run, words: tuple[str, ...], region: str | None, said: str) -> None:
    """A switch thrown in the wrong place helps nobody."""
    result = run("stop", "--reason", "x", *words, region=region)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert said in result.stderr
