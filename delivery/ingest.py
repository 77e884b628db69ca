"""Taking events in: key, source, dedupe and rows in one statement, because there is one for each request (D29, T10)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from delivery import storing, storing_at_once
from delivery.arrivals import Arrivals, read_arrivals
from delivery.states import Origin
from delivery.storing import By, Stored
from leases.doorbell import ring_busily
from runtime.intake import Call
from workspaces.models import Source

SWEEP = "delivery.tasks.sweep_events"


class Taken(NamedTuple):
    """What became of a request's calls. `source_id` is None when the key is of no source that takes events.

    Repetitions are none of `accepted`; `refused` ones have a fault that the debugger shows. `event_ids` are the
    rows of the accepted ones.
    """

    source_id: int | None
    workspace_id: int | None
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    event_ids: tuple[int, ...] = ()


NOBODY = Taken(None, None)


def take(write_key: str, calls: Sequence[Call], *, origin: Origin = Origin.API) -> Taken:
    """Store the calls that came with a write key, and wake who sends them on.

    A key is of no use when it is unknown, disabled or expired, when its source is switched off, or when its
    workspace belongs to another region than this installation (D39).
    """
    # Keys are made of letters and digits; the database would stumble over other things.
    if not write_key.isascii() or not write_key.isprintable():
        return NOBODY
    return _store(By.key(write_key, settings.TRACKING_REGION), calls, origin)


def put(source: Source, calls: Sequence[Call], *, origin: Origin) -> Taken:
    """Store calls that the product itself makes for a source; they need no key, and the source need not be on."""
    return _store(By.id(source.pk), calls, origin)


def _store(by: By, calls: Sequence[Call], origin: Origin) -> Taken:
    arrivals = read_arrivals(calls)
    stored = _way()(by, arrivals, origin.value, timezone.now())
    if stored is None:
        return NOBODY
    ring_busily(SWEEP)
    return Taken(
        stored.source_id,
        stored.workspace_id,
        len(stored.event_ids),
        stored.duplicates + arrivals.repeated,
        stored.refused + arrivals.refused.total(),
        stored.event_ids,
    )


def _way() -> Callable[[By, Arrivals, str, datetime], Stored | None]:
    return storing_at_once.store if connection.vendor == "postgresql" else storing.store
