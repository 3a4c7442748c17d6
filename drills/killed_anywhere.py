"""Killed anywhere: one recovery per AWS call of a recovery, whose function dies before or after that call.

A quiet recovery is followed first and tells the calls. Then every call has two stacks of its own, all of them in one deployment:
for one the function's process is killed before the call is performed, for the other after it and before the answer.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from drills import actions, measure
from drills.field import Field, every_undo
from drills.probes import ORDERS, stack_status
from drills.recoveries import records, recoveries
from handlers.domain.outcome import Settlement
from handlers.domain.status import Kind, StackStatus

MOMENTS = ("before", "after")
DEPLOYED_AT_ONCE = 4
REST_SECONDS = 420  # a lost event is found by the next heartbeat, a lost start by the one after; twice that on a slow machine


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One kind of failure and what mends it; a later strategy is put through by adding its own."""

    name: str
    title: str
    deploy: Callable[[Field, str], None]
    break_: Callable[[Field, str], None]
    functions: frozenset[str] | None = None
    """The functions to kill; all that take part where none are named."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where the process dies: at the *number*-th call of *action* by *function* in one recovery."""

    function: str
    action: str
    number: int
    moment: str

    def __str__(self) -> str:
        return f"{self.function} {self.moment} {self.action} #{self.number}"


@dataclass(frozen=True, kw_only=True)
class Killed:
    """What became of one stack; *problem* says what did not hold."""

    scenario: str
    stack: str
    point: Point
    outcome: str
    status: str
    attempts: int
    mutations: int
    seconds: float | None
    problem: str | None


CONTINUE_UPDATE_ROLLBACK = Scenario(
    name="continue-update-rollback",
    title="a rollback that failed once is continued",
    deploy=actions.deploy_fragile,
    break_=lambda field, stack: actions.break_stack(field, stack, rollback_failures=1),
)
RESUME = Scenario(
    name="resume",
    title="an update that failed once with its rollback disabled goes on",
    deploy=actions.deploy_fragile,
    break_=lambda field, stack: actions.fail_update_and_stay(field, stack, failures=1),
)
ESCALATION = Scenario(
    name="escalation",
    title="a stack without a service role is handed to a person",
    deploy=lambda field, stack: actions.deploy_fragile(field, stack, has_role=False),
    break_=lambda field, stack: actions.break_stack(field, stack, rollback_failures=1, has_role=False),
    functions=frozenset({"escalate"}),
)
SCENARIOS = {one.name: one for one in (CONTINUE_UPDATE_ROLLBACK, RESUME, ESCALATION)}


def points_of(calls: Iterable[Mapping[str, Any]], prefix: str, functions: frozenset[str] | None = None) -> tuple[Point, ...]:
    """Both moments of every call of a followed recovery, in the order of the calls."""
    counts: Counter[tuple[str, str]] = Counter()
    found: list[Point] = []
    # The stack's own functions make calls too; whether a heartbeat meets the stack on its way is the minute's affair; and capture
    # stands beside the recovery: what it finds to keep depends on the moment at which it comes.
    beside = {f"{prefix}heartbeat", f"{prefix}capture"}
    ours = [one for one in calls if str(one["function"]).startswith(prefix) and one["function"] not in beside]
    for call in ours:
        function, action = str(call["function"]).removeprefix(prefix), str(call["action"])
        counts[function, action] += 1
        if functions is None or function in functions:
            found += [Point(function=function, action=action, number=counts[function, action], moment=one) for one in MOMENTS]
    return tuple(found)


def spread(points: Sequence[Point], most: int | None) -> tuple[Point, ...]:
    """*most* of the points, the same ones every time: every function and both moments in turn, changes before reads."""
    if most is None or most >= len(points):
        return tuple(points)
    turns: list[tuple[int, Point]] = []
    counts: Counter[tuple[str, str]] = Counter()
    for point in sorted(points, key=lambda one: _is_read(one.action)):
        turns.append((counts[point.function, point.moment], point))
        counts[point.function, point.moment] += 1
    chosen = {point for _, point in sorted(turns, key=lambda one: one[0])[:most]}
    return tuple(point for point in points if point in chosen)


def _is_read(action: str) -> bool:
    return action.split(":")[1].startswith(("Get", "BatchGet", "Describe", "List", "Assume"))


def kill_anywhere(field: Field, scenario: Scenario, sample: int | None, problems: list[str]) -> tuple[Killed, ...]:
    """Follow one quiet recovery, kill at *sample* of its calls (at all without it), and judge each end.

    What could not be cleaned up afterwards stands in *problems*.
    """
    undos: list[Callable[[], None]] = [partial(actions.clear_ground, field)]
    with every_undo(undos, problems):
        actions.lay_ground(field)
        points = spread(_quiet(field, scenario, undos), sample)
        stacks = {f"app-{scenario.name}-{number:03}": point for number, point in enumerate(points, 1)}
        _deploy(field, scenario, stacks, undos)
        for stack, point in stacks.items():
            field.stage.kill_function(
                _prefix(field) + point.function, action=point.action, subject=stack, number=point.number, moment=point.moment
            )
            field.say(f"{stack}: {point}")
            scenario.break_(field, stack)  # one by one: two in one batch of messages would die of one kill
        _await_rest(field, stacks)
        return tuple(judge(field, scenario.name, stack, point, _misfired(field, stack, point)) for stack, point in stacks.items())


def _prefix(field: Field) -> str:
    return f"stackmend-{field.cell.environment}-"


