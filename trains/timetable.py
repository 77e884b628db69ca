"""When the trains leave: the policy's weekday, closed days and freezes, and which one takes a passenger (S31)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from django.db.models import QuerySet
from django.utils import timezone

from partners.clock import calendar, office_zone
from partners.models import ClosedDay, Policy
from runtime.business_time import federal_holiday
from runtime.release_train import MAX_WEEKS, WEEK, Boarding, NoTrain, Skipped, Timetable, Train, Why
from trains.models import Departure, Freeze, Passenger
from trains.states import Lane, PassengerState

_NEXT_MOMENT = timedelta(microseconds=1)
CLOSED = "The office is closed"


def timetable(policy: Policy) -> Timetable:
    """The release train as the policy, the closed days and the freezes have it; two queries.

    A third one asks for the reasons, once a release day meets a closed day.
    """
    office = calendar()
    return Timetable(
        office_zone(), policy.release_weekday, policy.cutoff_weekday, _as_time(policy.cutoff_time),
        time(office.close_hour), _why_closed(office.is_business_day),
    )  # fmt: skip


def _why_closed(is_open: Callable[[date], bool]) -> Callable[[date], str]:
    frozen = list(Freeze.objects.values_list("first", "last", "reason"))
    reasons = cache(lambda: dict(ClosedDay.objects.values_list("day", "reason")))

    def closed(day: date) -> str:
        if freeze := next((reason for first, last, reason in frozen if first <= day <= last), ""):
            return freeze
        return "" if is_open(day) else reasons().get(day) or federal_holiday(day) or CLOSED

    return closed


def _as_time(value: time | str) -> time:
    """A policy that was just made in memory still carries the text of the default."""
    return value if isinstance(value, time) else time.fromisoformat(value)


def office_today(now: datetime | None = None) -> date:
    """The day that it is at the office."""
    return (now or timezone.now()).astimezone(office_zone()).date()


def freeze_of(day: date) -> Freeze | None:
    """The freeze that a day falls into, if any."""
    return Freeze.objects.filter(first__lte=day, last__gte=day).first()


def in_time(train: Train) -> QuerySet[Passenger]:
    """What is on board: ready by the cut-off and not held back."""
    return Passenger.objects.filter(state=PassengerState.READY, ready_at__lte=train.cutoff)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Which train takes whom, as things stand at `now`. `departed`: the days whose train has left already."""

    table: Timetable
    departed: frozenset[date]
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.table.zone).date()

    def of(self, passenger: Passenger) -> Boarding:
        """The train that takes a passenger; for one that is not merged yet, as if that happened now.

        What was in time for a train that went without it (it was held back, or GitHub's word came late) takes the
        next one. Raises NoTrain.
        """
        boarding = self.table.boarding(passenger.ready_at or self.now)
        return self._later(boarding.train) if self.is_gone(boarding.train.day) else boarding

    def is_gone(self, day: date) -> bool:
        """Whether the train of `day` takes nobody any more: it left, or the next release day has come."""
        return day in self.departed or day + WEEK <= self.today

    def release_days(self) -> Iterator[date]:
        """Every release day from today on, closed ones and those whose cut-off has passed too, for half a year."""
        first = self.today + timedelta(days=(self.table.weekday - self.today.weekday()) % 7)
        return (first + WEEK * number for number in range(MAX_WEEKS))

    def current(self) -> Train | None:
        """The train that may leave now: today's, or one of the last days that has somebody on board still.

        One query, when its day is over.
        """
        day = self.today - timedelta(days=(self.today.weekday() - self.table.weekday) % 7)
        train = self.table.train(day)
        if train.cutoff >= self.now or day in self.departed or self.table.closed(day):
            return None
        return train if day == self.today or in_time(train).exists() else None

    def upcoming(self) -> Iterator[Train]:
        """The trains that have not left, from today's on."""
        days = (day for day in self.release_days() if not self.is_gone(day) and not self.table.closed(day))
        return (self.table.train(day) for day in days)

    def _later(self, left: Train) -> Boarding:
        skipped: list[Skipped] = []
        for entry in self.table.calendar(max(left.cutoff + _NEXT_MOMENT, self.now - 2 * WEEK)):
            if isinstance(entry, Skipped):
                skipped.append(entry)
            elif self.is_gone(entry.day):
                left = entry
                skipped.clear()
            else:
                return Boarding(entry, Why.LEFT, missed=left, skipped=tuple(skipped))
        raise NoTrain


def outlook(now: datetime | None = None) -> Outlook:
    """The trains from today on, by the policy in force; four queries."""
    now = now or timezone.now()
    recent = Departure.objects.filter(lane=Lane.REGULAR, day__gte=office_today(now) - 2 * WEEK)
    days = frozenset(recent.values_list("day", flat=True))
    return Outlook(timetable(Policy.current()), days, now)


def expected(passenger: Passenger) -> Boarding:
    """The train that takes a passenger, and why not an earlier one (`Outlook.of`). Raises NoTrain."""
    return outlook().of(passenger)
