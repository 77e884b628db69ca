"""Changes of a live App that go live when the partner saves, and what a reviewer makes of them afterwards.

Every change is a version of its own, published and on the record. An App has one open item on the desk at
most: a further save joins it, so that the reviewer always sees the whole difference since the last look.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.manifest import export
from apps_catalog.models import App, AppVersion
from apps_catalog.proportion import FieldChange, carry, field_changes
from apps_catalog.publishing import publish
from apps_catalog.rules import can_edit_app
from apps_catalog.versions import digest, freeze
from audit.recording import System, record
from leases.transitions import StaleState, move
from notifications.outbox import drop
from partners.clock import due_after
from partners.models import Policy
from reviews import emails, verdict_emails
from reviews.models import LiveChange, Submission
from reviews.proportion import Step, after_paths, differences
from reviews.refusals import NotReady, Refused
from reviews.rules import can_review
from reviews.states import LIVE_CHANGE_MOVES, LiveChangeState

log = structlog.get_logger(__name__)
TEXT_LIMIT = 5_000
# What a reviewer decided about a change.
JUDGED = frozenset(LIVE_CHANGE_MOVES["undo"][0])


# --- The partner saves ----------------------------------------------------------------------------


@transaction.atomic
def put_live(actor: User, app: App, part: str = "") -> list[Step]:
    """Publish what of the draft needs no review before; what went live, [] when nothing did.

    `part` limits it to what one form saves, so that unsaved work elsewhere stays a draft.
    """
    if not can_edit_app(actor, app):
        raise PermissionDenied("Owners and developers of the company change its Apps.")
    app = _locked(app)
    steps = differences(app, part).ready
    if not steps or not app.company.is_active:
        return []
    live, paths = _live(app), [step.change.path for step in steps]
    version = _publish(app, carry(live.manifest, export(app), paths), actor)
    _remember(app, live, version, paths, actor)
    record(actor, "app.changed_live", app, chain=app.chain, version=version.number, fields=paths)
    log.info("app_changed_live", app=app.pk, version=version.number, fields=len(paths))
    return steps


def on_save(actor: User, app: App, part: str) -> str:
    """`put_live` in words, for `apps_catalog.going_live`."""
    steps = put_live(actor, app, part)
    if not steps:
        return ""
    names = ", ".join(step.change.title for step in steps)
    later = " Segment looks at it afterwards." if after_paths(step.change.path for step in steps) else ""
    return f"Live now: {names}.{later}"


def _remember(app: App, live: AppVersion, version: AppVersion, paths: list[str], actor: User) -> None:
    """One open item at most: a waiting one moves on to the new version and keeps the version it began with."""
    waiting = LiveChange.objects.select_for_update().filter(app=app, state=LiveChangeState.WAITING).first()
    if waiting:
        known = [path for path in waiting.fields if path not in paths]
        LiveChange.objects.filter(pk=waiting.pk).update(version=version, fields=[*known, *paths], by=actor)
        return
    needs_look = bool(after_paths(paths))
    LiveChange.objects.create(
        app=app, version=version, before=live, fields=paths, by=actor,
        state=LiveChangeState.WAITING if needs_look else LiveChangeState.INSTANT,
        due_at=due_after(Policy.current().review_days) if needs_look else None,
    )  # fmt: skip


# --- A reviewer looks -----------------------------------------------------------------------------


@transaction.atomic
def keep(change: LiveChange, actor: User) -> None:
    """It stays as it is. Nobody has to be told."""
    _settle(change, "keep", actor)
    _record(actor, "live_change.kept", change)


@transaction.atomic
def take_back(change: LiveChange, actor: User, reason: str) -> None:
    """Put the fields back to what they were before, at once; the partner reads why. Their draft stays."""
    if not reason.strip():
        raise NotReady("Give the reason; the partner reads it.")
    app = _settle(change, "take_back", actor, reason.strip()[:TEXT_LIMIT])
    _publish(app, carry(_live(app).manifest, change.before.manifest, change.fields), actor)
    _record(actor, "live_change.taken_back", change)
    verdict_emails.live_change_taken_back(change)


@transaction.atomic
def undo(change: LiveChange, actor: User) -> None:
    """Take the verdict back before its mail went out. Raises Refused later, StaleState after another undo."""
    app = _require(change, actor)
    change.refresh_from_db()
    if change.state not in JUDGED:
        raise StaleState(change, "state")
    if not can_be_undone(change):
        raise Refused("The partner has been told: this cannot be undone any more.")
    if LiveChange.objects.filter(app=app, state=LiveChangeState.WAITING).exists():
        raise Refused("The partner has changed more meanwhile. Judge that instead.")
    was_taken_back = change.state == LiveChangeState.TAKEN_BACK
    from_, to = LIVE_CHANGE_MOVES["undo"]
    move(change, "state", from_=from_, to=to, judged_by=None, judged_at=None, reason="")
    if was_taken_back:
        _publish(app, carry(_live(app).manifest, change.version.manifest, change.fields), actor)
        drop(verdict_emails.live_change_key(change))
    _record(actor, "live_change.undone", change)


def shown(change: LiveChange) -> list[FieldChange]:
    """What the change did, field by field: the difference only."""
    found = field_changes(change.before.manifest, change.version.manifest)
    return [each for each in found if each.path in change.fields]


def can_be_undone(change: LiveChange) -> bool:
    """Until the undo interval is over."""
    return bool(
        change.state in JUDGED and change.judged_at and timezone.now() < change.judged_at + emails.undo_interval()
    )


def _settle(change: LiveChange, verb: str, actor: User, reason: str = "") -> App:
    app = _require(change, actor)
    from_, to = LIVE_CHANGE_MOVES[verb]
    # The version as the reviewer saw it: a save since then has made it another change.
    seen = change.version_id
    if LiveChange.objects.filter(pk=change.pk, state__in=from_).exclude(version=seen).exists():
        raise Refused("The partner changed more while you looked. This is how it stands now.")
    move(change, "state", from_=from_, to=to, judged_by=actor, judged_at=timezone.now(), reason=reason)
    return app


def _require(change: LiveChange, actor: User) -> App:
    if not can_review(actor, change.app):
        raise PermissionDenied("Reviewers judge changes, and never those of their own company.")
    change.app = _locked(change.app)
    return change.app


# --- Where a submission meets it --------------------------------------------------------------------


def approved_version(app: App, submission: Submission, actor: User) -> AppVersion:
    """The version that an approval puts live: the judged one, with what went live since it was handed in.

    Without such changes it is the judged version itself.
    """
    return _with_changes(app, submission.version, _since(app, number=submission.version.number), actor)


def carried(app: App, version: AppVersion, since: datetime, actor: User | System) -> AppVersion:
    """What a release train puts live: the version that boarded, with what went live while it travelled.

    For `trains.carrying`; versions are numbered upwards, so its number says since when.
    """
    return _with_changes(app, version, _since(app, number=version.number), actor)


def restored_version(app: App, former: AppVersion, submission: Submission, actor: User) -> AppVersion:
    """What undoing an approval puts live: the former version, with what went live after the approval."""
    later = LiveChange.objects.filter(app=app, version__created_at__gt=submission.decided_at)
    return _with_changes(app, former, _paths(later), actor)


def _since(app: App, number: int) -> list[str]:
    return _paths(LiveChange.objects.filter(app=app, version__number__gt=number))


def _paths(changes: Any) -> list[str]:
    standing = changes.exclude(state=LiveChangeState.TAKEN_BACK).order_by("at")
    return list(dict.fromkeys(path for paths in standing.values_list("fields", flat=True) for path in paths))


def _with_changes(app: App, version: AppVersion, paths: list[str], actor: User | System) -> AppVersion:
    if not paths or app.live_version is None:
        return version
    merged = carry(version.manifest, app.live_version.manifest, paths)
    return version if digest(merged) == version.digest else freeze(app, actor, merged)


# --- Parts ------------------------------------------------------------------------------------------


def _locked(app: App) -> App:
    """The App as it is now, locked until the transaction ends."""
    return App.objects.select_for_update(of=("self",)).select_related("company", "listing", "live_version").get(
        pk=app.pk
    )  # fmt: skip


def _live(app: App) -> AppVersion:
    if app.live_version is None:
        raise Refused("This App is not live any more.")
    return app.live_version


def _publish(app: App, manifest: Mapping[str, Any], actor: User) -> AppVersion:
    version = freeze(app, actor, dict(manifest))
    publish(app, version, listed=app.is_listed, actor=actor)
    return version


def _record(actor: User, action: str, change: LiveChange) -> None:
    app = change.app
    record(actor, action, app, chain=app.chain, version=change.version.number, fields=change.fields)
    log.info(action.replace(".", "_"), change=change.pk, app=app.pk, actor=actor.pk)
