"""`stackmend recover`: what is asked for, what is refused before anything is sent, and what its end is worth."""

import json
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from moto.cloudformation.models import cloudformation_backends

from console import recovering
from handlers.aws.breakers import Breakers
from handlers.aws.ledger_items import INDEX_HASH, INDEX_RANGE, item_of
from handlers.aws.people import CellPeople, Word
from handlers.aws.table import Table
from handlers.domain.breaker import Limit, counted
from handlers.domain.events import WantedRecovery
from handlers.domain.identity import StackKey
from handlers.domain.moment import epoch_ms
from handlers.domain.records import Failure, FailureState, Recovery
from handlers.domain.situation import Plan, Risk, Step
from tests.cells import ACCOUNT
from tests.console.conftest import OPERATOR, Run, Trial

KEY = StackKey(account=ACCOUNT, region="us-east-1", name="app-one")
REQUEST = "0" * 31 + "1"


@pytest.fixture(autouse=True)
def cell(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell acts, its queue stands, and whoever waits does not wait long."""
    trial.client("sqs").create_queue(QueueName=trial.cell().intake_queue)
    lease = {
        "pk": {"S": f"LEASE#{ACCOUNT}#us-east-1"},
        "holder": {"S": "us-east-1"},
        "epoch": {"N": "1"},
        "expires_at_ms": {"N": str(epoch_ms(datetime.now(UTC)) + 170_000)},
        "renewed_at_ms": {"N": str(epoch_ms(datetime.now(UTC)))},
    }
    for region in trial.settings.hub.control_regions:
        trial.client("dynamodb", trial.settings.hub.account, region).put_item(TableName=trial.cell().lease.table, Item=lease)
    monkeypatch.setattr(recovering, "TAKEN_UP_SECONDS", 0.01)
    monkeypatch.setattr(recovering, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(REQUEST))


def broken(trial: Trial, name: str = "app-one", status: str = "UPDATE_ROLLBACK_FAILED") -> str:
    """A stack that rests so; moto breaks none by itself."""
    trial.stack(name)
    stack = next(one for one in cloudformation_backends[ACCOUNT]["us-east-1"].stacks.values() if one.name == name)
    stack.status = status
    return str(stack.stack_id)


def letters(trial: Trial) -> list[WantedRecovery]:
    """What lies in the intake queue."""
    sqs = trial.client("sqs")
    url = sqs.get_queue_url(QueueName=trial.cell().intake_queue)["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [WantedRecovery.model_validate_json(one["Body"]) for one in found]


def table(trial: Trial) -> Table:
    return Table(trial.client("dynamodb"), trial.cell().ledger_table)


def came_of_it(trial: Trial, stack_id: str, outcome: str, **more: Any) -> None:
    """The cell has answered: the recovery that bears the request's id."""
    step = Step(
        strategy="continue_update_rollback", reason="it can go on", risk=Risk.SAFE, needs_approval=False, expected_seconds=1
    )
    plan = Plan(steps=(step,))
    recovery = Recovery(
        recovery_id="s-1" if outcome == "simulated" else "r-1",
        failure_id="f",
        stack=KEY,
        stack_id=stack_id,
        fence=1,
        request_id=REQUEST,
        failed_at=datetime.now(UTC),
        detected_at=datetime.now(UTC),
        outcome=outcome,
        reason="as said",
        plan=plan,
        plan_digest=plan.digest,
        **more,
    )
    table(trial).do(table(trial).put(item_of(recovery), "attribute_not_exists(pk)"))


def failure(trial: Trial, stack_id: str, state: FailureState) -> None:
    one = Failure(
        failure_id="f", stack=KEY, stack_id=stack_id, status="UPDATE_ROLLBACK_FAILED", seen_by="event", failed_at=datetime.now(UTC),
        detected_at=datetime.now(UTC), recovery_id="r-0", state=state,
    )  # fmt: skip
    listed = {INDEX_HASH: trial.cell().key, INDEX_RANGE: "FAILURE#1"}
    table(trial).do(table(trial).put(item_of(one, **listed), "attribute_not_exists(pk)"))


def test_a_recovered_stack_is_the_only_success(trial: Trial, run: Run) -> None:
    """Asked for under the name that STS gives; the answer is the recovery's own record."""
    stack_id = broken(trial)
    came_of_it(trial, stack_id, "recovered")
    result = run("recover", "app-one", "--json")

    (letter,) = letters(trial)
    assert (letter.stack_id, letter.by, letter.simulate) == (stack_id, OPERATOR, False)
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert (said["schema_version"], said["simulated"]) == (1, False)
    assert [(one["stack"], one["outcome"]) for one in said["results"]] == [(str(KEY), "recovered")]


@pytest.mark.parametrize("outcome", ["attempts_spent", "paused", "observed", "simulated"])
def test_every_other_end_is_none(trial: Trial, run: Run, outcome: str) -> None:
    """Whatever it is called, the stack is not proven healthy."""
    came_of_it(trial, broken(trial), outcome)
    result = run("recover", "app-one")

    assert result.exit_code == 1
    assert f"{KEY}: {outcome}: as said" in result.stdout


def test_a_simulation_shows_the_plan_and_its_digest(trial: Trial, run: Run) -> None:
    """Exit code 0: what was asked for is what would be done."""
    came_of_it(trial, broken(trial), "simulated")
    result = run("recover", "app-one", "--simulate")

    assert [letter.simulate for letter in letters(trial)] == [True]
    assert result.exit_code == 0, result.stderr
    assert "continue_update_rollback: safe, needs no person's word: it can go on" in result.stdout
    assert ", s-1" in result.stdout


def test_a_word_that_nobody_takes_up_is_said_to_lie_there(trial: Trial, run: Run) -> None:
    """It does not wait for ever."""
    broken(trial)
    result = run("recover", "app-one")

    assert result.exit_code == 1
    assert "not_taken_up: stackmend-trial-intake has the word and no recovery has come of it" in result.stdout


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("app-one", "UPDATE_COMPLETE", "app-one is UPDATE_COMPLETE: there is nothing to recover"),
        ("app-one", "UPDATE_IN_PROGRESS", "there is nothing to recover, an operation is under way"),
        ("shadow-one", "UPDATE_ROLLBACK_FAILED", "mode is observe: nothing would be changed; ask with --simulate"),
    ],
)
def test_what_there_is_nothing_to_recover_of_is_refused(trial: Trial, run: Run, name: str, status: str, said: str) -> None:
    """Before anything is sent."""
    broken(trial, name, status)
    result = run("recover", name)

    assert (result.exit_code, letters(trial)) == (1, [])
    assert said in result.stderr


