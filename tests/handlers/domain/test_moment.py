"""Moments are written so that their text sorts as their time."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.moment import epoch_ms, iso

MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_a_moment_is_utc_to_the_millisecond() -> None:
    """Wherever it was read, and without rounding up."""
    moment = datetime(2026, 3, 4, 13, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))

    assert iso(moment) == "2026-03-04T12:00:00.999Z"
    assert epoch_ms(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1000


@given(one=MOMENTS, other=MOMENTS)
def test_text_sorts_as_time(one: datetime, other: datetime) -> None:
    """The heartbeat's list relies on it."""
    assert (iso(one) <= iso(other)) or one > other
