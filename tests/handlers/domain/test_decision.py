"""The machine's route follows from mode, plan and what Validate found."""

import pytest

from handlers.domain.cell import Mode, Tier
from handlers.domain.criteria import CriterionResult, Verdict
from handlers.domain.decision import AfterAttempt, Decision, Route, after_attempt, after_diagnosis, no_longer_ours
from handlers.domain.operations import OPERATIONS, Operation
from handlers.domain.outcome import Escalation
from handlers.domain.plan import most_attempts
from handlers.domain.situation import Plan, Refusal, Risk, Step
from handlers.domain.status import StackStatus

FAILED = StackStatus.UPDATE_ROLLBACK_FAILED
HEALED = StackStatus.UPDATE_ROLLBACK_COMPLETE
STEP = Step(
    strategy="continue_update_rollback",
    max_attempts=3,
    reason="why",
    risk=Risk.REVERSIBLE,
    needs_approval=False,
    expected_seconds=1,
)
GOOD = Plan(steps=(STEP,))
DONE = Plan()
NOTHING = Plan(refusals=(Refusal(strategy="any", code=Escalation.NO_ROLE, reason="no role"),))


@pytest.mark.parametrize(
    ("status", "mode", "plan", "route", "reason"),
    [
        (FAILED, Mode.ACT, GOOD, Route.ACT, "why"),
        (FAILED, Mode.OBSERVE, GOOD, Route.SETTLE, "observed: mode observe: diagnosed and recorded, nothing was changed"),
        (FAILED, Mode.OBSERVE, NOTHING, Route.SETTLE, "observed: mode observe: diagnosed and recorded, nothing was changed"),
        (
            FAILED,
            Mode.PROPOSE,
            GOOD,
            Route.ESCALATE,
            "proposed: mode propose: a person must act; proposed is continue_update_rollback: why",
        ),
        (FAILED, Mode.OFF, GOOD, Route.SETTLE, "switched_off: no pattern lets this cell act on the stack any more"),
        (FAILED, Mode.ACT, NOTHING, Route.ESCALATE, "no_role: no role"),
        (HEALED, Mode.ACT, GOOD, Route.SETTLE, f"healed_elsewhere: the stack is {HEALED} before anything was done"),
    ],
)
def test_a_diagnosed_stack_is_routed(status: StackStatus, mode: Mode, plan: Plan, route: Route, reason: str) -> None:
    """Only mode act with a step acts."""
    decision = after_diagnosis(status=status, mode=mode, plan=plan)

    assert (route, reason) == (decision.route, decision.reason)


def test_a_step_that_needs_approval_waits_for_a_person() -> None:
    """Until approvals are asked for by the machine, that is an escalation."""
    plan = Plan(steps=(STEP.model_copy(update={"needs_approval": True}),))

    decision = after_diagnosis(status=FAILED, mode=Mode.ACT, plan=plan)

    assert (decision.route, decision.reason) == (Route.ESCALATE, "approval_due: continue_update_rollback needs an approval: why")


@pytest.mark.parametrize(("grace", "route"), [(0, Route.ACT), (120, Route.PAUSE)])
def test_a_grace_comes_before_the_first_act(grace: int, route: Route) -> None:
    """An engineer or a pipeline may be at it; the machine waits as long as the decision says, and then acts."""
    plan = Plan(steps=(STEP,))

    decision = after_diagnosis(status=FAILED, mode=Mode.ACT, plan=plan, grace_seconds=grace)

    assert (decision.route, decision.wait_seconds, decision.attempt) == (route, grace, 1)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (StackStatus.DELETE_COMPLETE, "vanished: the stack is DELETE_COMPLETE"),
        (StackStatus.REVIEW_IN_PROGRESS, "vanished: the stack is REVIEW_IN_PROGRESS"),
        (StackStatus.UPDATE_IN_PROGRESS, "in_other_hands: the stack is UPDATE_IN_PROGRESS by an operation that is not ours"),
    ],
)
def test_what_is_not_ours_any_more_is_settled(status: StackStatus, reason: str) -> None:
    """Reconciled, and no exception."""
    decision = no_longer_ours(status)

    assert decision is not None
    assert (Route.SETTLE, reason) == (decision.route, decision.reason)


