"""Whether a region is lost: two of three control regions say so, each over three probes in a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """What the control regions together know of one region."""

    SERVING = "serving"  # fewer than a quorum says otherwise
    LOST = "lost"
    UNKNOWN = "unknown"  # fewer than a quorum has looked of late: nothing may be decided


class Sighting(BaseModel):
    """What one control region has seen of one region, up to its last probe."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    failures: int = 0
    """Probes in a row that failed, the last one included; a good one ends them."""
    at_ms: int
    reason: str = ""

    def next(self, problem: str | None, at_ms: int) -> "Sighting":
        """The sighting after one more probe."""
        if problem is None:
            return Sighting(at_ms=at_ms)
        return Sighting(failures=self.failures + 1, at_ms=at_ms, reason=problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """How many must agree, over how many probes, and how old their word may be."""

    regions: int = 2
    probes: int = 3
    stale_seconds: int = 30
    """Three probes: who has not looked for that long is blind and has no vote, neither way."""


def verdict(sightings: Iterable[Sighting], now_ms: int, quorum: Quorum) -> Verdict:
    """Judge one region by what each control region has seen of it."""
    fresh = [each for each in sightings if abs(now_ms - each.at_ms) <= quorum.stale_seconds * 1000]
    if len(fresh) < quorum.regions:
        return Verdict.UNKNOWN
    lost = [each for each in fresh if each.failures >= quorum.probes]
    return Verdict.LOST if len(lost) >= quorum.regions else Verdict.SERVING
