"""Freeze windows hold in wall time, also where the clocks change, and say when they end."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handlers.domain.freeze import Day, Freeze, frozen_until, leaves_no_time, minutes_of

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"])
MINUTES = st.integers(min_value=0, max_value=24 * 60)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
ALL_DAYS = tuple(Day)
NIGHT = Freeze(name="night", zone="Europe/Berlin", days=ALL_DAYS, start="01:00", end="04:00")


def text(minutes: int) -> str:
    """Minutes of the day as the settings have them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def freezes(draw: st.DrawFn) -> Freeze:
    """Any window that can be meant."""
    start, end = sorted(draw(st.lists(MINUTES, min_size=2, max_size=2, unique=True)))
    days = draw(st.lists(st.sampled_from(Day), min_size=1, max_size=6, unique=True))
    return Freeze(name="any", zone=draw(ZONES), days=tuple(days), start=text(start), end=text(end))


def reads_frozen(freeze: Freeze, moment: datetime) -> bool:
    """What a person says who looks at the clock on the wall."""
    wall = moment.astimezone(ZoneInfo(freeze.zone))
    minute = wall.hour * 60 + wall.minute
    return ALL_DAYS[wall.weekday()] in freeze.days and minutes_of(freeze.start) <= minute < minutes_of(freeze.end)


@given(freeze=freezes(), moment=MOMENTS)
def test_what_the_wall_clock_calls_frozen_is_frozen(freeze: Freeze, moment: datetime) -> None:
    """In every zone, on every day of the year, in the hour that comes twice as well."""
    if reads_frozen(freeze, moment):
        assert freeze.end_of(moment) is not None


@given(freeze=freezes(), moment=MOMENTS)
def test_where_no_clock_changes_nothing_else_is_frozen(freeze: Freeze, moment: datetime) -> None:
    """The longer reading costs time only around a change."""
    zone = ZoneInfo(freeze.zone)
    offsets = {(moment + timedelta(hours=shift)).astimezone(zone).utcoffset() for shift in (-26, 0, 26)}
    if len(offsets) == 1 and not reads_frozen(freeze, moment):
        assert freeze.end_of(moment) is None


@given(freeze=freezes(), moment=MOMENTS)
def test_the_end_is_the_first_free_moment(freeze: Freeze, moment: datetime) -> None:
    """Frozen until it, free at it."""
    found = frozen_until([freeze], "any", moment)
    if found is None:
        return
    _, until = found
    assert moment < until
    assert freeze.end_of(until) is None
    assert freeze.end_of(until - timedelta(seconds=1)) is not None


@given(freeze=freezes(), day=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_window_is_its_length_give_or_take_a_change_of_clocks(freeze: Freeze, day: date) -> None:
    """No zone of ours changes by more than an hour at a time."""
    span = freeze.occurrence(day)
    if span is None:
        assert ALL_DAYS[day.weekday()] not in freeze.days
        return
    said = timedelta(minutes=minutes_of(freeze.end) - minutes_of(freeze.start))
    assert abs((span[1] - span[0]) - said) <= timedelta(hours=1)
    assert span[1] > span[0]


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 3, 28), 3),  # an ordinary night
        (date(2026, 3, 29), 2),  # 02:00 becomes 03:00
        (date(2026, 10, 25), 4),  # 03:00 becomes 02:00
    ],
)
def test_a_night_is_as_long_as_it_really_is(day: date, hours: int) -> None:
    """Written 01:00 to 04:00, whatever happens in between."""
    span = NIGHT.occurrence(day)

    assert span is not None
    assert span[1] - span[0] == timedelta(hours=hours)


def test_an_end_that_the_clocks_skip_is_read_late_and_one_that_comes_twice_the_second_time() -> None:
    """An hour too much costs a wait, an hour too little breaks a promise."""
    half = Freeze(name="half", zone="Europe/Berlin", days=ALL_DAYS, start="01:00", end="02:30")

    assert half.occurrence(date(2026, 3, 29)) == (datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert half.occurrence(date(2026, 10, 25)) == (
        datetime(2026, 10, 24, 23, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )


def test_windows_that_touch_are_one_freeze() -> None:
    """A weekend from Friday afternoon to Monday morning is three windows, and its end is Monday's."""
    weekend = [
        Freeze(name="friday", zone="UTC", days=("fri",), start="16:00"),
        Freeze(name="weekend", zone="UTC", days=("sat", "sun")),
        Freeze(name="monday", zone="UTC", days=("mon",), end="06:00"),
    ]

    found = frozen_until(weekend, "standard", datetime(2026, 3, 6, 20, tzinfo=UTC))

    assert found == (weekend[0], datetime(2026, 3, 9, 6, tzinfo=UTC))


def test_a_freeze_holds_for_its_tiers_only() -> None:
    """None named is all."""
    held = Freeze(name="x", zone="UTC", days=ALL_DAYS, end="12:00", tiers=("critical",))
    noon = datetime(2026, 3, 4, 11, tzinfo=UTC)

    assert frozen_until([held], "critical", noon) is not None
    assert frozen_until([held], "standard", noon) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "12:00", "end": "12:00"}, "ends at 12:00, not after its start 12:00"),
        ({"start": "18:00", "end": "06:00"}, "write two for one that spans midnight"),
        ({"zone": "Europe/Atlantis"}, "'Europe/Atlantis' is no zone of the time-zone database"),
        ({"zone": "../etc/passwd"}, "is no zone of the time-zone database"),
        ({"zone": ""}, "is no zone of the time-zone database"),
        ({"start": "7:00"}, "'7:00' is no time of day: write HH:MM"),
        ({"end": "24:01"}, "'24:01' is no time of day"),
        ({"days": ()}, "at least 1 item"),
        ({"days": ("monday",)}, "'mon', 'tue'"),
        ({"date": "2026-12-24"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_meant_is_refused(change: dict[str, object], said: str) -> None:
    """The message says what to write instead."""
    with pytest.raises(ValidationError, match=said):
        Freeze.model_validate({"name": "x", "zone": "UTC", "days": ("mon",)} | change)


@pytest.mark.parametrize(
    ("windows", "full"),
    [
        ([Freeze(name="x", zone="UTC", days=ALL_DAYS)], True),
        ([Freeze(name="x", zone="UTC", days=ALL_DAYS, end="23:59")], False),
        ([Freeze(name="x", zone="UTC", days=ALL_DAYS[:6])], False),
        (
            [
                Freeze(name="x", zone="UTC", days=ALL_DAYS, end="12:00"),
                Freeze(name="y", zone="Asia/Kolkata", days=ALL_DAYS, start="17:00"),
                Freeze(name="z", zone="Asia/Kolkata", days=ALL_DAYS, end="06:00"),
            ],
            True,
        ),
        ([Freeze(name="x", zone="UTC", days=ALL_DAYS, tiers=("another",))], False),
        ([], False),
    ],
)
def test_windows_that_leave_no_minute_are_found(windows: list[Freeze], *, full: bool) -> None:
    """Also where only several of them together do, in different zones."""
    assert leaves_no_time(windows, "standard") is full
