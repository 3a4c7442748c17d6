"""What must hold between settings: each check yields the field, its value and what to write instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from components.names import PROJECT
from components.regions import MRSC_SETS, partition_of
from handlers.domain.criteria import CHOSEN
from handlers.domain.freeze import leaves_no_time
from handlers.domain.owners import OWNERS
from handlers.domain.skip_policy import SkipVerdict

if TYPE_CHECKING:
    from components.settings import Account, Settings

Found = tuple[str, Any, str]
"""A field, its value, and what to write instead."""

HEARTBEAT_SECONDS = 60
"""EventBridge Scheduler runs nothing more often than once a minute (its user guide, "rate-based schedules")."""

CONTROL_REGIONS = 3
"""A strongly consistent table has three regions (DynamoDB guide, "Multi-Region strong consistency")."""
OWNED_PREFIXES = (PROJECT, *OWNERS)
"""Stacks that somebody else repairs: Stackmend's own, and those whose names StackSets, Service Catalog and Control Tower give."""


def problems_of(settings: Settings) -> Iterator[Found]:
    """Every disagreement, in the order of the settings."""
    yield from _regions_elsewhere(settings)
    yield from _control_regions(settings)
    yield from _lease(settings)
    yield from _hub_account(settings)
    yield from _accounts(settings)
    yield from _patterns(settings)
    yield from _tiers(settings)
    yield from _criteria(settings)
    yield from _freezes(settings)
    yield from _skip_policy(settings)


def _regions_elsewhere(settings: Settings) -> Iterator[Found]:
    named = [(f"hub.control_regions[{i}]", region) for i, region in enumerate(settings.hub.control_regions)]
    for i, account in enumerate(settings.accounts):
        for j, cell in enumerate(account.regions):
            named += [(f"accounts[{i}].regions[{j}].region", cell.region), (f"accounts[{i}].regions[{j}].partner", cell.partner)]
    for field, region in named:
        if partition_of(region) != settings.partition:
            remedy = f"this region is in partition {partition_of(region)}; write one of {settings.partition}, or change partition"
            yield field, region, remedy


def _control_regions(settings: Settings) -> Iterator[Found]:
    regions = settings.hub.control_regions
    if len(set(regions)) == len(regions) == CONTROL_REGIONS and any(set(regions) <= whole for whole in MRSC_SETS.values()):
        return
    sets = "; ".join(f"{name}: {', '.join(sorted(whole))}" for name, whole in MRSC_SETS.items())
    yield "hub.control_regions", regions, f"write three different regions of one strongly consistent set ({sets})"


def _lease(settings: Settings) -> Iterator[Found]:
    hub = settings.hub
    least = HEARTBEAT_SECONDS + settings.limits.function_seconds + settings.limits.act_function_seconds + hub.skew_seconds
    if hub.lease_seconds < least:
        remedy = f"a lease must outlive a heartbeat, its function, an acting function and the skew; write at least {least}"
        yield "hub.lease_seconds", hub.lease_seconds, remedy


def _hub_account(settings: Settings) -> Iterator[Found]:
    hub = settings.hub
    for i, account in enumerate(settings.accounts):
        if account.id != hub.account:
            continue
        for field in ("deploy_role", "external_id"):
            if getattr(account, field) != getattr(hub, field):
                yield f"accounts[{i}].{field}", getattr(account, field), f"this account is the hub too; write hub.{field} here"


def _accounts(settings: Settings) -> Iterator[Found]:
    for field in ("id", "name"):
        seen: dict[str, int] = {}
        for i, account in enumerate(settings.accounts):
            value = getattr(account, field)
            if value in seen:
                yield f"accounts[{i}].{field}", value, f"accounts[{seen[value]}] has it already; join the two, or correct one"
            seen.setdefault(value, i)
    for i, account in enumerate(settings.accounts):
        yield from _cells(f"accounts[{i}]", account)


def _cells(where: str, account: Account) -> Iterator[Found]:
    regions = Counter(cell.region for cell in account.regions)
    for j, cell in enumerate(account.regions):
        field = f"{where}.regions[{j}]"
        if regions[cell.region] > 1 and cell.region in {earlier.region for earlier in account.regions[:j]}:
            yield f"{field}.region", cell.region, "this account has a cell there already; remove one of the two"
        if cell.partner == cell.region:
            yield f"{field}.partner", cell.partner, "a region cannot take over from itself; write another region"
        elif cell.partner not in regions and not cell.partner_pending:
            yield (
                f"{field}.partner",
                cell.partner,
                "this account has no cell there; add that region to the account, or set partner_pending: true until it has one",
            )


def _patterns(settings: Settings) -> Iterator[Found]:
    earlier: list[str] = []
    for i, managed in enumerate(settings.patterns):
        pattern, field = managed.pattern, f"patterns[{i}].pattern"
        if not settings.manage_every_stack and not any(character.isalnum() for character in pattern):
            yield field, pattern, "this matches every stack; name some, or set manage_every_stack: true if that is meant"
        elif not settings.manage_owned_stacks and (
            owned := [f"{prefix}*" for prefix in OWNED_PREFIXES if _can_begin_with(pattern, prefix)]
        ):
            yield (
                field,
                pattern,
                f"this can match {', '.join(owned)}, which others repair; begin it otherwise, or set manage_owned_stacks: true",
            )
        covering = next((other for other in earlier if fnmatchcase(pattern, other)), None)
        if covering is not None:
            yield (
                field,
                pattern,
                f"nothing is left for it, {covering} comes first and matches all of it; put the narrower one first",
            )
        earlier.append(pattern)


def _can_begin_with(pattern: str, prefix: str) -> bool:
    head, star, _ = pattern.partition("*")
    return head.startswith(prefix) or (bool(star) and prefix.startswith(head))


def _tiers(settings: Settings) -> Iterator[Found]:
    for i, managed in enumerate(settings.patterns):
        if managed.tier not in settings.tiers:
            yield (
                f"patterns[{i}].tier",
                managed.tier,
                f"no such tier; write one of {', '.join(settings.tiers)}, or add it under tiers",
            )


def _criteria(settings: Settings) -> Iterator[Found]:
    for name, tier in settings.tiers.items():
        for criterion, demand in tier.criteria.items():
            if criterion not in CHOSEN:
                remedy = f"this one is not for a tier to choose; write some of {', '.join(CHOSEN)}"
                yield f"tiers.{name}.criteria.{criterion.value}", demand.value, remedy


def _freezes(settings: Settings) -> Iterator[Found]:
    names = [freeze.name for freeze in settings.freezes]
    for i, freeze in enumerate(settings.freezes):
        if freeze.name in names[:i]:
            yield f"freezes[{i}].name", freeze.name, "another freeze has this name; people read it, so give each its own"
        for tier in freeze.tiers:
            if tier not in settings.tiers:
                yield f"freezes[{i}].tiers", tier, f"no such tier; write some of {', '.join(settings.tiers)}, or none for all"
    for tier in settings.tiers:
        if leaves_no_time(settings.freezes, tier):
            yield "freezes", tier, "they leave this tier no minute of the week to act in; free some, or set its mode: observe"


def _skip_policy(settings: Settings) -> Iterator[Found]:
    for resource_type, verdict in settings.skip_policy.items():
        if verdict is SkipVerdict.MAY:
            remedy = "settings only make the policy stricter; write ask or never, or leave it out"
            yield f"skip_policy.{resource_type}", verdict.value, remedy
