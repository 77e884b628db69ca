"""What the tests of the engine share: destinations that lead to a real receiver, and deliveries that are due."""

import itertools
import json
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps_catalog.models import App, Component
from delivery.models import Delivery
from delivery.tests.rows import make_event
from workspaces.models import Destination, Source

KEY = "customer-key-0123456789"
_numbers = itertools.count(1)


def webhook(app: App, url: str) -> Component:
    component, _ = Component.objects.update_or_create(app=app, kind="subscription_webhook", defaults={"endpoint": url})
    return component


def function(app: App, code: str) -> Component:
    component, _ = Component.objects.update_or_create(app=app, kind="subscription_function", defaults={"code": code})
    return component


def lead_to(source: Source, app: App, url: str, values: dict[str, Any] | None = None) -> Destination:
    """The App on this source, switched on, with its draft's endpoint at `url`."""
    webhook(app, url)
    row = Destination.objects.create(source=source, app=app, is_enabled=True)
    row.put_values({"apiKey": KEY} | (values or {}))
    row.save()
    return row


def another(destination: Destination, url: str) -> Destination:
    """One more App of the same company on the same source."""
    number = next(_numbers)
    name = f"Another {number}"
    app = App.objects.create(company=destination.app.company, name=name, slug=f"another-{number}", skeleton=name)
    return lead_to(destination.source, app, url)


def due(destination: Destination, number: int = 1, at: datetime | None = None, **fields: Any) -> list[Delivery]:
    """Deliveries of new events, due now or since `at`."""
    moment = at or timezone.now()
    return [
        Delivery.objects.create(
            event=make_event(destination.source, at=moment), destination=destination, received_at=moment,
            due_at=moment, **fields,
        )
        for _ in range(number)
    ]  # fmt: skip


def ids_of(requests: Any) -> list[str]:
    return [json.loads(request.body)["messageId"] for request in requests]
