"""Validate looks at the stack, not at what it was told."""

from typing import Any

import pytest

from handlers import acting, notice
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
    assert [each.criterion for each in recovery.criteria if each.verdict == "holds"] == ["rests_healthy", "resources_complete"]


def test_a_failed_attempt_is_followed_by_another(bench: BenchRuntime, stack: FakeStack) -> None:
    """After a pause."""
    decision = handle(acted(bench, stack, well=False), bench)

    assert (decision.route, decision.attempt, decision.wait_seconds) == ("pause", 2, 30)


def test_what_failed_last_is_diagnosed_anew(bench: BenchRuntime, stack: FakeStack) -> None:
    """A cause that has become permanent ends the attempts."""
    payload = acted(bench, stack, well=False, reason="Access Denied (Service: Sqs, Status Code: 403)")

    assert handle(payload, bench).reason.startswith("cause_must_be_removed: Chaos failed for a permanent cause (permission)")


def test_a_resource_that_is_not_complete_is_named(bench: BenchRuntime, stack: FakeStack) -> None:
    """The stack rests, and one resource was left behind."""
    payload = acted(bench, stack, well=True)
    stack.resources["Queue"] = "UPDATE_FAILED"

    assert handle(payload, bench).reason == "criterion_failed: criterion resources_complete fails: Queue is UPDATE_FAILED"


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