def test_a_stack_under_repair_is_left_to_it(trial: Trial, run: Run) -> None:
    """The recovery that runs is named."""
    failure(trial, broken(trial), FailureState.OPEN)
    result = run("recover", "app-one")

    assert (result.exit_code, letters(trial)) == (1, [])
    assert "it is being recovered already, by r-0" in result.stderr


def test_a_paused_stack_is_not_recovered_but_simulated(trial: Trial, run: Run) -> None:
    """People first; looking does no harm."""
    came_of_it(trial, broken(trial), "simulated")
    CellPeople(table(trial), trial.cell().key).pause(KEY, Word(by="x", at=datetime.now(UTC), reason="a migration"), until=None)

    held = run("recover", "app-one")
    assert (held.exit_code, letters(trial)) == (1, [])
    assert "a migration (by x); `stackmend status` says what ends it" in held.stderr
    assert run("recover", "app-one", "--simulate").exit_code == 0


def test_of_several_one_that_is_refused_begins_none(trial: Trial, run: Run) -> None:
    """A typing error at 3 a.m. is found before anything happens."""
    broken(trial)
    result = run("recover", "app-one", "app-two")

    assert (result.exit_code, letters(trial)) == (1, [])
    assert "CloudFormation knows no such stack" in result.stderr


def test_a_stack_behind_an_open_breaker_is_not_asked_for(trial: Trial, run: Run) -> None:
    """The cell would not take it up, and nobody waits two minutes to hear that."""
    broken(trial)
    now, limit = datetime.now(UTC), Limit(count=1, window_seconds=60, open_seconds=600, longest_open_seconds=600)
    Breakers(table(trial), trial.cell().key).change(
        "stack:app-one", partial(counted, what="r-0", failed_at=now, now=now, limit=limit)
    )

    result = run("recover", "app-one")

    assert (result.exit_code, letters(trial)) == (1, [])
    assert "breaker stack:app-one is open" in result.stderr


def test_all_failed_are_those_that_nobody_repairs(trial: Trial, run: Run) -> None:
    """As the ledgers list them, and none is a success too."""
    stack_id = broken(trial)
    assert run("recover", "--all-failed").stdout == "no stack is broken that nobody is repairing\n"

    failure(trial, stack_id, FailureState.ESCALATED)
    came_of_it(trial, stack_id, "recovered")
    result = run("recover", "--all-failed")

    assert [letter.stack_id for letter in letters(trial)] == [stack_id]
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize("words", [(), ("app-one", "--all-failed")])
def test_it_must_be_said_which(trial: Trial, run: Run, words: tuple[str, ...]) -> None:
    """Neither none nor both."""
    result = run("recover", *words)

    assert result.exit_code == 2
    assert result.stderr == "say which: STACK..., or --all-failed\n"
