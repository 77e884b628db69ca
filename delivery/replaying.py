"""A worker's part of a replay: going through the stored events, a few hundred at a time, under a lease.

`reached` is moved in the transaction that makes the deliveries, so a worker that dies leaves neither a gap nor a
repetition.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from delivery.models import Delivery, Event, Replay
from delivery.states import DeliveryKind, DeliveryState

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
EVENTS_AT_ONCE = 500
MAX_EVENTS_NAMED = 1_000
# A replay keeps no more than this waiting, so that it can be cancelled and live events are not behind a mountain.
MAX_WAITING = 1_000
# How soon to go on when enough is waiting.
LATER = timedelta(seconds=1)
_TEXTS = ("type", "name", "state")
_TIMES = ("from", "to")


def check_selection(selection: Mapping[str, Any]) -> dict[str, Any]:
    """The selection without what filters nothing. Raises ValidationError for what cannot be understood."""
    if "events" in selection:
        ids = selection["events"]
        if not isinstance(ids, list) or not all(isinstance(pk, int) and not isinstance(pk, bool) for pk in ids):
            raise ValidationError("The events to send again are not a list of their numbers.")
        if not 0 < len(ids) <= MAX_EVENTS_NAMED:
            raise ValidationError(f"Choose between 1 and {MAX_EVENTS_NAMED:,} events.")
        return {"events": sorted(set(ids))}
    unknown = set(selection) - {*_TEXTS, *_TIMES}
    if unknown or not all(isinstance(value, str) for value in selection.values()):
        raise ValidationError("This is no filter for events.")
    if selection.get("state") and selection["state"] not in DeliveryState:
        raise ValidationError("Choose what became of the events from the list.")
    if any(selection.get(name) and _time(selection[name]) is None for name in _TIMES):
        raise ValidationError("A time of the filter cannot be read.")
    return {name: value for name, value in selection.items() if value}


def advance(seconds: float) -> None:
    """Go on with the replays that are due, for about `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        claimed = Replay.objects.claim(limit=1, lease=LEASE)
        if not claimed:
            return
        _take_step(claimed[0])


def is_due() -> bool:
    """Whether a replay waits for somebody to go on with it."""
    return Replay.objects.claimable().exists()


@transaction.atomic
def _take_step(replay: Replay) -> None:
    """Make the next deliveries and give the row back; nothing when the lease was lost."""
    room = MAX_WAITING - replay.deliveries.filter(due_at__isnull=False).count()
    if room <= 0:
        replay.settle(due_at=timezone.now() + LATER)
        return
    pks = list(_events(replay)[: min(room, EVENTS_AT_ONCE)])
    # The fence comes first: it locks the row until the deliveries are there.
    if not pks:
        replay.settle(finished_at=timezone.now())
        log.info("replay_finished", replay=replay.pk, taken=replay.taken)
    elif replay.settle(due_at=timezone.now(), reached=pks[-1], taken=replay.taken + len(pks)):
        _make(replay, pks)


def _events(replay: Replay) -> Any:
    """The ids of the events that are still to be taken, oldest first."""
    wanted, destination = replay.selection, replay.destination
    events = Event.objects.filter(source=destination.source_id, fault="", pk__gt=replay.reached)
    # What arrives after the wish is not meant.
    events = events.filter(received_at__lte=replay.created_at).order_by("pk")
    if "events" in wanted:
        events = events.filter(pk__in=wanted["events"])
    else:
        events = _filtered(events, wanted, destination.pk)
    return events.values_list("pk", flat=True)


def _filtered(events: QuerySet[Event], wanted: Mapping[str, str], destination_id: int) -> QuerySet[Event]:
    exact = {name: wanted[name] for name in ("type", "name") if name in wanted}
    times = {lookup: _time(wanted[name]) for name, lookup in _LOOKUPS.items() if name in wanted}
    events = events.filter(**exact, **times)
    # What never was meant for this destination is not sent to it now.
    here = Delivery.objects.filter(event=OuterRef("pk"), destination=destination_id, kind=DeliveryKind.LIVE)
    here = here.filter(state=wanted["state"]) if "state" in wanted else here.exclude(state=DeliveryState.FILTERED)
    return events.filter(Exists(here))


_LOOKUPS = {"from": "received_at__gte", "to": "received_at__lt"}


def _make(replay: Replay, pks: list[int]) -> None:
    now = timezone.now()
    events = Event.objects.filter(pk__in=pks).order_by("pk").values_list("pk", "received_at")
    Delivery.objects.bulk_create(
        Delivery(
            event_id=pk, destination_id=replay.destination_id, kind=DeliveryKind.REPLAY, replay=replay,
            received_at=received_at, due_at=now,
        )
        for pk, received_at in events
    )  # fmt: skip


def _time(text: str) -> datetime | None:
    """An ISO time with its zone."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
