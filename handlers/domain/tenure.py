"""Whose a cell's lease is: its own region's while that serves, else its partner's; and when one may take it from the other."""

from dataclasses import dataclass
from enum import StrEnum

from handlers.domain.lease import Lease
from handlers.domain.serving import Serving


class Tenure(StrEnum):
    """What a region does about a lease at this moment."""

    RENEW = "renew"  # it holds the lease, rightfully
    TAKE = "take"  # the lease is free, or its holder can do nothing under it any more
    WAIT = "wait"  # its holder may still be in the middle of a call, or this region's clock is wrong
    LEAVE = "leave"  # the lease is another's to hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """How long a lease lasts, and how long after its end the last call under it may still arrive."""

    lease_seconds: int
    function_seconds: int
    """The act functions' time-out."""
    sdk_seconds: int
    """One call with all that the SDK does for it."""
    skew_seconds: int

    @property
    def wait_seconds(self) -> int:
        """From the old lease's end to the first act under the new one."""
        return self.function_seconds + self.sdk_seconds + self.skew_seconds

    @property
    def longest_seconds(self) -> int:
        """From the switch of a flag to the takeover of the lease: a whole lease may just have been granted."""
        return self.lease_seconds + self.wait_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A decision about one lease."""

    tenure: Tenure
    sentence: str
    epoch: int = 0
    """The fence to hold the lease under, for RENEW and TAKE."""


def turn(
    lease: Lease | None,
    serving: Serving,
    *,
    region: str,
    owner: str,
    partner: str,
    now_ms: int,
    handover: Handover,
    clock_problem: str | None = None,
) -> Turn:
    """What *region* does about the lease of *owner*'s cell, whose partner is *partner*. *lease* is None where there was none.

    Whoever takes a lease raises its epoch, to the flag's at least, so that whatever was claimed under the old one is refused
    wherever it wakes up. That holds for a region, too, whose own flag was turned off and on again: it waits for itself.
    """
    rightful = _rightful(serving, owner, partner)
    fence = serving.of(owner).epoch
    if rightful != region:
        return Turn(tenure=Tenure.LEAVE, sentence=_whose(rightful, owner, partner))
    if clock_problem is not None:
        return Turn(tenure=Tenure.WAIT, sentence=clock_problem)
    if lease is None:
        return Turn(tenure=Tenure.TAKE, sentence="nobody has held it yet", epoch=max(1, fence))
    if lease.holder == region and lease.epoch >= fence:
        return Turn(tenure=Tenure.RENEW, sentence="it is held", epoch=lease.epoch)
    left_ms = lease.expires_at_ms + handover.wait_seconds * 1000 - now_ms
    if left_ms > 0:
        sentence = f"{lease.holder} may act under epoch {lease.epoch} for another {left_ms / 1000:.1f} s"
        return Turn(tenure=Tenure.WAIT, sentence=sentence)
    epoch = max(lease.epoch + 1, fence)
    return Turn(tenure=Tenure.TAKE, sentence=f"{lease.holder} can do nothing more under epoch {lease.epoch}", epoch=epoch)


def _rightful(serving: Serving, owner: str, partner: str) -> str | None:
    return next((region for region in (owner, partner) if serving.serves(region)), None)


def _whose(rightful: str | None, owner: str, partner: str) -> str:
    if rightful is None:
        return f"neither {owner} nor {partner} serves"
    return f"{owner} {'serves' if rightful == owner else 'does not serve'}: its lease is {rightful}'s to hold"


def clock_problem(answered_ms: int | None, asked_ms: int, heard_ms: int, skew_seconds: int) -> str | None:
    """Why one's own clock cannot be trusted, by the time that the control region wrote into its answer; None when it can.

    The answer was written after *asked_ms* and before *heard_ms*, both by the clock in question. HTTP's dates have no fractions,
    so that up to a second is missing from them.
    """
    if answered_ms is None:
        return "the control region's answer bears no time to hold this clock against"
    if answered_ms + 999 < asked_ms - skew_seconds * 1000:
        return f"this clock is {(asked_ms - answered_ms) / 1000:.1f} s ahead of the control region's"
    if answered_ms > heard_ms + skew_seconds * 1000:
        return f"this clock is {(answered_ms - heard_ms) / 1000:.1f} s behind the control region's"
    return None
