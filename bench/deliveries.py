"""How fast deliveries leave, run in a process of the product (`bench.delivery_lines` calls it).

`pace` has one worker drain a queue to an endpoint that answers at once, beside a plain HTTP client that sends the same
bodies one after another over one kept connection, and beside the least that an outbox does: claim a hundred rows, send
them, write down that they are sent.
"""

import json
import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

import urllib3
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App, Component, Setting
from apps_catalog.states import ComponentKind
from delivery.engine import drain
from delivery.models import Attempt, Delivery, Event
from delivery.states import DeliveryState
from delivery.targets import targets_of
from partners.models import Company, Membership
from runtime.samples import suite_cases
from runtime.signing import Signing, message_id
from runtime.webhooks import API_KEY, Addressed
from workspaces.models import Destination, Source, Workspace, WorkspaceMember

BATCH = 100


def destination(endpoint: str) -> Destination:
    """A webhook at `endpoint`, installed in its partner's own workspace."""
    name = f"deliveries-{uuid.uuid4().hex[:12]}"
    owner = User.objects.create(email=f"{name}@example.com")
    company = Company.objects.create(name=name, slug=name)
    Membership.objects.create(company=company, user=owner)
    app = App.objects.create(company=company, name=name, slug=name, skeleton=name)
    Setting.objects.create(app=app, key=API_KEY, label="API Key", required=True, sensitive=True)
    Component.objects.create(app=app, kind=ComponentKind.SUBSCRIPTION_WEBHOOK, endpoint=endpoint)
    workspace = Workspace.objects.create(name=name, slug=name)
    WorkspaceMember.objects.create(workspace=workspace, user=owner)
    row = Destination.objects.create(
        source=Source.objects.create(workspace=workspace, name="S"), app=app, is_enabled=True
    )
    row.put_values({API_KEY: "bench-key-0123456789"})
    row.save()
    return row


def fill(row: Destination, number: int) -> None:
    """So many deliveries that are due, of events like those of the Test Suite."""
    bodies = [json.dumps(case.event, separators=(",", ":")) for case in suite_cases()]
    now = timezone.now()
    for start in range(0, number, 1000):
        events = Event.objects.bulk_create(
            Event(
                source_id=row.source_id, message_id=f"m{start + place}", type="track", received_at=now,
                is_waiting=False, payload=bodies[place % len(bodies)],
            )
            for place in range(min(1000, number - start))
        )  # fmt: skip
        Delivery.objects.bulk_create(
            Delivery(event=event, destination=row, received_at=now, due_at=now) for event in events
        )


def pace(endpoint: str, number: int, rounds: int) -> dict[str, float]:
    """Medians in deliveries per second: {"engine", "client", "outbox"}. They take turns, on queues of `number`."""
    row = destination(endpoint)
    ways = {"engine": _by_engine, "client": _by_client, "outbox": _by_outbox}
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            fill(row, number)
            started = time.perf_counter()
            way(row)
            found[name].append(number / (time.perf_counter() - started))
            Attempt.objects.all().delete()
            Delivery.objects.all().delete()
            Event.objects.all().delete()
    # The first round warms up.
    return {name: statistics.median(rates[1:]) for name, rates in found.items()}


def _by_engine(row: Destination) -> None:
    while Delivery.objects.filter(due_at__isnull=False).exists():
        drain(60)
    left = Delivery.objects.exclude(state=DeliveryState.DELIVERED).count()
    assert not left, f"{left} were not delivered"


def _by_client(row: Destination) -> None:
    bodies = [body.encode() for body in Event.objects.values_list("payload", flat=True)]
    send = _sender(row)
    for place, body in enumerate(bodies):
        send(place, body)


def _by_outbox(row: Destination) -> None:
    """One process, one connection, a hundred rows at a time."""
    send = _sender(row)
    while batch := _leased():
        for pk, payload in batch:
            send(pk, payload.encode())
        ids = [pk for pk, _ in batch]
        Delivery.objects.filter(pk__in=ids).update(state=DeliveryState.DELIVERED, due_at=None, status=200)


def _leased() -> Sequence[tuple[int, str]]:
    now = timezone.now()
    with transaction.atomic():
        due = Delivery.objects.filter(due_at__lte=now, lease_until=None).order_by("due_at")
        ids = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH])
        Delivery.objects.filter(pk__in=ids).update(lease_until=now + timedelta(seconds=30))
    return list(Delivery.objects.filter(pk__in=ids).values_list("pk", "event__payload"))


def _sender(row: Destination) -> Callable[[int, bytes], None]:
    target = targets_of([row.pk])[row.pk]
    addressed = Addressed.to(target.endpoint, str(target.values[API_KEY]), target.values)
    client = urllib3.PoolManager(maxsize=1)

    def send(number: int, body: bytes) -> None:
        signing = Signing(target.signing, message_id("delivery", number), int(time.time()))
        request = addressed.request(body, signing)
        client.request("POST", request.url, body=body, headers=dict(request.headers), retries=False)

    return send


def print_json(value: object) -> None:
    print(json.dumps(value))
