"""Steps of a recovery that many tests take before what they are about."""

from datetime import timedelta
from typing import Any

from handlers import diagnose, intake, settle
from handlers.domain.approval import Answer, Word, approval_id
from handlers.domain.decision import Decision
from handlers.domain.identity import StackKey
from handlers.domain.payload import ActPayload, Payload, SettlePayload
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import ROLE, FakeStack

PASSING = "Rate exceeded (Service: Lambda, Status Code: 429)"


def broken(bench: BenchRuntime, name: str = "app-one", reason: str = PASSING, role_arn: str | None = ROLE) -> FakeStack:
    """A stack whose rollback has failed."""
    stack = bench.cloudformation.create(name, role_arn=role_arn)
    bench.cloudformation.fail_update(stack, reason)
    return stack


def claimed(bench: BenchRuntime, stack: FakeStack) -> dict[str, Any]:
    """The machine's input for a stack that intake has claimed."""
    intake.handle(bench.event_of(stack), bench)
    return next(iter(bench.fake_machine.executions.values())).given


def diagnosed(bench: BenchRuntime, stack: FakeStack) -> dict[str, Any]:
    """The machine's state after Diagnose."""
    state = claimed(bench, stack)
    return {**state, "decision": diagnose.handle(Payload.model_validate(state), bench).model_dump(mode="json")}


def order(bench: BenchRuntime, state: dict[str, Any], task_token: str = "task-1") -> ActPayload:  # noqa: S107 - no secret
    """What ActRoll is called with; its execution waits with the token."""
    bench.fake_machine.executions[state["recovery_id"]].waits_with = task_token
    return ActPayload.model_validate({**state, "task_token": task_token})


def say_yes(bench: BenchRuntime, state: dict[str, Any]) -> None:
    """An approver's word on the step of the plan in the ledger, as the approve function keeps it."""
    recovery = bench.ledger.recovery(StackKey.model_validate(state["stack"]), state["recovery_id"])
    assert recovery is not None
    assert recovery.plan is not None
    strategy = state["decision"]["strategy"]
    answer = Answer(
        approval_id=approval_id(recovery=recovery.recovery_id, plan_digest=recovery.plan.digest, strategy=strategy),
        word=Word.APPROVED,
        by=f"arn:aws:sts::{bench.cell.account}:assumed-role/approver/alice",
        at=bench.clock(),
        reason="seen",
        recovery_id=recovery.recovery_id,
        fence=recovery.fence,
        strategy=strategy,
        plan_digest=recovery.plan.digest,
        status=bench.stacks.generation(recovery.stack_id).status,
        valid_until=bench.clock() + timedelta(hours=1),
    )
    assert bench.answers.keep(answer)


def decided(state: dict[str, Any], decision: Decision | None = None) -> SettlePayload:
    """What Validate and Settle are called with."""
    return SettlePayload.model_validate({**state, **({"decision": decision} if decision else {})})


def settle_as(bench: BenchRuntime, code: str) -> None:
    """End the one open recovery without a person."""
    claim = bench.claims()[0]
    decision = {"route": "settle", "reason": f"{code}: in a test"}
    settle.handle(SettlePayload.model_validate({**claim.machine_input(), "decision": decision}), bench)
