"""Everything that an environment may choose, read once from Pulumi's configuration and refused before the first resource.

A value's description says its unit and the reason of its default; docs/settings.md is generated from them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Self

import pulumi
from pydantic import Field, ValidationError, model_validator

from components.settings_checks import problems_of
from components.settings_errors import ROOT, Problem, SettingsError, problem_of, refuse
from components.settings_fields import (
    AtLeastOne,
    Environment,
    HttpsUrl,
    OrganizationId,
    Partition,
    ResourceTypes,
    RoleName,
    RolePath,
    TagKey,
    TagValue,
    TierName,
)
from components.settings_sections import (
    Account,
    AlarmLimits,
    Breakers,
    Functions,
    Hub,
    Limits,
    ManagedPattern,
    Retention,
    Section,
    Tier,
)
from handlers.domain.cell import Mode
from handlers.domain.freeze import Freeze
from handlers.domain.skip_policy import SkipVerdict

__all__ = ["Account", "CellPlace", "Mode", "Place", "Settings", "SettingsError"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """An account and region that a deployment needs a provider for."""

    account: str
    account_name: str
    region: str
    deploy_role_arn: str
    external_id: str


@dataclass(frozen=True, kw_only=True)
class CellPlace:
    """Where one cell stands, and who takes over from it."""

    account: Account
    region: str
    partner: str
    partner_pending: bool


class Settings(Section):
    """One environment, complete and checked."""

    environment: Environment = Field(description="The environment's name; part of every name in AWS.")
    partition: Partition = Field(default="aws", description="The AWS partition of all accounts.")
    organization_id: OrganizationId | None = Field(
        default=None,
        description="The AWS organization, made a condition of trust between accounts. None only where there is none.",
    )
    hub: Hub = Field(description="What all cells share.")
    accounts: Annotated[tuple[Account, ...], AtLeastOne] = Field(description="The workload accounts.")
    patterns: Annotated[tuple[ManagedPattern, ...], AtLeastOne] = Field(
        description="The managed stacks; nothing else is ever touched."
    )
    tiers: Annotated[dict[TierName, Tier], AtLeastOne] = Field(
        default={"standard": Tier()}, description="Objectives by importance."
    )
    freezes: tuple[Freeze, ...] = Field(
        default=(), description="Weekly windows in which nothing is acted on. None: stacks are repaired whenever they break."
    )
    skip_policy: dict[ResourceTypes, SkipVerdict] = Field(
        default={},
        description="Resource types that a rollback may leave behind less easily than Stackmend's own policy says: ask or never. "
        "None is needed: whatever holds data is asked about anyway, and nothing here can loosen that.",
    )
    operator_role: RoleName | None = Field(
        default=None,
        description="The role, one in every account, that people's `stackmend` commands assume. None: they are given one, "
        "or act with the credentials that they are started with.",
    )
    retention: Retention = Field(default=Retention(), description="How long things are kept.")
    limits: Limits = Field(default=Limits(), description="How long things may take.")
    breakers: Breakers = Field(default=Breakers(), description="When repeated failure stops further attempts for a while.")
    alarms: AlarmLimits = Field(default=AlarmLimits(), description="What is borne before an alarm calls.")
    functions: Functions = Field(default=Functions(), description="What Lambda runs.")
    permissions_boundary: RoleName | None = Field(
        default=None, description="The managed policy, with its path, that bounds every role; it exists in every account."
    )
    role_path: RolePath = Field(
        default="/stackmend/", description="The IAM path of every role, for the organization's policies to name."
    )
    tags: dict[TagKey, TagValue] = Field(default={}, description="Tags of every resource.")
    runbook_url: HttpsUrl = Field(description="Where the runbooks are read; alerts add the heading.")
    protect_data: bool = Field(
        default=True, description="Whether tables refuse to be deleted. False only where an environment is torn down again."
    )
    manage_every_stack: bool = Field(
        default=False,
        description="Whether a pattern may match every stack. It would mend what nobody has agreed to, so it is said on purpose.",
    )
    manage_owned_stacks: bool = Field(
        default=False,
        description="Whether a pattern may match stacks of Stackmend, StackSets, Service Catalog or Control Tower. Their owner "
        "repairs those, so it is said on purpose.",
    )

    @classmethod
    def load(cls, config: Mapping[str, Any]) -> Self:
        """Read *config*, or raise one `SettingsError` that names every problem."""
        try:
            return cls.model_validate_json(json.dumps(config))
        except ValidationError as error:
            schema = cls.model_json_schema()
            lines = "\n".join(problem_of(found, schema).line() for found in error.errors(include_url=False))
            raise SettingsError(lines) from error

    @classmethod
    def from_pulumi(cls) -> Self:
        """Read the stack's configuration object `stackmend:settings`."""
        try:
            config = pulumi.Config("stackmend").get_object("settings")
        except pulumi.ConfigTypeError as error:
            raise SettingsError(f"{ROOT}: not an object; write keys and values under it") from error
        if not isinstance(config, Mapping):
            raise SettingsError(f"{ROOT}: missing or not an object; Pulumi.staging.yaml shows what belongs there")
        return cls.load(config)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        refuse(Problem(field=field, value=value, remedy=remedy) for field, value, remedy in problems_of(self))
        return self

    @cached_property
    def cells(self) -> tuple[CellPlace, ...]:
        """Every cell, accounts and regions in the order of the settings."""
        return tuple(
            CellPlace(account=account, region=cell.region, partner=cell.partner, partner_pending=cell.partner_pending)
            for account in self.accounts
            for cell in account.regions
        )

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every account and region that is deployed to, once each: the hub's control regions, then the cells."""
        hub = self.hub
        named = [("hub", hub.account, region, hub.deploy_role, hub.external_id) for region in hub.control_regions]
        named += [
            (cell.account.name, cell.account.id, cell.region, cell.account.deploy_role, cell.account.external_id)
            for cell in self.cells
        ]
        places: dict[tuple[str, str], Place] = {}
        for name, account, region, role, external_id in named:
            place = Place(
                account=account,
                account_name=name,
                region=region,
                deploy_role_arn=self.role_arn(account, role),
                external_id=external_id,
            )
            places.setdefault((account, region), place)
        return tuple(places.values())

    def role_arn(self, account: str, role: str) -> str:
        """The ARN of a role that settings name, in *account*."""
        return f"arn:{self.partition}:iam::{account}:role/{role}"

    def boundary_arn(self, account: str) -> str | None:
        """The ARN of the permissions boundary in *account*."""
        boundary = self.permissions_boundary
        return None if boundary is None else f"arn:{self.partition}:iam::{account}:policy/{boundary}"
