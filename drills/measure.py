"""Figures of a recovery from what really ran: execution history, billed durations in the logs, capacity in the recorder."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from drills import prices
from drills.field import Field, SeenCall
from drills.recoveries import records, recoveries
from handlers.domain.signals import GRAINS, Metric

FUNCTIONS = ("intake", "notice", "diagnose", "act-roll", "act-change", "validate", "settle", "escalate")
BILLED = re.compile(r"RequestId: (?P<request>\S+)\s.*Billed Duration: (?P<ms>\d+) ms\s+Memory Size: (?P<mb>\d+) MB", re.DOTALL)
SERIES = sum(
    len(GRAINS[metric])
    for metric in (
        Metric.STARTED, Metric.SUCCEEDED, Metric.SECONDS_TO_DETECTED, Metric.SECONDS_TO_ACTED, Metric.SECONDS_TO_PROVEN
    )
)  # fmt: skip
"""Custom metrics that a recovery which succeeds writes, each billed for that hour."""
STAGES = ("detected", "diagnosed", "acted", "proven", "settled")  # `ended` is left out: EventBridge tells it in whole seconds


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Dollars of one recovery at list price (drills/prices.py); `promised` is what DESIGN 3 bounds, the rest stands beside it."""

    transitions: float
    requests: float
    functions: float
    ledger: float
    queues: float
    keys: float
    logs: float
    traces: float
    metrics: float
    vault: float

    @property
    def fixed(self) -> float:
        """What of the promised does not depend on how fast the machine is on which the functions ran."""
        return self.transitions + self.requests + self.ledger

    @property
    def promised(self) -> float:
        """Transitions, Lambda and DynamoDB."""
        return self.fixed + self.functions

    @property
    def total(self) -> float:
        """Everything that is itemised."""
        return self.promised + self.queues + self.keys + self.logs + self.traces + self.metrics + self.vault


def is_ours(field: Field, call: SeenCall) -> bool:
    """Was the call made by a function of any of the environment's cells (not by the role that deploys)?"""
    return f":assumed-role/stackmend-{field.cell.environment}-" in call.caller_arn


def is_of_cell(field: Field, call: SeenCall) -> bool:
    """Was it made by a function of this very cell: under its own role, or through its own door in the hub?"""
    cell = field.cell
    if any(came_through(call, door) for door in (cell.lease.read_role_arn, cell.lease.renew_role_arn)):
        return True
    account, role = _role_of(call)
    return account == cell.account and role.endswith(f"-{cell.region}") and is_ours(field, call)


def came_through(call: SeenCall, role_arn: str) -> bool:
    """Was it made under this role, in whatever session? Those of the hub's doors name the cell and not its function."""
    return _role_of(call) == (role_arn.split(":")[4], role_arn.rpartition("/")[2])


def _role_of(call: SeenCall) -> tuple[str, str]:
    """Account and name of the role that the caller has assumed."""
    account, _, session = call.caller_arn.partition(":sts::")[2].partition(":assumed-role/")
    return account, session.partition("/")[0]


def function_of(field: Field, call: SeenCall) -> str:
    """Which of the cell's functions made the call: the session name of a Lambda's role is the function's name."""
    return call.caller_arn.rsplit("/", 1)[-1].removeprefix(f"stackmend-{field.cell.environment}-")


def names(call: SeenCall, stack: str) -> bool:
    """Does the call name the stack: in its resource or in any parameter, as a name, in an id or in a ledger key?"""
    text = json.dumps([call.resource, call.parameters], default=str)
    return re.search(rf"(?<![A-Za-z0-9-]){re.escape(stack)}(?![A-Za-z0-9-])", text) is not None


def stages(field: Field, stack: str) -> dict[str, float]:
    """Seconds from the failure itself to each stage of the stack's (last) recovery; a stage that never came is absent."""
    recovery = recoveries(field, stack)[-1]
    start = datetime.fromisoformat(recovery["failed_at"])
    return {
        stage: (datetime.fromisoformat(recovery[f"{stage}_at"]) - start).total_seconds()
        for stage in STAGES
        if recovery.get(f"{stage}_at")
    }


def attempts(field: Field, stack: str) -> int:
    """Attempts that the ledger has for the stack."""
    return len(records(field, stack, "ATTEMPT#"))


def transitions(field: Field, stack: str) -> int:
    """State transitions that AWS would bill for the stack's recoveries: each state entered, and each retry of a task."""
    return sum(_transitions(_history(field, str(one["sk"]).removeprefix("RECOVERY#"))) for one in recoveries(field, stack))


