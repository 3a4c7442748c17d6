"""The plan tries what can help, refuses what cannot, and says why."""

import pytest

from handlers.domain.cell import Mode
from handlers.domain.diagnosis_types import Diagnosis
from handlers.domain.failure_class import MAY_PASS_BY_ITSELF, FailureClass
from handlers.domain.outcome import Escalation
from handlers.domain.plan import CAUSES, Situation, make_plan
from handlers.domain.status import FAILED, StackStatus

ROLE = "arn:aws:iam::222222222222:role/service"


def situation(**change: object) -> Situation:
    """A stack that a continued rollback can repair, but for *change*."""
    usual: dict[str, object] = {
        "status": StackStatus.UPDATE_ROLLBACK_FAILED,
        "diagnosis": Diagnosis(failure_class=FailureClass.THROTTLING, root_cause="Chaos"),
        "mode": Mode.ACT,
        "stack_role_arn": ROLE,
    }
    return Situation.model_validate(usual | change)


def test_a_rollback_whose_cause_can_have_passed_goes_on() -> None:
    """With the stack's own role no approval is due."""
    (step,) = make_plan(situation()).steps

    assert (step.strategy, step.needs_approval) == ("continue_update_rollback", False)


@pytest.mark.parametrize("failure_class", FailureClass)
def test_every_class_has_one_answer(failure_class: FailureClass) -> None:
    """Either it is tried, or a person is told what to remove."""
    plan = make_plan(situation(diagnosis=Diagnosis(failure_class=failure_class, root_cause="Chaos")))

    assert CAUSES[failure_class].may_pass is bool(plan.steps)
    if not plan.steps:
        (refusal,) = plan.refusals
        assert refusal.code is Escalation.CAUSE_MUST_BE_REMOVED
        assert refusal.reason == f"Chaos failed for a permanent cause ({failure_class.value}): {CAUSES[failure_class].why}"


def test_what_diagnosis_calls_passing_is_tried() -> None:
    """The two tables do not contradict each other."""
    assert all(CAUSES[failure_class].may_pass for failure_class in MAY_PASS_BY_ITSELF)


@pytest.mark.parametrize("status", [status for status in FAILED if status is not StackStatus.UPDATE_ROLLBACK_FAILED])
def test_a_status_without_a_strategy_is_said(status: StackStatus) -> None:
    """Nothing is tried where it is not legal."""
    plan = make_plan(situation(status=status))

    assert plan.steps == ()
    assert Escalation.NO_STRATEGY is plan.refusals[0].code
    assert f"no strategy of this version leads from {status} to a healthy stack" == plan.refusals[0].reason


def test_without_any_role_nothing_is_tried() -> None:
    """CloudFormation would act with the recovery role's rights and fail half-way."""
    plan = make_plan(situation(stack_role_arn=None))

    assert plan.steps == ()
    assert Escalation.NO_ROLE is plan.refusals[0].code


def test_a_repair_role_stays_and_so_needs_approval() -> None:
    """A RoleARN once given cannot be removed."""
    (step,) = make_plan(situation(stack_role_arn=None, repair_role=ROLE)).steps

    assert step.needs_approval
    assert "stays with the stack" in step.reason


def test_mode_off_plans_nothing() -> None:
    """Whatever the cause."""
    assert Escalation.MODE_FORBIDS is make_plan(situation(mode=Mode.OFF)).refusals[0].code


def test_another_plan_has_another_digest() -> None:
    """An approval is for one plan."""
    plan = make_plan(situation())

    assert plan.digest == make_plan(situation()).digest
    assert plan.digest != make_plan(situation(stack_role_arn=None, repair_role=ROLE)).digest
