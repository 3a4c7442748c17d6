"""Figures are read from what ran, not from what was hoped for."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from drills import measure
from drills.field import Field
from drills.probes import (
    every_change_is_an_attempt,
    nobody_of_ours_changed,
    nobody_of_ours_touched,
    one_mutation_per_attempt,
    only_act_roles_changed_stacks,
    recovery_is_escalated,
)
from handlers.domain.outcome import Escalation
from tests.drills.conftest import RememberedStage

ROLE = "arn:aws:sts::222222222222:assumed-role/stackmend-sandbox-{0}-us-east-1/stackmend-sandbox-{0}"
CONTINUE = "cloudformation:ContinueUpdateRollback"


def call(function: str, action: str, resource: str = "", *, error: str | None = None, **parameters: Any) -> SimpleNamespace:
    return SimpleNamespace(caller_arn=ROLE.format(function), action=action, resource=resource, parameters=parameters, error=error)


def ledger_of(items: dict[str, list[dict[str, Any]]]) -> Any:
    """A person whose ledger holds *items* by the kind of their sort key."""

    def paginate(**asked: Any) -> list[dict[str, Any]]:
        kind = asked["ExpressionAttributeValues"][":sk"]["S"]
        return [{"Items": [{name: {"S": value} for name, value in item.items()} for item in items.get(kind, [])]}]

    client = SimpleNamespace(get_paginator=lambda _name: SimpleNamespace(paginate=paginate))
    return SimpleNamespace(client=lambda _service: client)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app-orders", True),
        ("arn:aws:cloudformation:us-east-1:222222222222:stack/app-orders/1f0a", True),
        ("STACK#222222222222#us-east-1#app-orders", True),
        ("app-orders-2", False),
        ("my-app-orders", False),
    ],
)
def test_a_call_names_a_stack_only_by_its_whole_name(text: str, expected: bool) -> None:
    """A stack whose name begins like another's is not that other."""
    assert measure.names(call("intake", "x", StackName=text), "app-orders") is expected


def test_transitions_count_states_and_retries() -> None:
    """A retry of a task is a transition as well: AWS bills it."""
    history = [
        {"type": kind} for kind in ("TaskStateEntered", "TaskScheduled", "TaskFailed", "TaskScheduled", "ChoiceStateEntered")
    ]

    assert measure._transitions(history) == 3


def test_billed_duration_is_read_from_lambdas_own_line() -> None:
    """The line that AWS documents for REPORT gives request, milliseconds and memory."""
    line = "REPORT RequestId: 8f1c\tDuration: 12.3 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\tMax Memory Used: 90 MB"

    assert measure._billed(line) == measure._Billed("8f1c", 13, 256)


def test_billed_duration_is_read_from_json_too() -> None:
    """A function that logs in JSON reports in JSON."""
    metrics = '{"billedDurationMs": 13, "memorySizeMB": 512, "durationMs": 12.3}'
    line = f'{{"type": "platform.report", "record": {{"requestId": "8f1c", "metrics": {metrics}}}}}'
    billed = measure._billed(line)

    assert billed is not None
    assert billed.gigabyte_seconds == pytest.approx(0.0065)
    assert measure._billed('{"message": "a line of ours"}') is None


def test_the_role_that_deploys_is_not_ours(make_field: Callable[..., Field]) -> None:
    """Only the cell's own functions count as Stackmend's acts."""
    deployer = SimpleNamespace(caller_arn="arn:aws:sts::222222222222:assumed-role/stackmend-deploy/pulumi")

    assert not measure.is_ours(make_field(), deployer)
    assert measure.is_ours(make_field(), call("intake", "x"))


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("222222222222:assumed-role/stackmend-sandbox-intake-us-east-1/stackmend-sandbox-intake", True),
        ("222222222222:assumed-role/stackmend-sandbox-intake-us-west-2/stackmend-sandbox-intake", False),
        ("333333333333:assumed-role/stackmend-sandbox-intake-us-east-1/stackmend-sandbox-intake", False),
        ("111111111111:assumed-role/stackmend-sandbox-lease-read/stackmend-us-east-1", True),
        ("111111111111:assumed-role/stackmend-sandbox-lease-read-333333333333-us-east-1/stackmend-us-east-1", False),
        ("222222222222:assumed-role/stackmend-deploy-us-east-1/pulumi", False),
    ],
)
def test_a_cells_calls_are_told_from_its_neighbours(make_field: Callable[..., Field], caller: str, expected: bool) -> None:
    """By the account and region of the function's role, or by the cell's own door in the hub."""
    assert measure.is_of_cell(make_field(), SimpleNamespace(caller_arn=f"arn:aws:sts::{caller}")) is expected


DOOR = "arn:aws:sts::111111111111:assumed-role/stackmend-sandbox-{}/stackmend-us-east-1"
RAN = {"failed_at": "2026-11-24T10:00:00+00:00", "settled_at": "2026-11-24T10:00:05+00:00"}


@pytest.mark.parametrize(
    ("caller", "second", "ends", "expected"),
    [
        (DOOR.format("lease-read"), 2, True, True),
        (DOOR.format("lease-read"), 9, True, False),
        (DOOR.format("lease-read"), 9, False, True),
        (DOOR.format("lease-renew"), 2, True, False),
        (DOOR.format("lease-read-333333333333-us-east-1"), 2, True, False),
    ],
)
def test_reads_of_the_lease_belong_to_the_recoveries_of_their_time(
    make_field: Callable[..., Field], caller: str, second: int, ends: bool, expected: bool
) -> None:
    """They name no stack and their session no function; the heartbeat's renewals and another cell's reads are not among them."""
    at = datetime.fromisoformat("2026-11-24T10:00:00+00:00").timestamp() + second
    recovery = RAN if ends else {"failed_at": RAN["failed_at"]}

    assert measure._is_lease_read(make_field(), SimpleNamespace(caller_arn=caller, at=at), [recovery]) is expected


