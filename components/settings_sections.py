"""The parts of the settings: what each may hold, its unit, its default and the default's reason."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from components.settings_fields import (
    AccountId,
    AccountName,
    AtLeastOne,
    ExternalId,
    LayerPlatform,
    LogDays,
    Region,
    RoleName,
    StackPattern,
)
from handlers.domain.cell import Mode
from handlers.domain.criteria import Criterion, Demand
from handlers.domain.failure_class import FailureClass

BURST = 2
"""The least number of stacks that can be called many at once."""


class Section(BaseModel):
    """A part of the settings: fixed once read, without unknown keys, without guessed types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Hub(Section):
    """The account that holds what all cells share."""

    account: AccountId = Field(description="The hub's AWS account id.")
    deploy_role: RoleName = Field(description="The role that a deployment assumes in the hub.")
    external_id: ExternalId = Field(
        description="What an assumption of the hub's deploy and lease roles must present. An identifier, no secret: the trusted "
        "principals and the organization id are what keeps others out."
    )
    control_regions: tuple[Region, ...] = Field(
        description="The three regions of the lease table. All of one set that DynamoDB keeps strongly consistent, so that the "
        "loss of any one loses nothing. The first one is where a deployment speaks to the table."
    )
    lease_seconds: int = Field(
        default=180,
        ge=120,
        le=900,
        description="Seconds that a lease lives without renewal. 180: three heartbeats, so that two lost ones cost nothing; "
        "longer would make a partner wait longer before it may act.",
    )
    skew_seconds: int = Field(
        default=5,
        ge=1,
        le=60,
        description="Seconds by which two clocks may differ. 5: far more than Amazon Time Sync leaves, and little in a failover.",
    )


class CellRegion(Section):
    """A region of an account in which a cell stands."""

    region: Region = Field(description="Where the cell stands.")
    partner: Region = Field(
        description="The region that takes this one's work over; directed, so that three regions can form a ring."
    )
    partner_pending: bool = Field(
        default=False, description="True while the partner has no cell yet: nothing is replicated, and nobody takes over."
    )


class Account(Section):
    """A workload account with its cells."""

    id: AccountId = Field(description="The AWS account id.")
    name: AccountName = Field(description="What people call the account; part of logical names, so a rename is a replacement.")
    deploy_role: RoleName = Field(description="The role that a deployment assumes in this account.")
    external_id: ExternalId = Field(description="What that assumption must present.")
    regions: Annotated[tuple[CellRegion, ...], AtLeastOne] = Field(description="Where in this account cells stand.")


class ManagedPattern(Section):
    """Stacks that a cell looks after, by name."""

    pattern: StackPattern = Field(
        description="Stack names, `*` standing for any characters; the first pattern that matches decides."
    )
    mode: Mode = Field(
        default=Mode.OBSERVE, description="What a cell may do for them. observe: nothing is touched before somebody says so."
    )
    tier: str = Field(default="standard", description="The tier that their objectives are taken from.")
    repair_role: RoleName | None = Field(
        default=None,
        description="The role that CloudFormation is given for stacks without a service role. It stays with the stack. None: "
        "such a stack is escalated, because Stackmend never holds a stack's own permissions.",
    )
    service_roles: tuple[RoleName, ...] = Field(default=(), description="The service roles that these stacks are deployed with.")


