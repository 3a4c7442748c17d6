"""What the recovery machine promises, read from its definition."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from components.addresses import ACTING, Role
from components.machine import CRASHED, Spans, definition, timeout_seconds
from components.recovery import STEPS
from handlers.domain.cell import Tier
from handlers.domain.decision import Decision, Route
from handlers.domain.errors import HeldError
from handlers.domain.plan import ACTED_ON, STRATEGIES, group_of, most_attempts
from tests.components.conftest import Lint

ACTS = {f"Act{group.title()}" for group in ACTING}
SPANS = Spans(act_timeout=3600, act_function=30, function=60, overdue_grace=60)
TIERS = (Tier(max_attempts=3, backoff_seconds=30), Tier(max_attempts=2, backoff_seconds=900), Tier(grace_seconds=3600))
ARNS: dict[Role, str] = {step: f"arn:aws:lambda:us-east-1:222222222222:function:stackmend-test-{step}" for step in STEPS}


@pytest.fixture
def machine() -> dict[str, Any]:
    return definition(ARNS, SPANS, timeout_seconds(SPANS, TIERS))


def tasks(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, state) for name, state in machine["States"].items() if state["Type"] == "Task")


def following(state: dict[str, Any]) -> set[str]:
    """Every state that can come next, by any way."""
    branches = [*state.get("Choices", []), *state.get("Catch", []), state]
    return {branch[key] for branch in branches for key in ("Next", "Default") if key in branch}


def test_cloudformation_takes_the_definition(machine: dict[str, Any], findings: Lint) -> None:
    """cfn-lint finds nothing to say against it."""
    role = "arn:aws:iam::222222222222:role/stackmend-test"

    assert findings("AWS::StepFunctions::StateMachine", {"Definition": machine, "RoleArn": role}) == []


def test_cfn_lint_would_have_found_a_fault(machine: dict[str, Any], findings: Lint) -> None:
    """A state that says not what it is is found, so the silence above means something."""
    del machine["States"]["Validate"]["Type"]
    role = "arn:aws:iam::222222222222:role/stackmend-test"

    assert findings("AWS::StepFunctions::StateMachine", {"Definition": machine, "RoleArn": role})


def test_every_task_is_bounded_retried_and_caught(machine: dict[str, Any]) -> None:
    """Each Task has a time-out, retries with backoff, full jitter and a cap, and ends in Escalate when all fails."""
    for name, task in tasks(machine):
        assert task["TimeoutSeconds"] > 0, name
        for retry in task["Retry"]:
            assert (retry["JitterStrategy"], retry["BackoffRate"] > 1) == ("FULL", True), name
            assert retry["IntervalSeconds"] <= retry["MaxDelaySeconds"], name
            assert 0 < retry["MaxAttempts"] <= 10, name
        if name != "Escalate":
            assert task["Catch"][-1] == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Escalate"}, name
            assert len(task["Catch"]) == (2 if name in ACTS else 1), name


def test_escalate_catches_nothing(machine: dict[str, Any]) -> None:
    """Its failure fails the execution, and the rule on the execution's status takes over; a Catch would hide it."""
    assert "Catch" not in machine["States"]["Escalate"]


def test_only_what_may_pass_is_retried(machine: dict[str, Any]) -> None:
    """No time-out and no permanent error is ever tried again, least of all by Act."""
    retried = {error for _, task in tasks(machine) for retry in task["Retry"] for error in retry["ErrorEquals"]}

    assert not {error for error in retried if error.startswith("States.")}
    assert retried == {
        "TransientError",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        *CRASHED,
    }


def test_a_killed_function_is_called_again_but_not_for_ever(machine: dict[str, Any]) -> None:
    """Its process may die under any step, also under Act, whose next call looks for what the dead one did; twice, no more."""
    for name, task in tasks(machine):
        (crash,) = [retry for retry in task["Retry"] if set(CRASHED) & set(retry["ErrorEquals"])]

        assert (set(crash["ErrorEquals"]), crash["MaxAttempts"]) == (set(CRASHED), 2), name
        assert "Sandbox.Timedout" not in crash["ErrorEquals"], name


