"""Workspaces in tests: an App that is installed somewhere, and events that it took there.

The workspace and its source come from the verbs; destination, events and deliveries are rows, as the engine
leaves them, so that a test needs no worker.
"""

from typing import Any

from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from delivery.models import Delivery
from delivery.states import DeliveryKind, DeliveryState, Origin
from delivery.tests.rows import make_delivery, make_event
from reviews import beta
from reviews.models import Verification
from tests.cast import install_on
from workspaces.lifecycle import add_source, personal
from workspaces.models import Destination, Source


def source_of(user: User) -> Source:
    """The first source of the user's own workspace; both are made when they are missing."""
    workspace = personal(user)
    return workspace.sources.first() or add_source(user, workspace, "Website")


def installed(user: User, app: App, *, is_enabled: bool = True) -> Destination:
    """The App on the first source of the user's own workspace."""
    source = source_of(user)
    return source.destinations.filter(app=app).first() or install_on(source, app, user, is_enabled=is_enabled)


def delivered(
    destination: Destination, count: int = 1, *, origin: str = Origin.API, kind: str = "track",
    state: str = DeliveryState.DELIVERED, **event: Any,
) -> list[Delivery]:  # fmt: skip
    """Events of one type that the component took (or what `state` says) just now; `event` are fields of their rows."""
    how = DeliveryKind.TEST if origin == Origin.TESTER else DeliveryKind.LIVE
    rows = (make_event(destination.source, kind, origin=origin, **event) for _ in range(count))
    return [make_delivery(destination, row, state, kind=how, first_tried_at=timezone.now()) for row in rows]


def tried(user: User, app: App) -> Destination:
    """Installed in the user's workspace, with one event that a library sent and the App took."""
    destination = installed(user, app)
    if not destination.deliveries.exists():
        delivered(destination)
    return destination


def verified(app: App, user: User, note: str = "Works.") -> Verification:
    """A customer's word, with what it needs."""
    tried(user, app)
    return beta.verify(app, user, note)[0]


def close_tests(app: App, actor: User) -> None:
    """What closes S18 and S19: an event of the tester and one of a library, taken by the component as it is now."""
    destination = installed(actor, app)
    delivered(destination, origin=Origin.TESTER)
    delivered(destination)
