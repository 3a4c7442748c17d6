"""What every plan promises, whatever the stack, the cause, the policy and the history; and each strategy's own conditions."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain import survey
from handlers.domain.causes import CAUSES
from handlers.domain.cell import Mode, Tier
from handlers.domain.decision import Route, after_diagnosis
from handlers.domain.diagnosis_types import Cause, Confidence, Diagnosis, Evidence
from handlers.domain.failure_class import FailureClass
from handlers.domain.operations import OPERATIONS, Group, Operation
from handlers.domain.outcome import Escalation
from handlers.domain.plan import ACTED_ON, STRATEGIES, group_of, make_plan, most_attempts, operation_of, unlawful
from handlers.domain.situation import Left, Plan, Risk, Situation, SkipOffer
from handlers.domain.skip_policy import SkipVerdict
from handlers.domain.status import LAST_KNOWN_STABLE, Kind, StackStatus

ROLE = "arn:aws:iam::222222222222:role/service"
NAMES = [strategy.NAME for strategy in STRATEGIES]
IDS = st.lists(st.sampled_from(["Table", "Queue", "Nested.Bucket"]), unique=True, max_size=3).map(tuple)


def _stopped(failure_class: FailureClass) -> Cause:
    evidence = Evidence(event_id="", stack_id="", logical_id="Table", resource_type="", status="UPDATE_FAILED", reason="", at="")
    return Cause(failure_class=failure_class, evidence=evidence, rule="none", confidence=Confidence.NONE)


DIAGNOSES = st.builds(
    Diagnosis,
    failure_class=st.sampled_from(FailureClass),
    rollback_stopped_by=st.lists(st.sampled_from(FailureClass).map(_stopped), max_size=2).map(tuple),
)
SKIPS = st.lists(
    st.builds(
        SkipOffer,
        name=st.sampled_from(["Table", "Queue", "Nested.Bucket"]),
        verdict=st.sampled_from(SkipVerdict),
        is_stateful=st.booleans(),
        reason=st.just("why"),
    ),
    unique_by=lambda one: one.name,
    max_size=3,
).map(tuple)
SITUATIONS = st.builds(
    Situation,
    status=st.sampled_from(StackStatus),
    diagnosis=DIAGNOSES,
    mode=st.sampled_from(Mode),
    stack_role_arn=st.sampled_from([None, ROLE]),
    repair_role=st.sampled_from([None, ROLE]),
    is_role_gone=st.booleans(),
    is_protected=st.booleans(),
    owner=st.sampled_from([None, None, None, "StackSets"]),
    max_attempts=st.integers(1, 3),
    last_stable=st.sampled_from([None, *sorted(LAST_KNOWN_STABLE)]),
    skips=SKIPS,
    left=st.builds(Left, may_hold_data=IDS, undeletable=IDS),
    tried=st.lists(st.sampled_from(NAMES), max_size=8).map(tuple),
)


@given(SITUATIONS)
def test_every_step_is_legal_where_its_turn_comes(situation: Situation) -> None:
    """In the status that is, or in an end that the step before can leave; each strategy once."""
    plan = make_plan(situation)

    assert unlawful(situation.status, plan) == ()
    assert len({step.strategy for step in plan.steps}) == len(plan.steps)


@given(SITUATIONS)
def test_nothing_destructive_and_no_lent_role_without_a_person(situation: Situation) -> None:
    """Whoever loses data, or lends a role for good, was told to."""
    for step in make_plan(situation).steps:
        is_delete = OPERATIONS[operation_of(step.strategy)].group is Group.DELETE
        assert step.needs_approval or step.risk is not Risk.DESTRUCTIVE
        assert step.needs_approval or situation.stack_role_arn
        assert step.risk is Risk.DESTRUCTIVE or not is_delete


@given(SITUATIONS)
def test_nothing_is_done_against_an_owners_word(situation: Situation) -> None:
    """Protection is never lifted, another's stack never touched, and no role ordered with that is gone."""
    steps = make_plan(situation).steps

    assert not (situation.owner and steps)
    assert not (situation.stack_role_arn and situation.is_role_gone and steps)
    if situation.is_protected:
        assert all(group_of(step.strategy) is not Group.DELETE for step in steps)


