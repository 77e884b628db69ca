"""Steps S18 and S19 close themselves: events that the partner's own workspaces delivered to the draft.

Found while the events are kept, and then kept as an attestation without a person: events are purged after weeks,
what they proved is not. A changed component asks for a new test, as a confirmation does.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F

from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind
from delivery.models import Delivery
from delivery.states import DeliveryState, Origin
from reviews.models import Attestation
from reviews.states import Attested
from reviews.thresholds import own_workspaces
from testbench import fingerprint
from workspaces.models import Destination

log = structlog.get_logger(__name__)
# The kinds that a workspace delivers events to. Plugins run in the visitor's browser, where nothing is counted,
# and destinations by pull request are not hosted here: for those alone the partner's word has to do (S18).
DELIVERED_TO = frozenset({ComponentKind.SUBSCRIPTION_WEBHOOK, ComponentKind.SUBSCRIPTION_FUNCTION})
# What closes itself, and the origin of the event that does it.
CLOSED_BY = {Attested.EVENT_TESTER_USED: Origin.TESTER, Attested.SDK_TESTED: Origin.API}
# So many of the newest deliveries are looked through, and so many payloads read.
LOOK_BACK = 1_000
PAYLOADS = 20
# Of the App's installs in the partner's own workspaces, the newest.
INSTALLS = 25


def closes_itself(item: str, components: Iterable[Component]) -> bool:
    """Whether `item` is computed for an App with these components, instead of being confirmed by a person."""
    kinds = {component.kind for component in components}
    return item in CLOSED_BY and (not kinds or bool(kinds & DELIVERED_TO))


def find(app: App, components: Sequence[Component], wanted: Iterable[str]) -> Mapping[str, datetime]:
    """When each of the `wanted` items was last proven with these components; those that were not are absent.

    Three queries at most, none when nothing is wanted.
    """
    items = [item for item in wanted if components and closes_itself(item, components)]
    if not items:
        return {}
    used = Destination.every.filter(app=app, source__workspace__in=own_workspaces(app))
    ids = list(used.order_by("-pk").values_list("pk", flat=True)[:INSTALLS])
    # What went through an older state of the component proves nothing about this one.
    since = max(component.updated_at for component in components if component.kind in DELIVERED_TO)
    seen = {item: _last(ids, since, item) for item in items} if ids else {}
    return {item: at for item, at in seen.items() if at}


def _last(destinations: Sequence[int], since: datetime, item: str) -> datetime | None:
    newest = Delivery.objects.filter(destination_id__in=destinations).order_by("-id").values("pk")[:LOOK_BACK]
    taken = Delivery.objects.filter(pk__in=newest, state=DeliveryState.DELIVERED, first_tried_at__gte=since)
    of_origin = taken.filter(event__origin=CLOSED_BY[Attested(item)]).order_by("-id")
    if item == Attested.EVENT_TESTER_USED:
        # S18 ends with an App that is switched on; the tester sends to one that is off, too.
        return of_origin.filter(destination__is_enabled=True).values_list("settled_at", flat=True).first()
    rows = of_origin.filter(event__payload__contains='"library"').values_list("settled_at", "event__payload")
    return next((at for at, payload in rows[:PAYLOADS] if names_library(json.loads(payload))), None)


def names_library(event: Mapping[str, Any]) -> bool:
    """Whether the event comes from a library, which says its name in `context.library`; plain HTTP calls do not."""
    context = event.get("context")
    library = context.get("library") if isinstance(context, dict) else None
    return isinstance(library, dict) and bool(library.get("name"))


def keep(app: App) -> list[str]:
    """Write down what is proven now, so that it outlives the events; the items that are new or newly proven."""
    components = list(app.components.prefetch_related("app__settings"))
    current = fingerprint.of_all(components)
    kept = set(app.attestations.filter(components=current).values_list("item", flat=True))
    found = find(app, components, set(CLOSED_BY) - kept)
    for item, at in found.items():
        proven = {"at": at, "by": None, "note": "", "components": current}
        Attestation.objects.update_or_create(app=app, item=item, defaults=proven)
        log.info("workspace_test_kept", app=app.pk, item=str(item))
    return list(found)


def keep_all() -> int:
    """Write down what was proven for every App that some workspace of its partner uses; how many items that were."""
    return sum(len(keep(app)) for app in _used_by_their_partners())


def _used_by_their_partners() -> Iterator[App]:
    own = Destination.objects.filter(source__workspace__members__memberships__company=F("app__company"))
    return App.objects.filter(pk__in=own.values("app"), deleted_at__isnull=True).iterator(chunk_size=100)
