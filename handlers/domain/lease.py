"""When a region may act: it holds the lease, under the fence it claims, for longer than its function can live."""

from pydantic import BaseModel, ConfigDict


class Lease(BaseModel):
    """A region's right to act for a cell; the epoch is the fence."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    holder: str
    epoch: int
    expires_at_ms: int


def why_not(
    lease: Lease | None,
    *,
    region: str,
    now_ms: int,
    needed_seconds: int,
    fence: int | None = None,
    flag_epoch: int = 0,
    longest_seconds: int | None = None,
) -> str | None:
    """Say why *region* may not act now, or None when it may.

    *needed_seconds* is the function's time-out plus the clocks' skew: CloudFormation knows no fence, so a call must have
    ended before anybody else may hold the lease. *longest_seconds* is a whole lease and that skew: a clock by which more is
    left has jumped back, and would let this region act when its lease has long run out.
    *fence* is the epoch that a claim was made under, *flag_epoch* that of the serving flag: a lease below it is of a time before
    the region was switched, and its holder stops at once where it can still read.
    """
    if lease is None:
        return "no control region returned a lease"
    if lease.holder != region:
        return f"{lease.holder} holds the lease (epoch {lease.epoch})"
    if lease.epoch < flag_epoch:
        return f"the region was switched since: its flag's epoch is {flag_epoch}, the lease's {lease.epoch}"
    if fence is not None and lease.epoch != fence:
        return f"the lease's epoch is {lease.epoch}, the claim was made under {fence}"
    return _why_not_now(lease, now_ms, needed_seconds, longest_seconds)


def _why_not_now(lease: Lease, now_ms: int, needed_seconds: int, longest_seconds: int | None) -> str | None:
    remaining_ms = lease.expires_at_ms - now_ms
    if longest_seconds is not None and remaining_ms > longest_seconds * 1000:
        return (
            f"the lease has {remaining_ms / 1000:.1f} s left, more than any lease has ({longest_seconds} s): this clock is slow"
        )
    if remaining_ms <= needed_seconds * 1000:
        return f"the lease has {remaining_ms / 1000:.1f} s left, {needed_seconds} s are needed"
    return None