@given(SITUATIONS)
def test_no_step_loses_what_cannot_be_made_again(situation: Situation) -> None:
    """No deletion of what may hold data, under any name: a RollbackStack of what never was stable is one."""
    plan = make_plan(situation)

    if situation.left.may_hold_data:
        assert all(group_of(step.strategy) is not Group.DELETE for step in plan.steps)
    if situation.last_stable is None or situation.status is StackStatus.CREATE_FAILED:
        assert plan.step("rollback_stack") is None


@given(SITUATIONS)
def test_nothing_is_skipped_without_a_person_and_nothing_that_never_may(situation: Situation) -> None:
    """Whatever the policy says of the type; and all of it, or the rollback would stop again."""
    step = make_plan(situation).step("continue_skipping")

    if step is not None:
        assert step.needs_approval
        assert all(one.verdict is not SkipVerdict.NEVER for one in situation.skips)
        assert step.resources == tuple(one.name for one in situation.skips)
        assert step.risk is Risk.DESTRUCTIVE or not any(one.is_stateful for one in situation.skips)


@given(SITUATIONS)
def test_a_failed_update_is_never_continued(situation: Situation) -> None:
    """Only its own rollback, once that has failed, can be."""
    for step in make_plan(situation).steps:
        if operation_of(step.strategy).call == "ContinueUpdateRollback":
            assert step.begins_in is StackStatus.UPDATE_ROLLBACK_FAILED


@given(SITUATIONS)
def test_nothing_is_tried_more_often_than_it_may(situation: Situation) -> None:
    """A step whose attempts are spent is refused by that name."""
    plan = make_plan(situation)

    assert all(situation.tried.count(step.strategy) < step.max_attempts for step in plan.steps)
    assert sum(step.max_attempts for step in plan.steps) <= most_attempts(situation.max_attempts) + situation.max_attempts


@given(SITUATIONS)
def test_every_plan_ends_somewhere(situation: Situation) -> None:
    """Steps, or the reason why there are none; and a decision that acts only in mode act, without a person's word due."""
    plan = make_plan(situation)
    assert plan.steps or plan.refusals

    decision = after_diagnosis(status=situation.status, mode=situation.mode, plan=plan)
    if decision.route in {Route.ACT, Route.PAUSE}:
        step = plan.steps[0]
        assert (situation.mode, step.needs_approval, step.strategy) == (Mode.ACT, False, decision.strategy)
        assert Group(decision.group) in ACTED_ON
    else:
        assert decision.route in {Route.SETTLE, Route.ESCALATE}
        assert decision.reason


def at(status: StackStatus, **change: Any) -> Plan:
    """The plan for a stack with a service role, in *status*."""
    usual: dict[str, Any] = {
        "status": status,
        "diagnosis": Diagnosis(failure_class=FailureClass.NOT_FOUND),
        "mode": Mode.ACT,
        "stack_role_arn": ROLE,
    }
    return make_plan(Situation(**(usual | change)))


def skip(name: str, verdict: SkipVerdict = SkipVerdict.ASK, *, is_stateful: bool = False) -> SkipOffer:
    """What a rollback could leave behind."""
    return SkipOffer(name=name, verdict=verdict, is_stateful=is_stateful, reason="the policy's reason")


def test_a_permanent_cause_leaves_the_skip() -> None:
    """Named with the policy's word on it, behind what must be removed to do without."""
    gone = Diagnosis(failure_class=FailureClass.NOT_FOUND, rollback_stopped_by=(_stopped(FailureClass.NOT_FOUND),))
    plan = at(StackStatus.UPDATE_ROLLBACK_FAILED, diagnosis=gone, skips=(skip("Table"),))

    (step,) = plan.steps
    assert (step.strategy, step.resources, step.risk) == ("continue_skipping", ("Table",), Risk.REVERSIBLE)
    assert "without Table (ask: the policy's reason)" in step.reason
    assert [one.code for one in plan.refusals] == [Escalation.CAUSE_MUST_BE_REMOVED]


