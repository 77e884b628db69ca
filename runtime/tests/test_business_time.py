from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.business_time import BusinessCalendar, us_federal_calendar

PACIFIC = ZoneInfo("America/Los_Angeles")
US = us_federal_calendar(PACIFIC, {date(2026, 3, 6)})
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02T10:30", 1, "2026-03-03T10:30"),  # Monday to Tuesday
        ("2026-03-02T08:00", 1, "2026-03-03T09:00"),  # before opening counts from opening
        ("2026-03-02T17:00", 1, "2026-03-04T09:00"),  # at closing time the day is over
        ("2026-02-27T16:00", 1, "2026-03-02T16:00"),  # over a weekend
        ("2026-02-28T12:00", 1, "2026-03-03T09:00"),  # Saturday counts from Monday's opening
        ("2026-03-05T10:00", 1, "2026-03-09T10:00"),  # over an extra closed day, a weekend and summer time
        ("2026-02-13T10:00", 1, "2026-02-17T10:00"),  # over Presidents' Day
        ("2026-07-02T10:00", 1, "2026-07-06T10:00"),  # 4 July is a Saturday, so Friday is closed
        ("2026-12-24T10:00", 3, "2026-12-30T10:00"),
        ("2026-03-02T10:30", 0, "2026-03-02T10:30"),
        ("2026-03-01T10:30", 0, "2026-03-02T09:00"),
        ("2026-10-30T15:00", 2, "2026-11-03T15:00"),  # over the end of summer time
    ],
)
def test_due_dates(start, days, due):
    assert US.add_business_days(at(start), days) == at(due)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02T09:00", True),
        ("2026-03-02T08:59:59", False),
        ("2026-03-02T16:59:59", True),
        ("2026-03-02T17:00", False),
        ("2026-03-01T12:00", False),
        ("2026-03-06T12:00", False),
        ("2026-11-26T12:00", False),
        ("2026-07-03T12:00", False),
    ],
)
def test_open_hours(moment, is_open):
    assert US.is_open(at(moment)) is is_open
    assert US.is_open(at(moment).astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("a", "b", "hours"),
    [
        ("2026-03-02T09:00", "2026-03-02T17:00", 8),
        ("2026-03-02T12:00", "2026-03-03T12:00", 8),
        ("2026-02-27T16:30", "2026-03-02T09:30", 1),
        ("2026-03-01T00:00", "2026-03-08T23:00", 32),
        ("2026-03-03T10:00", "2026-03-03T09:30", -0.5),
    ],
)
def test_hours_between(a, b, hours):
    assert US.business_hours_between(at(a), at(b)) == hours


def test_naive_times_and_impossible_calendars_are_refused():
    with pytest.raises(ValueError, match="aware"):
        US.is_open(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="0 or more"):
        US.add_business_days(at("2026-03-02T10:00"), -1)
    with pytest.raises(ValueError, match="before close_hour"):
        BusinessCalendar(PACIFIC, 17, 9)
    with pytest.raises(ValueError, match="no business day"):
        BusinessCalendar(PACIFIC, holidays=_Always()).add_business_days(at("2026-03-02T10:00"), 1)


class _Always:
    def __contains__(self, day):
        return True


@given(MOMENTS, st.integers(0, 20))
def test_a_due_time_is_open_or_an_opening(start, days):
    due = US.add_business_days(start, days)

    assert US.is_open(due)
    assert due >= start
    assert due.tzinfo is PACIFIC


@given(MOMENTS, st.integers(0, 10), st.integers(0, 10))
def test_business_days_add_up(start, first, second):
    assert US.add_business_days(US.add_business_days(start, first), second) == US.add_business_days(
        start, first + second
    )


@given(MOMENTS, st.integers(0, 10), st.timedeltas(timedelta(0), timedelta(days=10)))
def test_a_later_start_is_never_due_earlier(start, days, later):
    assert US.add_business_days(start, days) <= US.add_business_days(start + later, days)


@given(MOMENTS, st.integers(0, 15))
def test_each_business_day_is_eight_open_hours(start, days):
    due = US.add_business_days(start, days)

    assert US.business_hours_between(start, due) == pytest.approx(8 * days)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), st.timedeltas(timedelta(0), timedelta(days=40)), ZONES)
def test_hours_add_up_in_every_zone(start, first, second, zone):
    calendar = BusinessCalendar(ZoneInfo(zone))
    middle, end = start + first, start + first + second

    whole = calendar.business_hours_between(start, end)

    parts = calendar.business_hours_between(start, middle) + calendar.business_hours_between(middle, end)
    assert whole == pytest.approx(parts)
    assert 0 <= whole <= (end - start) / timedelta(hours=1) + 1e-9


@given(MOMENTS, st.integers(1, 59), ZONES)
def test_a_minute_counts_exactly_when_it_is_open(start, second, zone):
    calendar = BusinessCalendar(ZoneInfo(zone))
    start = start.replace(second=0, microsecond=0)

    hours = calendar.business_hours_between(start, start + timedelta(seconds=second))

    assert (hours > 0) == calendar.is_open(start)
