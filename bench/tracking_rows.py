"""What `bench.tracking` does inside a product: fill it with events, dispatch in it."""

import json
import time

from django.db import connection
from django.utils import timezone

from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind
from bench.tracking import EVENT
from delivery.dispatch import dispatch
from delivery.ingest import put
from delivery.models import Delivery, Event, SeenMessage
from delivery.states import Origin
from partners.models import Company
from runtime.intake import read_calls
from workspaces.models import Destination, Source, Workspace, WriteKey

# Short, so that a million are there soon: it is the rows and indexes that intake could feel.
_STORED = {"type": "track", "event": "Order Completed", "userId": "user-1"}
_FILL = """
INSERT INTO {event} (source_id, message_id, type, name, user_id, received_at, origin, fault, payload, is_waiting)
SELECT %s, 'stored-' || n, 'track', 'Order Completed', 'user-' || n %% 1000, now() - interval '1 day' * n / %s, 'api',
    '', %s, false FROM generate_series(1, %s) n
"""
_SEEN = """
INSERT INTO {seen} (source_id, message_id, digest, at)
SELECT source_id, message_id, md5(message_id), received_at FROM {event}
"""
_DELIVERED = """
INSERT INTO {delivery} (event_id, destination_id, kind, state, received_at, settled_at, tries, status, code, attempts)
SELECT id, %s, 'live', 'delivered', received_at, received_at, 1, 200, '', 1 FROM {event}
"""


def fill(stored: int) -> dict[str, str]:
    """`stored` events of one source, seen and delivered; its write key."""
    workspace = Workspace.objects.create(name="Bench", slug="bench")
    source = Source.objects.create(workspace=workspace, name="Bench", slug="bench")
    company = Company.objects.create(name="Bench", slug="bench")
    app = App.objects.create(company=company, name="Bench", slug="bench", skeleton="bench")
    Component.objects.create(app=app, kind=ComponentKind.SUBSCRIPTION_WEBHOOK)
    destination = Destination.objects.create(source=source, app=app, is_enabled=True)
    tables = {"event": Event._meta.db_table, "seen": SeenMessage._meta.db_table, "delivery": Delivery._meta.db_table}
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(**tables), [source.pk, stored, json.dumps(_STORED), stored])
        cursor.execute(_SEEN.format(**tables))
        cursor.execute(_DELIVERED.format(**tables), [destination.pk])
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would have done by now
    return {"key": WriteKey.objects.create(source=source).key}


def dispatched(number: int) -> float:
    """Events dispatched in a second, each to one destination; first, whatever the requests have left."""
    while dispatch():
        pass
    source = Source.objects.get(slug="bench")
    for _ in range(number // 500):
        items = [EVENT | {"messageId": f"dispatched-{time.perf_counter_ns()}-{n}"} for n in range(500)]
        put(source, read_calls("batch", {"batch": items}, received_at=timezone.now(), ip="").calls, origin=Origin.API)
    started, done = time.perf_counter(), 0
    while found := dispatch():
        done += found
    return done / (time.perf_counter() - started)
