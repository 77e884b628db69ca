"""What the tests of intake share: a workspace with a source and a key, and calls as the Tracking API reads them."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind
from runtime.intake import Call, read_calls
from workspaces.models import Destination, Source, Workspace, WriteKey

RECEIVED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_numbers = count(1)


def make_source(name: str = "site", workspace: Workspace | None = None, **fields: Any) -> Source:
    workspace = workspace or Workspace.objects.create(name="Customer", slug=f"customer-{next(_numbers)}")
    return Source.objects.create(workspace=workspace, name=name, slug=name, **fields)


def key_of(source: Source, **fields: Any) -> str:
    return WriteKey.objects.create(source=source, **fields).key


def install(source: Source, app: App, kind: str = ComponentKind.SUBSCRIPTION_WEBHOOK, **fields: Any) -> Destination:
    """`app` with a component of that kind, switched on for `source`."""
    Component.objects.get_or_create(app=app, kind=kind)
    return Destination.objects.create(source=source, app=app, **({"is_enabled": True} | fields))


def call(message_id: str = "", *, fault: str | None = None, kind: str = "track", **fields: Any) -> Call:
    """A call as it is read from a request; `fields` are the client's own."""
    given = {"messageId": message_id or f"message-{next(_numbers)}", "userId": "user-1", "event": "Signed up"}
    read = read_calls(kind, {**given, **fields}, received_at=RECEIVED, ip="").calls[0]
    return read if fault is None else replace(read, fault=fault)


def calls(number: int, **fields: Any) -> list[Call]:
    return [call(**fields) for _ in range(number)]
