"""The verbs of an App as a whole: the only code that makes, names, moves and removes one.

Each checks its rule (PermissionDenied), changes one row by compare-and-set (StaleDraft or StaleState),
and writes the audit record, in one transaction. The verbs that edit parts of the draft live in `drafting`
and `setting_drafts`; they are offered here too, so that callers need one module.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog import rules
from apps_catalog.drafting import (
    StaleDraft,
    add_component,
    choose_kinds,
    remove_component,
    request_link_check,
    restore_component,
    reveal_access,
    save_access,
    save_docs,
    save_listing,
    set_endpoint,
)
from apps_catalog.models import App, AppQuerySet, AppVersion, Component, EchoInbox, Listing, ReviewerAccess
from apps_catalog.naming import AppName, kept_name, read_name, taken_error
from apps_catalog.setting_drafts import (
    add_setting,
    create_api_key,
    edit_setting,
    move_setting,
    place_setting,
    remove_setting,
    restore_setting,
    save_settings,
)
from apps_catalog.states import STAGE_MOVES
from audit.recording import System, record
from leases.transitions import move
from partners.models import Company

__all__ = [
    "StaleDraft",
    "add_component",
    "add_setting",
    "choose_kinds",
    "create_app",
    "create_house_app",
    "delete_app",
    "edit_setting",
    "erase_deleted",
    "move_setting",
    "move_stage",
    "remove_component",
    "place_setting",
    "remove_setting",
    "rename",
    "request_link_check",
    "restore_component",
    "restore_setting",
    "reveal_access",
    "save_access",
    "save_docs",
    "save_listing",
    "save_settings",
    "set_endpoint",
    "undelete_app",
]


@transaction.atomic
def create_app(actor: User | System, company: Company, name: str) -> App:
    """A new App in the stage `building`, with its listing, echo endpoint and `apiKey` setting (D9).

    Raises ValidationError (code "taken" for look-alikes) with sentences for the person who typed the name.
    """
    if not rules.can_create_app(actor, company):
        raise PermissionDenied
    app = _make(read_name(name), company, actor)
    create_api_key(app)
    return app


@transaction.atomic
def create_house_app(actor: User | System, company: Company, name: str, slug: str) -> App:
    """A new App of the house company, for imports: name and slug stay as they came, no setting is added.

    Raises ValueError for any other company, ValidationError when the slug is taken.
    """
    if not rules.can_create_app(actor, company):
        raise PermissionDenied
    if not company.is_house:
        raise ValueError("only the house company keeps names as they came")
    return _make(kept_name(name, slug), company, actor)


def _make(found: AppName, company: Company, actor: User | System) -> App:
    app = _insert(found, company, actor)
    Listing.objects.create(app=app)
    EchoInbox.objects.create(app=app)
    ReviewerAccess.objects.create(app=app)
    record(actor, "app.created", app, chain=app.chain, slug=app.slug)
    return app


def _insert(found: AppName, company: Company, actor: User | System) -> App:
    author = actor if isinstance(actor, User) else None
    try:
        with transaction.atomic():
            return App.objects.create(
                company=company, name=found.name, slug=found.slug, skeleton=found.skeleton, created_by=author
            )
    except IntegrityError:
        raise taken_error(found.slug) from None


def is_name_fixed(app: App) -> bool:
    """Whether the App was ever submitted: from then on links to its slug are out in the world (D1)."""
    return app.versions.exists()


@transaction.atomic
def rename(actor: User | System, app: App, name: str, revision: int) -> App:
    """Give the App another name and slug, until its first submission.

    Raises ValidationError when the name cannot be used or is fixed, StaleDraft for an old form.
    """
    if not rules.can_edit_app(actor, app):
        raise PermissionDenied
    now = App.objects.select_for_update().get(pk=app.pk)
    if now.name == " ".join(name.split()):
        return now
    if is_name_fixed(now):
        raise ValidationError("The name is fixed since the first submission. Ask Segment if it has to change.")
    found = read_name(name, ours=now)
    if now.revision != revision:
        raise StaleDraft(now)
    old_slug = now.slug
    now.name, now.slug, now.skeleton, now.revision = found.name, found.slug, found.skeleton, revision + 1
    _save_name(now)
    record(actor, "app.renamed", now, chain=now.chain, slug=now.slug, old_slug=old_slug)
    return now


def _save_name(app: App) -> None:
    try:
        with transaction.atomic():
            app.save(update_fields=["name", "slug", "skeleton", "revision"])
    except IntegrityError:
        raise taken_error(app.slug) from None


@transaction.atomic
def move_stage(app: App, verb: str, actor: User | System, **also: object) -> None:
    """Move `app.stage` along STAGE_MOVES, with further columns in `also`; the only writer of the stage.

    The caller has checked who may do it. Raises StaleState when the App is elsewhere.
    """
    from_, to = STAGE_MOVES[verb]
    before = app.stage
    move(app, "stage", from_=from_, to=to, **{"stage_since": timezone.now(), **also})
    record(actor, f"app.{verb}", app, chain=app.chain, before=str(before), after=str(to))


@transaction.atomic
def delete_app(actor: User | System, app: App) -> bool:
    """Take the App out of everybody's sight; `undelete_app` brings it back until the purge.

    False when it was gone already.
    """
    if not rules.can_delete_app(actor, app):
        raise PermissionDenied
    alive = App.objects.filter(pk=app.pk, deleted_at__isnull=True, stage__in=rules.DELETABLE)
    if not alive.update(deleted_at=timezone.now()):
        return False
    record(actor, "app.deleted", app, chain=app.chain)
    return True


@transaction.atomic
def undelete_app(actor: User | System, app: App) -> bool:
    """Bring a deleted App back as it was. False when it is back already or erased."""
    if not rules.can_restore_app(actor, app):
        raise PermissionDenied
    deleted = App.objects.filter(pk=app.pk, deleted_at__isnull=False, erased_at__isnull=True)
    if not deleted.update(deleted_at=None):
        return False
    record(actor, "app.restored", app, chain=app.chain)
    return True


def erase_deleted(before: datetime) -> int:
    """Erase the Apps deleted before `before`; how many. For the purge.

    An App that was never submitted goes, and its name is free again. Of any other the row stays without
    its draft and secrets, so that its slug is never somebody else's (T31).
    """
    due = App.objects.filter(deleted_at__lt=before, erased_at__isnull=True)
    return sum(_erase(app) for app in due.iterator())


@transaction.atomic
def _erase(app: App) -> bool:
    gone: AppQuerySet = App.objects.filter(pk=app.pk, deleted_at__isnull=False, erased_at__isnull=True)
    if not AppVersion.objects.filter(app=app).exists():
        return bool(gone.delete()[0])
    Component.every.filter(app=app).delete()
    app.settings.all().delete()
    app.removed_settings.all().delete()
    ReviewerAccess.objects.filter(app=app).delete()
    EchoInbox.objects.filter(app=app).delete()
    return bool(gone.update(erased_at=timezone.now()))
