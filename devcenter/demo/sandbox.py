"""The workspaces of the demo: where the partner tests and the customer installs, with events that really went out."""

import time
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from delivery import ingest
from delivery.dispatch import dispatch
from delivery.engine import drain
from delivery.lifecycle import send_test
from delivery.models import Event
from delivery.states import OPEN, DeliveryState, Origin
from runtime.ada import calls_of, week
from runtime.events import timestamp
from runtime.intake import read_calls
from runtime.webhooks import API_KEY
from workspaces.lifecycle import add_source, install, personal
from workspaces.models import Destination, Source, Workspace, WriteKey
from workspaces.states import Library

# The sources of each workspace: the first one is where Apps are installed.
SOURCES = {
    "owner": (("Website", Library.JAVASCRIPT), ("Backend", Library.PYTHON)),
    "customer": (("Shop", Library.JAVASCRIPT),),
    "stranger": (("Website", Library.JAVASCRIPT),),
}
# The keys of `seed_demo --json` (CONTRACT), and whose workspace each is.
PROMISED = {"workspace": "owner", "customer_workspace": "customer"}
EVENTS = 8
SECONDS = 60


def workspace_of(role: str, user: User) -> Workspace:
    """The person's own workspace with its sources; what is missing is made."""
    workspace = personal(user)
    known = set(workspace.sources.values_list("name", flat=True))
    for name, library in SOURCES[role]:
        if name not in known:
            add_source(user, workspace, name, library)
    return workspace


def describe(people: dict[str, User]) -> dict[str, Any]:
    """What CONTRACT promises of the workspaces, for those that exist."""
    found = Workspace.objects.select_related("personal_of").filter(personal_of__in=people.values())
    by_person = {workspace.personal_of_id: workspace for workspace in found}
    return {
        key: _described(by_person[people[role].pk])
        for key, role in PROMISED.items()
        if role in people and people[role].pk in by_person
    }


def _described(workspace: Workspace) -> dict[str, Any]:
    keys = WriteKey.objects.filter(source__workspace=workspace, source__removed_at=None, disabled_at=None)
    # The oldest key of each source, so that the answer stays the same.
    by_source = {key.source: key.key for key in keys.select_related("source").order_by("-pk")}
    sources = [{"slug": source.slug, "write_key": key} for source, key in by_source.items()]
    return {"slug": workspace.slug, "sources": sorted(sources, key=lambda one: one["slug"])}


def use(app: App, role: str, user: User, api_key: str) -> bool:
    """Install the App on the first source of the person's workspace and send events through it, by the Event Tester
    and as a library does. Whether they were delivered; what was delivered before is enough.
    """
    source = workspace_of(role, user).sources.get(name=SOURCES[role][0][0])
    destination = source.destinations.filter(app=app).first() or install(
        user, source, app, {API_KEY: api_key}, enable=True
    )
    if not _is_delivered(destination):
        now = timezone.now()
        send_test(user, destination, _events(now)[0])
        _send_as_library(source, app, now)
    return _wait(destination)


def _send_as_library(source: Source, app: App, now: datetime) -> None:
    """Ada’s first events, as a library posts them. The messageIds are of this App alone: a source takes one once."""
    batch = [dict(call, messageId=f"demo-{app.pk}-{number}") for number, call in enumerate(_events(now))]
    body = {"batch": batch, "sentAt": timestamp(now)}
    key = source.write_keys.order_by("pk")[0].key
    ingest.take(key, read_calls("batch", body, received_at=now, ip="192.0.2.10").calls, origin=Origin.API)


def _events(now: datetime) -> list[dict[str, Any]]:
    return [dict(call) for call in calls_of(week("demo", now))[:EVENTS]]


def _is_delivered(destination: Destination) -> bool:
    return destination.deliveries.filter(state=DeliveryState.DELIVERED).exists()


def _is_under_way(destination: Destination) -> bool:
    waits = Event.objects.filter(source=destination.source_id, is_waiting=True)
    return waits.exists() or destination.deliveries.filter(state__in=OPEN).exists()


def _wait(destination: Destination) -> bool:
    """Deliver what waits, beside a worker that may do the same."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        dispatch()
        drain(0.5)
        if not _is_under_way(destination):
            return _is_delivered(destination)
        time.sleep(0.1)
    return False
