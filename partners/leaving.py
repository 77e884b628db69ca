"""How a company rests or ends: export, archive, deletion after a grace period (PRODUCT, Leaving)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import User
from audit.recording import SYSTEM, record
from partners import company_slack, emails, export, rules
from partners.models import AccessRequest, Company, Invitation
from partners.queries import companies_only_owned_by

log = structlog.get_logger(__name__)


@transaction.atomic
def export_company(company: Company, actor: User) -> dict[str, Any]:
    """Everything we hold about the company, for an owner. Recorded, because it leaves the house."""
    if not rules.can_manage(actor, company):
        raise PermissionDenied
    record(actor, "company.exported", company, chain=company.chain)
    return export.company_data(company)


@transaction.atomic
def archive(company: Company, actor: User) -> bool:
    """Make the company read-only; False when it already is."""
    return _switch(company, actor, "company.archived", "archived_at", timezone.now())


@transaction.atomic
def restore(company: Company, actor: User) -> bool:
    return _switch(company, actor, "company.restored", "archived_at", None)


@transaction.atomic
def request_deletion(company: Company, actor: User) -> bool:
    """Start the grace period, end what is under way, and tell every member; False when it runs already."""
    ends = timezone.now() + timedelta(days=settings.DELETION_GRACE_DAYS)
    started = _switch(company, actor, "company.deletion_requested", "delete_after", ends, also=_close)
    if started:
        emails.company_deletion(company, company.members.all(), actor)
    return started


@transaction.atomic
def keep(company: Company, actor: User) -> bool:
    """Take the request for deletion back, and tell every member."""
    kept = _switch(company, actor, "company.deletion_cancelled", "delete_after", None)
    if kept:
        emails.company_kept(company, company.members.all(), actor)
    return kept


def purge_companies(now: datetime) -> int:
    """Delete the companies whose grace period is over; returns how many. One transaction for each."""
    due = list(Company.objects.filter(delete_after__lte=now).values_list("pk", flat=True))
    return sum(_purge(pk, now) for pk in due)


def _purge(pk: int, now: datetime) -> bool:
    try:
        return _delete(pk, now)
    except ProtectedError:
        # A package above still holds rows and has not said how to erase them (`export.register`).
        log.error("company_purge_blocked", company=pk)
        return False


@transaction.atomic
def _delete(pk: int, now: datetime) -> bool:
    company = Company.objects.select_for_update().filter(pk=pk, delete_after__lte=now).first()
    if company is None:
        return False
    # What stands on top goes first: reviews tell customers about Apps that are still there.
    for part in reversed(export.parts()):
        if part.erase:
            part.erase(company)
    AccessRequest.objects.filter(company=company).delete()
    company_slack.forget(company)
    record(SYSTEM, "company.deleted", company, chain=company.chain)
    company.delete()
    return True


def _close(company: Company) -> None:
    """What stands on top ends first, as in `_delete`."""
    for part in reversed(export.parts()):
        if part.close:
            part.close(company)


def _switch(
    company: Company,
    actor: User,
    action: str,
    field: str,
    value: datetime | None,
    *,
    also: Callable[[Company], None] | None = None,
) -> bool:
    """Set a nullable time by compare-and-set, so that a second click finds nothing to do.

    `also` runs before the record is written: other verbs lock their rows first and the audit chain last.
    """
    if not rules.can_manage(actor, company):
        raise PermissionDenied
    where = {"pk": company.pk, f"{field}__isnull": value is not None}
    if not Company.objects.filter(**where).update(**{field: value}):
        return False
    setattr(company, field, value)
    if also:
        also(company)
    record(actor, action, company, chain=company.chain)
    return True


# --- What the leaving of a person means here (accounts.leaving.Part) -------------------------------------


def obstacles_of(user: User) -> list[str]:
    return [
        f"You are the only owner of {company.name}. Hand it over or delete it first."
        for company in companies_only_owned_by(user)
    ]


def data_of(user: User) -> dict[str, Any]:
    """What this package holds about one person."""
    memberships = user.memberships.select_related("company")
    requests = user.access_requests.order_by("pk")
    return {
        "memberships": [
            {"company": m.company.name, "role": m.role, "joined_at": m.joined_at.isoformat()} for m in memberships
        ],
        "access_requests": [export.request_data(access_request) for access_request in requests],
    }


def forget(user: User) -> None:
    """Invitations to the person's address, and requests that led to no company, answers and all.

    The request of a company stays with its acceptances: the agreement outlives the account (S4). Who
    accepted is then told by the audit record, which keeps the id and no name.
    """
    Invitation.objects.filter(email__iexact=user.email).delete()
    user.access_requests.filter(company__isnull=True).delete()
    for access_request in user.access_requests.select_related("company"):
        _keep_without(access_request, user)


def _keep_without(access_request: AccessRequest, user: User) -> None:
    accepted = list(access_request.acceptances.filter(user=user).order_by("pk").values_list("agreement_id", flat=True))
    record(
        SYSTEM, "access.applicant_left", access_request, chain=access_request.chain, user=user.pk, agreements=accepted
    )
    AccessRequest.objects.filter(pk=access_request.pk).update(applicant=None)
