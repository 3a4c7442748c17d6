"""What a cell knows about itself at run time: the content of `cell.json` at the root of the functions' zip."""

from __future__ import annotations

import hashlib
import json
import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from handlers.domain.criteria import Criterion, Demand
from handlers.domain.failure_class import FailureClass
from handlers.domain.freeze import Freeze, leaves_no_time
from handlers.domain.skip_policy import SkipVerdict

PATTERN = re.compile(r"[A-Za-z*][A-Za-z0-9*-]*")
"""A stack name (CloudFormation: a letter, then letters, digits, hyphens) in which `*` may stand for any characters."""

Account = Annotated[str, Field(pattern=r"^\d{12}$")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d+$")]
Arn = Annotated[str, Field(pattern=r"^arn:[a-z-]+:")]
Seconds = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class CellModel(BaseModel):
    """A frozen part of the cell's knowledge that refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mode(StrEnum):
    """What a cell may do for the stacks of a pattern."""

    OFF = "off"  # from here on, each allows more than the one before
    OBSERVE = "observe"  # diagnose and record; changes nothing
    PROPOSE = "propose"  # record, and ask a person
    ACT = "act"


def allows_more(one: Mode, than: Mode) -> bool:
    """Whether *one* lets a cell do more than the other mode."""
    return tuple(Mode).index(one) > tuple(Mode).index(than)


def stricter(one: Mode, other: Mode) -> Mode:
    """The one of two modes that allows less."""
    return min(one, other, key=tuple(Mode).index)


class Pattern(CellModel):
    """Which stacks are managed, and what may be done for them; the first that matches a stack's name decides."""

    pattern: str
    mode: Mode = Mode.OBSERVE
    tier: str = "standard"
    repair_role: Arn | None = None

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        if not PATTERN.fullmatch(self.pattern) or "**" in self.pattern:
            raise ValueError(
                f"pattern {self.pattern!r} would not mean the same to EventBridge, IAM and Stackmend:"
                " use letters, digits, hyphens and single '*'"
            )
        return self


class Tier(CellModel):
    """How hard a stack is tried for before a person is asked."""

    max_attempts: Annotated[int, Field(ge=1, le=10)] = 3
    backoff_seconds: Seconds = 30
    """The wait before the second attempt; it doubles before each further one."""
    in_progress_limit_seconds: Seconds = 7200
    """How long an operation that is not ours may last before a person hears of it."""
    grace_seconds: Annotated[int, Field(ge=0)] = 0
    """The wait before the first attempt, in which an engineer or a pipeline may act; none where no tier says one."""
    criteria: dict[Criterion, Demand] = {}
    """What is asked of a repaired stack otherwise than `handlers.domain.criteria.CHOSEN` says."""
    alarms: tuple[str, ...] = ()
    """Alarms that must be quiet beside the stack's own."""


class BreakerLimits(CellModel):
    """When the circuit breakers open and for how long; `handlers.domain.breaker` says what each counts."""

    stack_failures: Count = 3
    """Recoveries of one stack that failed within its window."""
    stack_window_seconds: Seconds = 86400
    class_stacks: Count = 10
    """Stacks that could not be repaired, all of one failure class, within the window."""
    classes: dict[FailureClass, Count] = {}
    """Another number for single classes."""
    cell_stacks: Count = 50
    """Stacks of the cell that could not be repaired within the window."""
    window_seconds: Seconds = 600
    open_seconds: Seconds = 300
    """How long a breaker is open before one recovery may try; doubled by each trial that fails."""
    longest_open_seconds: Seconds = 3600


class LeaseDoor(CellModel):
    """The way to the lease: a table in the hub's three control regions, one role to read and one to renew."""

    table: str
    hub_account: Account
    regions: tuple[Region, Region, Region]
    read_role_arn: Arn
    renew_role_arn: Arn
    external_id: str
    lease_seconds: Seconds = 180
    """Three heartbeats: one may be lost and one late before the cell stops acting."""
    skew_seconds: Seconds = 5


class Timings(CellModel):
    """Seconds that the machine, its functions and the ledger's deadlines must agree on."""

    act_timeout_seconds: Seconds = 3600
    """How long one operation of CloudFormation may take: the attempt's deadline. The machine waits a little longer, so that an
    attempt past it is looked at before the machine gives up."""
    act_function_seconds: Seconds = 30
    """The act functions' Lambda time-out; a lease must outlive it."""
    machine_timeout_seconds: Seconds
    overdue_grace_seconds: Seconds = 60
    """How long an attempt or an execution may look dead before the heartbeat asks: one beat."""


class NobodyToAskError(Exception):
    """A person's word is wanted in a cell whose settings name nobody to give it."""


class ApprovalDoor(CellModel):
    """How a person's word is asked for."""

    table: str
    """Where the answers stand, which the approve function alone may write."""
    approver_role: str
    """The name of the role, with its path, under which people answer."""
    second_approver_seconds: Seconds = 1800
    """After this much silence a second approver is called."""
    expiry_seconds: Seconds = 14400
    """After this much silence the recovery escalates, and nothing is done."""


class Cell(CellModel):
    """One cell: who and where it is, what it manages, and the names of everything it talks to."""

    schema_version: Literal[1] = 1
    environment: str
    partition: str = "aws"
    account: Account
    region: Region
    partner: Region
    patterns: tuple[Pattern, ...]
    tiers: dict[str, Tier]
    freezes: tuple[Freeze, ...] = ()
    breakers: BreakerLimits = BreakerLimits()
    skip_policy: dict[str, SkipVerdict] = {}
    """Where this environment is stricter than `handlers.domain.skip_policy`, by resource type."""
    manages_owned_stacks: bool = False
    """Whether stacks of StackSets, Service Catalog or Control Tower are repaired although their owners do that."""
    ledger_table: str
    ledger_days: Annotated[int, Field(gt=0)] = 400
    recoveries_at_once: Annotated[int, Field(gt=0)] = 40
    """Further ones are parked until one of those ends."""
    vault_bucket: str
    approvals: ApprovalDoor | None = None
    """None: nobody may be asked, and what needs a person's word escalates."""
    lease: LeaseDoor
    machine_arn: Arn
    intake_queue: str
    notice_queue: str
    capture_queue: str
    escalation_queue: str
    alert_topic_arn: Arn
    escalate_function: str
    runbook_url: Annotated[str, Field(pattern=r"^https://")]
    timings: Timings

    @model_validator(mode="after")
    def _every_tier_exists(self) -> Self:
        for pattern in self.patterns:
            if pattern.tier not in self.tiers:
                known = ", ".join(sorted(self.tiers)) or "none"
                raise ValueError(f"pattern {pattern.pattern!r} names tier {pattern.tier!r}, known are: {known}")
        return self

    @model_validator(mode="after")
    def _freezes_leave_time(self) -> Self:
        for tier in self.tiers:
            if leaves_no_time(self.freezes, tier):
                raise ValueError(f"the freezes leave tier {tier!r} no minute of the week to act in: use mode observe instead")
        return self

    @model_validator(mode="after")
    def _a_lease_outlives_a_call(self) -> Self:
        needed = self.timings.act_function_seconds + self.lease.skew_seconds
        if self.lease.lease_seconds <= needed + 60:
            raise ValueError(
                f"lease_seconds {self.lease.lease_seconds} leaves no time to act between heartbeats:"
                f" use more than {needed + 60} (act function + skew + one heartbeat)"
            )
        return self

    @classmethod
    def load(cls, path: Path) -> Cell:
        """Read the cell that the functions' zip was built for."""
        return cls.model_validate_json(path.read_bytes())

    @cached_property
    def digest(self) -> str:
        """What tells two deployed settings apart in a log line."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    @property
    def asked(self) -> ApprovalDoor:
        """The door by which people are asked; raises NobodyToAskError where the settings name none."""
        if self.approvals is None:
            raise NobodyToAskError(f"{self.key} names no approver role: nobody may be asked")
        return self.approvals

    @property
    def key(self) -> str:
        """The cell in the ledger's and the lease table's keys: `<account>#<region>`."""
        return f"{self.account}#{self.region}"
