"""From private beta to the catalog: the partner asks, a reviewer releases, the clock takes the badge off (S34).

Everything is judged by the policy under which the live version was submitted.
"""

from datetime import UTC, datetime, time, timedelta

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.publishing import publish
from apps_catalog.states import Stage
from audit.recording import SYSTEM, System, record
from leases.transitions import StaleState
from notifications.outbox import drop
from partners.clock import calendar, office_zone
from partners.models import Policy
from reviews import emails
from reviews.models import Release
from reviews.refusals import NotReady, Refused
from reviews.rules import can_review, can_run_beta
from reviews.thresholds import counting_verifications, leaves_beta_at, missing_for_public, policy_for

log = structlog.get_logger(__name__)
WEEK = timedelta(days=7)
# Further than this no release day is looked for: the office cannot be closed on it for half a year.
MAX_WEEKS = 26


def next_release(policy: Policy, asked_at: datetime) -> datetime:
    """The end of the first release day whose cut-off is still ahead, in UTC (S31).

    A release day on which the office is closed is left out.
    """
    office, zone = calendar(), office_zone()
    local = asked_at.astimezone(zone)
    day = local.date() + timedelta(days=(policy.release_weekday - local.weekday()) % 7)
    for _ in range(MAX_WEEKS):
        back = (policy.release_weekday - policy.cutoff_weekday) % 7
        cutoff = datetime.combine(day - timedelta(days=back), _as_time(policy.cutoff_time), zone)
        if asked_at <= cutoff and office.is_business_day(day):
            return datetime.combine(day, time(office.close_hour), zone).astimezone(UTC)
        day += WEEK
    raise ValueError("There is no open release day within half a year: check the closed days.")


def _as_time(value: time | str) -> time:
    """A policy that was just made in memory still carries the text of the default."""
    return value if isinstance(value, time) else time.fromisoformat(value)


@transaction.atomic
def ask_to_go_public(app: App, actor: User) -> Release:
    """The partner's request (S34). Asking twice is asking once.

    Raises NotReady with what is missing, Refused outside the private beta, PermissionDenied.
    """
    if not can_run_beta(actor, app):
        raise PermissionDenied("Owners and developers of the company ask to go public.")
    app = App.objects.select_for_update().get(pk=app.pk)
    if release := Release.objects.filter(app=app).first():
        return release
    if app.stage != Stage.PRIVATE_BETA:
        raise Refused(f"Only an App in private beta can go public; this one is {app.get_stage_display()}.")
    policy = policy_for(app)
    if missing := missing_for_public(app, policy):
        raise NotReady(" ".join(missing))
    now = timezone.now()
    due_at = next_release(policy, now)
    release = Release.objects.create(app=app, requested_by=actor, requested_at=now, due_at=due_at)
    _record(actor, "release.requested", app)
    emails.release_requested(release)
    return release


@transaction.atomic
def release(asked: Release, actor: User) -> None:
    """List the App as public beta, or as public at once where the policy says 0 days.

    Raises StaleState when somebody released it first, NotReady when the thresholds are no longer met.
    """
    app = _locked_app(asked, actor)
    policy = policy_for(app)
    if asked.released_at is None and (missing := missing_for_public(app, policy)):
        raise NotReady(" ".join(missing))
    _settle(asked, actor)
    move_stage(app, "open_public_beta", actor)
    if policy.public_beta_days == 0:
        move_stage(app, "make_public", actor)
    _publish(app, actor)
    _record(actor, "release.released", app)
    emails.live(asked)


@transaction.atomic
def undo_release(asked: Release, actor: User) -> None:
    """Take a release back before its mail went out: the App is in private beta again, its request waits."""
    app = _locked_app(asked, actor)
    asked.refresh_from_db()
    if asked.released_at is None:
        raise StaleState(asked, "released_at")
    if timezone.now() >= asked.released_at + emails.undo_interval():
        raise Refused("The partner has been told: this release cannot be undone any more.")
    Release.objects.filter(pk=asked.pk).update(released_at=None, released_by=None)
    asked.released_at = asked.released_by = None
    move_stage(app, "take_back_release", actor)
    _publish(app, actor)
    drop(emails.release_key(asked))
    _record(actor, "release.undone", app)


def advance_stages(now: datetime | None = None) -> int:
    """Make Apps public whose days in public beta are over and whose customers count; returns how many."""
    now = now or timezone.now()
    apps = App.objects.filter(stage=Stage.PUBLIC_BETA, deleted_at__isnull=True, company__is_house=False)
    return sum(_advance(pk, now) for pk in apps.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _advance(pk: int, now: datetime) -> bool:
    # Read under the lock: an update approved since the list was made must not be published back.
    app = App.objects.select_for_update(of=("self",)).select_related("live_version").get(pk=pk)
    policy = policy_for(app)
    if now < leaves_beta_at(app, policy) or counting_verifications(app).count() < policy.customers_to_verify:
        return False
    try:
        move_stage(app, "make_public", SYSTEM)
    except StaleState:
        return False
    _publish(app, SYSTEM)
    emails.beta_badge_off(app)
    return True


def _locked_app(asked: Release, actor: User) -> App:
    if not can_review(actor, asked.app):
        raise PermissionDenied("Reviewers release, and never an App of their own company.")
    asked.app = App.objects.select_for_update(of=("self",)).select_related("live_version").get(pk=asked.app_id)
    return asked.app


def _settle(asked: Release, actor: User) -> None:
    """Compare-and-set: the second of two reviewers changes nothing."""
    now = timezone.now()
    if not Release.objects.filter(pk=asked.pk, released_at__isnull=True).update(released_at=now, released_by=actor):
        asked.refresh_from_db()
        raise StaleState(asked, "released_at")
    asked.released_at, asked.released_by = now, actor


def _publish(app: App, actor: User | System) -> None:
    """Let the catalog show the live version as the stage now says."""
    if app.live_version is None:
        raise Refused("There is no approved version to show.")
    publish(app, app.live_version, listed=app.is_listed, actor=actor)


def _record(actor: User, action: str, app: App) -> None:
    record(actor, action, app, chain=app.chain)
    log.info(action.replace(".", "_"), app=app.pk, actor=actor.pk)
