"""Questions a reviewer asks by mail, and the partner's answers as data (S8, D35)."""

from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from audit.recording import record
from reviews import emails
from reviews.models import Enquiry
from reviews.refusals import Outdated
from reviews.rules import can_answer, can_review
from reviews.states import EnquiryKind

log = structlog.get_logger(__name__)


@transaction.atomic
def ask(app: App, actor: User, kind: EnquiryKind) -> Enquiry:
    """Ask the partner, by mail and on the App's page.

    While the answer is awaited, asking again does nothing; once it is there, it asks for a new one and keeps
    the old one to start from. Raises PermissionDenied for those who may not judge the App.
    """
    if not can_review(actor, app):
        raise PermissionDenied("Reviewers ask, and never their own company.")
    enquiry, is_new = Enquiry.objects.get_or_create(app=app, kind=EnquiryKind(kind), defaults={"asked_by": actor})
    if is_new or _ask_again(enquiry, actor):
        record(actor, "enquiry.asked", app, chain=app.chain, kind=enquiry.kind)
        log.info("enquiry_asked", app=app.pk, kind=enquiry.kind, actor=actor.pk)
        emails.enquiry_asked(enquiry)
    return enquiry


def _ask_again(enquiry: Enquiry, actor: User) -> bool:
    answered = Enquiry.objects.filter(pk=enquiry.pk, answered_at__isnull=False)
    asked = answered.update(answered_at=None, asked_by=actor, asked_at=timezone.now())
    enquiry.refresh_from_db()
    return asked == 1


@transaction.atomic
def answer(enquiry: Enquiry, actor: User, answers: dict[str, Any], revision: int) -> Enquiry:
    """Keep the answer; it may be revised at any time. The same answer twice is one.

    `answers` are the cleaned values of reviews.forms. Raises Outdated when somebody saved since `revision`.
    """
    if not can_answer(actor, enquiry):
        raise PermissionDenied("Owners and developers of the company answer for its Apps.")
    current = Enquiry.objects.select_for_update().select_related("app").get(pk=enquiry.pk)
    if current.answer == answers and not current.is_open:
        return current
    if current.revision != revision:
        raise Outdated("Somebody else of your company answered while you were writing.", current)
    Enquiry.objects.filter(pk=current.pk).update(
        answer=answers, answered_by=actor, answered_at=timezone.now(), revision=F("revision") + 1
    )
    current.refresh_from_db()
    record(actor, "enquiry.answered", current.app, chain=current.app.chain, kind=current.kind)
    emails.enquiry_answered(current)
    return current