def cost(field: Field, stack: str) -> Cost:
    """What the stack's recoveries cost, from what really ran.

    A function call that served several recoveries (a batch) is charged in full to each, as is every read of the lease while one
    ran, since it names the cell alone: the figure errs upwards. So does that of keys: one request for each role that used an
    encrypted table, as if none had used it in the last five minutes (DynamoDB guide, "DynamoDB encryption at rest: usage
    notes"), and that of metrics: as if no other recovery had written them in that hour. The vault's part is every request that
    capture has made for the stack since it was first seen, deployments included, and the copy of each write at a partner's.
    """
    found = recoveries(field, stack)
    requests = {str(one["sk"]).removeprefix("RECOVERY#") for one in found}
    calls = list(_function_calls(field, requests))
    units = [
        one
        for one in field.stage.calls()
        if one.consumed and ((is_of_cell(field, one) and names(one, stack)) or _is_lease_read(field, one, found))
    ]
    return Cost(
        transitions=transitions(field, stack) * prices.TRANSITION.dollars,
        requests=len(calls) * prices.LAMBDA_REQUEST.dollars,
        functions=sum(seconds for seconds, _ in calls) * prices.LAMBDA_SECOND.dollars,
        ledger=sum((one.consumed or 0) * _unit_price(one) for one in units),
        queues=4
        * (1 + attempts(field, stack))
        * prices.QUEUE_REQUEST.dollars,  # send, receive, delete and one empty receive each
        keys=len({one.caller_arn for one in units}) * prices.KEY_REQUEST.dollars,
        logs=sum(size for _, size in calls) / 1e9 * prices.LOG_GIGABYTE.dollars,
        traces=(len(calls) + len(requests)) * prices.TRACE.dollars,  # each call at worst a trace of its own, and the machine's
        metrics=len(requests) * SERIES * prices.METRIC_MONTH.dollars / prices.HOURS_OF_MONTH,
        vault=sum(_store_price(one) for one in field.stage.calls() if is_of_cell(field, one) and names(one, stack)),
    )


def _is_lease_read(field: Field, call: SeenCall, during: list[dict[str, Any]]) -> bool:
    """Did one of the cell's functions look at its lease between the failure and the end of one of these recoveries?"""
    return came_through(call, field.cell.lease.read_role_arn) and any(
        _moment(one, "failed_at") <= call.at <= _moment(one, "settled_at") for one in during
    )


def _moment(recovery: dict[str, Any], name: str) -> float:
    """Epoch seconds; what has not come yet is still to come."""
    return datetime.fromisoformat(recovery[name]).timestamp() if recovery.get(name) else inf


def is_read(call: SeenCall) -> bool:
    """Is a call to DynamoDB billed in read units?"""
    return call.action.split(":")[-1] in {"GetItem", "BatchGetItem", "Query", "TransactGetItems"}


def _unit_price(call: SeenCall) -> float:
    return prices.READ_UNIT.dollars if is_read(call) else prices.WRITE_UNIT.dollars


def _store_price(call: SeenCall) -> float:
    """A write is made twice: here, and by replication."""
    prices_of = {"s3:PutObject": 2 * prices.STORE_WRITE.dollars, "s3:GetObject": prices.STORE_READ.dollars}
    return prices_of.get(call.action, 0)


def _history(field: Field, recovery_id: str) -> list[dict[str, Any]]:
    arn = field.cell.machine_arn.replace(":stateMachine:", ":execution:") + f":{recovery_id}"
    pages = field.operator.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"]]


def _transitions(history: list[dict[str, Any]]) -> int:
    kinds = Counter(str(one["type"]) for one in history)
    entered = sum(count for kind, count in kinds.items() if kind.endswith("StateEntered"))
    return entered + max(0, kinds["TaskScheduled"] - kinds["TaskStateEntered"])


def _function_calls(field: Field, recovery_ids: set[str]) -> Iterator[tuple[float, int]]:
    """(GB-seconds, log bytes) of every function call that spoke of one of these recoveries."""
    for function in FUNCTIONS:
        lines = list(_log_lines(field, f"/aws/lambda/stackmend-{field.cell.environment}-{function}"))
        theirs = {request for line in lines for request in _request_of(line, recovery_ids)}
        for line in lines:
            billed = _billed(line)
            if billed and billed.request in theirs:
                yield billed.gigabyte_seconds, sum(len(one.encode()) for one in lines if billed.request in one)


def calls_of(field: Field, function: str) -> list[tuple[float, int]]:
    """(GB-seconds, log bytes) of every call of one of the cell's functions so far."""
    lines = list(_log_lines(field, f"/aws/lambda/stackmend-{field.cell.environment}-{function}"))
    calls = [billed for line in lines if (billed := _billed(line))]
    return [(one.gigabyte_seconds, sum(len(line.encode()) for line in lines if one.request in line)) for one in calls]


@dataclass(frozen=True)
class _Billed:
    request: str
    milliseconds: int
    megabytes: int

    @property
    def gigabyte_seconds(self) -> float:
        return self.milliseconds / 1000 * self.megabytes / 1024


def _billed(line: str) -> _Billed | None:
    """Lambda's report of one call: as text, or as JSON where the function logs in JSON (Lambda guide, "Log format")."""
    if line.startswith("{"):
        spoken = json.loads(line)
        if spoken.get("type") != "platform.report":
            return None
        metrics = spoken["record"]["metrics"]
        return _Billed(spoken["record"]["requestId"], int(metrics["billedDurationMs"]), int(metrics["memorySizeMB"]))
    found = BILLED.search(line)
    return _Billed(found["request"], int(found["ms"]), int(found["mb"])) if found else None


def _request_of(line: str, recovery_ids: set[str]) -> Iterator[str]:
    if line.startswith("{") and any(one in line for one in recovery_ids):
        spoken = json.loads(line)
        if spoken.get("function_request_id"):
            yield str(spoken["function_request_id"])


def _log_lines(field: Field, group: str) -> Iterator[str]:
    pages = field.operator.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    for page in pages:
        yield from (str(event["message"]).strip() for event in page["events"])
