"""The plan tries what can help, refuses what cannot, and says why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.domain.causes import CAUSES
from handlers.domain.cell import Mode
from handlers.domain.diagnosis import diagnose
from handlers.domain.diagnosis_types import Cause, Confidence, Diagnosis, Evidence
from handlers.domain.failure_class import MAY_PASS_BY_ITSELF, FailureClass
from handlers.domain.outcome import Escalation
from handlers.domain.plan import STRATEGIES, Situation, UnknownStrategyError, make_plan, operation_of, unlawful
from handlers.domain.status import FAILED, StackStatus

ROLE = "arn:aws:iam::222222222222:role/service"


def stopped_by(*classes: FailureClass) -> Diagnosis:
    """An update that failed for a permanent cause, and a rollback that resources of *classes* stopped."""
    causes = tuple(
        Cause(
            failure_class=each,
            evidence=Evidence(
                event_id="", stack_id="", logical_id="Chaos", resource_type="", status="UPDATE_FAILED", reason="", at=""
            ),
            rule="none",
            confidence=Confidence.NONE,
        )
        for each in classes
    )
    return Diagnosis(failure_class=FailureClass.INVALID_INPUT, root_cause="Typo", rollback_stopped_by=causes)


def situation(**change: object) -> Situation:
    """A stack that a continued rollback can repair, but for *change*."""
    usual: dict[str, object] = {
        "status": StackStatus.UPDATE_ROLLBACK_FAILED,
        "diagnosis": stopped_by(FailureClass.THROTTLING),
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
    plan = make_plan(situation(diagnosis=stopped_by(failure_class)))

    assert CAUSES[failure_class].may_pass is bool(plan.steps)
    if not plan.steps:
        (refusal,) = plan.refusals
        assert refusal.code is Escalation.CAUSE_MUST_BE_REMOVED
        assert refusal.reason == f"Chaos failed for a permanent cause ({failure_class.value}): {CAUSES[failure_class].why}"


def test_what_diagnosis_calls_passing_is_tried() -> None:
    """The two tables do not contradict each other."""
    assert all(CAUSES[failure_class].may_pass for failure_class in MAY_PASS_BY_ITSELF)


ANSWERED = set(FAILED) - {StackStatus.IMPORT_ROLLBACK_FAILED}


@pytest.mark.parametrize("status", [status for status in FAILED if status not in ANSWERED])
def test_a_status_without_a_strategy_is_said(status: StackStatus) -> None:
    """Nothing is tried where it is not legal."""
    plan = make_plan(situation(status=status))

    assert plan.steps == ()
    assert Escalation.NO_STRATEGY is plan.refusals[0].code
    assert f"no strategy of this version leads from {status} to a healthy stack" == plan.refusals[0].reason


def test_a_failed_update_goes_back_to_what_was_stable() -> None:
    """Its cause, however permanent, is left behind with the update."""
    denied = Diagnosis(failure_class=FailureClass.PERMISSION, root_cause="Chaos", operation="UPDATE")
    plan = make_plan(situation(status=StackStatus.UPDATE_FAILED, diagnosis=denied, last_stable=StackStatus.IMPORT_COMPLETE))

    step, then = plan.steps
    assert (step.strategy, step.needs_approval) == ("rollback_stack", False)
    assert "which its events show as IMPORT_COMPLETE" in step.reason
    assert (then.strategy, then.when, then.after) == ("continue_update_rollback", "failed", "rollback_stack")
    assert unlawful(StackStatus.UPDATE_FAILED, plan) == ()


@pytest.mark.parametrize("status", [StackStatus.UPDATE_FAILED, StackStatus.CREATE_FAILED])
def test_what_never_was_stable_would_be_deleted(status: StackStatus) -> None:
    """No step without proof; and a failed creation proves the contrary."""
    plan = make_plan(situation(status=status))

    assert plan.step("rollback_stack") is None
    assert ("rollback_stack", Escalation.NEVER_STABLE) in {(one.strategy, one.code) for one in plan.refusals}


def test_every_strategy_orders_one_operation_and_others_are_unknown() -> None:
    """A decision of another version is a named error, not a wrong call."""
    assert [operation_of(one.NAME) for one in STRATEGIES] == [one.OPERATION for one in STRATEGIES]
    with pytest.raises(UnknownStrategyError, match="strategy 'reboot' is not known; known are continue_update_rollback, "):
        operation_of("reboot")


PASSING = "Rate exceeded (Service: Lambda, Status Code: 429)"
PERMANENT = "User: a is not authorized to perform: sns:CreateTopic (HandlerErrorCode: AccessDenied)"


def history(update: str, rollback: str, also: str = "") -> list[dict[str, Any]]:
    """The events of an update that failed, and of its rollback that failed too; newest first."""
    told = [
        ("app", "UPDATE_IN_PROGRESS", "User Initiated"),
        ("Release", "UPDATE_FAILED", update),
        ("app", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Release]."),
        ("Config", "UPDATE_FAILED", rollback),
        *([("Topic", "UPDATE_FAILED", also)] if also else []),
        ("app", "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [Config]."),
    ]
    arn = "arn:aws:cloudformation:us-east-1:222222222222:stack/app/1"
    return [
        {
            "StackId": arn,
            "StackName": "app",
            "EventId": str(number),
            "LogicalResourceId": name,
            "PhysicalResourceId": arn if name == "app" else name,
            "ResourceType": "AWS::CloudFormation::Stack" if name == "app" else "AWS::SNS::Topic",
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
            "Timestamp": datetime(2026, 3, 4, 12, 0, number, tzinfo=UTC),
        }
        for number, (name, status, reason) in enumerate(told)
    ][::-1]


@pytest.mark.parametrize(
    ("update", "rollback", "also", "removes"),
    [
        (PERMANENT, PASSING, "", None),
        (PASSING, PERMANENT, "", "Config"),
        (PERMANENT, PERMANENT, "", "Config"),
        (PASSING, PASSING, "", None),
        (PASSING, PASSING, PERMANENT, "Topic"),
        (PERMANENT, "", "", None),
    ],
)
def test_what_stopped_the_rollback_decides(update: str, rollback: str, also: str, removes: str | None) -> None:
    """Each of its causes is enough to stop it again; why the update failed, or that nobody knows, is not."""
    plan = make_plan(situation(diagnosis=diagnose(history(update, rollback, also))))

    if removes is None:
        assert [step.strategy for step in plan.steps] == ["continue_update_rollback"]
    else:
        (refusal,) = plan.refusals
        assert refusal.code is Escalation.CAUSE_MUST_BE_REMOVED
        assert (
            refusal.reason == f"{removes} failed for a permanent cause (permission): grant the missing right, or restore the role"
        )


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
