"""Questions about companies and access requests that more than one page or command asks."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.rules import REVIEWERS
from partners.models import AccessRequest, Company, Invitation, Membership
from partners.states import RequestState, Role

SIMILAR_SHOWN = 5
EDITORS = frozenset({Role.OWNER, Role.DEVELOPER})


def latest_request(user: Any) -> AccessRequest | None:
    """The request whose story the status page tells: the newest one."""
    return AccessRequest.objects.select_related("company").filter(applicant_id=user.pk).order_by("-pk").first()


def open_request(user: Any) -> AccessRequest | None:
    return AccessRequest.objects.open().filter(applicant_id=user.pk).first()


def overdue_requests(now: datetime) -> QuerySet[AccessRequest]:
    """Requests that Segment should have answered by `now`, the longest overdue first."""
    late = AccessRequest.objects.filter(state=RequestState.SUBMITTED, due_at__lt=now, applicant__isnull=False)
    return late.select_related("applicant").order_by("due_at", "pk")


def waitlist() -> QuerySet[AccessRequest]:
    """The waitlist in the order in which people joined it."""
    waiting = AccessRequest.objects.filter(state=RequestState.WAITLISTED, applicant__isnull=False)
    return waiting.select_related("applicant", "company").order_by(F("submitted_at").asc(nulls_last=True), "pk")


def similar_companies(access_request: AccessRequest) -> list[Company]:
    """Companies with the same website or a name that looks the same (for reviewers only)."""
    found = Company.objects.filter(_same_name_or_site(access_request))
    return [company for company in found[: SIMILAR_SHOWN + 1] if company.pk != access_request.company_id][
        :SIMILAR_SHOWN
    ]


def similar_requests(access_request: AccessRequest) -> list[AccessRequest]:
    """Requests of the same company, by whomever and whatever became of them (for reviewers only)."""
    found = AccessRequest.objects.filter(_same_name_or_site(access_request)).exclude(pk=access_request.pk)
    sent = found.exclude(state=RequestState.DRAFT).select_related("applicant")
    return list(sent[:SIMILAR_SHOWN])


def _same_name_or_site(access_request: AccessRequest) -> Q:
    same = Q(pk__in=[])
    if access_request.name_key:
        same |= Q(name_key=access_request.name_key)
    if access_request.domain:
        same |= Q(domain=access_request.domain)
    return same


def addresses_of(user: Any) -> list[str]:
    """The addresses that `user` has proven to own, in lower case."""
    proven = EmailAddress.objects.filter(user_id=user.pk, verified=True).values_list("email", flat=True)
    return [address.lower() for address in proven]


def invitations_for(user: Any) -> QuerySet[Invitation]:
    """Open invitations sent to an address of `user`."""
    unanswered = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    mine = unanswered.filter(email__in=addresses_of(user), expires_at__gt=timezone.now())
    return mine.select_related("company", "invited_by")


def companies_only_owned_by(user: Any) -> list[Company]:
    """Companies that would be left without an owner if `user` went; those on their way out do not count."""
    owned = Company.objects.filter(
        memberships__user_id=user.pk, memberships__role=Role.OWNER, delete_after__isnull=True
    )
    others = Membership.objects.filter(role=Role.OWNER).exclude(user_id=user.pk)
    return list(owned.exclude(pk__in=others.values("company_id")))


def editors_of(company: Company | int) -> QuerySet[User]:
    """The people who act for the Apps of a company (itself or its id): its owners and developers."""
    memberships = {"memberships__company": company, "memberships__role__in": EDITORS}
    return User.objects.filter(is_active=True, **memberships).order_by("pk")


def reviewers_for(company: Company | int) -> QuerySet[User]:
    """Reviewers who may judge what is of a company (itself or its id): never one of its own."""
    reviewers = User.objects.filter(is_active=True, is_staff=True, groups__name=REVIEWERS)
    return reviewers.exclude(memberships__company=company).order_by("pk")