class Tier(Section):
    """How hard and how fast stacks of one importance are recovered."""

    max_attempts: int = Field(
        default=3,
        ge=1,
        le=10,
        description="Attempts before a recovery escalates. 3: what two more tries do not cure needs a person.",
    )
    backoff_seconds: int = Field(
        default=30,
        ge=1,
        le=900,
        description="Seconds before the second attempt, doubled before each later one. 30: most throttling has passed.",
    )
    in_progress_limit_seconds: int = Field(
        default=7200,
        ge=10,
        le=172800,
        description="Seconds that somebody else's operation on a stack may last before a person hears of it, once. 7200: twice "
        "the hour after which CloudFormation gives up a custom resource that never answers (its ServiceTimeout).",
    )
    grace_seconds: int = Field(
        default=120,
        ge=0,
        le=3600,
        description="Seconds between diagnosis and the first act, in which an engineer or a pipeline may be at it; then all "
        "is read again. 120: a pipeline's own answer to a failed deployment has begun by then, and an RTO hardly notices.",
    )
    mode: Mode = Field(
        default=Mode.ACT,
        description="The most that a cell may do for this tier's stacks: the stricter of this and the pattern's mode holds. "
        "act: the pattern alone decides.",
    )
    rto_seconds: int = Field(
        default=900,
        ge=10,
        le=86400,
        description="Seconds from failure to proven health that this tier promises; drills and alarms measure against it. 900: "
        "a quarter of an hour, in which detection, grace, a rollback of some minutes and its proof have room.",
    )
    criteria: dict[Criterion, Demand] = Field(
        default={},
        description="What is asked of a repaired stack beside a healthy status and complete resources: off, look (a person is "
        "called where it is seen to fail) or prove (and where it cannot be told). exports_kept: what others imported is still "
        "exported; alarms_quiet: no alarm of it rings. None said: look at both, since a stack without alarms is no rare one.",
    )
    alarms: tuple[str, ...] = Field(
        default=(),
        description="Names of alarms that have to be quiet after a repair, beside those that the stack itself holds. None: most "
        "stacks hold their own.",
    )

    escalations_borne: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="Recoveries within five minutes that may fail without an alarm. 0: each one waits for a person.",
    )
    success_percent: int = Field(
        default=90,
        ge=0,
        le=100,
        description="Percent of a day's recoveries that must succeed; below it is an alarm. 90: what needs a person more often "
        "than one time in ten is a kind of failure that Stackmend does not know yet.",
    )


class Retention(Section):
    """How long things are kept."""

    log_days: LogDays = Field(default=90, description="Days that logs are kept. 90: a quarter's incidents can still be read.")
    ledger_days: int = Field(
        default=400,
        ge=1,
        le=3653,
        description="Days that a recovery's record is kept after it ended. 400: a year's audit and its preparation.",
    )
    superseded_days: int = Field(
        default=90,
        ge=1,
        le=3653,
        description="Days that the vault keeps a version after a newer one, or a deletion, took its place. 90: what was good a "
        "quarter ago is nothing that a stack is taken back to.",
    )
    message_days: int = Field(
        default=14,
        ge=1,
        le=14,
        description="Days that dead letters and escalations wait for a person. 14: the longest that SQS keeps a message.",
    )
    key_deletion_days: int = Field(
        default=30,
        ge=7,
        le=30,
        description="Days before a deleted key is gone. 30: the longest that KMS allows; nothing it encrypted can be read after.",
    )


class Limits(Section):
    """How long things may take."""

    act_timeout_seconds: int = Field(
        default=3600,
        ge=30,
        le=43200,
        description="Seconds that one CloudFormation operation may take before the recovery looks at the stack itself. 3600: a "
        "custom resource may take as long (its ServiceTimeout); at most 43200, as long as a wait condition (its Timeout).",
    )
    recoveries_at_once: int = Field(
        default=40,
        ge=1,
        le=500,
        description="Recoveries of one cell at the same time; further ones are parked, and start by the length of what waits "
        "behind them. 40: CloudFormation's rates are not published; with some ten calls in a recovery this is a few a second.",
    )
    act_function_seconds: int = Field(
        default=30,
        ge=5,
        le=60,
        description="Seconds that a function may live that changes a stack. 30: a lease must outlive it, so it is short.",
    )
    function_seconds: int = Field(
        default=60,
        ge=5,
        le=300,
        description="Seconds that every other function may live. 60: as long as one heartbeat, so that two never overlap.",
    )
    overdue_grace_seconds: int = Field(
        default=60,
        ge=1,
        le=3600,
        description="Seconds after an attempt's deadline before the heartbeat takes it up. 60: the recovery's own turn first.",
    )


