from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.business_time import us_federal_calendar
from runtime.open_time import OpenTime

US = us_federal_calendar(ZoneInfo("America/Los_Angeles"), {date(2026, 3, 6)})
FIRST, DAYS = date(2025, 9, 1), 400  # both changes of the clock, and New Year
TOTAL = OpenTime(US, FIRST, DAYS)
WITHIN = st.datetimes(datetime(2025, 9, 2), datetime(2026, 9, 30), timezones=st.just(UTC))  # noqa: DTZ001
START = datetime(2025, 9, 1, tzinfo=UTC)


@given(WITHIN)
def test_the_total_is_the_calendars(at):
    expected = US.business_hours_between(datetime(2025, 9, 1, tzinfo=US.zone), at) * 3600
    assert TOTAL.until(at) == pytest.approx(expected, abs=1e-3)


@given(st.tuples(WITHIN, WITHIN, WITHIN))
def test_a_share_is_the_calendars(moments):
    start, due, now = moments
    assert TOTAL.used_share(start, due, now) == pytest.approx(US.used_share(start, due, now), abs=1e-9)


def test_outside_of_its_days_the_edge_counts():
    assert TOTAL.until(START - timedelta(days=300)) == 0
    end = START + timedelta(days=DAYS + 300)
    assert TOTAL.until(end) == TOTAL.until(end + timedelta(days=30)) > 0
    assert TOTAL.used_share(START - timedelta(days=300), START + timedelta(days=2), START + timedelta(days=1)) == 0
