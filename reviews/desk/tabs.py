"""The tabs of the queue: each narrows what is read of a source, and none of them joins anything to its rows."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from partners.claims import free, held_by
from partners.models import AccessRequest
from partners.states import RequestState
from reviews.models import Enquiry, Submission, Thread
from reviews.states import Side

SOON = timedelta(hours=4)
DUE_SOON, MINE, UNCLAIMED, PARTNER, OVERDUE = "soon", "mine", "unclaimed", "partner", "overdue"
TABS = {
    "": "All", DUE_SOON: "Due in 4 h", MINE: "Mine", UNCLAIMED: "Unclaimed", PARTNER: "Waiting for the partner",
    OVERDUE: "Overdue",
}  # fmt: skip


def narrow(rows: QuerySet[Any, Any], tab: str, user: User, now: datetime) -> QuerySet[Any, Any]:
    """The rows of one source that belong to `tab`; an unknown tab is all of them."""
    if tab == DUE_SOON:
        return rows.filter(due_at__gte=now, due_at__lt=now + SOON)
    if tab == OVERDUE:
        return rows.filter(due_at__lt=now)
    if tab == PARTNER:
        return rows.filter(_is_with_the_partner(rows.model, now))
    if tab == MINE:
        return rows.filter(held_by(user, now))
    if tab == UNCLAIMED:
        return rows.filter(free(now))
    return rows


def _is_with_the_partner(model: Any, now: datetime) -> Q:
    """The partner is to answer, in the thread, to a question of S8, or before a hold ends; or an applicant is."""
    if model is AccessRequest:
        return Q(state=RequestState.MORE_ASKED)
    turn = Thread.objects.filter(app=OuterRef("app_id"), turn=Side.PARTNER)
    found = Q(Exists(turn)) | Q(Exists(open_questions("app_id")))
    return found | Q(held_until__gt=now, hold_waits_for=Side.PARTNER) if model is Submission else found


def open_questions(app: str) -> QuerySet[Enquiry]:
    """Questions of S8 that the App in the outer column `app` has not answered."""
    return Enquiry.objects.filter(app=OuterRef(app), answered_at__isnull=True)
