"""Recoveries as a ledger would hold them: one that came to a good end at its second attempt, and one that needs a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

from drills.story import Story
from handlers.domain.approval import Answer
from handlers.domain.records import Attempt, Failure, Recovery
from handlers.domain.situation import Plan, Risk, Step
from tests.cells import ACCOUNT

FAILED = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
STACK = {"account": ACCOUNT, "region": "us-east-1", "name": "app-orders"}
STACK_ID = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/app-orders/1"
PERSON = f"arn:aws:sts::{ACCOUNT}:assumed-role/stackmend-approver/maria"
REASON = "Received response status [FAILED] from custom resource. Message returned: 503 <b>Service Unavailable</b>"


def after(seconds: float) -> datetime:
    return FAILED + timedelta(seconds=seconds)


def _plan(*, needs_approval: bool) -> Plan:
    step = Step(
        strategy="continue_update_rollback",
        reason="transient: the cause can have passed",
        risk=Risk.SAFE,
        needs_approval=needs_approval,
        expected_seconds=120,
        max_attempts=3,
    )
    return Plan(steps=(step,))


def attempt(number: int, ordered: float, ended: float, end_status: str) -> Attempt:
    return Attempt(
        token=f"sm-{number}",
        stack=STACK,
        stack_id=STACK_ID,
        recovery_id="r-1",
        attempt=number,
        operation="ContinueUpdateRollback",
        fence=1,
        task_token="t",
        claimed_at=after(1),
        ordered_at=after(ordered),
        deadline=after(3600),
        end_status=end_status,
        ended_at=after(ended),
    )


def story(outcome: str = "recovered", *, answers: tuple[Answer, ...] = (), **recovery: Any) -> Story:
    """The recovery of app-orders, which failed at 03:12."""
    shared: dict[str, Any] = {"failure_id": "f-1", "recovery_id": "r-1", "stack": STACK, "stack_id": STACK_ID}
    note = {
        "failure_class": "transient",
        "root_cause": "Config",
        "resource_type": "Custom::Fragile",
        "reason": REASON,
        "evidence": (),
    }
    plan = _plan(needs_approval=bool(answers))
    given: dict[str, Any] = {
        "fence": 1,
        "failed_at": FAILED,
        "detected_at": after(0.4),
        "diagnosed_at": after(1.9),
        "settled_at": after(44.2),
        "diagnosis": note,
        "plan": plan,
        "plan_digest": plan.digest,
        "outcome": outcome,
    }
    if outcome == "recovered":
        seen = [("rests_healthy", "holds"), ("resources_complete", "holds"), ("drift_none", "not_proven")]
        given["criteria"] = [{"criterion": name, "verdict": verdict, "observed": "as seen"} for name, verdict in seen]
        given["proven_at"] = after(43)
    ends = ("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE" if outcome == "recovered" else "UPDATE_ROLLBACK_FAILED")
    return Story(
        failure=Failure(
            **shared, failed_at=FAILED, detected_at=after(0.4), status="UPDATE_ROLLBACK_FAILED", seen_by="event", reason=REASON
        ),
        recovery=Recovery(**shared, **(given | recovery)),
        attempts=(attempt(1, 3, 12, ends[0]), attempt(2, 32.5, 41, ends[1])),
        answers=answers,
        runbook_url="https://runbooks.example.com/stackmend",
    )


def approval() -> Answer:
    """What maria said."""
    return Answer(
        approval_id="a-1",
        word="approved",
        by=PERSON,
        at=after(20),
        reason="seen with the team",
        recovery_id="r-1",
        fence=1,
        strategy="continue_update_rollback",
        plan_digest="0",
        status="UPDATE_ROLLBACK_FAILED",
        valid_until=after(600),
    )
