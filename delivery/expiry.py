"""Removing what was kept for long enough. Events are many, so each turn takes the oldest ones for a while."""

import time
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from delivery.models import Attempt, Delivery, Event, Regulation, SeenMessage, Story, Tally

# Two weeks are shown (D32).
TALLIES_KEPT = timedelta(days=35)
ROWS_AT_ONCE = 5_000
# A purge that has more to do goes on at the next hour.
PURGE_SECONDS = 20.0


@transaction.atomic
def erase_events(event_ids: Collection[int]) -> None:
    """Remove events with what was sent of them, without asking the database what else might point to them."""
    # A result that is being stored comes first, and goes too; one that comes later finds no delivery.
    list(Delivery.objects.select_for_update().filter(event__in=event_ids).order_by("pk").values_list("pk"))
    for table, column in ((Attempt, "delivery__event__in"), (Delivery, "event__in"), (Event, "pk__in")):
        rows = table._default_manager.filter(**{column: event_ids})
        rows._raw_delete(rows.db)


def purge_events(now: datetime) -> int:
    """Events older than EVENTS_KEPT_DAYS, with their deliveries."""
    gone = 0
    for ids in _oldest(Event, "received_at", now - timedelta(days=settings.EVENTS_KEPT_DAYS)):
        erase_events(ids)
        gone += len(ids)
    return gone


def purge_tallies(now: datetime) -> int:
    gone = 0
    for ids in _oldest(Tally, "at", now - TALLIES_KEPT):
        gone += Tally.objects.filter(pk__in=ids).delete()[0]
    return gone


def purge_message_ids(now: datetime) -> int:
    """After that, an event that comes once more is a new one (D29: not within a day)."""
    until, gone = time.monotonic() + PURGE_SECONDS, 0
    over = SeenMessage.objects.filter(
        at__lt=now - max(timedelta(days=settings.MESSAGE_IDS_KEPT_DAYS), timedelta(days=1))
    )
    while time.monotonic() < until:
        last = over.order_by("at").values_list("at", flat=True)[ROWS_AT_ONCE - 1 : ROWS_AT_ONCE].first()
        gone += (over.filter(at__lte=last) if last else over).delete()[0]
        if last is None:
            break
    return gone


def purge_stories(now: datetime) -> int:
    """Plays that ended; their events go by their own age."""
    ended = Story.objects.filter(created_at__lt=now - timedelta(days=settings.EVENTS_KEPT_DAYS), due_at=None)
    return ended.delete()[0]


def forget_people(now: datetime) -> int:
    """The ids of those whom requests were about, once nothing is stored any more that could be theirs."""
    done = Regulation.objects.filter(finished_at__lt=now - timedelta(days=settings.EVENTS_KEPT_DAYS))
    return done.exclude(user_ids=[]).update(user_ids=[])


def _oldest(table: type[Model], column: str, before: datetime) -> Iterator[list[Any]]:
    """The keys of rows from before that time, in slices; the caller removes each before it asks for the next.

    Keys rise with time, nearly. So the first rows by key that are not that old are the end, and no index is needed.
    """
    until = time.monotonic() + PURGE_SECONDS
    while time.monotonic() < until:
        rows = list(table._default_manager.order_by("pk").values_list("pk", column)[:ROWS_AT_ONCE])
        if old := [pk for pk, at in rows if at < before]:
            yield old
        if len(old) < ROWS_AT_ONCE:
            return