def test_every_state_can_be_reached(machine: dict[str, Any]) -> None:
    """Nothing in the definition is dead."""
    reached, ahead = set(), {machine["StartAt"]}
    while ahead:
        reached |= ahead
        ahead = {after for name in ahead for after in following(machine["States"][name])} - reached

    assert reached == set(machine["States"])


def test_every_function_is_used_and_no_other(machine: dict[str, Any]) -> None:
    """The machine calls exactly its steps."""
    called = {task["Parameters"]["FunctionName"] for _, task in tasks(machine)}

    assert called == set(ARNS.values())


def walk(machine: dict[str, Any], routes: list[str]) -> list[str]:
    """The states of a run in which each decision takes the next of *routes*."""
    taken, name, ahead = [], machine["StartAt"], iter(routes)
    while True:
        taken.append(name)
        state = machine["States"][name]
        if state.get("End"):
            return taken
        if state["Type"] != "Choice":
            name = state["Next"]
            continue
        route, _, group = next(ahead).partition(" ")
        decision = {"$.decision.route": route, "$.decision.group": group}
        name = next((way["Next"] for way in state["Choices"] if _holds(way, decision)), state["Default"])


def _holds(way: dict[str, Any], decision: dict[str, str]) -> bool:
    """Whether a Choice takes this way."""
    return all(decision[one["Variable"]] == one["StringEquals"] for one in way.get("And", [way]))


def test_a_recovery_at_the_first_attempt_costs_six_transitions(machine: dict[str, Any]) -> None:
    """At most seven are paid for; six are used."""
    taken = walk(machine, ["act roll", "settle"])

    assert taken == ["Diagnose", "Route", "ActRoll", "Validate", "Route", "Settle"]


def test_a_simulation_is_settled_without_an_act(machine: dict[str, Any]) -> None:
    """Two functions in all: what decides, and what writes down what was decided."""
    assert walk(machine, ["simulate"]) == ["Diagnose", "Route", "Settle"]


def test_a_second_attempt_waits_first(machine: dict[str, Any]) -> None:
    """The pause stands before the act, never after it."""
    taken = walk(machine, ["act roll", "pause roll", "settle"])

    assert taken[4:7] == ["Route", "PauseRoll", "ActRoll"]


def test_a_grace_costs_the_seventh_transition_and_no_more(machine: dict[str, Any]) -> None:
    """A recovery at the first attempt, after the wait for people: at most seven are paid for."""
    taken = walk(machine, ["pause roll", "settle"])

    assert taken == ["Diagnose", "Route", "PauseRoll", "ActRoll", "Validate", "Route", "Settle"]


def test_what_people_hold_ends_without_a_person(machine: dict[str, Any]) -> None:
    """Only Act can be held; it is caught by its name, before everything else, and Settle keeps the failure waiting."""
    for name in ACTS:
        first = machine["States"][name]["Catch"][0]

        assert first == {"ErrorEquals": [HeldError.__name__], "ResultPath": "$.error", "Next": "Settle"}


@pytest.mark.parametrize("route", ["escalate", "a route of a later version", "", "act", "act everything", "pause"])
def test_what_nobody_foresaw_goes_to_a_person(machine: dict[str, Any], route: str) -> None:
    """The default of the Choice is Escalate."""
    assert walk(machine, [route]) == ["Diagnose", "Route", "Escalate"]


def test_every_route_of_the_domain_has_its_way(machine: dict[str, Any]) -> None:
    """The Choice knows all routes but the default, and no other."""
    known = {one["StringEquals"] for way in machine["States"]["Route"]["Choices"] for one in way.get("And", [way])}

    assert known | {"escalate"} == {route.value for route in Route} | {group.value for group in ACTING}


def test_every_strategy_has_a_state_that_acts(machine: dict[str, Any]) -> None:
    """Its group's own, after a pause or at once; what no group of ours acts on is proposed, and never routed to an act."""
    assert set(ACTING) == ACTED_ON
    for group in {group_of(strategy.NAME) for strategy in STRATEGIES} & ACTED_ON:
        assert walk(machine, [f"pause {group}", "settle"])[2:4] == [f"Pause{group.title()}", f"Act{group.title()}"]
        assert machine["States"][f"Act{group.title()}"]["Parameters"]["FunctionName"] == ARNS[ACTING[group]]


