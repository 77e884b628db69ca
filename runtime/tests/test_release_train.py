"""The arithmetic of the train over ten years, with daylight saving, holidays and freezes (S31)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.release_train import MAX_WEEKS, NoTrain, Skipped, Timetable, Train, Why
from tests.counts import count

PACIFIC = ZoneInfo("America/Los_Angeles")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TEN_YEARS = 10 * 366 * 24 * 3600


def timetable(closed=lambda day: "", **changes) -> Timetable:
    usual = {
        "zone": PACIFIC, "weekday": 2, "cutoff_weekday": 1, "cutoff_time": time(17), "leaves_at": time(17),
        "closed": closed,
    }  # fmt: skip
    return Timetable(**usual | changes)


def pacific(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PACIFIC)


moments = st.integers(0, TEN_YEARS).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
# Weeks without a train, by the number of days since 2026: holidays come alone, freezes in runs.
freezes = st.lists(st.tuples(st.integers(0, 3660), st.integers(1, 40)), max_size=30)


def closed_in(runs):
    days = {date(2026, 1, 1) + timedelta(days=start + more) for start, length in runs for more in range(length)}
    return lambda day: "Freeze" if day in days else ""


@given(moments, freezes, st.integers(0, 4), st.integers(0, 4), st.times())
@example(pacific(2027, 3, 14, 3, 30), [], 0, 6 % 5, time(2, 30))
def test_nothing_boards_late_and_nothing_waits_longer_than_it_must(ready, runs, weekday, cutoff_weekday, cutoff):
    closed = closed_in(runs)
    table = timetable(closed, weekday=weekday, cutoff_weekday=cutoff_weekday, cutoff_time=cutoff)
    try:
        boarding = table.boarding(ready)
    except NoTrain:
        assert all(closed(day) for day in table.days(ready))
        return
    train = boarding.train
    assert train.cutoff >= ready
    assert train.day.weekday() == weekday
    assert not closed(train.day)
    # Every release day before it was closed, or its cut-off had passed.
    for weeks in range(1, MAX_WEEKS):
        earlier = table.train(train.day - timedelta(weeks=weeks))
        assert closed(earlier.day) or earlier.cutoff < ready
    assert [skipped.day for skipped in boarding.skipped] == [day for day in table.days(ready) if day < train.day]


@given(moments, moments)
def test_whoever_is_ready_earlier_never_leaves_later(one, other):
    table = timetable()
    first, second = sorted([one, other])
    assert table.boarding(first).train.day <= table.boarding(second).train.day


def test_every_week_of_ten_years_has_its_train_at_five_in_the_afternoon():
    table, day = timetable(), date(2026, 1, 7)
    for _ in range(count(10, 520)):
        train = table.train(day)
        assert train.leaves.astimezone(PACIFIC).timetz().replace(tzinfo=None) == time(17)
        assert table.boarding(train.cutoff).train == train
        assert table.boarding(train.cutoff + timedelta(microseconds=1)).train.day == day + timedelta(weeks=1)
        day += timedelta(weeks=1)


@pytest.mark.parametrize(
    ("ready", "day", "why"),
    [
        (pacific(2026, 11, 20, 9), date(2026, 11, 25), Why.IN_TIME),
        (pacific(2026, 11, 24, 17), date(2026, 11, 25), Why.IN_TIME),
        (pacific(2026, 11, 24, 17, 0, 1), date(2026, 12, 2), Why.AFTER_CUTOFF),
        (pacific(2026, 11, 25, 12), date(2026, 12, 2), Why.AFTER_CUTOFF),
        (pacific(2026, 11, 25, 18), date(2026, 12, 2), Why.IN_TIME),
        # The clocks went back on the first of November: the cut-off is an hour later in UTC.
        (datetime(2026, 10, 28, 0, 0, tzinfo=UTC), date(2026, 10, 28), Why.IN_TIME),
        (datetime(2026, 11, 4, 1, 0, tzinfo=UTC), date(2026, 11, 4), Why.IN_TIME),
        (datetime(2026, 11, 4, 1, 0, 1, tzinfo=UTC), date(2026, 11, 11), Why.AFTER_CUTOFF),
    ],
)
def test_a_partner_sees_which_train_and_why(ready, day, why):
    boarding = timetable().boarding(ready)
    assert (boarding.train.day, boarding.why) == (day, why)
    assert (boarding.missed is not None) == (why == Why.AFTER_CUTOFF)


def test_a_freeze_is_named_with_its_days():
    days = {date(2026, 12, 23), date(2026, 12, 30)}
    table = timetable(lambda day: "Holiday freeze" if day in days else "")
    boarding = table.boarding(pacific(2026, 12, 20, 9))
    assert (boarding.train.day, boarding.why) == (date(2027, 1, 6), Why.NO_TRAIN)
    assert boarding.skipped == tuple(Skipped(day, "Holiday freeze") for day in sorted(days))
    # A train that does not go is not one that was missed.
    assert table.boarding(pacific(2026, 12, 22, 18)).missed is None


def test_an_office_that_never_opens_is_said():
    with pytest.raises(NoTrain):
        timetable(lambda day: "Closed").boarding(EPOCH)
    assert all(isinstance(entry, Skipped) for entry in timetable(lambda day: "Closed").upcoming(EPOCH, 3))
    assert [type(entry) for entry in timetable().upcoming(EPOCH, 2)] == [Train, Train]
