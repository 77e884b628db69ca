"""Rows for tests: an event, its deliveries and their attempts as the engine leaves them, and tallies."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from delivery.counting import Counted, add, bucket_of
from delivery.models import Attempt, Delivery, Event
from delivery.states import SETTLED, DeliveryKind, DeliveryState, Origin, Stage
from runtime.events import timestamp
from workspaces.models import Destination, Source

_numbers = iter(range(1, 10**9))
REQUEST = {
    "start_line": "POST /hook HTTP/1.1",
    "headers": [["Authorization", "Basic ****"], ["Content-Type", "application/json"]],
    "body": {"encoding": "text", "content": '{"type":"track"}'},
}


def make_event(source: Source, kind: str = "track", at: datetime | None = None, **fields: Any) -> Event:
    """An event that was dispatched; `name`, `user_id`, `fault`, `origin` and whatever else the row has."""
    at = at or timezone.now()
    message_id = fields.pop("message_id", f"message-{next(_numbers)}")
    given = {"name": "Order Completed" if kind == "track" else "", "user_id": "user-1", "origin": Origin.API} | fields
    payload = fields.pop("payload", None) or {
        "type": kind,
        "messageId": message_id,
        "userId": given["user_id"],
        **({"event": given["name"]} if kind == "track" else {}),
        "properties": {"revenue": 24.5},
        "context": {"library": {"name": "analytics-python", "version": "2.3.4"}},
        "timestamp": timestamp(at),
    }
    given.pop("payload", None)
    row = {"is_waiting": False, "received_at": at, "payload": json.dumps(payload)} | given
    return Event.objects.create(source=source, message_id=message_id, type=kind, **row)


def make_delivery(
    destination: Destination,
    event: Event | None = None,
    state: str = DeliveryState.DELIVERED,
    *,
    status: int | None = 200,
    code: str = "",
    attempts: int = 1,
    **fields: Any,
) -> Delivery:
    """A delivery in that state, with `attempts` attempts of which the last ended with `status` and `code`."""
    event = event or make_event(destination.source)
    is_settled = state in SETTLED
    delivery = Delivery.objects.create(
        **{
            "event": event,
            "destination": destination,
            "state": state,
            "received_at": event.received_at,
            "settled_at": event.received_at + timedelta(milliseconds=180) if is_settled else None,
            "due_at": None if is_settled else timezone.now() + timedelta(minutes=1),
            "tries": attempts,
            "status": status,
            "code": code,
            "kind": DeliveryKind.LIVE,
        }
        | fields
    )
    for number in range(1, attempts + 1):
        make_attempt(delivery, number, status=status, code=code)
    return delivery


def make_attempt(delivery: Delivery, number: int = 1, status: int | None = 200, code: str = "") -> Attempt:
    """One try with its exchange; a status of None is a connection that was refused."""
    response = {"status": status, "reason": "", "headers": [["Content-Type", "application/json"]],
                "body": {"encoding": "text", "content": '{"message":"So be it"}'}, "truncated": False}  # fmt: skip
    return Attempt.objects.create(
        delivery=delivery,
        number=number,
        at=delivery.received_at + timedelta(milliseconds=20 * number),
        status=status,
        code=code,
        duration_ms=42.0,
        request=REQUEST,
        response=response if status else None,
        error=None if status else {"kind": "connect_refused", "message": "Connection refused."},
        timings={"dns": 1.0, "connect": 2.0, "tls": None, "first_byte": 30.0, "total": 42.0},
        message="Delivered and processed." if not code else "Not delivered.",
        cause="" if not code else "The endpoint says so.",
        fix="" if not code else "Ask the endpoint.",
    )


def count(
    destination: Destination, stage: str, number: int = 1, *, at: datetime | None = None, code: str = "", ms: float = 0
) -> None:
    """Tally `number` events at a stage; `ms` is their time end to end."""
    is_source = stage in (Stage.RECEIVED, Stage.REFUSED, Stage.DUPLICATE)
    bucket = bucket_of(ms) if ms else 0
    number_of = 0 if is_source else destination.pk
    add([Counted(destination.source_id, number_of, at or timezone.now(), stage, code, bucket, number)])
