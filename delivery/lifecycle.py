"""The verbs of deliveries: try one event, send stored ones again, take a paused destination up.

`actor` is required; whoever may write in the workspace may use them (D33). What they send is never counted in the
numbers about health.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.recording import System, record
from delivery.arrivals import complete, read_arrivals
from delivery.models import Delivery, Event, Lane, Replay
from delivery.replaying import check_selection
from delivery.states import OPEN, DeliveryKind, DeliveryState, Origin
from delivery.targets import targets_of
from leases.doorbell import ring
from leases.transitions import StaleState
from runtime.events import EVENT_VERSION, timestamp
from runtime.intake import Call
from workspaces.models import Destination
from workspaces.rules import can_write

DRAIN = "delivery.tasks.drain"
# So many replays of a destination may be under way.
MAX_REPLAYS = 3
# And so many tests of a workspace may wait.
MAX_TESTS = 50

Actor = User | System


@transaction.atomic
def send_test(actor: Actor, destination: Destination, event: Mapping[str, Any]) -> Delivery:
    """Really send one event to this destination alone, whether it is switched on or not (D33). It is tried once.

    What `event` lacks of id and times is added; everything else goes out as it is. Raises ValidationError when there
    is nothing to send to.
    """
    _require_writer(actor, destination)
    target = targets_of([destination.pk]).get(destination.pk)
    if target is None or target.problem:
        raise ValidationError(target.problem if target else "This destination was removed in the meantime.")
    _require_room(destination)
    delivery = Delivery.objects.create(
        event=_stored(destination, event), destination=destination, kind=DeliveryKind.TEST, due_at=timezone.now(),
        received_at=timezone.now(),
    )  # fmt: skip
    chain = destination.source.workspace.chain
    record(actor, "destination.tested", destination, chain=chain, delivery=delivery.pk)
    ring(DRAIN)
    return delivery


def _require_room(destination: Destination) -> None:
    tests = Delivery.objects.filter(kind=DeliveryKind.TEST, due_at__isnull=False)
    if tests.filter(destination__source__workspace=destination.source.workspace_id).count() >= MAX_TESTS:
        raise ValidationError("Many test events of this workspace wait already. Try again in a minute.")


def _stored(destination: Destination, event: Mapping[str, Any]) -> Event:
    """The event as a row that nobody dispatches: it goes to one destination only."""
    now = timezone.now()
    moment = timestamp(now)
    made = {"messageId": f"test-{uuid.uuid4()}", "timestamp": moment, "originalTimestamp": moment, "sentAt": moment}
    whole = {**made, **event, "receivedAt": moment, "version": EVENT_VERSION}
    row = read_arrivals([Call(whole, "", str(whole["messageId"]), "")]).rows[0]
    return Event.objects.create(
        source_id=destination.source_id, message_id=row.message_id, type=row.type, name=row.name, user_id=row.user_id,
        received_at=now, origin=Origin.TESTER, payload=complete(row.payload, destination.source_id), is_waiting=False,
    )  # fmt: skip


@transaction.atomic
def replay(actor: Actor, destination: Destination, selection: Mapping[str, Any]) -> Replay:
    """Send stored events to this destination once more; a worker goes through them.

    `selection` is {"events": [ids]}, or a filter of any of "type", "name", "state" (what became of the event here),
    "from" and "to" (ISO times, when it was received). Raises ValidationError for anything else, when the destination
    takes no events, and when enough replays are under way.
    """
    _require_writer(actor, destination)
    Destination.objects.select_for_update().get(pk=destination.pk)
    wanted = check_selection(selection)
    if not destination.takes_events:
        raise ValidationError("This destination takes no events at the moment. Switch it on or resume it first.")
    if destination.replays.filter(finished_at=None, cancelled_at=None).count() >= MAX_REPLAYS:
        raise ValidationError(f"{MAX_REPLAYS} replays are under way already. Wait for one to end, or cancel it.")
    by = actor if isinstance(actor, User) else None
    row = Replay.objects.create(destination=destination, requested_by=by, selection=wanted, due_at=timezone.now())
    record(actor, "destination.replayed", destination, chain=destination.source.workspace.chain, replay=row.pk)
    ring(DRAIN)
    return row


@transaction.atomic
def cancel_replay(actor: Actor, replay: Replay) -> None:
    """End a replay; what was sent stays sent. Raises StaleState when it is over."""
    destination = replay.destination
    _require_writer(actor, destination)
    now = timezone.now()
    waiting = Delivery.objects.filter(replay=replay, state__in=OPEN, due_at__isnull=False)
    is_over = Replay.objects.filter(pk=replay.pk, finished_at__isnull=False).exists() and not waiting.exists()
    rows = Replay.objects.filter(pk=replay.pk, cancelled_at=None)
    gone = {"cancelled_at": now, "due_at": None, "lease_token": None, "lease_until": None}
    if is_over or not rows.update(**gone):
        replay.refresh_from_db()
        raise StaleState(replay, "cancelled_at")
    # One that a worker sends at this moment loses its lease, so its late result is dropped.
    waiting.update(state=DeliveryState.CANCELLED, due_at=None, settled_at=now, lease_token=None, lease_until=None)
    record(
        actor, "destination.replay_cancelled", destination, chain=destination.source.workspace.chain, replay=replay.pk
    )


@transaction.atomic
def resume(actor: Actor, destination: Destination) -> None:
    """Take up a destination that was paused, with a clean slate. Raises StaleState when it is not paused."""
    _require_writer(actor, destination)
    rows = Destination.objects.filter(pk=destination.pk, paused_at__isnull=False)
    if not rows.update(paused_at=None, updated_at=timezone.now()):
        destination.refresh_from_db()
        raise StaleState(destination, "paused_at")
    destination.paused_at = None
    Lane.objects.filter(pk=destination.pk).update(failures=0, failing_since=None, open_at=None)
    record(actor, "destination.resumed", destination, chain=destination.source.workspace.chain)
    ring(DRAIN)


def _require_writer(actor: Actor, destination: Destination) -> None:
    if not can_write(actor, destination.source.workspace):
        raise PermissionDenied
