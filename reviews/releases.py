"""The partner's request for the catalog, and the reviewer's release; the clock takes the beta badge off (S34).

Everything is judged by the policy under which the live version was submitted. `reviews.launches` lists the App.
"""

from datetime import date, datetime

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.recording import SYSTEM, record
from leases.transitions import StaleState
from notifications.outbox import drop
from partners import claims
from partners.models import Policy
from partners.promises import told
from reviews import emails, launch_emails
from reviews.launches import drop_request, put_in_catalog, show_live
from reviews.models import Release
from reviews.refusals import NotReady, Refused
from reviews.release_dates import check_launch_day, launch_moment, next_release, office_day
from reviews.rules import can_review, can_run_beta
from reviews.thresholds import keeps_badge, leaves_beta_at, missing_for_public, policy_for, terms_of

log = structlog.get_logger(__name__)
TAKEN_BACK = "The partner has taken the request back."


# --- What the partner does -----------------------------------------------------------------------


@transaction.atomic
def ask_to_go_public(app: App, actor: User, launch_on: date | None = None) -> Release:
    """The partner's request (S34), for a day of their own or, without one, for the next release.

    Asking twice is asking once. Raises NotReady with what is missing, Refused outside the private beta and for a day
    that cannot be picked, PermissionDenied.
    """
    app = _locked_by_partner(app, actor)
    if release := Release.objects.filter(app=app).first():
        return release
    if app.stage != Stage.PRIVATE_BETA:
        raise Refused(f"Only an App in private beta can go public; this one is {app.get_stage_display()}.")
    policy, now = policy_for(app), timezone.now()
    if missing := missing_for_public(app, policy):
        raise NotReady(" ".join(missing))
    launch_at = _launch_at(policy, launch_on, now)
    due_at = _promise(next_release(policy, now), launch_at)
    release = Release.objects.create(
        app=app, requested_by=actor, requested_at=now, due_at=due_at, launch_on=launch_on, launch_at=launch_at
    )
    _record(actor, "release.requested", app, **told(due_at), **_launch_data(launch_at))
    emails.release_requested(release)
    return release


@transaction.atomic
def change_launch(app: App, actor: User, launch_on: date | None) -> Release:
    """Another day for the launch, or None for the next release; what a reviewer has released stays released.

    It can be moved until it happens. Who still waits for the release gets a fresh date for it; a date that was missed
    stays. The same day again changes nothing. Raises Refused when there is nothing to change (any more), or for a day
    that cannot be picked; PermissionDenied.
    """
    app = _locked_by_partner(app, actor)
    asked = Release.objects.select_for_update().filter(app=app, listed_at__isnull=True).first()
    if asked is None:
        raise Refused("There is no launch to move: the App is in the catalog, or nobody has asked.")
    if asked.launch_on == launch_on:
        return asked
    policy, now = policy_for(app), timezone.now()
    asked.launch_at = _launch_at(policy, launch_on, now)
    asked.launch_on = launch_on
    if asked.is_scheduled and launch_on is None:
        asked.launch_at = next_release(policy, now)
        asked.launch_on = office_day(asked.launch_at)
    is_late = asked.promised_at is not None or asked.due_at < now
    promised = asked.due_at if asked.is_scheduled or is_late else next_release(policy, now)
    asked.due_at = _promise(promised, asked.launch_at)
    asked.save(update_fields=["launch_on", "launch_at", "due_at"])
    due = {} if asked.is_scheduled else told(asked.due_at)
    _record(actor, "release.changed", app, **due, **_launch_data(asked.launch_at))
    if asked.is_scheduled:
        asked.app = app
        launch_emails.moved(asked)
    return asked


@transaction.atomic
def cancel_request(app: App, actor: User) -> bool:
    """Stay in private beta after all; False when nothing waits. Raises PermissionDenied."""
    app = _locked_by_partner(app, actor)
    if drop_request(app) is None:
        return False
    _record(actor, "release.cancelled", app)
    return True


def _locked_by_partner(app: App, actor: User) -> App:
    if not can_run_beta(actor, app):
        raise PermissionDenied("Owners and developers of the company ask to go public.")
    return App.objects.select_for_update().get(pk=app.pk)


