"""The end of a live App: `deprecate`, after which nobody outside its company meets it any more.

The company keeps the console, with every version and run, and may delete the App afterwards.
"""

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App
from apps_catalog.publishing import unpublish
from apps_catalog.rules import can_deprecate
from apps_catalog.states import LIVE
from audit.recording import record
from leases.transitions import StaleState, move
from notifications.outbox import drop
from reviews import emails
from reviews.models import Release, Submission
from reviews.states import MOVES

log = structlog.get_logger(__name__)


@transaction.atomic
def deprecate(app: App, actor: User) -> None:
    """End a live App: out of the catalog, special URL closed, customers and company told (PRODUCT, Leaving).

    What waits for Segment falls with it: an update in review, a request to go public. Raises StaleState when
    the App is not live (any more), PermissionDenied for those who may not end it.
    """
    if not can_deprecate(actor, app):
        raise PermissionDenied("Owners of the company deprecate its Apps, and so do reviewers.")
    current = App.objects.select_for_update().select_related("company").get(pk=app.pk)
    if current.deleted_at is not None or current.stage not in LIVE:
        raise StaleState(current, "stage")
    move_stage(current, "deprecate", actor)
    unpublish(current, actor=actor)
    _withdraw_update(current, actor)
    _take_back_request(current)
    emails.app_deprecated(current)
    app.stage, app.stage_since = current.stage, current.stage_since  # for the caller's copy
    log.info("app_deprecated", app=app.pk, actor=actor.pk)


def _withdraw_update(app: App, actor: User) -> None:
    """Withdraw what waits for a reviewer. The verb of the partner would ask for the role of an editor, and a
    reviewer who ends an App has none.
    """
    waiting = Submission.objects.waiting().filter(app=app).select_related("version").first()
    if waiting is None:
        return
    from_, to = MOVES["withdraw"]
    move(waiting, "state", from_=from_, to=to, decided_at=timezone.now())
    data = {"submission": str(waiting.pk), "version": waiting.version.number}
    record(actor, "submission.withdrawn", app, chain=app.chain, **data)


def _take_back_request(app: App) -> None:
    """Nobody releases an App that has ended, so its request to go public leaves the desk."""
    asked = Release.objects.filter(app=app, released_at__isnull=True).first()
    if asked:
        drop(emails.request_key(asked))
        asked.delete()