def _quiet(field: Field, scenario: Scenario, undos: list[Callable[[], None]]) -> tuple[Point, ...]:
    stack = f"app-{scenario.name}-quiet"
    field.stage.follow(stack)
    _deploy(field, scenario, [stack], undos)
    scenario.break_(field, stack)
    _await_rest(field, [stack])
    calls = field.stage.followed(stack)
    _nothing_escaped(field, stack, calls)
    return points_of(calls, _prefix(field), scenario.functions)


def _nothing_escaped(field: Field, stack: str, calls: Sequence[Mapping[str, Any]]) -> None:
    """Every recorded call of our functions that names the stack is among the followed ones, heartbeats and captures left out."""
    ours = [one for one in field.stage.calls() if measure.is_ours(field, one) and measure.names(one, stack)]
    recorded = Counter(one.action for one in ours if measure.function_of(field, one) != "capture")
    missing = recorded - Counter(str(one["action"]) for one in calls) - Counter({"lambda:InvokeFunction": recorded.total()})
    if missing:
        raise AssertionError(f"calls of the recovery of {stack} were not followed: {dict(missing)}")


def _deploy(field: Field, scenario: Scenario, stacks: Iterable[str], undos: list[Callable[[], None]]) -> None:
    stacks = list(stacks)
    undos.append(partial(_delete, field, stacks))
    with ThreadPoolExecutor(DEPLOYED_AT_ONCE) as pool:
        list(pool.map(partial(scenario.deploy, field), stacks))


def _delete(field: Field, stacks: list[str]) -> None:
    with ThreadPoolExecutor(DEPLOYED_AT_ONCE) as pool:
        list(pool.map(partial(actions.delete_stack, field), stacks))


def _await_rest(field: Field, stacks: Iterable[str]) -> None:
    """Wait until nothing of these stacks is open; those that do not come to rest are found by the judgement."""
    waiting = set(stacks)

    def rested() -> bool:
        waiting.difference_update([stack for stack in waiting if loose_end(field, stack) is None])
        return not waiting

    field.wait(f"{len(waiting)} recoveries come to rest", rested, seconds=REST_SECONDS, or_go_on=True)


def loose_end(field: Field, stack: str) -> str | None:
    """What is still open about the stack: a failure, a claim, an attempt, a recovery without outcome; or that nothing began."""
    everything = records(field, stack, "")
    kinds: dict[str, list[dict[str, Any]]] = {}
    for item in everything:
        kinds.setdefault(str(item["sk"]).split("#", maxsplit=1)[0], []).append(item)
    if not kinds.get("RECOVERY"):
        return "no recovery began"
    open_ = [
        *(f"failure {one['failure_id']} is open" for one in kinds.get("FAILURE", []) if one["state"] == "open"),
        *("the claim is held" for one in kinds.get("CLAIM", []) if one["state"] == "held"),
        *(f"attempt {one['attempt']} is {one['state']}" for one in kinds.get("ATTEMPT", []) if one["state"] != "ended"),
        *("a recovery has no outcome" for one in kinds["RECOVERY"] if one.get("outcome") is None),
    ]
    return "; ".join(open_) or None


def _misfired(field: Field, stack: str, point: Point) -> str | None:
    fired = [one["killed"] for one in field.stage.followed(stack) if one["killed"]]
    return None if fired == [point.moment] else f"the kill came {len(fired)} times"


def judge(field: Field, scenario: str, stack: str, point: Point, problem: str | None) -> Killed:
    """What became of a stack at rest; *problem* is what did not hold before anybody looked at its recovery."""
    found = recoveries(field, stack)
    last = found[-1] if found else {}
    outcome, status = str(last.get("outcome")), str(stack_status(field, stack))
    attempts = measure.attempts(field, stack)
    mutations = sum(_is_mutation(field, one, stack) for one in field.stage.calls())
    problem = (
        problem
        or loose_end(field, stack)
        or (None if len(found) == 1 else f"{len(found)} recoveries")
        or (None if mutations == attempts else f"{attempts} attempts, {mutations} accepted calls")
        or _bad_end(field, outcome, status, last)
    )
    return Killed(
        scenario=scenario,
        stack=stack,
        point=point,
        outcome=outcome,
        status=status,
        attempts=attempts,
        mutations=mutations,
        seconds=_seconds(last),
        problem=problem,
    )


def _is_mutation(field: Field, call: Any, stack: str) -> bool:  # noqa: ANN401 - a SeenCall; the protocol has no common base
    return call.action in ORDERS and call.error is None and measure.is_ours(field, call) and measure.names(call, stack)


def _bad_end(field: Field, outcome: str, status: str, recovery: dict[str, Any]) -> str | None:
    """Recovered and healthy, or escalated and told to a person."""
    if outcome == Settlement.RECOVERED:
        return None if StackStatus(status).kind is Kind.HEALTHY else f"recovered, and rests in {status}"
    told = [str(one) for one in _escalated(field)]
    return None if recovery.get("recovery_id") in told else f"ended as {outcome}, and nobody was told"


def _escalated(field: Field) -> Iterable[str]:
    """The recoveries of which the escalation queue holds a message; what was read is kept, since reading hides it for a while."""
    sqs = field.operator.client("sqs")
    queue = sqs.get_queue_url(QueueName=field.cell.escalation_queue)["QueueUrl"]
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            recovery = str(json.loads(message["Body"])["recovery_id"])
            field.memory[f"escalated {recovery}"] = recovery
    return [value for key, value in field.memory.items() if key.startswith("escalated ")]


def _seconds(recovery: dict[str, Any]) -> float | None:
    if not recovery.get("settled_at"):
        return None
    return (datetime.fromisoformat(recovery["settled_at"]) - datetime.fromisoformat(recovery["failed_at"])).total_seconds()
