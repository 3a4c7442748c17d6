"""Until when: `--until` a moment of some clock, or `--for` a while."""

import re
from datetime import datetime, timedelta

from console.plainly import UnusableError

_PARTS = re.compile(r"(?:(?P<days>\d{1,4})d)?(?:(?P<hours>\d{1,4})h)?(?:(?P<minutes>\d{1,5})m)?")


def until_of(until: str | None, span: str | None, now: datetime) -> datetime | None:
    """The moment that was meant, or None where neither was given; raises UnusableError with what to write."""
    if until is not None and span is not None:
        raise UnusableError("--until and --for both say when it ends: give one of them")
    if until is not None:
        return _in_time(_moment(until), until, now)
    return None if span is None else now + _while(span)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnusableError(f"--until {text}: write a moment such as 2026-03-04T18:00+01:00 or 2026-03-04T17:00Z") from error
    if moment.tzinfo is None:
        raise UnusableError(f"--until {text}: whose clock? Add Z for UTC, or an offset such as +01:00")
    return moment


def _in_time(moment: datetime, text: str, now: datetime) -> datetime:
    if moment <= now:
        raise UnusableError(f"--until {text} has passed")
    return moment


def _while(text: str) -> timedelta:
    found = _PARTS.fullmatch(text.replace(" ", ""))
    parts = {unit: int(number) for unit, number in found.groupdict().items() if number} if found else {}
    span = timedelta(**parts)
    if not span:
        raise UnusableError(f"--for {text}: write days, hours and minutes, such as 90m, 2h, 1h30m or 3d")
    return span
