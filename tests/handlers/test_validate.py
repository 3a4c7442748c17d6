"""Validate looks at the stack, not at what it was told."""

from typing import Any

import pytest

from handlers import acting, notice
from handlers.domain.criteria import Criterion, Demand
from handlers.domain.decision import Decision
from handlers.domain.payload import ActPayload
from handlers.validate import handle
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.journey import PASSING, broken, diagnosed, order


@pytest.fixture
def stack(bench: BenchRuntime) -> FakeStack:
    """A broken stack."""
    return broken(bench)


def acted(bench: BenchRuntime, stack: FakeStack, *, well: bool, reason: str = PASSING) -> ActPayload:
    """A recovery whose first attempt has ended."""
    payload = order(bench, diagnosed(bench, stack))
    acting.handle(payload, bench)
    bench.time.pass_seconds(5)
    bench.cloudformation.end_operation(stack, well=well, reason=reason)
    notice.handle(bench.event_of(stack), bench)
    return payload


def test_a_recovery_is_proven_and_recorded(bench: BenchRuntime, stack: FakeStack) -> None:
    """Stages, attempts, criteria."""
    payload = acted(bench, stack, well=True)

    assert handle(payload, bench).reason == "recovered: continue_update_rollback ended in UPDATE_ROLLBACK_COMPLETE"

    recovery = bench.ledger.recovery(payload.stack, payload.recovery_id)
    assert recovery is not None
    stages = (recovery.acted_at, recovery.ended_at, recovery.proven_at)
    assert all(stages)
    assert list(stages) == sorted(stage for stage in stages if stage)
    assert recovery.attempts == 1
    held = [each.criterion for each in recovery.criteria if each.verdict == "holds"]
    assert held == ["rests_healthy", "resources_complete", "exports_kept"]


def test_a_failed_attempt_is_followed_by_another(bench: BenchRuntime, stack: FakeStack) -> None:
    """After a pause."""
    decision = handle(acted(bench, stack, well=False), bench)

    assert (decision.route, decision.attempt, decision.wait_seconds) == ("pause", 2, 30)


def test_an_express_stack_needs_an_alarm(bench: BenchRuntime, stack: FakeStack) -> None:
    """It says that it is complete before its resources are ready: without an alarm nobody can tell."""
    payload = acted(bench, stack, well=True)
    stack.mode = "EXPRESS"

    assert handle(payload, bench).reason == "criterion_failed: criterion alarms_quiet is not proven: no alarm watches it"


def test_what_failed_last_is_diagnosed_anew(bench: BenchRuntime, stack: FakeStack) -> None:
    """A cause that has become permanent ends the attempts."""
    payload = acted(bench, stack, well=False, reason="Access Denied (Service: Sqs, Status Code: 403)")

    assert handle(payload, bench).reason.startswith("cause_must_be_removed: Chaos failed for a permanent cause (permission)")


def test_a_resource_that_is_not_complete_is_named(bench: BenchRuntime, stack: FakeStack) -> None:
    """The stack rests, and one resource was left behind."""
    payload = acted(bench, stack, well=True)
    stack.resources["Queue"] = "UPDATE_FAILED"

    assert handle(payload, bench).reason == "criterion_failed: criterion resources_complete fails: Queue is UPDATE_FAILED"


def test_a_resource_of_a_nested_stack_is_named_by_its_way_down(bench: BenchRuntime, stack: FakeStack) -> None:
    """A root that is complete may hold a nested stack that is not."""
    payload = acted(bench, stack, well=True)
    child = bench.cloudformation.create("app-one-Web", parent_id=stack.stack_id)
    child.resources["Fn"] = "UPDATE_FAILED"
    stack.resources["Web"] = "UPDATE_COMPLETE"
    stack.holds["Web"] = ("AWS::CloudFormation::Stack", child.stack_id)

    assert handle(payload, bench).reason == "criterion_failed: criterion resources_complete fails: Web.Fn is UPDATE_FAILED"


def test_an_export_that_others_imported_and_that_is_gone_is_named(bench: BenchRuntime, stack: FakeStack) -> None:
    """Diagnose has looked who imports it, for afterwards nobody can tell."""
    stack.exports, bench.cloudformation.imported = ["shop-url", "shop-unused"], {"shop-url"}
    payload = acted(bench, stack, well=True)
    stack.exports = []

    assert handle(payload, bench).reason == (
        "criterion_failed: criterion exports_kept fails: shop-url is not exported any more, and other stacks import it"
    )


