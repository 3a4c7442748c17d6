"""Moments as the ledger writes them: UTC, ISO 8601, to the millisecond, so that their text sorts as their time."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer


def _to_the_millisecond(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """Write *moment* the way the ledger does."""
    return _to_the_millisecond(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_ms(moment: datetime) -> int:
    """Write *moment* the way leases do: milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


Moment = Annotated[AwareDatetime, AfterValidator(_to_the_millisecond), PlainSerializer(iso, return_type=str, when_used="json")]
