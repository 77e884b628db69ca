"""The end of a live App: `deprecate`, after which nobody outside its company meets it any more, and `undo`.

The company keeps the console, with every version and run, and may delete the App afterwards.
"""

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App, CatalogEntry
from apps_catalog.publishing import publish, unpublish
from apps_catalog.rules import can_deprecate
from apps_catalog.states import LIVE, Stage
from audit.recording import record
from leases.transitions import StaleState, move
from reviews import beta, emails
from reviews.launches import drop_request
from reviews.models import Ending, Submission
from reviews.refusals import Refused
from reviews.states import MOVES

log = structlog.get_logger(__name__)
# What the App was → the verb that makes it that again.
REVIVE = {
    Stage.PRIVATE_BETA: "revive_private_beta",
    Stage.PUBLIC_BETA: "revive_public_beta",
    Stage.PUBLIC: "revive_public",
}


@transaction.atomic
def deprecate(app: App, actor: User) -> Ending:
    """End a live App: out of the catalog, special URL closed, customers and company told (PRODUCT, Leaving).

    What waits for Segment falls with it: an update in review, a request to go public. What is queued and says that
    the App can be used falls, too. Its own messages are held for the undo interval. Raises StaleState when the App is
    not live (any more), PermissionDenied for those who may not end it.
    """
    current = _locked(app, actor)
    if current.deleted_at is not None or current.stage not in LIVE:
        raise StaleState(current, "stage")
    ending = _remember(current, actor)
    move_stage(current, "deprecate", actor)
    unpublish(current, actor=actor)
    _withdraw_update(current, actor)
    drop_request(current)
    emails.drop_unsent(current)
    emails.app_deprecated(current)
    app.stage, app.stage_since = current.stage, current.stage_since  # for the caller's copy
    log.info("app_deprecated", app=app.pk, actor=actor.pk)
    return ending


@transaction.atomic
def undo(app: App, actor: User) -> None:
    """Make an App what it was before it was deprecated, while nobody has heard of the end (PRODUCT, Decisions).

    Its place in the catalog and the days of its beta are as before, and invitations that had not gone out go out now.
    What waited for Segment stays withdrawn. Raises StaleState when the App is not deprecated (any more), Refused when
    customers have been told, PermissionDenied.
    """
    current = _locked(app, actor)
    ending = Ending.objects.filter(app=current).first()
    if ending is None or current.deleted_at is not None or current.stage != Stage.DEPRECATED:
        raise StaleState(current, "stage")
    if not ending.can_be_undone:
        raise Refused("The customers have been told: this can no longer be undone.")
    move_stage(current, REVIVE[Stage(ending.former_stage)], actor, stage_since=ending.former_since)
    if current.live_version is not None:
        publish(
            current, current.live_version, listed=current.is_listed, actor=actor, listed_since=ending.listed_at,
            noteworthy=ending.was_noteworthy,
        )  # fmt: skip
    ending.delete()
    emails.drop_ended(current)
    beta.send_dropped(current, actor)
    app.stage, app.stage_since = current.stage, current.stage_since
    log.info("app_revived", app=app.pk, actor=actor.pk)


def _locked(app: App, actor: User) -> App:
    if not can_deprecate(actor, app):
        raise PermissionDenied("Owners of the company deprecate its Apps.")
    rows = App.objects.select_for_update(of=("self",)).select_related("company", "live_version")
    return rows.get(pk=app.pk)


def _remember(app: App, actor: User) -> Ending:
    entry = CatalogEntry.objects.filter(app=app).first()
    former = {
        "by": actor, "at": timezone.now(), "former_stage": app.stage, "former_since": app.stage_since,
        "listed_at": entry.listed_at if entry else None, "was_noteworthy": entry is None or entry.is_noteworthy,
    }  # fmt: skip
    return Ending.objects.update_or_create(app=app, defaults=former)[0]


def _withdraw_update(app: App, actor: User) -> None:
    """Withdraw what waits for a reviewer. The verb of the partner would ask for the role of an editor, and whoever
    ends an App may have another one.
    """
    waiting = Submission.objects.waiting().filter(app=app).select_related("version").first()
    if waiting is None:
        return
    from_, to = MOVES["withdraw"]
    move(waiting, "state", from_=from_, to=to, decided_at=timezone.now())
    data = {"submission": str(waiting.pk), "version": waiting.version.number}
    record(actor, "submission.withdrawn", app, chain=app.chain, **data)
