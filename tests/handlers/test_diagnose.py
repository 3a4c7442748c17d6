"""Diagnose records why and what, and changes nothing."""

import pytest

from handlers.diagnose import handle
from handlers.domain.payload import Payload
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import ROLE
from tests.handlers.journey import PASSING, broken, claimed


@pytest.mark.parametrize(
    ("name", "reason", "route", "code"),
    [
        ("app-one", PASSING, "act", "the rollback can go on"),
        ("shadow-one", PASSING, "settle", "observed"),
        ("ask-one", PASSING, "escalate", "proposed"),
        ("app-one", "User is not authorized to perform: sqs:CreateQueue (Status Code: 403)", "escalate", "cause_must_be_removed"),
    ],
)
def test_mode_and_cause_decide(bench: BenchRuntime, name: str, reason: str, route: str, code: str) -> None:
    """Only mode act with a cause that can have passed acts."""
    state = claimed(bench, broken(bench, name, reason))

    decision = handle(Payload.model_validate(state), bench)

    assert (decision.route, decision.reason[: len(code)]) == (route, code)
    assert bench.cloudformation.accepted == []


def test_diagnosis_and_plan_are_recorded(bench: BenchRuntime) -> None:
    """Shortened, with the plan's digest."""
    payload = Payload.model_validate(claimed(bench, broken(bench)))
    handle(payload, bench)

    recovery = bench.ledger.recovery(payload.stack, payload.recovery_id)
    assert recovery is not None
    assert recovery.diagnosis is not None
    assert (recovery.diagnosis.failure_class, recovery.diagnosis.root_cause) == ("throttling", "Chaos")
    assert recovery.plan is not None
    assert [step.strategy for step in recovery.plan.steps] == ["continue_update_rollback", "continue_skipping"]
    assert recovery.plan_digest == recovery.plan.digest
    assert recovery.diagnosed_at == bench.clock()


@pytest.mark.parametrize(
    ("change", "code"),
    [("deletes", "vanished"), ("continues", "in_other_hands"), ("heals", "healed_elsewhere"), ("recreates", "vanished")],
)
def test_a_stack_that_changed_since_is_reconciled(bench: BenchRuntime, change: str, code: str) -> None:
    """No exception: settled by name."""
    stack = broken(bench)
    state = claimed(bench, stack)
    if change in {"deletes", "recreates"}:
        bench.cloudformation.delete(stack)
    else:
        bench.cloudformation.someone_continues(stack)
    if change == "heals":
        bench.cloudformation.end_operation(stack, well=True)
    if change == "recreates":
        broken(bench)

    decision = handle(Payload.model_validate(state), bench)

    assert (decision.route, decision.reason.partition(":")[0]) == ("settle", code)


def test_a_stack_without_roles_is_refused_before_the_call(bench: BenchRuntime) -> None:
    """And one with a lent role waits for an approval."""
    bare = Payload.model_validate(claimed(bench, broken(bench, role_arn=None)))

    assert handle(bare, bench).reason.startswith("no_role: the stack has no service role")


def test_a_lent_role_waits_for_an_approval(bench: BenchRuntime) -> None:
    """It would stay with the stack."""
    lent = Payload.model_validate(claimed(bench, broken(bench, "lent-one", role_arn=None)))

    assert handle(lent, bench).reason.startswith("approval_due: continue_update_rollback needs an approval")


def test_a_deleted_service_role_is_found_before_any_call(bench: BenchRuntime) -> None:
    """A common cause, which CloudFormation would tell only by a further failed state."""
    payload = Payload.model_validate(claimed(bench, broken(bench)))
    bench.iam.deleted.add(ROLE)

    assert handle(payload, bench).reason == (
        f"service_role_unusable: the stack's service role {ROLE} does not exist any more, and a stack cannot be without"
        " the role that it had"
    )


def test_a_role_of_the_same_name_under_another_path_is_another(bench: BenchRuntime) -> None:
    """The stack's own ARN is what CloudFormation would assume."""
    assert bench.roles.exists(ROLE)
    assert not bench.roles.exists(ROLE.replace("role/", "role/team/"))


def test_protection_is_left_to_whoever_set_it(bench: BenchRuntime) -> None:
    """What can only be deleted is not, and no approval could change that."""
    stack = bench.cloudformation.begin("app-one")
    stack.is_protected = True
    bench.cloudformation.tell(stack, "Chaos", "CREATE_FAILED", PASSING, "deploy-0")
    bench.cloudformation.say(stack, "ROLLBACK_COMPLETE", "", token="deploy-0")

    decision = handle(Payload.model_validate(claimed(bench, stack)), bench)
    assert decision.reason.startswith("termination_protected: ")


@pytest.mark.parametrize("manages", [False, True])
def test_an_owned_stack_is_left_to_its_owner(bench: BenchRuntime, *, manages: bool) -> None:
    """Whatever the patterns say, unless the settings say so on purpose."""
    wide = bench.cell.patterns[0].model_copy(update={"pattern": "*"})
    bench.cell = bench.cell.model_copy(update={"patterns": (wide,), "manages_owned_stacks": manages})

    decision = handle(Payload.model_validate(claimed(bench, broken(bench, "StackSet-baseline-1"))), bench)
    assert (decision.route == "act") is manages
    assert manages or decision.reason.startswith("owned_elsewhere: StackSets owns the stack")


def test_a_pattern_that_is_gone_switches_off(bench: BenchRuntime) -> None:
    """The settings changed between claim and diagnosis."""
    state = claimed(bench, broken(bench))
    bench.cell = bench.cell.model_copy(update={"patterns": ()})

    assert handle(Payload.model_validate(state), bench).reason.startswith("switched_off")
