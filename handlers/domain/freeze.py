"""When nothing is acted on by the calendar: weekly windows in the wall time of a zone, also across its clock changes."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

_TIME = re.compile(r"(?P<hour>[01]\d|2[0-4]):(?P<minute>[0-5]\d)")
_DAY_MINUTES = 24 * 60
"""Minutes of a day, the unit in which windows are compared."""
_LONGEST = timedelta(days=60)
"""How far ahead the end of a freeze is looked for; windows that leave the week no free minute are refused before."""


class FreezeError(ValueError):
    """A freeze window that says nothing that could be meant."""


class Day(StrEnum):
    """The days of the week, in their order from Monday."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_DAYS = tuple(Day)


def minutes_of(text: str) -> int:
    """Read `HH:MM`, 00:00 to 24:00, as minutes since the day began."""
    found = _TIME.fullmatch(text)
    minutes = int(found["hour"]) * 60 + int(found["minute"]) if found else _DAY_MINUTES + 1
    if minutes > _DAY_MINUTES:
        raise FreezeError(f"{text!r} is no time of day: write HH:MM, from 00:00 to 24:00, in quotes")
    return minutes


def zone_of(name: str) -> ZoneInfo:
    """Look a zone up in the time-zone database."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise FreezeError(f"{name!r} is no zone of the time-zone database: write one such as Europe/Berlin or UTC") from unknown


class Freeze(BaseModel):
    """A window that comes every week, from *start* to *end* of each of its days, the end not included.

    Where the clocks change inside it the window is the longer of its two readings: an hour too much costs a wait, an hour too
    little breaks a promise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=64, description="What people call the window; it stands in every message.")
    zone: str = Field(description="The zone of the time-zone database whose wall clock counts, such as Europe/Berlin.")
    days: tuple[Day, ...] = Field(min_length=1, description="The days of the week on which it holds: mon to sun.")
    start: str = Field(default="00:00", description="When it begins on each of its days, HH:MM.")
    end: str = Field(default="24:00", description="When it ends on the same day, HH:MM, itself not included; 24:00 is midnight.")
    tiers: tuple[str, ...] = Field(default=(), description="The tiers whose stacks it holds for. None named: all of them.")

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        zone_of(self.zone)
        if minutes_of(self.end) <= minutes_of(self.start):
            raise FreezeError(
                f"freeze {self.name!r} ends at {self.end}, not after its start {self.start}:"
                " a window lies within one day; write two for one that spans midnight"
            )
        return self

    def is_for(self, tier: str) -> bool:
        """Whether stacks of *tier* are held."""
        return not self.tiers or tier in self.tiers

    def end_of(self, now: datetime) -> datetime | None:
        """When the occurrence that holds at *now* ends; None when none holds."""
        today = now.astimezone(zone_of(self.zone)).date()
        spans = (self.occurrence(today + timedelta(days=shift)) for shift in (-1, 0, 1))
        return max((span[1] for span in spans if span is not None and span[0] <= now < span[1]), default=None)

    def occurrence(self, day: date) -> tuple[datetime, datetime] | None:
        """The window of one day as moments; None on a day that is not among its days."""
        if _DAYS[day.weekday()] not in self.days:
            return None
        return min(self._readings(day, self.start)), max(self._readings(day, self.end))

    def _readings(self, day: date, time: str) -> tuple[datetime, datetime]:
        """A wall time as moments: two where the clocks are set back, or where they skip it; else twice the same."""
        hour, minute = divmod(minutes_of(time), 60)
        wall = datetime(day.year, day.month, day.day, tzinfo=zone_of(self.zone)) + timedelta(hours=hour, minutes=minute)
        return wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)


def frozen_until(freezes: Iterable[Freeze], tier: str, now: datetime) -> tuple[Freeze, datetime] | None:
    """The window that holds stacks of *tier* at *now*, and when the first free moment comes; None when none holds."""
    held = [freeze for freeze in freezes if freeze.is_for(tier)]
    first = next((freeze for freeze in held if freeze.end_of(now) is not None), None)
    if first is None:
        return None
    until = now
    while until - now < _LONGEST and (ends := [end for freeze in held if (end := freeze.end_of(until)) is not None]):
        until = max(ends)
    return first, until


def leaves_no_time(freezes: Sequence[Freeze], tier: str) -> bool:
    """Whether stacks of *tier* would never be acted on, in a winter's or a summer's week.

    Every free span begins where some window ends, so only those moments have to be looked at.
    """
    held = [freeze for freeze in freezes if freeze.is_for(tier)]
    return bool(held) and any(_week_is_full(held, monday) for monday in (date(2026, 1, 12), date(2026, 7, 13)))


def _week_is_full(held: Sequence[Freeze], monday: date) -> bool:
    days = [monday + timedelta(days=shift) for shift in range(7)]
    ends = [span[1] for freeze in held for day in days if (span := freeze.occurrence(day)) is not None]
    return all(any(freeze.end_of(end) is not None for freeze in held) for end in ends)
