"""Working on a request to delete people (D34), in steps that a killed worker's successor goes on with.

First what is stored about them is erased, then every destination that takes events gets a delete event for each of
them; when all of these are settled, the request is done.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from delivery import regulations
from delivery.expiry import erase_events
from delivery.ingest import put
from delivery.models import Delivery, Event, Regulation
from delivery.states import OPEN, DeliveryState, Origin
from delivery.states import RegulationState as State
from runtime.events import make_event
from runtime.intake import Call
from workspaces.models import Destination, Source

LEASE = timedelta(seconds=60)
# How soon to look again at deliveries that are under way.
LOOK_AGAIN = timedelta(seconds=30)
# Events looked at, and people told about, in one transaction.
EVENTS_AT_ONCE, PEOPLE_AT_ONCE = 5_000, 200
_NOT_SUPPORTED = 501


def work(seconds: float) -> int:
    """Work on what is due, for about so long; returns how many requests were finished."""
    until, finished = time.monotonic() + seconds, 0
    while time.monotonic() < until and (claimed := Regulation.objects.claim(lease=LEASE)):
        finished += _work_on(claimed[0], until)
    return finished


def _work_on(regulation: Regulation, until: float) -> bool:
    """Step by step; False when time is up or there is nothing but to wait."""
    regulation.still_held(extend=LEASE, state=State.RUNNING)
    while _erase_some(regulation) or _tell_some(regulation):
        if time.monotonic() > until:
            regulation.settle(due_at=timezone.now())
            return False
        if not regulation.still_held(extend=LEASE, progress=regulation.progress):
            return False  # taken over by another worker
    state = _outcome(regulation)
    if state is None:
        regulation.settle(due_at=timezone.now() + LOOK_AGAIN, progress=regulation.progress)
        return False
    return regulation.settle(state=state, finished_at=timezone.now(), progress=regulation.progress)


def _sources(regulation: Regulation) -> list[int]:
    """Removed ones too: their events are still stored."""
    return sorted(Source.every.filter(workspace_id=regulation.workspace_id).values_list("pk", flat=True))


# --- Erasing what is stored --------------------------------------------------------------------------------------


def _erase_some(regulation: Regulation) -> bool:
    """Look at the next events, newest first, source after source; False when all were looked at.

    There is no index of users: it would cost every event that comes in, and these requests have thirty days (D34).
    """
    progress = regulation.progress
    left = progress.setdefault("sources", _sources(regulation))
    if not left:
        return False
    events = Event.objects.filter(source_id=left[0]).exclude(origin=Origin.REGULATION).order_by("-id")
    if progress.get("below"):
        events = events.filter(id__lt=progress["below"])
    rows = list(events.values_list("id", "user_id")[:EVENTS_AT_ONCE])
    people = set(regulation.user_ids)
    # Their messageIds stay known, so that they do not come in again.
    erase_events([id_ for id_, user in rows if user in people])
    if len(rows) < EVENTS_AT_ONCE:
        left.pop(0)
    progress["below"] = rows[-1][0] if len(rows) == EVENTS_AT_ONCE else 0
    return True


# --- Telling the destinations -------------------------------------------------------------------------------------


def _tell_some(regulation: Regulation) -> bool:
    """Send the next people's delete events to the sources that have destinations; False when all were sent."""
    told = regulation.progress.get("told", 0)
    people = regulation.user_ids[told : told + PEOPLE_AT_ONCE]
    if regulation.kind not in regulations.TELLS or not people:
        return False
    calls = [_delete(regulation, told + number, user) for number, user in enumerate(people)]
    sent = list(regulation.progress.get("sent", []))
    with transaction.atomic():
        stored = [put(source, calls, origin=Origin.REGULATION).event_ids for source in _sources_that_send(regulation)]
        sent += [[min(ids), max(ids)] for ids in stored if ids]
        regulation.progress |= {"told": told + len(people), "sent": sent}
        # Together with the events, so that none of them is forgotten.
        if not regulation.still_held(extend=LEASE, progress=regulation.progress):
            transaction.set_rollback(True)
    return True


def _sources_that_send(regulation: Regulation) -> Sequence[Source]:
    takers = Destination.objects.filter(is_enabled=True, paused_at=None)
    return list(Source.objects.filter(workspace_id=regulation.workspace_id, destinations__in=takers).distinct())


def _delete(regulation: Regulation, number: int, user: str) -> Call:
    # Nobody may take the id before us: write keys are public, and an id that is known is refused.
    message_id = f"{_prefix(regulation)}{number}-{uuid4().hex}"
    event = make_event(
        "delete", at=timezone.now(), message_id=message_id, project_id="", channel="server", context=None, userId=user
    )
    return Call(event, "", message_id, blake2b(user.encode(), digest_size=16).hexdigest())


def _prefix(regulation: Regulation) -> str:
    """Of the messageIds of its delete events."""
    return f"delete-{regulation.pk}-"


# --- What became of it --------------------------------------------------------------------------------------------


def _outcome(regulation: Regulation) -> State | None:
    """The last state; None while delete events are under way."""
    sent = _sent(regulation)
    if sent is None:
        return State.FINISHED
    if sent.filter(is_waiting=True).exists():
        return None
    deliveries = Delivery.objects.filter(event__in=sent)
    found = deliveries.aggregate(
        number=Count("pk"),
        under_way=Count("pk", filter=Q(state__in=OPEN)),
        delivered=Count("pk", filter=Q(state=DeliveryState.DELIVERED)),
        unsupported=Count("pk", filter=Q(status=_NOT_SUPPORTED) & ~Q(state=DeliveryState.DELIVERED)),
    )
    if found["under_way"]:
        return None
    if found["delivered"] == found["number"]:
        return State.FINISHED
    if found["delivered"]:
        return State.PARTIAL_SUCCESS
    return State.NOT_SUPPORTED if found["unsupported"] == found["number"] else State.FAILED


def _sent(regulation: Regulation) -> "QuerySet[Event, Any] | None":
    """Its delete events; None when there are none. Found by where they lie, because no index knows their ids."""
    places = Q()
    for first, last in regulation.progress.get("sent", []):
        places |= Q(id__gte=first, id__lte=last)
    if not places:
        return None
    mine = Event.objects.filter(places, origin=Origin.REGULATION, message_id__startswith=_prefix(regulation))
    return mine.filter(source__workspace_id=regulation.workspace_id)
