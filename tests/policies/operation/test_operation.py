"""What never ends, starves, or drops what it cannot deliver is found."""

import json
from typing import Any

import pytest
from pulumi_policy import PolicyResource, StackValidationArgs

from policies.operation import dead_letters, function_limits, log_retention, machine_timeouts, queue_redrive, tracing
from policies.rule import Rule
from tests.policies.conftest import EXPLICIT, OPTIONS, Judge

QUEUE = "arn:aws:sqs:us-east-1:222222222222:dead"
TASK = {"Type": "Task", "TimeoutSeconds": 60}
DROPS = "drops what it cannot deliver"


def machine(*, timeout: int | None = 600, **states: dict[str, Any]) -> dict[str, str]:
    return {"definition": json.dumps({"States": states, **({"TimeoutSeconds": timeout} if timeout else {})})}


@pytest.mark.parametrize(
    ("rule", "props", "findings"),
    [
        (log_retention.RULE, {"retentionInDays": 30}, []),
        (log_retention.RULE, {}, ["is kept for ever"]),
        (log_retention.RULE, {"retentionInDays": 0}, ["is kept for ever"]),
        (function_limits.RULE, {"timeout": 30, "reservedConcurrentExecutions": 2}, []),
        (
            function_limits.RULE,
            {"reservedConcurrentExecutions": -1},
            ["has no time-out of its own", "has no concurrency of its own"],
        ),
        (function_limits.RULE, {"timeout": 30}, ["has no concurrency of its own"]),
        (function_limits.RULE, {"timeout": 30, "reservedConcurrentExecutions": 0}, ["has no concurrency of its own"]),
        (machine_timeouts.RULE, machine(Act=TASK, Route={"Type": "Choice"}), []),
        (machine_timeouts.RULE, machine(Act={"Type": "Task", "TimeoutSecondsPath": "$.seconds"}), []),
        (machine_timeouts.RULE, machine(timeout=None, Act=TASK), ["has no time-out"]),
        (machine_timeouts.RULE, machine(Act={"Type": "Task"}), ["has no time-out in Act"]),
        (
            machine_timeouts.RULE,
            machine(
                Each={"Type": "Map", "ItemProcessor": {"States": {"One": {"Type": "Task"}}}},
                Both={"Type": "Parallel", "Branches": [{"States": {"Left": {"Type": "Task"}, "Right": TASK}}]},
            ),
            ["has no time-out in One", "has no time-out in Left"],
        ),
    ],
)
def test_what_runs_has_an_end(judge: Judge, rule: Rule, props: dict[str, Any], findings: list[str]) -> None:
    """Logs, functions, machines and each of their tasks."""
    (resource_type,) = rule.resource_types

    assert judge(rule, resource_type, props) == [f"thing {finding}: {rule.remedy}" for finding in findings]


@pytest.mark.parametrize(
    ("resource_type", "props", "findings"),
    [
        (dead_letters.TARGET, {"deadLetterConfig": {"arn": QUEUE}}, []),
        (dead_letters.TARGET, {}, [DROPS]),
        (dead_letters.SCHEDULE, {"target": {"deadLetterConfig": {"arn": QUEUE}}}, []),
        (dead_letters.SCHEDULE, {"target": {}}, [DROPS]),
        (dead_letters.CALLS, {"destinationConfig": {"onFailure": {"destination": QUEUE}}}, []),
        (dead_letters.CALLS, {"destinationConfig": {"onSuccess": {"destination": QUEUE}}}, [DROPS]),
        (dead_letters.CALLS, {}, [DROPS]),
    ],
)
def test_what_cannot_be_delivered_is_kept(judge: Judge, resource_type: str, props: dict[str, Any], findings: list[str]) -> None:
    """Each of the three gives up in its own way."""
    rule = dead_letters.RULE

    assert judge(rule, resource_type, props) == [f"thing {finding}: {rule.remedy}" for finding in findings]


def test_a_queue_that_is_not_known_counts_as_given(judge: Judge, unknown: str) -> None:
    """In a first preview no queue has an ARN."""
    assert judge(dead_letters.RULE, dead_letters.TARGET, {"deadLetterConfig": {"arn": unknown}}) == []


@pytest.mark.parametrize(
    ("props", "is_read", "is_found"),
    [({"redrivePolicy": "{}"}, True, False), ({}, True, True), ({}, False, False)],
    ids=["with dead letters", "without", "nobody reads it"],
)
def test_a_queue_that_is_read_hands_bad_messages_on(props: dict[str, Any], is_read: bool, is_found: bool) -> None:
    """A queue that people empty needs none."""
    queue = PolicyResource(queue_redrive.QUEUE, props, "urn:intake", "intake", OPTIONS, EXPLICIT, None, [], {})
    refers_to = {"eventSourceArn": [queue]} if is_read else {}
    mapping = PolicyResource(queue_redrive.MAPPING, {}, "urn:source", "source", OPTIONS, EXPLICIT, None, [], refers_to)
    messages: list[str] = []
    args = StackValidationArgs([queue, mapping], {})

    def report(message: str, urn: str | None = None) -> None:
        messages.append(f"{urn}: {message}")

    queue_redrive.RULE.policy().validate(args, report)

    expected = f"urn:intake: intake hands one bad message out for ever: {queue_redrive.RULE.remedy}"
    assert messages == ([expected] if is_found else [])


@pytest.mark.parametrize(
    ("resource_type", "props", "is_traced"),
    [
        (tracing.FUNCTION, {"tracingConfig": {"mode": "Active"}}, True),
        (tracing.FUNCTION, {"tracingConfig": {"mode": "PassThrough"}}, False),
        (tracing.FUNCTION, {}, False),
        (tracing.MACHINE, {"tracingConfiguration": {"enabled": True}}, True),
        (tracing.MACHINE, {}, False),
    ],
)
def test_what_runs_is_traced(judge: Judge, resource_type: str, props: dict[str, Any], is_traced: bool) -> None:
    """A gap in the middle breaks the trace in two."""
    expected = [] if is_traced else [f"thing is not traced: {tracing.RULE.remedy}"]

    assert judge(tracing.RULE, resource_type, props) == expected
