"""Step Functions' door, the queues, the topic, the hub and the functions, in memory; each with its real twin's interface."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from handlers.aws.lease import Authority, Held, LeaseUnrenewableError
from handlers.aws.machine import Started
from handlers.domain.cell import Cell
from handlers.domain.lease import Lease
from handlers.domain.moment import epoch_ms
from handlers.domain.records import Switch
from handlers.domain.serving import Serving
from tests.handlers.fake_cloudformation import ACCOUNT, refusal


@dataclass
class FakeClock:
    """A clock that moves when it is told to."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class FakeIam:
    """Every role is there, under its own path, but those that were deleted."""

    deleted: set[str] = field(default_factory=set)

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        arn = f"arn:aws:iam::{ACCOUNT}:role/{RoleName}"
        if arn in self.deleted:
            raise refusal("GetRole", "NoSuchEntity", f"The role with name {RoleName} cannot be found.", 404)
        return {"Role": {"Arn": arn}}


@dataclass
class Execution:
    """An execution, with the task token that it waits with."""

    name: str
    given: dict[str, Any]
    status: str = "RUNNING"
    waits_with: str | None = None
    woken_with: dict[str, Any] | None = None


@dataclass
class FakeMachine:
    """Keeps executions; running them is the test's business."""

    executions: dict[str, Execution] = field(default_factory=dict)

    def start(self, name: str, given: Mapping[str, object], now: datetime) -> Started:
        if name in self.executions:
            assert self.executions[name].given == given, "a repeat must bear the same input"
            return Started.BEFORE
        self.executions[name] = Execution(name, dict(given))
        return Started.NOW

    def status(self, name: str) -> str | None:
        return self.executions[name].status if name in self.executions else None

    def wake(self, task_token: str, *, attempt: int, end_status: str) -> bool:
        return self._succeed(task_token, {"attempt": attempt, "end_status": end_status})

    def nudge(self, task_token: str, approval_id: str) -> bool:
        return self._succeed(task_token, {"approval_id": approval_id})

    def _succeed(self, task_token: str, output: dict[str, Any]) -> bool:
        for execution in self.executions.values():
            if execution.waits_with == task_token and execution.status == "RUNNING":
                execution.waits_with = None
                execution.woken_with = output
                return True
        return False


@dataclass
class FakeMail:
    """Queues as lists of bodies."""

    queues: dict[str, list[str]] = field(default_factory=dict)

    def send(self, queue: str, message: BaseModel) -> None:
        self.pass_on(queue, message.model_dump_json())

    def pass_on(self, queue: str, body: str) -> None:
        self.queues.setdefault(queue, []).append(body)


@dataclass
class FakeAlerts:
    """Alerts as subject and text."""

    raised: list[tuple[str, str]] = field(default_factory=list)

    def raise_alert(self, subject: str, text: str) -> None:
        self.raised.append((subject, text))


@dataclass
class FakeCloudWatch:
    """Alarms as a client sees them."""

    alarms: list[dict[str, Any]] = field(default_factory=list)

    def ring(self, name: str, since: datetime, state: str = "ALARM", **more: Any) -> None:
        """An alarm that looks one minute back."""
        usual = {"AlarmName": name, "StateValue": state, "StateUpdatedTimestamp": since, "Period": 60, "EvaluationPeriods": 1}
        self.alarms.append(usual | more)

    def describe_alarms(self, AlarmNames: list[str], AlarmTypes: list[str], MaxRecords: int) -> dict[str, Any]:  # noqa: N803
        assert len(AlarmNames) <= MaxRecords == 100
        assert AlarmTypes == ["MetricAlarm", "CompositeAlarm"]
        return {"MetricAlarms": [one for one in self.alarms if one["AlarmName"] in AlarmNames], "CompositeAlarms": []}


@dataclass
class FakeFunctions:
    """Asynchronous invocations, waiting to be made."""

    invoked: list[tuple[str, BaseModel]] = field(default_factory=list)

    def invoke(self, name: str, event: BaseModel) -> None:
        self.invoked.append((name, event))


@dataclass
class FakeHub:
    """The lease table, held in one region; reachable or not."""

    cell: Cell
    clock: Callable[[], datetime]
    lease: Lease | None = None
    switch: Switch = field(default_factory=Switch)
    serving: Serving = field(default_factory=Serving)
    clock_problem: str | None = None
    reachable: bool = True

    def read(self) -> Authority:
        if not self.reachable:
            return Authority(lease=None, environment_switch=Switch(), errors=("us-east-1: no answer",))
        return Authority(lease=self.lease, environment_switch=self.switch, serving=self.serving, clock_problem=self.clock_problem)

    def renew(self) -> Held:
        if not self.reachable:
            raise LeaseUnrenewableError("us-east-1: no answer")
        until = epoch_ms(self.clock() + timedelta(seconds=self.cell.lease.lease_seconds))
        self.lease = Lease(holder=self.cell.region, epoch=self.lease.epoch if self.lease else 1, expires_at_ms=until)
        return Held(lease=self.lease, serving=self.serving)