def test_a_decision_is_picked_key_by_key(machine: dict[str, Any]) -> None:
    """What a function says beyond a decision never enters the state."""
    for name in ("Diagnose", "Validate"):
        selector = machine["States"][name]["ResultSelector"]

        assert selector == {f"{key}.$": f"$.Payload.{key}" for key in Decision.model_fields}
        assert machine["States"][name]["ResultPath"] == "$.decision"


def test_payloads_carry_ids_only(machine: dict[str, Any]) -> None:
    """Every step gets the ids; the decision where there is one; only Act gets the token; the ends get all that is there."""
    ids = {f"{key}.$": f"$.{key}" for key in ("recovery_id", "failure_id", "fence", "stack", "stack_id")}
    decided = {**ids, "decision.$": "$.decision"}
    payloads = {name: task["Parameters"].get("Payload") for name, task in tasks(machine)}

    assert payloads == {
        "Diagnose": ids,
        **{name: {**decided, "task_token.$": "$$.Task.Token"} for name in ACTS},
        "Validate": decided,
        "Settle": None,
        "Escalate": None,
    }
    assert {machine["States"][name]["Parameters"]["Payload.$"] for name in ("Settle", "Escalate")} == {"$"}


def test_only_act_waits_for_a_token(machine: dict[str, Any]) -> None:
    """Every other step answers by itself."""
    waiting = [name for name, task in tasks(machine) if task["Resource"].endswith(".waitForTaskToken")]

    assert set(waiting) == ACTS


def longest(machine: dict[str, Any], tier: Tier) -> int:
    """The worst run of a tier, summed from the definition: every state's every retry takes all the time it may."""

    def worst(name: str) -> int:
        task = machine["States"][name]
        tries = sum(retry["MaxAttempts"] for retry in task["Retry"])
        delays = sum(
            min(retry["MaxDelaySeconds"], retry["IntervalSeconds"] * retry["BackoffRate"] ** n)
            for retry in task["Retry"]
            for n in range(retry["MaxAttempts"])
        )
        # what is retried of Act has failed inside its function; only the last try can wait for the stack
        failed = SPANS.act_function if name in ACTS else task["TimeoutSeconds"]
        return int(tries * failed + delays + task["TimeoutSeconds"])

    most = most_attempts(tier.max_attempts)
    rounds: int = most * (max(worst(name) for name in ACTS) + worst("Validate"))
    pauses: int = tier.grace_seconds + sum(tier.backoff_seconds * 2**n for n in range(tier.max_attempts - 1))
    return worst("Diagnose") + rounds + pauses + max(worst("Settle"), worst("Escalate"))


@pytest.mark.parametrize("tier", TIERS)
def test_the_states_end_before_the_machine(machine: dict[str, Any], tier: Tier) -> None:
    """Nothing inside can catch the machine's own time-out, so no tier's worst run may come to it."""
    assert longest(machine, tier) < machine["TimeoutSeconds"]


def test_act_waits_until_the_heartbeat_has_looked() -> None:
    """An attempt past its deadline is held against the real stack before the wait ends, though a beat be lost on the way.

    The deadline counts from the order, which the function may give in its last second.
    """
    found_overdue = SPANS.act_function + SPANS.act_timeout + SPANS.overdue_grace + 2 * 60

    assert SPANS.act >= found_overdue + 2 * SPANS.function


def test_a_function_ends_before_its_state() -> None:
    """The error that shows is the function's own, not the state's."""
    assert SPANS.task > SPANS.function


def test_the_partition_is_the_functions() -> None:
    """A machine in China calls China's Lambda."""
    arns: dict[Role, str] = {step: arn.replace("arn:aws:", "arn:aws-cn:") for step, arn in ARNS.items()}
    resources = {task["Resource"] for _, task in tasks(definition(arns, SPANS, 100))}

    assert {re.split(":", resource)[1] for resource in resources} == {"aws-cn"}
