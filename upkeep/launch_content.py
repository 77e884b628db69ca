"""Launch content that a partner plans: a blog post, a recipe, a story with Segment's marketing team (S36).

Optional, and nobody's condition for anything. There is at most one of each kind; a reminder comes before its day and
on it.
"""

from datetime import date, datetime, timedelta

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from audit.recording import record
from reviews.release_dates import office_day
from upkeep import emails
from upkeep.models import LaunchItem
from upkeep.rules import can_maintain
from upkeep.states import LaunchKind

log = structlog.get_logger(__name__)
# How long before its day the first reminder comes.
AHEAD = timedelta(days=3)
FARTHEST = timedelta(days=2 * 365)


@transaction.atomic
def plan(
    actor: User, app: App, kind: str, *, planned_on: date | None, url: str = "", note: str = "",
    now: datetime | None = None,
) -> LaunchItem:  # fmt: skip
    """Plan a piece of content, or change its plan. The same plan again changes nothing.

    Whoever picks a day that is near knows of it: then only the reminder on the day itself comes. Raises
    PermissionDenied, ValidationError for a new day that has passed or is years ahead.
    """
    now = now or timezone.now()
    _locked(actor, app)
    item = LaunchItem.objects.filter(app=app, kind=kind).first() or LaunchItem(app=app, kind=kind, created_by=actor)
    wish = (planned_on, url, note)
    if item.pk and (item.planned_on, item.url, item.note) == wish:
        return item
    if planned_on is not None and item.planned_on != planned_on:
        _check_day(planned_on, now)
        item.reminded_at = now if planned_on - office_day(now) <= AHEAD else None
    item.planned_on, item.url, item.note = wish
    item.save()
    record(actor, "app.launch_planned", app, chain=app.chain, kind=kind, on=str(planned_on or ""))
    return item


def _check_day(day: date, now: datetime) -> None:
    today = office_day(now)
    if day < today - timedelta(days=1):  # it is still yesterday somewhere
        raise ValidationError({"planned_on": "This day has passed. Pick another one, or leave it empty."})
    if day > today + FARTHEST:
        raise ValidationError({"planned_on": "Pick a day within the next two years."})


@transaction.atomic
def set_done(actor: User, app: App, kind: str, *, is_done: bool) -> bool:
    """Tick a piece of content, planned or not, or take the tick back; False when nothing changed."""
    _locked(actor, app)
    item = LaunchItem.objects.filter(app=app, kind=kind).first() or LaunchItem(app=app, kind=kind, created_by=actor)
    if (item.done_at is not None) == is_done:
        return False
    item.done_at = timezone.now() if is_done else None
    item.save()
    record(actor, "app.launch_done" if is_done else "app.launch_reopened", app, chain=app.chain, kind=kind)
    return True


@transaction.atomic
def forget(actor: User, app: App, kind: str) -> bool:
    """Drop a piece of content; False when there is none."""
    _locked(actor, app)
    if not LaunchItem.objects.filter(app=app, kind=kind).delete()[0]:
        return False
    record(actor, "app.launch_dropped", app, chain=app.chain, kind=kind)
    return True


def _locked(actor: User, app: App) -> None:
    if not can_maintain(actor, app):
        raise PermissionDenied("Owners and developers of the company plan the launch.")
    App.objects.select_for_update().get(pk=app.pk)


def remind(now: datetime | None = None) -> int:
    """Remind of what is planned: three days before and on the day, by the office's calendar; how many were told."""
    now = now or timezone.now()
    today = office_day(now)
    open_items = LaunchItem.objects.filter(done_at__isnull=True, app__deleted_at__isnull=True)
    near = open_items.filter(planned_on__gte=today, planned_on__lte=today + AHEAD).select_related("app__company")
    return sum(_remind(item, today, now) for item in near.order_by("pk"))


@transaction.atomic
def _remind(item: LaunchItem, today: date, now: datetime) -> bool:
    day, before = item.planned_on, item.reminded_at
    is_today = day == today
    if day is None or (before is not None and (not is_today or office_day(before) >= day)):
        return False
    same = LaunchItem.objects.filter(pk=item.pk, planned_on=day, done_at__isnull=True, reminded_at=before)
    if not same.update(reminded_at=now):
        return False
    emails.launch_item_due(item, day, is_today=is_today)
    log.info("launch_reminded", app=item.app_id, kind=item.kind)
    return True


def kinds_of(app: App) -> dict[LaunchKind, LaunchItem | None]:
    """Every kind, with what is planned of it."""
    known = {item.kind: item for item in LaunchItem.objects.filter(app=app)}
    return {kind: known.get(kind) for kind in LaunchKind}
