"""Into the catalog: at once when a reviewer releases, or by the beat on the day that the partner picked."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.publishing import publish
from apps_catalog.states import Stage
from audit.recording import SYSTEM, System, record
from leases.transitions import StaleState
from notifications.outbox import drop
from partners.models import Policy
from reviews import emails, launch_emails
from reviews.models import Release
from reviews.refusals import Refused
from reviews.release_dates import next_release, office_day
from reviews.thresholds import keeps_badge, missing_for_public, numbers, policy_for

log = structlog.get_logger(__name__)


def launch_due(now: datetime | None = None) -> int:
    """List every released App whose day has come; returns how many. However often it runs, each is listed once."""
    now = now or timezone.now()
    return sum(_try_launch(pk, now) for pk in _due(now).order_by("launch_at", "pk").values_list("pk", flat=True))


def _due(now: datetime) -> QuerySet[Release]:
    waiting = Release.objects.filter(released_at__isnull=False, listed_at__isnull=True, launch_at__lte=now)
    return waiting.filter(app__deleted_at__isnull=True, app__stage=Stage.PRIVATE_BETA)


def _try_launch(pk: int, now: datetime) -> bool:
    """One App that cannot be listed must not hold up the others."""
    try:
        return _launch(pk, now)
    except (StaleState, Refused) as error:
        log.warning("launch_failed", release=pk, error=type(error).__name__)
        return False


@transaction.atomic
def _launch(pk: int, now: datetime) -> bool:
    # The App first, as every verb does it; then the request is read anew under that lock.
    rows = App.objects.select_for_update(of=("self",)).select_related("live_version", "company")
    app = rows.filter(release=pk).first()
    asked = _due(now).filter(pk=pk).first()
    if app is None or asked is None:
        return False
    asked.app = app
    policy = policy_for(app)
    if missing := missing_for_public(app, policy):
        _postpone(asked, policy, missing, now)
        return False
    put_in_catalog(asked, policy, SYSTEM)
    return True


def put_in_catalog(asked: Release, policy: Policy, actor: User | System) -> None:
    """List `asked.app` as public beta, or as public at once where the policy says 0 days (S34).

    The caller holds the App's lock. Raises StaleState when it is listed already.
    """
    app, now = asked.app, timezone.now()
    if not Release.objects.filter(pk=asked.pk, listed_at__isnull=True).update(listed_at=now):
        raise StaleState(asked, "listed_at")
    asked.listed_at = now
    move_stage(app, "open_public_beta", actor)
    terms = numbers(app, policy)
    if terms.beta_days == 0 and not keeps_badge(app, policy, terms):
        move_stage(app, "make_public", actor)
    show_live(app, actor)
    record(actor, "release.listed", app, chain=app.chain)
    log.info("release_listed", app=app.pk)
    emails.live(asked)


def show_live(app: App, actor: User | System) -> None:
    """Let the catalog show the live version as the stage now says."""
    if app.live_version is None:
        raise Refused("There is no approved version to show.")
    publish(app, app.live_version, listed=app.is_listed, actor=actor)


def _postpone(asked: Release, policy: Policy, missing: list[str], now: datetime) -> None:
    """What the policy asks for is gone: the launch moves to the next release day, and its makers hear why."""
    launch_at = next_release(policy, now)
    asked.launch_at, asked.launch_on = launch_at, office_day(launch_at)
    asked.save(update_fields=["launch_at", "launch_on"])
    record(SYSTEM, "release.postponed", asked.app, chain=asked.app.chain, launch=launch_at.isoformat())
    log.info("release_postponed", app=asked.app_id)
    launch_emails.postponed(asked, missing)


@transaction.atomic
def delist(app: App, actor: User | System) -> None:
    """Out of the catalog, back in private beta: destinations of customers stay, and its makers may ask anew (S37).

    The caller holds the App's lock. Raises StaleState when it is not listed (any more).
    """
    move_stage(app, "delist", actor)
    drop(f"release:{app.pk}")
    Release.objects.filter(app=app).delete()
    show_live(app, actor)
    log.info("app_delisted", app=app.pk)


def drop_request(app: App) -> Release | None:
    """Delete the request to go public of an App that is not listed, with its unsent messages; the request, if any."""
    asked = Release.objects.filter(app=app, listed_at__isnull=True).first()
    if asked is None:
        return None
    drop(emails.request_key(asked))
    drop(emails.release_key(asked))
    asked.delete()
    return asked
