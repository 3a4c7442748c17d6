"""What the rules let through, matched the way EventBridge does."""

import re
from typing import Any

import pytest

from components.addresses import CellAddresses
from components.intake import UNINTERESTING, capture_pattern, intake_pattern, notice_pattern
from handlers.domain.cell import Mode, Pattern
from handlers.domain.identity import OWN_TOKEN_PREFIX
from handlers.domain.status import Kind, StackStatus
from tests.components.conftest import Lint, Recording

CELL = CellAddresses(environment="test", partition="aws", account="222222222222", region="us-east-1")
PATTERNS = (Pattern(pattern="app-*", mode=Mode.ACT), Pattern(pattern="payments"), Pattern(pattern="core-*-db"))
ABSENT = object()


def matches(pattern: Any, value: Any) -> bool:
    """EventBridge's rules, as far as ours use them (its user guide, "Comparison operators")."""
    if isinstance(pattern, dict):
        return all(
            matches(inner, value.get(key, ABSENT) if isinstance(value, dict) else ABSENT) for key, inner in pattern.items()
        )
    return any(_one(test, value) for test in pattern)


def _one(test: Any, value: Any) -> bool:
    if not isinstance(test, dict):
        return bool(test == value)
    ((operator, operand),) = test.items()
    if operator == "exists":
        return bool(operand) is (value is not ABSENT)
    if not isinstance(value, str):
        return False
    if operator == "anything-but":
        return not (value.startswith(operand["prefix"]) if isinstance(operand, dict) else value in operand)
    if operator == "prefix":
        return value.startswith(operand)
    assert operator == "wildcard"
    return re.fullmatch(".*".join(map(re.escape, operand.split("*"))), value) is not None


def event(stack: str = "app-one", status: str = "UPDATE_ROLLBACK_FAILED", /, **more: Any) -> dict[str, Any]:
    """A status event as CloudFormation sends it."""
    arn = f"arn:aws:cloudformation:{more.pop('region', 'us-east-1')}:{more.pop('account', '222222222222')}:stack/{stack}/0a1b"
    return {
        "source": "aws.cloudformation",
        "detail-type": "CloudFormation Stack Status Change",
        "detail": {"stack-id": arn, "status-details": {"status": status, "status-reason": ""}, **more},
    }


def doors(sent: dict[str, Any]) -> list[str]:
    """The doors that an event enters by."""
    both = {"intake": intake_pattern(CELL, PATTERNS), "notice": notice_pattern(CELL, PATTERNS)}
    return [door for door, pattern in both.items() if matches(pattern, sent)]


@pytest.mark.parametrize("token", ["deploy-1", "Console-UpdateStack-1", "", "s", "SM-1", None])
def test_other_peoples_operations_go_to_intake(token: str | None) -> None:
    """Whatever their token is."""
    assert doors(event("app-one", **{"client-request-token": token})) == ["intake"]


def test_an_operation_without_a_token_goes_to_intake() -> None:
    """The field may be missing."""
    assert doors(event()) == ["intake"]


def test_our_own_operations_go_to_notice() -> None:
    """And to no other door."""
    assert doors(event(**{"client-request-token": f"{OWN_TOKEN_PREFIX}0a1b2c"})) == ["notice"]


@pytest.mark.parametrize("status", [status for status in StackStatus if status.kind not in (Kind.IN_PROGRESS, Kind.UNBORN)])
def test_every_rest_is_told(status: StackStatus) -> None:
    """Failed, healthy or gone."""
    assert doors(event("app-one", status.value)) == ["intake"]


def test_a_status_that_nobody_knows_yet_is_told() -> None:
    """A rule that lists what it wants would drop it without a word."""
    assert doors(event("app-one", "UPDATE_QUANTUM_ENTANGLED")) == ["intake"]


@pytest.mark.parametrize("status", UNINTERESTING)
def test_what_is_under_way_is_not_told(status: str) -> None:
    """Nothing can be done about it; the heartbeat watches for what takes too long."""
    assert doors(event("app-one", status)) == []


