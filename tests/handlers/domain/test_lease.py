"""A lease allows only its holder, under its fence, for longer than the function lives."""

import pytest

from handlers.domain.lease import Lease, why_not

LEASE = Lease(holder="us-east-1", epoch=7, expires_at_ms=100_000)


def test_a_holder_with_time_left_may_act() -> None:
    """One millisecond more than is needed is enough."""
    assert why_not(LEASE, region="us-east-1", now_ms=64_999, needed_seconds=35, fence=7) is None


@pytest.mark.parametrize(
    ("lease", "region", "now_ms", "fence", "said"),
    [
        (None, "us-east-1", 0, None, "no control region returned a lease"),
        (LEASE, "us-west-2", 0, None, "us-east-1 holds the lease (epoch 7)"),
        (LEASE, "us-east-1", 0, 6, "the lease's epoch is 7, the claim was made under 6"),
        (LEASE, "us-east-1", 65_000, 7, "the lease has 35.0 s left, 35 s are needed"),
        (LEASE, "us-east-1", 200_000, 7, "the lease has -100.0 s left, 35 s are needed"),
    ],
)
def test_every_other_may_not(lease: Lease | None, region: str, now_ms: int, fence: int | None, said: str) -> None:
    """The reason is whole, so that an operator need not ask."""
    assert said == why_not(lease, region=region, now_ms=now_ms, needed_seconds=35, fence=fence)


def test_a_clock_by_which_more_is_left_than_any_lease_lasts_is_wrong() -> None:
    """It has jumped back, and the lease may long have run out."""
    said = why_not(LEASE, region="us-east-1", now_ms=-85_001, needed_seconds=35, longest_seconds=185)

    assert said == "the lease has 185.0 s left, more than any lease has (185 s): this clock is slow"
    assert why_not(LEASE, region="us-east-1", now_ms=-85_000, needed_seconds=35, longest_seconds=185) is None