def _launch_at(policy: Policy, launch_on: date | None, now: datetime) -> datetime | None:
    if launch_on is None:
        return None
    check_launch_day(policy, launch_on, now)
    return launch_moment(launch_on)


def _promise(due_at: datetime, launch_at: datetime | None) -> datetime:
    """Segment answers by the next release day, and before the App is to go live."""
    return min(due_at, launch_at) if launch_at else due_at


def _launch_data(launch_at: datetime | None) -> dict[str, str]:
    return {"launch": launch_at.isoformat()} if launch_at else {}


# --- What a reviewer does ------------------------------------------------------------------------


@transaction.atomic
def release(asked: Release, actor: User) -> None:
    """Let the App into the catalog: at once, or on the day that the partner picked.

    Raises StaleState when somebody released it first, Claimed while another reviewer works on it, NotReady when the
    thresholds are no longer met, Refused when the partner has taken the request back.
    """
    app = _locked_app(asked, actor)
    policy = policy_for(app)
    if asked.released_at is None and (missing := missing_for_public(app, policy)):
        raise NotReady(" ".join(missing))
    now = _settle(asked, actor)
    _record(actor, "release.released", app)
    if asked.launch_at is not None and asked.launch_at > now:
        launch_emails.scheduled(asked)
    else:
        put_in_catalog(asked, policy, actor)


@transaction.atomic
def undo_release(asked: Release, actor: User) -> None:
    """Take a release back before its mail went out: the App is in private beta again, its request waits."""
    app = _locked_app(asked, actor)
    if asked.released_at is None:
        raise StaleState(asked, "released_at")
    if timezone.now() >= asked.released_at + emails.undo_interval():
        raise Refused("The partner has been told: this release cannot be undone any more.")
    was_listed = asked.listed_at is not None
    Release.objects.filter(pk=asked.pk).update(released_at=None, released_by=None, listed_at=None)
    asked.released_at = asked.released_by = asked.listed_at = None
    if was_listed:
        move_stage(app, "take_back_release", actor)
        show_live(app, actor)
    drop(emails.release_key(asked))
    _record(actor, "release.undone", app)


def _locked_app(asked: Release, actor: User) -> App:
    """The App under its lock, and `asked` as it stands by then."""
    if not can_review(actor, asked.app):
        raise PermissionDenied("Reviewers release, and never an App of their own company.")
    app = App.objects.select_for_update(of=("self",)).select_related("live_version").get(pk=asked.app_id)
    try:
        asked.refresh_from_db()
    except Release.DoesNotExist:
        raise Refused(TAKEN_BACK) from None
    asked.app = app
    return app


def _settle(asked: Release, actor: User) -> datetime:
    """Compare-and-set: the second of two reviewers changes nothing. Returns the moment of the release."""
    now = timezone.now()
    if not Release.objects.filter(pk=asked.pk, released_at__isnull=True).update(released_at=now, released_by=actor):
        asked.refresh_from_db()
        raise StaleState(asked, "released_at")
    claims.take(asked, actor)
    asked.released_at, asked.released_by = now, actor
    return now


# --- What the clock does -------------------------------------------------------------------------


def advance_stages(now: datetime | None = None) -> int:
    """Make Apps public whose days in public beta are over and whose customers count; returns how many."""
    now = now or timezone.now()
    apps = App.objects.filter(stage=Stage.PUBLIC_BETA, deleted_at__isnull=True, company__is_house=False)
    return sum(_advance(pk, now) for pk in apps.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _advance(pk: int, now: datetime) -> bool:
    # Read under the lock: an update approved since the list was made must not be published back.
    app = App.objects.select_for_update(of=("self",)).select_related("live_version").get(pk=pk)
    policy, asked = terms_of(app)
    if now < leaves_beta_at(app, policy, asked) or keeps_badge(app, policy, asked):
        return False
    try:
        move_stage(app, "make_public", SYSTEM)
    except StaleState:
        return False
    show_live(app, SYSTEM)
    emails.beta_badge_off(app)
    return True


def _record(actor: User, action: str, app: App, **data: str) -> None:
    record(actor, action, app, chain=app.chain, **data)
    log.info(action.replace(".", "_"), app=app.pk, actor=actor.pk)