def with_tier(bench: BenchRuntime, **tier: Any) -> None:
    """Let the stacks' tier say more."""
    bench.cell = bench.cell.model_copy(update={"tiers": {"standard": bench.cell.tiers["standard"].model_copy(update=tier)}})


@pytest.mark.parametrize("is_its_own", [True, False])
def test_an_alarm_that_rings_after_the_repair_is_named(bench: BenchRuntime, stack: FakeStack, *, is_its_own: bool) -> None:
    """One that the stack holds, or one that its tier names."""
    payload = acted(bench, stack, well=True)
    if is_its_own:
        stack.resources["Alarm"] = "CREATE_COMPLETE"
        stack.holds["Alarm"] = ("AWS::CloudWatch::Alarm", "errors")
    else:
        with_tier(bench, alarms=("errors",))
    bench.time.pass_seconds(5)
    bench.cloudwatch.ring("errors", bench.time.now)

    assert handle(payload, bench).reason == (
        "criterion_failed: criterion alarms_quiet fails: errors is in ALARM since 2026-03-04T12:00:10.000Z"
    )


def test_what_a_tier_wants_proven_and_is_not_calls_a_person(bench: BenchRuntime, stack: FakeStack) -> None:
    """Not proven is never clean where it is asked for; elsewhere the stack is recovered, and the record says so."""
    payload = acted(bench, stack, well=True)
    with_tier(bench, criteria={Criterion.ALARMS_QUIET: Demand.PROVE})

    assert handle(payload, bench).reason == ("criterion_failed: criterion alarms_quiet is not proven: no alarm watches it")


def test_what_a_tier_has_switched_off_is_not_looked_at(bench: BenchRuntime, stack: FakeStack) -> None:
    """Nor called clean."""
    with_tier(bench, criteria={Criterion.ALARMS_QUIET: Demand.OFF, Criterion.EXPORTS_KEPT: Demand.OFF}, alarms=("errors",))
    stack.exports = ["shop-url"]
    payload = acted(bench, stack, well=True)
    bench.cloudwatch.ring("errors", bench.time.now)

    assert handle(payload, bench).reason.startswith("recovered: ")
    recovery = bench.ledger.recovery(payload.stack, payload.recovery_id)
    assert recovery is not None
    assert recovery.exports_in_use is None
    assert {each.criterion: each.observed for each in recovery.criteria if each.verdict == "not_proven"} == dict.fromkeys(
        ["exports_kept", "template_intended", "alarms_quiet", "drift_none"], "not looked at"
    )


def _heals(bench: BenchRuntime, stack: FakeStack) -> None:
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=True)


def _is_busy(bench: BenchRuntime, stack: FakeStack) -> None:
    bench.cloudformation.someone_continues(stack)


def _is_deleted(bench: BenchRuntime, stack: FakeStack) -> None:
    bench.cloudformation.delete(stack)


def _cannot_be_deleted(bench: BenchRuntime, stack: FakeStack) -> None:
    bench.cloudformation.say(stack, "DELETE_FAILED", "bucket not empty", token="person")


@pytest.mark.parametrize(
    ("change", "route", "code"),
    [
        (_heals, "settle", "healed_elsewhere"),
        (_is_busy, "settle", "in_other_hands"),
        (_is_deleted, "settle", "vanished"),
        (_cannot_be_deleted, "escalate", "changed_under_us"),
    ],
)
def test_what_others_did_is_reconciled(bench: BenchRuntime, stack: FakeStack, change: Any, route: str, code: str) -> None:
    """Act had told the machine that there was nothing to wait for."""
    payload = order(bench, diagnosed(bench, stack))
    change(bench, stack)
    acting.handle(payload, bench)

    decision = handle(payload, bench)

    assert (decision.route, decision.reason.partition(":")[0]) == (route, code)


def test_a_deployment_right_after_our_repair_takes_nothing_from_it(bench: BenchRuntime, stack: FakeStack) -> None:
    """UPDATE_COMPLETE is healthy; our operation had ended as it was meant to."""
    payload = acted(bench, stack, well=True)
    bench.cloudformation.say(stack, "UPDATE_IN_PROGRESS", "User Initiated", token="deploy")
    bench.cloudformation.say(stack, "UPDATE_COMPLETE", "", token="deploy")

    assert handle(payload, bench).reason.startswith("recovered")


def test_every_key_of_a_decision_is_always_there(bench: BenchRuntime, stack: FakeStack) -> None:
    """JSONPath fails on a missing one."""
    decision: Decision = handle(acted(bench, stack, well=True), bench)

    assert set(decision.model_dump()) == {"route", "group", "strategy", "attempt", "wait_seconds", "reason"}