class Breakers(Section):
    """When the circuit breakers open, and for how long."""

    stack_failures: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Recoveries of one stack that failed before its breaker opens. 3: once may be chance, twice a slow cause.",
    )
    stack_window_seconds: int = Field(
        default=86400,
        ge=60,
        le=604800,
        description="Seconds within which a stack's failed recoveries are counted. 86400: a stack that fails each night is seen.",
    )
    class_stacks: int = Field(
        default=10,
        ge=2,
        le=10000,
        description="Stacks that could not be repaired, all of one failure class, before the class's breaker opens. 10: so many "
        "at once are one outage and not ten bugs.",
    )
    classes: dict[Annotated[FailureClass, Field(strict=False)], int] = Field(
        default_factory=dict,
        description="Another number of stacks for single failure classes, such as capacity: 5. Empty: the same for all.",
    )
    cell_stacks: int = Field(
        default=50,
        ge=2,
        le=100000,
        description="Stacks of a cell that could not be repaired, of whatever class, before the cell's breaker opens. 50: five "
        "classes at once; then it is this cell, or its account, that does not work.",
    )
    window_seconds: int = Field(
        default=600,
        ge=10,
        le=86400,
        description="Seconds within which stacks are counted for class and cell. 600: an attempt with its retry fits in.",
    )
    open_seconds: int = Field(
        default=300,
        ge=1,
        le=86400,
        description="Seconds that a breaker is open before one recovery may try. 300: what passes by itself mostly has by then.",
    )
    longest_open_seconds: int = Field(
        default=3600,
        ge=1,
        le=604800,
        description="Seconds to which that grows, doubled by each trial that fails. 3600: within an hour of an outage's end all "
        "goes on by itself.",
    )

    @field_validator("classes")
    @classmethod
    def _at_least_two(cls, value: dict[FailureClass, int]) -> dict[FailureClass, int]:
        few = [f"{each.value}: {count}" for each, count in value.items() if count < BURST]
        if few:
            raise ValueError(f"{', '.join(few)}: one stack is no burst; give at least {BURST}")
        return value

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.longest_open_seconds < self.open_seconds:
            raise ValueError(f"longest_open_seconds {self.longest_open_seconds} is less than open_seconds {self.open_seconds}")
        return self


class AlarmLimits(Section):
    """What a cell may bear before its alarms call; what depends on the stacks' importance is the tier's."""

    silent_minutes: int = Field(
        default=3,
        ge=1,
        le=15,
        description="Minutes without a heartbeat. 3: as many beats as a lease outlives; a single late one is nobody's concern.",
    )
    lease_minutes: int = Field(
        default=3,
        ge=1,
        le=60,
        description="Minutes in a row that the heartbeat reports no lease. 3: one unreadable control region costs a beat or two.",
    )
    message_age_seconds: int = Field(
        default=900,
        ge=60,
        le=1209600,
        description="Seconds that the oldest message may wait at a door. 900: two tries of a message that failed once, six "
        "function time-outs apart, and a beat.",
    )
    escalation_age_seconds: int = Field(
        default=86400,
        ge=60,
        le=1209600,
        description="Seconds that an escalation may wait for a person. 86400: somebody looks once a day.",
    )
    function_errors: int = Field(
        default=5,
        ge=1,
        le=10000,
        description="Errors of one function within five minutes. 5: one step that failed after all its retries, or every beat.",
    )
    function_throttles: int = Field(
        default=10,
        ge=1,
        le=10000,
        description="Throttled calls of one function within five minutes. 10: a burst passes by the retries alone.",
    )


class Functions(Section):
    """What Lambda runs."""

    architecture: Literal["arm64", "x86_64"] = Field(
        default="arm64", description="The functions' processor. arm64: a fifth cheaper."
    )
    layer_platform: LayerPlatform = Field(
        default=LayerPlatform.LAMBDA,
        description="What the functions' libraries are built for. host: the machine that deploys, where an emulator starts "
        "functions itself.",
    )
    reserve_concurrency: bool = Field(
        default=True,
        description="Whether functions keep concurrency of their own, so that a busy account cannot starve a recovery.",
    )