def test_what_may_never_be_skipped_is_said() -> None:
    """By its name, and not as if there were no such strategy."""
    plan = at(StackStatus.UPDATE_ROLLBACK_FAILED, skips=(skip("Key"), skip("Part", SkipVerdict.NEVER)))

    assert plan.step("continue_skipping") is None
    assert [(one.code, one.reason) for one in plan.refusals] == [
        (Escalation.NOT_SKIPPABLE, "Part may never be skipped: the policy's reason")
    ]


@pytest.mark.parametrize("status", [StackStatus.CREATE_FAILED, StackStatus.UPDATE_FAILED])
def test_what_can_have_passed_is_resumed_first(status: StackStatus) -> None:
    """Nothing milder is known there: no data can be lost, so nobody is asked; a role that is lent still needs a word."""
    passing = Diagnosis(failure_class=FailureClass.THROTTLING)
    (first, *_) = at(status, diagnosis=passing).steps
    assert (first.strategy, first.risk, first.needs_approval) == ("resume", Risk.SAFE, False)

    (lent, *_) = at(status, diagnosis=passing, stack_role_arn=None, repair_role=ROLE).steps
    assert (lent.strategy, lent.needs_approval) == ("resume", True)


def test_what_was_stable_goes_back_when_it_cannot_go_on() -> None:
    """After the resume's failure, and before anything that deletes."""
    passing = Diagnosis(failure_class=FailureClass.THROTTLING)
    steps = at(StackStatus.UPDATE_FAILED, diagnosis=passing, last_stable=StackStatus.CREATE_COMPLETE).steps

    assert [(step.strategy, step.when, step.after) for step in steps[:2]] == [
        ("resume", "first", ""),
        ("rollback_stack", "failed", "resume"),
    ]


def test_a_cause_beside_the_first_must_have_passed_too() -> None:
    """One permanent failure among them is enough for the operation to fail again."""
    both = Diagnosis(failure_class=FailureClass.THROTTLING, other_causes=(_stopped(FailureClass.PERMISSION),))
    plan = at(StackStatus.UPDATE_FAILED, diagnosis=both, last_stable=StackStatus.CREATE_COMPLETE)

    assert plan.steps[0].strategy == "rollback_stack"
    assert [(one.strategy, one.code) for one in plan.refusals] == [("resume", Escalation.CAUSE_MUST_BE_REMOVED)]
    assert plan.refusals[0].reason == (
        "it would fail again until that is removed: Table failed for a permanent cause (permission)"
    )


@given(SITUATIONS)
def test_only_what_has_failed_and_stayed_is_resumed(situation: Situation) -> None:
    """A healthy stack would be updated by the same call; and only causes that can have passed are tried again."""
    step = make_plan(situation).step("resume")

    if step is not None:
        assert step.begins_in in {StackStatus.CREATE_FAILED, StackStatus.UPDATE_FAILED}
        assert all(CAUSES[one.failure_class].may_pass for one in situation.diagnosis.failed_for)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"owner": "StackSets"}, Escalation.OWNED_ELSEWHERE),
        ({"is_protected": True}, Escalation.TERMINATION_PROTECTED),
        ({"is_role_gone": True}, Escalation.SERVICE_ROLE_UNUSABLE),
    ],
)
def test_what_stands_against_a_plan_is_named(change: dict[str, Any], code: Escalation) -> None:
    """Whoever is called reads what has to be mended, not that there was no way."""
    plan = at(StackStatus.ROLLBACK_COMPLETE, **change)

    assert plan.steps == ()
    assert plan.refusals[0].code is code


