"""Which regions serve: one item for all of them, so that no two control regions can ever switch the last ones off.

Whether a region's cells may hold their own leases follows from its flag (handlers.domain.tenure): traffic moves at once, the
right to change stacks when the old lease has run out.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from handlers.domain.outcome import Reason

Partners = Mapping[str, frozenset[str]]
"""Every region of the environment, each with the regions that take the work of its cells over."""


class SwitchOutcome(StrEnum):
    """What became of the wish to let a region serve, or to stop it."""

    SWITCHED = "switched"
    ALREADY = "already"  # the flag says so; a repeat changes nothing
    UNKNOWN_REGION = "unknown_region"  # the environment has no cell there
    ONLY_SERVING_REGION = "only_serving_region"  # nobody would be left
    PARTNER_NOT_SERVING = "partner_not_serving"  # nobody would take its work over
    LEANED_ON = "leaned_on"  # it has taken over the work of a region that does not serve
    SUPERSEDED = "superseded"  # the flags are not what the decision was made on: decide again
    APPROVAL_DUE = "approval_due"
    APPROVAL_VOID = "approval_void"  # given for another region, or on other flags
    APPROVAL_EXPIRED = "approval_expired"
    UNREADABLE = "unreadable"  # no control region answered, nothing was written
    UNSURE = "unsure"  # the write was sent and nobody says what became of it: read the flags before anything else


class Flag(BaseModel):
    """One region's flag; its epoch is raised whenever it changes, and every lease below it is void."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    serving: bool = True
    epoch: int = 0


class Serving(BaseModel):
    """All flags at one moment. A region that nobody has ever switched serves, in epoch 0."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = 0
    regions: Mapping[str, Flag] = {}
    change_id: str = ""
    """Of the change that made this version: tells one's own change, whose answer was lost, from another's."""

    def of(self, region: str) -> Flag:
        """The region's flag."""
        return self.regions.get(region, Flag())

    def serves(self, region: str) -> bool:
        """Whether the region serves."""
        return self.of(region).serving


class Approval(BaseModel):
    """A person's yes: for one region, on the flags as they were shown, until a moment."""

    model_config = ConfigDict(frozen=True)

    region: str
    version: int
    expires_at_ms: int


class Change(BaseModel):
    """The wish to switch one region, decided upon one version of the flags."""

    model_config = ConfigDict(frozen=True)

    change_id: str
    region: str
    serving: bool
    decided_on: int
    needs_approval: bool = False
    approval: Approval | None = None


def switch(now: Serving, change: Change, partners: Partners, now_ms: int) -> Serving | Reason:
    """The flags after *change*, or why they stay as they are."""
    refusal = _refusal(now, change, partners, now_ms)
    if refusal is not None:
        return refusal
    known = {region: now.of(region) for region in partners}
    flag = Flag(serving=change.serving, epoch=now.of(change.region).epoch + 1)
    return Serving(version=now.version + 1, regions={**known, change.region: flag}, change_id=change.change_id)


def _refusal(now: Serving, change: Change, partners: Partners, now_ms: int) -> Reason | None:
    region = change.region
    if region not in partners:
        known = ", ".join(sorted(partners))
        return _no(SwitchOutcome.UNKNOWN_REGION, f"there is no cell in {region!r}; name one of {known}")
    if now.serves(region) == change.serving:
        return _no(SwitchOutcome.ALREADY, f"{region} {'serves' if change.serving else 'does not serve'}, nothing was changed")
    if now.version != change.decided_on:
        said = f"the flags are at version {now.version}, this was decided on {change.decided_on}: look again, then decide again"
        return _no(SwitchOutcome.SUPERSEDED, said)
    return _unapproved(change, now_ms) or (None if change.serving else _alone(now, region, partners))


def _unapproved(change: Change, now_ms: int) -> Reason | None:
    if not change.needs_approval:
        return None
    given = change.approval
    if given is None:
        return _no(SwitchOutcome.APPROVAL_DUE, f"this environment asks a person before {change.region} is switched")
    if (given.region, given.version) != (change.region, change.decided_on):
        said = f"{given.region} was approved on version {given.version}, asked is {change.region} on {change.decided_on}"
        return _no(SwitchOutcome.APPROVAL_VOID, said)
    if now_ms >= given.expires_at_ms:
        late = (now_ms - given.expires_at_ms) / 1000
        return _no(SwitchOutcome.APPROVAL_EXPIRED, f"the approval of {change.region} ran out {late:.1f} s ago: ask again")
    return None


def _alone(now: Serving, region: str, partners: Partners) -> Reason | None:
    """Why *region* cannot be spared."""
    others = [other for other in partners if other != region]
    if not any(now.serves(other) for other in others):
        return _no(SwitchOutcome.ONLY_SERVING_REGION, f"{region} is the only region that serves")
    absent = sorted(partner for partner in partners[region] if not now.serves(partner))
    if absent or not partners[region]:
        said = f"{', '.join(absent)} would take its work over and does not serve" if absent else "it has no partner"
        return _no(SwitchOutcome.PARTNER_NOT_SERVING, f"{region} cannot be spared: {said}")
    leaning = sorted(other for other in others if region in partners[other] and not now.serves(other))
    if leaning:
        return _no(SwitchOutcome.LEANED_ON, f"{region} has taken over the work of {', '.join(leaning)}: let that serve first")
    return None


def _no(outcome: SwitchOutcome, sentence: str) -> Reason:
    return Reason(code=outcome, sentence=sentence)
