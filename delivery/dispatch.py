"""From events to deliveries: which destinations get an event, and what is counted about it (D32, D38)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps_catalog.models import Component
from apps_catalog.states import ComponentKind
from delivery import counting
from delivery.counting import Counted
from delivery.models import Delivery, Event, Uncounted
from delivery.states import DeliveryState, Origin, Stage
from leases.doorbell import ring_busily
from runtime.routing import is_routed
from workspaces.models import Destination
from workspaces.states import ConnectionMode

log = structlog.get_logger(__name__)

DRAIN = "delivery.tasks.drain"
# What runs in visitors' browsers, and where Segment deploys what came by pull request.
ELSEWHERE = (ComponentKind.WEB_PLUGIN, ComponentKind.ACTIONS_DESTINATION)
_COLUMNS = ("id", "source_id", "received_at", "origin", "fault", "payload")


class _Target(NamedTuple):
    """A destination that takes events, and the name by which `integrations` speaks of it."""

    id: int
    name: str


def dispatch(limit: int = 1000) -> int:
    """Make the deliveries of up to `limit` waiting events, oldest first; returns how many events these were.

    Workers that dispatch at the same time take different events. Each event is dispatched exactly once: what is
    made of it is committed together with the mark that it waits no more.
    """
    with transaction.atomic():
        events = _waiting(limit)
        counted = _noted(limit)
        if events:
            Event.objects.filter(pk__in=[event.id for event in events]).update(is_waiting=False)
            deliveries = list(_deliveries(events))
            Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
            counted += [*_counted(events), *_filtered(events, deliveries)]
            if any(delivery.due_at for delivery in deliveries):
                ring_busily(DRAIN)
        counting.add(counted)
    return len(events)


def _locked(queryset: Any) -> Any:
    """Rows that no other worker has in hand. A database with a single writer has no need of that."""
    if connection.features.has_select_for_update_skip_locked:
        return queryset.select_for_update(skip_locked=True)
    return queryset


def _waiting(limit: int) -> list[Any]:
    waiting = _locked(Event.objects.filter(is_waiting=True)).order_by("id")
    return list(waiting.values_list(*_COLUMNS, named=True)[:limit])


def _noted(limit: int) -> list[Counted]:
    """What intake only noted, taken off its list."""
    rows = list(_locked(Uncounted.objects.order_by("id"))[:limit])
    Uncounted.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [Counted(row.source_id, 0, row.at, row.stage, row.code, count=row.count) for row in rows]


def _deliveries(events: Iterable[Any]) -> Iterator[Delivery]:
    """One for each event and destination. What the Event Tester sends goes to its own destination only (D33)."""
    events = [event for event in events if not event.fault and event.origin != Origin.TESTER]
    targets, now = _targets({event.source_id for event in events}), timezone.now()
    for event in events:
        if not (open_to_it := targets.get(event.source_id)):
            continue
        integrations = _integrations(event)
        for target in open_to_it:
            goes = is_routed(integrations, target.name)
            yield Delivery(
                event_id=event.id,
                destination_id=target.id,
                received_at=event.received_at,
                # In the order in which they came, as far as nothing delays one.
                due_at=event.received_at if goes else None,
                state=DeliveryState.WAITING if goes else DeliveryState.FILTERED,
                settled_at=None if goes else now,
            )


def _integrations(event: Any) -> Any:
    """What the event says about destinations. One that cannot be read must not hold up all behind it."""
    try:
        return json.loads(event.payload).get("integrations")
    except (ValueError, AttributeError, RecursionError):
        log.error("event_unreadable", id=event.id)
        return None


def _targets(source_ids: set[int]) -> dict[int, list[_Target]]:
    """The destinations that take events, by source; not those that run elsewhere only (D33: cloud mode)."""
    found: dict[int, list[_Target]] = defaultdict(list)
    components = Component.every.filter(app=OuterRef("app"))  # a version may still have what its draft has lost
    elsewhere = Exists(components.filter(kind__in=ELSEWHERE))
    here = Exists(components.exclude(kind__in=ELSEWHERE))
    takers = Destination.objects.filter(here | ~elsewhere, source_id__in=source_ids)
    takers = takers.filter(is_enabled=True, paused_at=None).exclude(connection_mode=ConnectionMode.DEVICE)
    for source_id, id_, name in takers.values_list("source_id", "id", "app__name"):
        found[source_id].append(_Target(id_, name))
    return found


def _counted(events: Iterable[Any]) -> Iterator[Counted]:
    for event in events:
        stage = Stage.REFUSED if event.fault else Stage.RECEIVED
        yield Counted(event.source_id, 0, event.received_at, stage, event.fault)


def _filtered(events: Iterable[Any], deliveries: Iterable[Delivery]) -> Iterator[Counted]:
    sources = {event.id: event.source_id for event in events}
    for one in deliveries:
        if one.state == DeliveryState.FILTERED:
            yield Counted(sources[one.event_id], one.destination_id, one.received_at, Stage.FILTERED)
