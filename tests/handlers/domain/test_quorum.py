"""One region's blindness is no failure: two of three say so, each three times in a row."""

import pytest

from handlers.domain.quorum import Quorum, Sighting, Verdict, verdict


def seen(failures: int, at_ms: int = 100_000) -> Sighting:
    """What one control region has seen."""
    return Sighting(failures=failures, at_ms=at_ms)


@pytest.mark.parametrize(
    ("sightings", "expected"),
    [
        ((seen(3), seen(3), seen(3)), Verdict.LOST),
        ((seen(3), seen(7), seen(0)), Verdict.LOST),
        ((seen(3), seen(2), seen(0)), Verdict.SERVING),
        ((seen(99), seen(0), seen(0)), Verdict.SERVING),
        ((seen(3), seen(3, at_ms=69_999), seen(0)), Verdict.SERVING),
        ((seen(3), seen(3, at_ms=70_000)), Verdict.LOST),
        ((seen(3), seen(3, at_ms=130_001)), Verdict.UNKNOWN),
        ((seen(3),), Verdict.UNKNOWN),
        ((), Verdict.UNKNOWN),
    ],
)
def test_a_region_is_lost_when_two_that_can_see_say_so(sightings: tuple[Sighting, ...], expected: Verdict) -> None:
    """Who has not looked for 30 s has no vote, and neither has a clock that is 30 s ahead."""
    assert verdict(sightings, 100_000, Quorum()) is expected


def test_failures_count_only_in_a_row() -> None:
    """A good probe ends them; the last reason is kept for the report."""
    now = Sighting(at_ms=0)
    for second, problem in enumerate(("no answer", "no answer", None, "refused")):
        now = now.next(problem, second * 10_000)

    assert now == Sighting(failures=1, at_ms=30_000, reason="refused")
