"""Putting a submission on hold, with a reason that the partner reads, and lifting the hold.

A hold ends by itself at its date. The clock stands still only while it is the partner who is waited for; a
hold of our own making costs the partner nothing of the promise.
"""

from datetime import datetime, timedelta

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from audit.recording import record
from leases.transitions import StaleState
from notifications.outbox import drop
from reviews import verdict_emails
from reviews.models import Submission
from reviews.queue_place import shifted
from reviews.refusals import NotReady, Refused
from reviews.rules import can_review
from reviews.states import Side

log = structlog.get_logger(__name__)
TEXT_LIMIT = 5_000
LONGEST = timedelta(days=30)


@transaction.atomic
def hold(submission: Submission, actor: User, reason: str, until: datetime, waits_for: str) -> None:
    """Hold a waiting submission until `until` (aware, at most 30 days ahead); `waits_for` is a Side.

    Raises NotReady for what is missing, Refused when it is on hold already, StaleState once it is decided.
    """
    current = _locked(submission, actor)
    now = timezone.now()
    if not reason.strip():
        raise NotReady("Give the reason; the partner reads it.")
    if not now < until <= now + LONGEST:
        raise NotReady(f"Choose a date in the next {LONGEST.days} days.")
    if current.is_held:
        raise Refused("It is on hold already. Lift that hold first.")
    side = Side(waits_for)
    due_at = shifted(current.due_at, now, until) if side == Side.PARTNER else current.due_at
    _write(
        current, held_until=until, held_at=now, held_by=actor, hold_reason=reason.strip()[:TEXT_LIMIT],
        hold_waits_for=side, due_before_hold=current.due_at, due_at=due_at,
    )  # fmt: skip
    _record(actor, "submission.held", current, until=until.isoformat(), waits_for=side.value)
    verdict_emails.review_held(current)
    submission.refresh_from_db()


@transaction.atomic
def unhold(submission: Submission, actor: User) -> None:
    """Lift the hold: the clock goes on with the time that was left. Within the undo interval nobody is told of it.

    Raises StaleState when it is not on hold (any more).
    """
    current = _locked(submission, actor)
    if not current.is_held or current.held_at is None or current.due_before_hold is None:
        raise StaleState(current, "state")
    due_at = current.due_at
    if current.is_paused:
        due_at = shifted(current.due_before_hold, current.held_at, timezone.now())
    drop(verdict_emails.hold_key(current))
    _write(
        current, held_until=None, held_at=None, held_by=None, hold_reason="", hold_waits_for="",
        due_before_hold=None, due_at=due_at,
    )  # fmt: skip
    _record(actor, "submission.unheld", current)
    submission.refresh_from_db()


def _locked(submission: Submission, actor: User) -> Submission:
    if not can_review(actor, submission.app):
        raise PermissionDenied("Reviewers hold submissions, and never those of their own company.")
    app = App.objects.select_for_update().get(pk=submission.app_id)
    current = Submission.objects.select_related("version", "policy").get(pk=submission.pk)
    current.app = app
    if not current.is_waiting:
        raise StaleState(current, "state")
    return current


def _write(current: Submission, **columns: object) -> None:
    """Compare-and-set on the hold that was seen: of two at once the second changes nothing."""
    seen = Submission.objects.waiting().filter(pk=current.pk, held_at=current.held_at)
    if not seen.update(**columns):
        current.refresh_from_db()
        raise StaleState(current, "state")
    for name, value in columns.items():
        setattr(current, name, value)


def _record(actor: User, action: str, submission: Submission, **data: object) -> None:
    app = submission.app
    data |= {"submission": str(submission.pk), "version": submission.version.number}
    data |= {"evidence": submission.evidence_digest, "due": submission.due_at.isoformat()}
    record(actor, action, app, chain=app.chain, **data)
    log.info(action.replace(".", "_"), submission=str(submission.pk), app=app.pk, actor=actor.pk)
