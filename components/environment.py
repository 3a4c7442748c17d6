"""An environment, or a part of it: a provider per account and region, the hub's leases, and every cell, pass by pass."""

from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.blueprint import Blueprint, blueprints, lease_addresses, lease_key
from components.cell import RecoveryCell, RecoveryCellArgs
from components.keys import RegionKey
from components.leases import LeaseDoor, LeaseDoorArgs, Leases, LeasesArgs
from components.ledger import Replica
from components.limits import check
from components.part import Part
from components.roles import RoleFrame
from components.settings import Place, Settings
from components.settings_fields import LayerPlatform
from layer.build import Platform

SESSION_NAME = "stackmend-deploy"

Providers = Mapping[tuple[str, str], aws.Provider]


def build(settings: Settings, part: Part | None = None) -> dict[str, Any]:
    """What *settings* describe, all keys, then all tables, then the rest; only *part* of it where one is given.

    Returns what the stack exports. The hub and a wave of accounts know each other by names alone, so neither reads the other's
    state: the hub makes every cell's way to its lease, also for cells that are not there yet.
    """
    check(blueprints(settings))
    part = part or Part.whole(settings)
    providers = {(place.account, place.region): _provider(place, settings) for place in part.places(settings)}
    plans = [plan for plan in blueprints(settings) if plan.place.account.name in part.accounts]
    cells = {(plan.addresses.account, plan.addresses.region): _cell(plan, providers) for plan in plans}
    for cell in cells.values():
        cell.build_key()

    exported: dict[str, Any] = {"environment": settings.environment}
    if part.hub:
        exported["lease_table"] = _hub(settings, providers).table_name
    for cell in cells.values():
        cell.build_ledger(_replica(cell.blueprint, cells))
        cell.build_vault()

    for cell in cells.values():
        cell.copy_vault([other.vault for other in _partners(cell.blueprint, cells)])
    exported["cells"] = {cell.blueprint.name: cell.build_rest() for cell in cells.values()}
    return exported


def _hub(settings: Settings, providers: Providers) -> Leases:
    lease_keys = _lease_keys(settings, providers)
    leases = _leases(settings, providers, lease_keys)
    for plan in blueprints(settings):
        _door(plan, providers, lease_keys)
    return leases


def _provider(place: Place, settings: Settings) -> aws.Provider:
    """Refuses every account but its own, so that wrong credentials cannot put anything elsewhere."""
    return aws.Provider(
        f"{place.account_name}-{place.region}",
        region=place.region,
        allowed_account_ids=[place.account],
        assume_roles=[
            aws.ProviderAssumeRoleArgs(role_arn=place.deploy_role_arn, external_id=place.external_id, session_name=SESSION_NAME)
        ],
        default_tags=aws.ProviderDefaultTagsArgs(tags=_tags(settings)),
    )


def _tags(settings: Settings) -> dict[str, str]:
    """An environment that is torn down again shows it, and the policies let its tables be deleted."""
    disposable = {} if settings.protect_data else {"stackmend:disposable": "true"}
    return {**settings.tags, "stackmend:environment": settings.environment, **disposable}


def _cell(plan: Blueprint, providers: Providers) -> RecoveryCell:
    provider = providers[plan.addresses.account, plan.addresses.region]
    arguments = RecoveryCellArgs(blueprint=plan, layer=layer_of(plan.settings))
    return RecoveryCell(plan.name, arguments, ResourceOptions(providers=[provider]))


def layer_of(settings: Settings) -> Platform:
    """Which build of the libraries the functions get."""
    chosen = settings.functions
    return Platform.HOST if chosen.layer_platform is LayerPlatform.HOST else Platform(chosen.architecture)


def _lease_keys(settings: Settings, providers: Providers) -> dict[str, Output[str]]:
    hub = settings.hub.account
    return {
        region: RegionKey(
            f"leases-{region}", lease_key(settings, region), ResourceOptions(providers=[providers[hub, region]])
        ).arn
        for region in settings.hub.control_regions
    }


def _leases(settings: Settings, providers: Providers, key_arns: Mapping[str, Output[str]]) -> Leases:
    arguments = LeasesArgs(addresses=lease_addresses(settings), key_arns=key_arns, is_protected=settings.protect_data)
    return Leases("leases", arguments, ResourceOptions(providers=[_first_hub_provider(settings, providers)]))


def _replica(plan: Blueprint, cells: Mapping[tuple[str, str], RecoveryCell]) -> Replica | None:
    """A copy where the partner stands; none while it has no cell and so no key there."""
    partner = cells.get((plan.addresses.account, plan.place.partner))
    return Replica(region=plan.place.partner, key_arn=partner.key.arn) if partner else None


def _partners(plan: Blueprint, cells: Mapping[tuple[str, str], RecoveryCell]) -> list[RecoveryCell]:
    """The cell that takes over from this one, and those that this one takes over from: what is written there must come back."""
    here, partner = (plan.addresses.account, plan.addresses.region), (plan.addresses.account, plan.place.partner)
    return [
        other
        for place, other in cells.items()
        if place != here and (place == partner or (place[0], other.blueprint.place.partner) == here)
    ]


def _door(plan: Blueprint, providers: Providers, key_arns: Mapping[str, Output[str]]) -> None:
    settings, cell = plan.settings, plan.addresses
    arguments = LeaseDoorArgs(
        cell=cell,
        lease=plan.lease,
        key_arns=key_arns,
        frame=RoleFrame(path=settings.role_path, boundary_arn=settings.boundary_arn(settings.hub.account)),
        external_id=settings.hub.external_id,
        organization_id=settings.organization_id,
    )
    LeaseDoor(f"lease-{plan.name}", arguments, ResourceOptions(providers=[_first_hub_provider(settings, providers)]))


def _first_hub_provider(settings: Settings, providers: Providers) -> aws.Provider:
    return providers[settings.hub.account, settings.hub.control_regions[0]]
