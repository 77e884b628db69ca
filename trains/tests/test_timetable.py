"""Which train takes whom: the days of the database, and ten years of trains that left, were frozen or came late."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.models import ClosedDay, Policy
from runtime.release_train import WEEK, NoTrain, Skipped, Timetable, Train, Why
from trains.models import Departure, Freeze, Passenger
from trains.states import Lane
from trains.tests.conftest import CUTOFF, FRIDAY, MONDAY, PACIFIC, WEDNESDAY, pacific
from trains.timetable import CLOSED, Outlook, expected, outlook, timetable
from trains.words import why

NEXT = WEDNESDAY + WEEK
EPOCH, TEN_YEARS = datetime(2026, 1, 1, tzinfo=UTC), 10 * 366 * 24 * 3600


# --- The days ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_days_without_a_train_say_why():
    Freeze.objects.create(first=date(2026, 12, 9), last=date(2026, 12, 16), reason="Year's end")
    ClosedDay.objects.create(day=date(2026, 12, 23), reason="Company day")
    ClosedDay.objects.create(day=date(2026, 12, 30))
    # Veterans Day is a Wednesday; by then the freeze, a closed day with words and one without are over.
    found = timetable(Policy.current()).upcoming(pacific(2026, 11, 9, 9), 9)

    assert [one.reason for one in found if isinstance(one, Skipped)] == [
        "Veterans Day", "Year's end", "Year's end", "Company day", CLOSED,
    ]  # fmt: skip
    assert [one.day for one in found if isinstance(one, Train)][:3] == [date(2026, 11, 18), WEDNESDAY, NEXT]


@pytest.mark.django_db
def test_it_costs_two_queries_and_a_third_for_reasons(django_assert_num_queries):
    policy = Policy.current()
    Freeze.objects.create(first=WEDNESDAY, last=WEDNESDAY, reason="Sale")
    for day in (date(2026, 12, 2), date(2026, 12, 9)):
        ClosedDay.objects.create(day=day)
    with django_assert_num_queries(2):
        table = timetable(policy)
    with django_assert_num_queries(1):
        table.upcoming(MONDAY, 8)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ready", "departed", "now", "day", "reason"),
    [
        (FRIDAY, (), MONDAY, WEDNESDAY, Why.IN_TIME),
        (CUTOFF, (), CUTOFF, WEDNESDAY, Why.IN_TIME),
        (CUTOFF + timedelta(seconds=1), (), CUTOFF + timedelta(minutes=1), NEXT, Why.AFTER_CUTOFF),
        # Held back, or heard of late: its train went without it.
        (FRIDAY, (WEDNESDAY,), pacific(2026, 11, 25, 12), NEXT, Why.LEFT),
        (FRIDAY, (), pacific(2026, 12, 1, 23), WEDNESDAY, Why.IN_TIME),
        (FRIDAY, (), pacific(2026, 12, 2, 1), NEXT, Why.LEFT),
        (FRIDAY, (WEDNESDAY, date(2027, 7, 28)), pacific(2027, 8, 2, 9), date(2027, 8, 4), Why.LEFT),
        # Not merged yet: as if it were merged now.
        (None, (), MONDAY, WEDNESDAY, Why.IN_TIME),
        (None, (), pacific(2026, 11, 25, 9), NEXT, Why.AFTER_CUTOFF),
    ],
)
def test_the_train_that_takes_it(time_machine, ready, departed, now, day, reason):
    time_machine.move_to(now, tick=False)
    for each in departed:
        Departure.objects.create(day=each)
    boarding = expected(Passenger(ready_at=ready))

    assert (boarding.train.day, boarding.why) == (day, reason)
    assert why(boarding)


@pytest.mark.django_db
def test_an_emergency_is_no_train(time_machine):
    time_machine.move_to(pacific(2026, 11, 25, 9), tick=False)
    Departure.objects.create(day=WEDNESDAY, lane=Lane.EMERGENCY)

    assert expected(Passenger(ready_at=FRIDAY)).train.day == WEDNESDAY


@pytest.mark.django_db
def test_a_freeze_is_named_to_those_it_keeps(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    Freeze.objects.create(first=WEDNESDAY, last=WEDNESDAY, reason="Big sale")
    boarding = expected(Passenger(ready_at=FRIDAY))

    assert (boarding.train.day, boarding.why) == (NEXT, Why.NO_TRAIN)
    assert "No train leaves on Wednesday, 25 November 2026 (Big sale)." in why(boarding)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "is_there"),
    [(CUTOFF, False), (pacific(2026, 11, 25, 1), True), (pacific(2026, 12, 1, 20), True),
     (pacific(2026, 12, 2, 1), False)],
)  # fmt: skip
def test_the_train_that_may_leave(ready, now, is_there):
    train = outlook(now).current()

    assert (train is not None and train.day == WEDNESDAY) is is_there


@pytest.mark.django_db
def test_an_empty_train_waits_on_its_day_only():
    assert outlook(pacific(2026, 11, 25, 9)).current().day == WEDNESDAY
    assert outlook(pacific(2026, 11, 26, 9)).current() is None


@pytest.mark.django_db
def test_no_train_waits_once_it_left(ready):
    Departure.objects.create(day=WEDNESDAY)

    assert outlook(pacific(2026, 11, 26, 9)).current() is None


# --- Ten years ----------------------------------------------------------------------------------------

moments = st.integers(0, TEN_YEARS).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
waits = st.integers(0, 120 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))
freezes = st.lists(st.tuples(st.integers(0, 3780), st.integers(1, 40)), max_size=30)


@given(moments, waits, freezes, st.sets(st.integers(-3, 20), max_size=6))
def test_nobody_rides_a_train_that_left_and_nobody_waits_longer_than_they_must(ready, wait, runs, left):
    """`left`: which trains have left, in weeks from when it was ready."""
    frozen = {date(2026, 1, 1) + timedelta(days=start + more) for start, length in runs for more in range(length)}
    table = Timetable(PACIFIC, 2, 1, time(17), time(17), lambda day: "Freeze" if day in frozen else "")
    now = ready + wait
    first = next(table.days(ready))
    departed = frozenset(first + week * WEEK for week in left if table.train(first + week * WEEK).cutoff < now)
    trains = Outlook(table, departed, now)
    try:
        boarding = trains.of(Passenger(ready_at=ready))
    except NoTrain:
        assert any(table.closed(day) for day in table.days(now))
        return

    day = boarding.train.day
    assert boarding.train.takes(ready)
    assert day.weekday() == 2
    assert not table.closed(day)
    assert not trains.is_gone(day)
    # Every train between was closed or gone.
    between = first
    while between < day:
        assert table.closed(between) or trains.is_gone(between)
        between += WEEK
    assert (boarding.why == Why.LEFT) == trains.is_gone(table.boarding(ready).train.day)