def test_a_failed_deletion_is_retried_then_retains_then_is_forced() -> None:
    """The mildest first, each after the failure of the one before, and each for a person to approve."""
    plan = at(StackStatus.DELETE_FAILED, left=Left(undeletable=("Bucket",)))

    assert [(step.strategy, step.when, step.after) for step in plan.steps] == [
        ("delete_stack", "first", ""),
        ("delete_retaining", "failed", "delete_stack"),
        ("force_delete", "failed", "delete_retaining"),
    ]
    retaining = plan.step("delete_retaining")
    assert retaining is not None
    assert retaining.resources == ("Bucket",)


@pytest.mark.parametrize("status", [StackStatus.ROLLBACK_COMPLETE, StackStatus.ROLLBACK_FAILED, StackStatus.CREATE_FAILED])
def test_a_creation_that_failed_can_be_deleted(status: StackStatus) -> None:
    """But never what may hold data."""
    assert at(status).steps[0].strategy == "delete_stack"
    held = at(status, left=Left(may_hold_data=("Table",)))

    assert held.steps == ()
    assert Escalation.HOLDS_DATA in {one.code for one in held.refusals}


@pytest.mark.parametrize("status", [status for status in StackStatus if status.kind is Kind.HEALTHY])
def test_what_is_healthy_needs_nothing(status: StackStatus) -> None:
    """Least of all to be deleted."""
    assert at(status).steps == ()


def test_attempts_leave_room_for_every_strategy() -> None:
    """The machine's time is reckoned with this number."""
    assert most_attempts(Tier().max_attempts) == Tier().max_attempts + len(STRATEGIES) - 1


def event(name: str, resource_type: str, status: str, number: int, reason: str = "") -> dict[str, Any]:
    """A stack event."""
    arn = "arn:aws:cloudformation:us-east-1:222222222222:stack/app/1"
    is_own = resource_type == "own"
    return {
        "StackId": arn,
        "StackName": "app",
        "EventId": str(number),
        "LogicalResourceId": name,
        "PhysicalResourceId": arn if is_own else name,
        "ResourceType": "AWS::CloudFormation::Stack" if is_own else resource_type,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "Timestamp": datetime(2026, 3, 4, 12, 0, number, tzinfo=UTC),
    }


def test_what_is_left_is_read_from_the_newest_events() -> None:
    """What was deleted is gone; what may hold data is a data store, or what nobody can judge."""
    told = [
        event("Table", "AWS::DynamoDB::Table", "CREATE_COMPLETE", 1),
        event("Gone", "AWS::DynamoDB::Table", "CREATE_COMPLETE", 2),
        event("Topic", "AWS::CloudWatch::Alarm", "CREATE_COMPLETE", 3),
        event("Mine", "Custom::Thing", "CREATE_COMPLETE", 4),
        event("Gone", "AWS::DynamoDB::Table", "DELETE_COMPLETE", 5),
        event("Topic", "AWS::CloudWatch::Alarm", "DELETE_FAILED", 6),
    ][::-1]

    assert survey.left(told) == Left(may_hold_data=("Mine", "Table"), undeletable=("Topic",))


def test_what_a_rollback_failed_on_is_offered_with_the_policys_word() -> None:
    """A data store is one; what was only cancelled is not offered."""
    told = [
        event("app", "own", "UPDATE_IN_PROGRESS", 1),
        event("app", "own", "UPDATE_ROLLBACK_IN_PROGRESS", 2),
        event("Table", "AWS::DynamoDB::Table", "UPDATE_FAILED", 3, "gone"),
        event("Topic", "AWS::SNS::Topic", "UPDATE_FAILED", 4, "Resource update cancelled"),
        event("app", "own", "UPDATE_ROLLBACK_FAILED", 5),
    ][::-1]

    assert [(one.name, one.is_stateful) for one in survey.skips(told)] == [("Table", True)]
    assert survey.skips([]) == ()


def test_the_operation_of_a_skip_is_the_rolls_own_call() -> None:
    """So the role of the roll group needs no further right for it."""
    assert operation_of("continue_skipping") is Operation.CONTINUE_SKIPPING
    assert group_of("continue_skipping") is Group.ROLL
