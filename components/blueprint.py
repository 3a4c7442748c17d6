"""A cell on paper: what the settings say of it, worked out before anything is deployed."""

from dataclasses import dataclass
from functools import cached_property

from components.addresses import CellAddresses, LeaseAddresses
from components.keys import KeyArgs
from components.machine import Spans, timeout_seconds
from components.names import Kind, name
from components.permissions import Reach
from components.roles import RoleFrame
from components.settings import CellPlace, Settings
from handlers.domain.cell import BreakerLimits, Cell, LeaseDoor, Pattern, Tier, Timings, stricter


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """One cell of an environment."""

    settings: Settings
    place: CellPlace

    @property
    def name(self) -> str:
        """The logical name, by the account's own name: account ids say nothing to a reader."""
        return f"{self.place.account.name}-{self.place.region}"

    @cached_property
    def addresses(self) -> CellAddresses:
        return CellAddresses(
            environment=self.settings.environment,
            partition=self.settings.partition,
            account=self.place.account.id,
            region=self.place.region,
            role_path=self.settings.role_path,
        )

    @cached_property
    def lease(self) -> LeaseAddresses:
        return lease_addresses(self.settings)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        account = self.place.account.id
        return tuple(
            Pattern(
                pattern=managed.pattern,
                mode=stricter(managed.mode, self.settings.tiers[managed.tier].mode),
                tier=managed.tier,
                repair_role=self.settings.role_arn(account, managed.repair_role) if managed.repair_role else None,
            )
            for managed in self.settings.patterns
        )

    @cached_property
    def tiers(self) -> dict[str, Tier]:
        return {
            tier: Tier(
                max_attempts=said.max_attempts,
                backoff_seconds=said.backoff_seconds,
                in_progress_limit_seconds=said.in_progress_limit_seconds,
                grace_seconds=said.grace_seconds,
                criteria=said.criteria,
                alarms=said.alarms,
            )
            for tier, said in self.settings.tiers.items()
        }

    @property
    def reach(self) -> Reach:
        return Reach(cell=self.addresses, lease=self.lease, patterns=self.patterns)

    @property
    def spans(self) -> Spans:
        limits = self.settings.limits
        return Spans(
            act_timeout=limits.act_timeout_seconds,
            act_function=limits.act_function_seconds,
            function=limits.function_seconds,
            overdue_grace=limits.overdue_grace_seconds,
        )

    @property
    def machine_timeout_seconds(self) -> int:
        return timeout_seconds(self.spans, self.tiers.values())

    @property
    def role_frame(self) -> RoleFrame:
        return RoleFrame(path=self.settings.role_path, boundary_arn=self.settings.boundary_arn(self.place.account.id))

    @property
    def key(self) -> KeyArgs:
        cell = self.addresses
        return KeyArgs(
            alias=name(Kind.KEY_ALIAS, cell.environment, "cell"),
            purpose="What this region's recovery cell keeps: ledger, logs, alerts.",
            partition=cell.partition,
            account=cell.account,
            region=cell.region,
            environment=cell.environment,
            has_logs=True,
            has_alarms=True,
            deletion_days=self.settings.retention.key_deletion_days,
        )

    @cached_property
    def cell(self) -> Cell:
        """What the cell is told about itself."""
        cell, settings = self.addresses, self.settings
        return Cell(
            environment=cell.environment,
            partition=cell.partition,
            account=cell.account,
            region=cell.region,
            partner=self.place.partner,
            patterns=self.patterns,
            tiers=self.tiers,
            freezes=self.settings.freezes,
            breakers=BreakerLimits.model_validate(settings.breakers.model_dump()),
            skip_policy=settings.skip_policy,
            manages_owned_stacks=settings.manage_owned_stacks,
            ledger_table=cell.ledger_table,
            recoveries_at_once=settings.limits.recoveries_at_once,
            ledger_days=settings.retention.ledger_days,
            vault_bucket=cell.vault_bucket,
            lease=self._lease_door,
            machine_arn=cell.machine_arn,
            intake_queue=cell.queue_name("intake"),
            notice_queue=cell.queue_name("notice"),
            capture_queue=cell.queue_name("capture"),
            escalation_queue=cell.queue_name("escalation"),
            alert_topic_arn=cell.alert_topic_arn,
            escalate_function=cell.function_name("escalate"),
            runbook_url=settings.runbook_url,
            timings=self._timings,
        )

    @property
    def _lease_door(self) -> LeaseDoor:
        hub = self.settings.hub
        return LeaseDoor(
            table=self.lease.table,
            hub_account=hub.account,
            regions=self.lease.regions,
            read_role_arn=self.lease.role_arn("lease-read", self.addresses),
            renew_role_arn=self.lease.role_arn("lease-renew", self.addresses),
            external_id=hub.external_id,
            lease_seconds=hub.lease_seconds,
            skew_seconds=hub.skew_seconds,
        )

    @property
    def _timings(self) -> Timings:
        limits = self.settings.limits
        return Timings(
            act_timeout_seconds=limits.act_timeout_seconds,
            act_function_seconds=limits.act_function_seconds,
            machine_timeout_seconds=self.machine_timeout_seconds,
            overdue_grace_seconds=limits.overdue_grace_seconds,
        )


def blueprints(settings: Settings) -> tuple[Blueprint, ...]:
    return tuple(Blueprint(settings=settings, place=place) for place in settings.cells)


def lease_addresses(settings: Settings) -> LeaseAddresses:
    first, second, third = settings.hub.control_regions
    return LeaseAddresses(
        environment=settings.environment,
        partition=settings.partition,
        hub_account=settings.hub.account,
        regions=(first, second, third),
        role_path=settings.role_path,
    )


def lease_key(settings: Settings, region: str) -> KeyArgs:
    """The key of one replica of the lease table; nothing writes there but roles."""
    return KeyArgs(
        alias=name(Kind.KEY_ALIAS, settings.environment, "leases"),
        purpose="The regions' leases.",
        partition=settings.partition,
        account=settings.hub.account,
        region=region,
        environment=settings.environment,
        has_logs=False,
        has_alarms=False,
        deletion_days=settings.retention.key_deletion_days,
    )
