"""The release days as a partner sees them: when the cut-offs are, which days have no train, and who is on board."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from runtime.release_train import Train
from trains.models import Passenger
from trains.page import Ride, ride
from trains.states import PassengerState
from trains.timetable import Outlook
from trains.words import day_in_words, moment_in_words

DAYS = 8
# Of one's own Apps on their way; nobody has so many.
SHOWN, RELEASES_SHOWN = 50, 5


@dataclass(frozen=True, slots=True)
class Line:
    """One release day. Without a train, `reason` says why; `is_past`: its cut-off has passed."""

    day: date
    train: Train | None
    reason: str
    has_left: bool
    is_past: bool
    rides: list[Ride]

    @property
    def day_in_words(self) -> str:
        return day_in_words(self.day)

    @property
    def office_cutoff(self) -> str:
        return moment_in_words(self.train.cutoff) if self.train else ""


def lines(trains: Outlook, rides: Iterable[Ride]) -> list[Line]:
    """The next release days, today's included; before them the one of last week, while it has not left."""
    current, days = trains.current(), list(islice(trains.release_days(), DAYS))
    if current and current.day < days[0]:
        days = [current.day, *days[:-1]]
    by_day: dict[date, list[Ride]] = {}
    for one in rides:
        if one.boarding and one.passenger.state == PassengerState.READY:
            by_day.setdefault(one.boarding.train.day, []).append(one)
    return [_line(trains, day, by_day.get(day, [])) for day in days]


def _line(trains: Outlook, day: date, rides: list[Ride]) -> Line:
    reason = trains.table.closed(day)
    train = None if reason else trains.table.train(day)
    is_past = train is not None and train.cutoff < trains.now
    return Line(day, train, reason, day in trains.departed, is_past, rides)


def rides_of(user: User, trains: Outlook) -> list[Ride]:
    """What travels of the Apps that `user` works on, by name."""
    travelling = _own(user).travelling().order_by("app__name", "pk")[:SHOWN]
    return [ride(passenger, trains) for passenger in travelling]


def released_lately(user: User) -> QuerySet[Passenger]:
    out = _own(user).filter(state__in=[PassengerState.DEPARTED, PassengerState.ROLLED_BACK])
    return out.order_by("-departed_at", "-pk")[:RELEASES_SHOWN]


def _own(user: User) -> Any:
    """Of one's own companies: staff, who see every App, get no list of everybody's here."""
    mine = Passenger.objects.filter(app__deleted_at__isnull=True, app__company__memberships__user=user)
    return mine.select_related("app", "version", "pull__repository").defer("version__manifest", "pull__body")