@pytest.mark.parametrize("token", ["deploy-1", f"{OWN_TOKEN_PREFIX}1", None])
@pytest.mark.parametrize(
    ("status", "is_told"),
    [
        ("UPDATE_IN_PROGRESS", True),
        ("UPDATE_COMPLETE", True),
        ("UPDATE_ROLLBACK_FAILED", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", False),
        ("UPDATE_ROLLBACK_COMPLETE", False),
        ("DELETE_COMPLETE", True),
        ("DELETE_IN_PROGRESS", False),
    ],
)
def test_capture_hears_what_shows_a_version_every_failure_and_every_end(token: str | None, status: str, is_told: bool) -> None:
    """Whoever ordered it, we ourselves included."""
    told = {} if token is None else {"client-request-token": token}

    assert matches(capture_pattern(CELL, PATTERNS), event("app-one", status, **told)) is is_told


@pytest.mark.parametrize("stack", ["app-", "app-one", "payments", "core-eu-db", "core--db"])
def test_a_managed_stack_is_heard(stack: str) -> None:
    """By each form that a pattern can have."""
    assert doors(event(stack)) == ["intake"]


@pytest.mark.parametrize(
    "stack", ["App-one", "ap", "my-app-one", "payments2", "payments-Child-1A2B", "core-eu-dbx", "shadow-one"]
)
def test_no_other_stack_is_heard(stack: str) -> None:
    """Not by case, not by a part of its name."""
    assert doors(event(stack)) == []


@pytest.mark.parametrize("elsewhere", [{"region": "us-west-2"}, {"account": "333333333333"}])
def test_another_cells_stack_is_not_heard(elsewhere: dict[str, str]) -> None:
    """Should its events ever be forwarded to this bus."""
    assert doors(event(**elsewhere)) == []


@pytest.mark.parametrize("pattern", [intake_pattern, notice_pattern, capture_pattern])
def test_cfn_lint_takes_the_rules(pattern: Any, findings: Lint) -> None:
    """As a rule's event pattern in a template."""
    assert findings("AWS::Events::Rule", {"EventPattern": pattern(CELL, PATTERNS)}) == []


def test_each_rule_has_retries_and_a_queue_for_what_could_not_be_delivered(sandbox: Recording) -> None:
    """The target's own, for the queue's dead letters are another matter."""
    for target in sandbox.of("EventTarget"):
        assert target.inputs["deadLetterConfig"]["arn"].endswith("-dead")
        assert target.inputs["retryPolicy"] == {"maximumEventAgeInSeconds": 86400, "maximumRetryAttempts": 185}


def test_a_batch_can_fail_in_part(sandbox: Recording) -> None:
    """One bad message does not make the others come again."""
    mappings = sandbox.of("EventSourceMapping")

    assert len(mappings) == 3
    assert all(mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"] for mapping in mappings)


def test_a_queue_hides_a_message_for_six_of_its_functions_lives(sandbox: Recording) -> None:
    """Else a throttled batch would be taken twice."""
    for door in ("intake", "notice", "capture"):
        function = sandbox.one("Function", f"workload-us-east-1-intake-{door}-taker-function")
        queue = sandbox.one("Queue", f"workload-us-east-1-intake-{door}-events-queue")

        assert queue.inputs["visibilityTimeoutSeconds"] >= 6 * function.inputs["timeout"]


def test_no_more_messages_are_taken_at_once_than_the_function_has_places(sandbox: Recording) -> None:
    """A poller that is throttled would push messages towards the dead letters."""
    for mapping in sandbox.of("EventSourceMapping"):
        (function,) = [one for one in sandbox.of("Function") if one.inputs["name"] == mapping.inputs["functionName"]]

        assert mapping.inputs["scalingConfig"]["maximumConcurrency"] <= function.inputs["reservedConcurrentExecutions"]