def test_a_single_look_at_a_foreign_stack_is_found(make_field: Callable[..., Field]) -> None:
    """Not touching means not even reading it by name."""
    stage = RememberedStage(seen=[call("diagnose", "cloudformation:DescribeStacks", "other-payments")])
    field = make_field(stage=stage, operator=ledger_of({}))

    assert nobody_of_ours_touched(field, "other-payments") == (
        f"other-payments was touched: {ROLE.format('diagnose')} cloudformation:DescribeStacks"
    )
    assert nobody_of_ours_touched(make_field(stage=RememberedStage(), operator=ledger_of({})), "other-payments") is None


def test_a_foreign_stack_in_the_ledger_is_found(make_field: Callable[..., Field]) -> None:
    """A cell that writes down a stack that is not its own has looked at it."""
    field = make_field(stage=RememberedStage(), operator=ledger_of({"CLAIM": [{"sk": "CLAIM"}]}))

    assert nobody_of_ours_touched(field, "other-payments") == "other-payments stands in the ledger: ['CLAIM']"


def test_refused_calls_are_no_mutations_and_a_second_one_is_noticed(make_field: Callable[..., Field]) -> None:
    """The ledger's attempts and the accepted calls must agree in number."""
    operator = ledger_of({"ATTEMPT#": [{"sk": "ATTEMPT#sm-1"}]})
    refused = call("act-roll", CONTINUE, "app-orders", error="ValidationError")
    accepted = call("act-roll", CONTINUE, "app-orders")

    assert (
        one_mutation_per_attempt(make_field(operator=operator, stage=RememberedStage(seen=[refused, accepted])), "app-orders")
        is None
    )
    assert one_mutation_per_attempt(
        make_field(operator=operator, stage=RememberedStage(seen=[accepted, accepted])), "app-orders"
    ) == ("app-orders: 1 attempts in the ledger, 2 accepted calls")


def test_only_act_roles_may_change_a_stack(make_field: Callable[..., Field]) -> None:
    """Any other of our roles that changes one is named; seeing no change at all is no proof either."""
    good = make_field(stage=RememberedStage(seen=[call("act-roll", CONTINUE)]))
    bad = make_field(stage=RememberedStage(seen=[call("act-roll", CONTINUE), call("diagnose", "cloudformation:DeleteStack")]))
    astray = make_field(stage=RememberedStage(seen=[call("act-change", CONTINUE)]))

    assert only_act_roles_changed_stacks(good) is None
    assert only_act_roles_changed_stacks(bad) == f"others changed stacks: {ROLE.format('diagnose')} cloudformation:DeleteStack"
    assert only_act_roles_changed_stacks(astray) == f"others changed stacks: {ROLE.format('act-change')} {CONTINUE}"
    assert only_act_roles_changed_stacks(make_field()) == "the recorder saw no change by our roles at all"


def test_what_is_left_alone_is_not_even_tried(make_field: Callable[..., Field]) -> None:
    """A refused change of a stack that must not be changed is told too; reading it is allowed."""
    read, refused = call("act-roll", "cloudformation:DescribeStacks", "app-one"), call("act-roll", CONTINUE, "app-one", error="x")

    assert nobody_of_ours_changed(make_field(stage=RememberedStage(seen=[read])), "app-one") is None
    assert nobody_of_ours_changed(make_field(stage=RememberedStage(seen=[read, refused])), "app-one") == (
        f"app-one was to be changed: {ROLE.format('act-roll')} {CONTINUE}"
    )


@pytest.mark.parametrize(("token", "problem"), [("sm-1", None), ("sm-2", f"changes without an attempt: {CONTINUE} app-one")])
def test_every_change_is_an_attempt_of_its_stack(make_field: Callable[..., Field], token: str, problem: str | None) -> None:
    """By its token, which the stack's ledger must hold."""
    changed = call("act-roll", CONTINUE, "app-one")
    changed.parameters = {
        "StackName": "arn:aws:cloudformation:us-east-1:222222222222:stack/app-one/1",
        "ClientRequestToken": token,
    }
    operator = ledger_of({"ATTEMPT#": [{"sk": "ATTEMPT#sm-1", "token": "sm-1"}]})

    assert every_change_is_an_attempt(make_field(stage=RememberedStage(seen=[changed]), operator=operator)) == problem


ESCALATED = {"sk": "RECOVERY#r-1", "outcome": "attempts_spent", "reason": "3 of 3", "detected_at": "1"}


@pytest.mark.parametrize(
    ("recovery", "state", "problem"),
    [
        (ESCALATED, "escalated", None),
        (ESCALATED, "open", "the failure of app-one is ['open'], not escalated"),
        ({**ESCALATED, "outcome": "recovered"}, "settled", "the recovery of app-one ended as recovered: 3 of 3"),
        ({**ESCALATED, "reason": ""}, "escalated", "the recovery of app-one ended as attempts_spent: "),
        (None, "escalated", "app-one has no recovery"),
    ],
)
def test_an_escalation_stands_in_the_ledger_with_its_reason(
    make_field: Callable[..., Field], recovery: dict[str, str] | None, state: str, problem: str | None
) -> None:
    """Outcome, reason, and a failure that stays on the list."""
    kept = {"RECOVERY#": [recovery] if recovery else [], "FAILURE#": [{"sk": "FAILURE#f", "recovery_id": "r-1", "state": state}]}

    assert recovery_is_escalated(make_field(operator=ledger_of(kept)), "app-one", Escalation.ATTEMPTS_SPENT) == problem
