"""What the handlers say of themselves: each decision once, and every metric that somebody watches."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.alarms import catalogue
from components.blueprint import blueprints
from handlers import act_roll, capture, diagnose, escalate, heartbeat, intake, notice, settle, validate
from handlers.domain.breaker import CELL_BREAKER, Limit, counted
from handlers.domain.cell import Cell
from handlers.domain.identity import StackKey
from handlers.domain.outcome import Escalation, Settlement
from handlers.domain.signals import DIMENSIONS, GRAINS, NAMESPACE, Grain, Metric, UnknownGrainError, dimensions, has_succeeded
from handlers.telemetry import count, count_by, logger
from tests.components.conftest import settings_of
from tests.handlers.aws.conftest import aws, client, table
from tests.handlers.bench import cell_data
from tests.handlers.test_entries import Deployed, batch, call, deployed

__all__ = ["aws", "deployed", "table"]

Series = tuple[str, frozenset[str]]
"""A metric's name and the names of its dimensions, as CloudWatch tells metrics apart."""


def spoken(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def decisions(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in said if "outcome" in line]


def series(out: str) -> Iterator[Series]:
    """Every series in the lines of the embedded format (CloudWatch guide, "Embedded metric format specification")."""
    for line in spoken(out):
        for told in line.get("_aws", {}).get("CloudWatchMetrics", []):
            assert told["Namespace"] == NAMESPACE
            for metric in told["Metrics"]:
                yield from ((metric["Name"], frozenset(names)) for names in told["Dimensions"])


def recover(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """One recovery from the event to the settled ledger."""
    monkeypatch.setattr(deployed.runtime.machine, "wake", lambda *_, **__: True)
    call(heartbeat, {})
    stack = deployed.break_stack()
    call(intake, batch(deployed.newest()))
    state = open_state(deployed)
    state["decision"] = call(diagnose, state)
    call(act_roll, state | {"task_token": "task-1"})
    deployed.cloudformation.end_operation(stack, well=True)
    call(notice, batch(deployed.newest()))
    state["decision"] = call(validate, state)
    call(settle, state)


def fail(deployed: Deployed) -> None:
    """One that the heartbeat finds, and that ends with a person."""
    deployed.break_stack("app-two")
    call(heartbeat, {})
    call(intake, batch(deployed.newest(), "no json"))
    state = open_state(deployed)
    call(escalate, state | {"error": {"Error": "States.Timeout", "Cause": ""}})


def find(deployed: Deployed) -> None:
    """Somebody has written in the vault what is no version; capture meets it."""
    stack = deployed.cloudformation.create("app-three")
    key = StackKey.of(stack.stack_id)
    s3, bucket = client("s3"), deployed.runtime.cell.vault_bucket
    s3.put_object(Bucket=bucket, Key=f"stacks/{key.account}/{key.region}/{key.name}/candidate", Body=b"{}")
    call(capture, batch(deployed.newest()))


def trip(deployed: Deployed) -> None:
    """A breaker opens of which people know; a heartbeat sees it."""
    now, limit = deployed.runtime.clock(), Limit(count=1, window_seconds=60, open_seconds=60, longest_open_seconds=60)
    told = {"alerted_at": now}
    deployed.runtime.breakers.change(
        CELL_BREAKER, lambda each: counted(each, "app-two", failed_at=now, now=now, limit=limit).model_copy(update=told)
    )
    call(heartbeat, {})


def open_state(deployed: Deployed) -> dict[str, Any]:
    (failure,) = deployed.runtime.ledger.unresolved().failures
    claim = deployed.runtime.ledger.claim(failure.stack)
    assert claim is not None
    return claim.machine_input()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every line of the log, as it is written."""
    lines: list[dict[str, Any]] = []
    handler = logger.registered_handler
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(json.loads(handler.format(record))))
    return lines


@pytest.fixture
def written(deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> set[Series]:
    """Every series that two recoveries and their heartbeats write."""
    recover(deployed, monkeypatch)
    fail(deployed)
    find(deployed)
    trip(deployed)
    return set(series(capsys.readouterr().out))


def test_every_alarm_on_a_metric_of_ours_watches_what_is_written(written: set[Series]) -> None:
    """By name and all dimensions: an alarm on anything else stays silent for ever, and looks well."""
    plan = blueprints(settings_of("sandbox/Pulumi.sandbox.yaml"))[0]
    alarms = catalogue(plan.addresses, plan.settings.alarms, plan.settings.tiers)
    watched = {(one.metric, frozenset(one.dimensions)) for one in alarms if one.namespace == NAMESPACE}

    assert watched
    assert watched <= written


def test_nothing_is_written_that_the_catalogue_does_not_have(written: set[Series]) -> None:
    """What costs is known."""
    common = {"service", "environment", "cell"}
    known = {(metric.value, frozenset(common | set(DIMENSIONS[grain]))) for metric, grains in GRAINS.items() for grain in grains}

    assert written <= known
    assert {name for name, _ in known - written} == {
        Metric.LASTING,
        Metric.OVERDUE,
        Metric.WAITING,
    }  # these take hours, or people


def test_alarm_and_handler_spell_a_cell_alike() -> None:
    """The cell on paper and the cell at run time give one value."""
    plan = blueprints(settings_of("sandbox/Pulumi.sandbox.yaml"))[0]

    assert plan.addresses.key == plan.cell.key


def test_a_recovery_is_told_by_one_line_per_decision(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, said: list[dict[str, Any]]
) -> None:
    """Each with the recovery, the stack and the reason; the attempt from the first decision that counts one."""
    recover(deployed, monkeypatch)
    told = decisions(said)

    assert [(one["function"], one["outcome"]) for one in told] == [
        ("heartbeat", "beat"),
        ("intake", "started"),
        ("diagnose", "act"),
        ("act-roll", "ordered"),
        ("notice", "woken"),
        ("validate", "settle"),
        ("settle", "closed"),
    ]
    of_recovery = told[1:]
    assert len({one["recovery_id"] for one in of_recovery}) == 1
    assert {one["stack"] for one in of_recovery} == {"222222222222/us-east-1/app-one"}
    assert {one["attempt"] for one in of_recovery[1:]} == {1}
    assert all(one.get("reason") for one in of_recovery if one["function"] != "act-roll")


def test_a_line_says_nothing_of_the_message_before(deployed: Deployed, said: list[dict[str, Any]]) -> None:
    """Messages of one batch share a function call, and nothing else."""
    call(heartbeat, {})
    deployed.break_stack()
    call(intake, batch(deployed.newest(), "no json"))
    good, bad = decisions(said)[1:]

    assert (good["outcome"], bad["outcome"]) == ("started", "malformed")
    assert "stack" in good
    assert not {"stack", "recovery_id"} & bad.keys()


def test_a_refusal_is_a_decision(deployed: Deployed, said: list[dict[str, Any]]) -> None:
    """Told once, by its code, although it leaves the function as an error."""
    call(heartbeat, {})
    deployed.break_stack()
    call(intake, batch(deployed.newest()))
    state = open_state(deployed)
    state["decision"] = call(diagnose, state)
    state["fence"] += 1
    said.clear()

    with pytest.raises(Exception, match="claim"):
        call(act_roll, state | {"task_token": "task-1"})

    (refused,) = decisions(said)
    assert (refused["outcome"], refused["attempt"]) == ("claim_lost", 1)


def test_no_line_holds_a_token_that_wakes_or_a_template(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, said: list[dict[str, Any]]
) -> None:
    """A task token is a secret; what an event's body says stays in its queue."""
    recover(deployed, monkeypatch)
    call(intake, batch('{"detail": {"secret": "swordfish"}}'))
    recorded = json.dumps(said)

    assert "swordfish" not in recorded
    assert "task-1" not in recorded


@pytest.mark.parametrize(
    ("code", "succeeded"),
    [
        (Settlement.RECOVERED, True),
        (Settlement.OBSERVED, None),
        (Settlement.VANISHED, None),
        (Escalation.ATTEMPTS_SPENT, False),
        (Escalation.EXECUTION_DIED, False),
        (Escalation.PROPOSED, None),
    ],
)
def test_an_end_is_a_success_a_failure_or_neither(code: Settlement | Escalation, succeeded: bool | None) -> None:
    """Where nothing was to be done, or a person was to do it, the rate is not touched."""
    assert has_succeeded(code) is succeeded


def test_dimensions_are_whole_or_refused() -> None:
    """CloudWatch would take a part of them for another metric."""
    with pytest.raises(UnknownGrainError):
        dimensions("test", "222222222222#us-east-1", Grain.KIND, failure_class="transient")
    assert dimensions("test", "c", Grain.TIER, tier="")["tier"] == "none"


def test_a_metric_is_written_only_by_its_own_grains() -> None:
    """Any other would be one that nobody finds, and that costs."""
    with pytest.raises(UnknownGrainError):
        count(Metric.FAILED)
    with pytest.raises(UnknownGrainError):
        count_by(Cell.model_validate(cell_data()), Grain.KIND, Metric.LEASE_HELD, 1, failure_class="a", strategy="b")