def test_what_rests_is_still_ours() -> None:
    """Failed or healthy: somebody has to say which."""
    assert no_longer_ours(FAILED) is None
    assert no_longer_ours(HEALED) is None


def found(**change: object) -> AfterAttempt:
    """A first attempt that ended well, but for *change*."""
    usual: dict[str, object] = {
        "status": HEALED,
        "attempt": 1,
        "strategy": "continue_update_rollback",
        "operation": OPERATIONS[Operation.CONTINUE_UPDATE_ROLLBACK],
        "end_status": HEALED,
        "criteria": (),
        "plan": DONE,
        "tier": Tier(max_attempts=3, backoff_seconds=30),
    }
    return AfterAttempt(**(usual | change))  # type: ignore[arg-type]


def test_our_own_success_is_a_recovery() -> None:
    """The operation's end is what was meant."""
    assert after_attempt(found()).reason == "recovered: continue_update_rollback ended in UPDATE_ROLLBACK_COMPLETE"


def test_health_without_our_doing_is_named_so() -> None:
    """Nobody takes credit."""
    assert Decision(
        route=Route.SETTLE,
        reason="healed_elsewhere: the stack is UPDATE_ROLLBACK_COMPLETE, and not by our doing",
    ) == after_attempt(found(end_status=None))


@pytest.mark.parametrize(("attempt", "wait"), [(1, 30), (2, 60)])
def test_another_attempt_waits_twice_as_long(attempt: int, wait: int) -> None:
    """Backoff doubles from attempt to attempt."""
    tried = (STEP.strategy,) * attempt
    decision = after_attempt(found(status=FAILED, end_status=FAILED, attempt=attempt, tried=tried, plan=GOOD))

    assert (Route.PAUSE, attempt + 1, wait) == (decision.route, decision.attempt, decision.wait_seconds)


def test_another_strategy_waits_too() -> None:
    """What failed may have to pass for it as well; its own pauses begin anew."""
    decision = after_attempt(
        found(status=FAILED, end_status=FAILED, strategy="rollback_stack", tried=("rollback_stack",), plan=GOOD)
    )

    assert (decision.route, decision.group, decision.strategy) == (Route.PAUSE, "roll", "continue_update_rollback")
    assert decision.wait_seconds == 30
    assert decision.reason == "rollback_stack ended in UPDATE_ROLLBACK_FAILED: why"


def test_a_sequel_comes_before_the_settlement() -> None:
    """A success that leaves a step to be done is not the end."""
    decision = after_attempt(found(plan=GOOD, strategy="rollback_stack", tried=("rollback_stack",)))

    assert (decision.route, decision.strategy, decision.attempt) == (Route.ACT, "continue_update_rollback", 2)


def test_attempts_are_bounded() -> None:
    """Whatever the plan says: after as many as the machine has time for, a person is called."""
    most = most_attempts(3)
    decision = after_attempt(found(status=FAILED, end_status=FAILED, attempt=most, plan=GOOD))

    assert decision.reason == f"attempts_spent: {most} of {most} attempts ended in UPDATE_ROLLBACK_FAILED"


def test_a_cause_that_became_permanent_ends_the_attempts() -> None:
    """The plan is made anew from what failed last."""
    assert after_attempt(found(status=FAILED, end_status=FAILED, plan=NOTHING)).reason == "no_role: no role"


def test_another_failed_status_is_somebody_elses_doing() -> None:
    """A continued rollback cannot end in DELETE_FAILED."""
    decision = after_attempt(found(status=StackStatus.DELETE_FAILED))

    assert (
        decision.route,
        decision.reason,
    ) == (Route.ESCALATE, "changed_under_us: the stack is DELETE_FAILED, which continue_update_rollback cannot have led to")


def test_a_failing_criterion_is_named_with_what_was_seen() -> None:
    """Criterion, resource and value."""
    failing = CriterionResult(criterion="resources_complete", verdict=Verdict.FAILS, observed="Chaos is UPDATE_FAILED")

    decision = after_attempt(found(criteria=(failing,)))

    assert decision.reason == "criterion_failed: criterion resources_complete fails: Chaos is UPDATE_FAILED"
