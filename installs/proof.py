"""That "Enable with Segment" works: a real install whose tokens did something, computed from data (S13).

A trial of the built-in sample client is no proof: it shows that Segment's side works, not the partner's server.
What happened stays proven when the install has ended, and when it was purged with its source or workspace.
"""

from datetime import datetime, timedelta
from typing import TypedDict, cast

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from apps_catalog.models import App
from installs.models import Client, Install

# A use is written down at most once in this time.
NOTED_EVERY = timedelta(minutes=1)


class Evidence(TypedDict):
    """For the desk. `count` is of installs that are still kept, ended ones too; the times outlive them."""

    count: int
    first_used_at: datetime | None
    last_used_at: datetime | None


def note_use(install: Install, at: datetime) -> None:
    """One of its tokens called the Config API with success. Kept for its customer, and as proof for its App."""
    if install.last_used_at is not None and install.last_used_at >= at - NOTED_EVERY:
        return
    Install.objects.filter(pk=install.pk).update(first_used_at=Coalesce("first_used_at", at), last_used_at=at)
    if install.is_trial:
        return
    # Many installs write to this one row: what another of them has just noted is enough.
    stale = Q(last_worked_at__isnull=True) | Q(last_worked_at__lt=at - NOTED_EVERY)
    Client.objects.filter(stale, pk=install.client_id).update(
        first_worked_at=Coalesce("first_worked_at", at), last_worked_at=at
    )


def since() -> F:
    """When it first worked, as an annotation of a queryset of Apps; None while it does not."""
    return F("client__first_worked_at")


def works(app: App) -> bool:
    """Whether it ever did, with whatever install; whoever consented."""
    return Client.objects.filter(app=app, first_worked_at__isnull=False).exists()


def evidence(app: App) -> Evidence:
    """How many installs prove it, since when it has worked, and when one of them was last used."""
    proving = Q(installs__is_trial=False, installs__first_used_at__isnull=False)
    found = (
        Client.objects.filter(app=app)
        .annotate(count=Count("installs", filter=proving))
        .values("count", first_used_at=F("first_worked_at"), last_used_at=F("last_worked_at"))
        .first()
    )
    return cast(Evidence, found) if found else {"count": 0, "first_used_at": None, "last_used_at": None}
