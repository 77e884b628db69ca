"""What the beat does for the trains: it lets nothing leave, but sees to it that everybody knows what will."""

from datetime import datetime, timedelta

import structlog
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.recording import SYSTEM
from leases.transitions import StaleState
from partners.clock import calendar
from runtime.release_train import Train
from trains import emails
from trains.boarding import heal, tell_train
from trains.departing import see_off
from trains.models import Departure, Passenger
from trains.obstacles import LEAVES_FROM
from trains.states import PassengerState
from trains.timetable import Outlook, in_time, outlook

log = structlog.get_logger(__name__)
# A train that left just now may still be taking its passengers.
LEAVING_FOR = timedelta(minutes=15)
# So many are named in a mail to the team.
NAMED = 50


def watch(now: datetime | None = None) -> int:
    """Heal missed merges, see off Apps that ended, tell who got another train, remind the team; how many it told."""
    now = now or timezone.now()
    heal()
    for passenger in _over():
        _see_off(passenger)
    trains = outlook(now)
    told = 0 if Departure.objects.filter(left_at__gt=now - LEAVING_FOR).exists() else _tell_changes(trains)
    _tell_team(trains)
    return told


def _over() -> list[Passenger]:
    gone = Q(app__deleted_at__isnull=False) | ~Q(app__stage__in=list(LEAVES_FROM))
    return list(Passenger.objects.travelling().filter(gone).select_related("app", "version"))


def _see_off(passenger: Passenger) -> None:
    try:
        see_off(passenger, SYSTEM)
    except StaleState:
        log.info("passenger_went_on", passenger=passenger.pk)


def _tell_changes(trains: Outlook) -> int:
    """Freezes and trains that went without somebody move passengers; each is told once per train."""
    ready = Passenger.objects.filter(state=PassengerState.READY).select_related("app__company", "version")
    return sum(tell_train(passenger, trains) for passenger in ready.defer("version__manifest").iterator(chunk_size=100))


def _tell_team(trains: Outlook) -> None:
    day = next(trains.release_days())
    train = trains.table.train(day)
    if train.cutoff < trains.now and not trains.table.closed(day) and not trains.is_gone(day):
        _digest(train)
    waiting = trains.current()
    if waiting and waiting.day == trains.today and trains.now >= calendar().hours(waiting.day)[0]:
        on_board = _named(in_time(waiting))
        if on_board:
            emails.reminder(waiting, on_board)


def _digest(train: Train) -> None:
    on_board = _named(in_time(train))
    others = Passenger.objects.travelling().filter(approved_at__lte=train.cutoff)
    left_behind = _named(others.exclude(pk__in=in_time(train).values("pk")))
    if on_board or left_behind:
        emails.digest(train, on_board, left_behind)


def _named(rows: QuerySet[Passenger]) -> list[Passenger]:
    found = rows.filter(app__deleted_at__isnull=True).select_related("app", "version").defer("version__manifest")
    return list(found.order_by("app__name", "pk")[:NAMED])
