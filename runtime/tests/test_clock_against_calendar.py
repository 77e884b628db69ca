"""The clock against a calendar of its own: every hour of ten years, written out by the plainest rules there are.

The other calendar knows no due dates: it lists the open hours, so that adding days and counting hours become
looking up places in a list. Its holidays come from the law (5 U.S.C. 6103), not from a library.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runtime.business_time import us_federal_calendar
from tests.counts import count

PACIFIC = ZoneInfo("America/Los_Angeles")
FIRST, LAST = 2025, 2034
CLOSED = {date(2026, 3, 6), date(2027, 7, 6), date(2030, 12, 27)}
OFFICE = us_federal_calendar(PACIFIC, CLOSED)
HOUR = timedelta(hours=1)
# Days on which the clocks change in ten years, and the days around them, come up by themselves; these for sure.
SPRING, AUTUMN = datetime(2026, 3, 7, 0, 30, tzinfo=UTC), datetime(2026, 10, 30, 23, 30, tzinfo=UTC)
# So that thirty business days later is still within the list.
MOMENTS = st.datetimes(
    datetime(FIRST, 1, 2),  # noqa: DTZ001
    datetime(LAST, 10, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(second=0, microsecond=0))
DAYS = st.integers(0, 30)
many = settings(max_examples=count(60, 5_000), deadline=None)


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The nth such weekday (Monday is 0) of a month; −1 is the last."""
    days = [date(year, month, 1) + timedelta(days=offset) for offset in range(31)]
    found = [day for day in days if day.month == month and day.weekday() == weekday]
    return found[number if number < 0 else number - 1]


def holidays_of(year: int) -> Iterator[date]:
    """The eleven federal holidays, on the days on which they are observed."""
    for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)):
        fixed = date(year, month, day)
        yield fixed + timedelta(days={5: -1, 6: 1}.get(fixed.weekday(), 0))
    yield from (nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 5, 0, -1), nth(year, 9, 0, 1), nth(year, 10, 0, 2))
    yield nth(year, 11, 3, 4)


@cache
def business_days() -> list[date]:
    holidays = {day for year in range(FIRST, LAST + 2) for day in holidays_of(year)} | CLOSED
    days = (date(FIRST, 1, 1) + timedelta(days=number) for number in range(3_652))
    return [day for day in days if day.weekday() < 5 and day not in holidays]


@cache
def open_hours() -> list[datetime]:
    """The beginning, in UTC, of every open hour, by what the wall clock in the office shows."""
    hour, end, found, days = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST + 1, 1, 1, tzinfo=UTC), [], set()
    days = set(business_days())
    while hour < end:
        local = hour.astimezone(PACIFIC)
        if local.date() in days and 9 <= local.hour < 17:
            found.append(hour)
        hour += HOUR
    return found


def next_open(moment: datetime) -> datetime:
    hours = open_hours()
    place = bisect_right(hours, moment) - 1
    return moment if place >= 0 and moment < hours[place] + HOUR else hours[place + 1]


def hours_before(moment: datetime) -> float:
    """Open hours from the beginning of the list to `moment`."""
    hours = open_hours()
    place = bisect_left(hours, moment)
    overshoot = max(hours[place - 1] + HOUR - moment, timedelta()) if place else timedelta()
    return place - overshoot / HOUR


def test_both_calendars_know_the_same_business_days():
    days = set(business_days())
    all_days = [date(FIRST, 1, 1) + timedelta(days=number) for number in range(3_652)]
    assert [day for day in all_days if OFFICE.is_business_day(day) != (day in days)] == []
    assert len(open_hours()) == 8 * len(days)


@many
@example(SPRING, 1)
@example(AUTUMN, 3)
@given(MOMENTS, DAYS)
def test_adding_days_lands_where_the_list_says(start, days):
    begin = next_open(start).astimezone(PACIFIC)
    listed = business_days()
    day = listed[listed.index(begin.date()) + days]

    due = OFFICE.add_business_days(start, days)

    assert (due.date(), due.time()) == (day, begin.time())
    assert next_open(due.astimezone(UTC)) == due  # never on closed time


@many
@example(SPRING, 30)
@example(AUTUMN, 30)
@given(MOMENTS, DAYS)
def test_counting_back_gives_the_days_that_were_added(start, days):
    due = OFFICE.add_business_days(start, days)

    assert OFFICE.business_days_between(start, due) == days
    assert OFFICE.business_days_between(due, start) == -days or due == start


@many
@example(SPRING, timedelta(days=4))
@example(AUTUMN, timedelta(days=4))
@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=45)))
def test_open_hours_between_are_those_of_the_list(start, length):
    end = start + length
    assert OFFICE.business_hours_between(start, end) == pytest.approx(hours_before(end) - hours_before(start))


@many
@given(MOMENTS, st.integers(1, 20), st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), min_size=2, max_size=5))
def test_the_used_share_never_falls_and_fills_the_time(start, days, looks):
    due = OFFICE.add_business_days(start, days)

    shares = [OFFICE.used_share(start, due, start + look) for look in sorted(looks)]

    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
    assert (OFFICE.used_share(start, due, start), OFFICE.used_share(start, due, due)) == (0, 1)
    for look, share in zip(sorted(looks), shares, strict=True):
        now = min(start + look, due)
        listed = (hours_before(now) - hours_before(start)) / (hours_before(due) - hours_before(start))
        assert share == pytest.approx(listed)
