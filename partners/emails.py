"""The mails about getting in and about a company's people. Called by verbs, inside their transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from accounts.rules import REVIEWERS
from notifications import outbox
from partners.clock import in_office_zone, in_words
from partners.models import AccessRequest, Company, Invitation, RemovedMember
from partners.promises import Promised
from partners.states import RequestState

DECISION_KINDS = ("access_approved", "access_declined", "access_more_asked", "access_waitlisted")


def case_of(access_request: AccessRequest) -> str:
    return f"access:{access_request.pk}"


def drop_unsent(access_request: AccessRequest) -> None:
    """Takes back what has not gone out yet, because its cause was undone or overtaken."""
    outbox.drop(f"{case_of(access_request)}:")


def drop_decision(access_request: AccessRequest, decided_at: datetime) -> None:
    """Takes back the mail of the decision made at that moment; the receipt, if it still waits, goes out."""
    for kind in DECISION_KINDS:
        outbox.drop(_key(access_request, kind, decided_at))


def tell_held(access_request: AccessRequest) -> None:
    """Sends what an earlier decision still holds back: nobody can undo it any more, and it has to come first."""
    outbox.let_go(f"{case_of(access_request)}:")


def access_received(access_request: AccessRequest) -> None:
    """Thanks, and the date of the answer (S5)."""
    _to_applicant(
        access_request, "access_received", notice="We received your request for access.", due=_due(access_request)
    )


def access_waitlisted(access_request: AccessRequest, *, by_reviewer: bool) -> None:
    _to_applicant(
        access_request, "access_waitlisted", notice="You are on the waitlist.", hold=_undo() if by_reviewer else None
    )


def access_admitted(access_request: AccessRequest) -> None:
    """Off the waitlist: somebody looks at the request now."""
    _to_applicant(
        access_request,
        "access_admitted",
        notice="You are off the waitlist: we are looking at your request.",
        due=_due(access_request),
    )


def access_approved(access_request: AccessRequest) -> None:
    """The Welcome mail, first of the five of S8."""
    _to_applicant(
        access_request,
        "access_approved",
        notice=f"Welcome! {access_request.company_name} is a partner now.",
        url=reverse("company-detail"),
        hold=_undo(),
        company=access_request.company,
    )


def access_declined(access_request: AccessRequest) -> None:
    _to_applicant(
        access_request, "access_declined", notice="Your request was declined. The reason is inside.", hold=_undo()
    )


def access_more_asked(access_request: AccessRequest) -> None:
    _to_applicant(
        access_request, "access_more_asked", notice="We need to know more before we can decide.", hold=_undo()
    )


def access_late(access_request: AccessRequest) -> None:
    """The promised date has passed: an apology and a new one."""
    _to_applicant(
        access_request, "wait_late", stamp=access_request.promised_at,
        notice="We are late with the answer to your request. There is a new date.",
        what="the answer to your request", **dates(access_request),
    )  # fmt: skip


def access_overdue(access_request: AccessRequest, step: str) -> None:
    """To the team; `step` as partners.lateness has it."""
    path = reverse("admin:partners_accessrequest_change", args=[access_request.pk])
    context = {"whose": str(access_request), "task": "an answer to its request for access", "step": step}
    reviewers = User.objects.filter(is_active=True, is_staff=True, groups__name=REVIEWERS)
    for reviewer in reviewers.exclude(access_requests=access_request).order_by("pk"):
        outbox.queue(
            "wait_overdue", reviewer, "wait_overdue", context | dates(access_request),
            notice=f"Overdue: the request of {access_request}.", url=path, case=case_of(access_request),
            dedupe_key=_key(access_request, f"overdue:{step}:{reviewer.pk}", access_request.promised_at),
        )  # fmt: skip


def dates(row: Promised) -> dict[str, Any]:
    """The first promise and the date that holds now, in words in the office's zone."""
    promised_at, due_at = row.promised_at, getattr(row, "due_at", None)
    return {
        "promised": in_words(in_office_zone(promised_at)) if promised_at else "",
        "due": in_words(in_office_zone(due_at)) if due_at else "",
    }


def invitation(invitation: Invitation, token: str, invitee: User | None) -> None:
    """The only place where the token of an invitation appears in the clear."""
    outbox.queue(
        "invitation",
        invitee or invitation.email,
        "invitation",
        {"invitation": invitation, "company": invitation.company, "inviter": invitation.invited_by,
         "accept_url": settings.SITE_URL.rstrip("/") + reverse("invitation-accept", args=[token])},
        notice=f"You are invited to join {invitation.company.name}.",
        # A notice is kept in the clear, so it leads to the list of one's invitations.
        url=reverse("company-detail"),
        case=f"company:{invitation.company_id}",
        dedupe_key=f"invitation:{invitation.pk}:sent",
        secret=True,
    )  # fmt: skip


def drop_invitation(invitation: Invitation) -> None:
    outbox.drop(f"invitation:{invitation.pk}:")


def was_invitation_mailed(invitation: Invitation) -> bool:
    """Whether its mail went out: one that was dropped has lost its key, and its link is in nobody's hands."""
    return outbox.is_queued_or_sent(f"invitation:{invitation.pk}:sent")


def ownership_received(company: Company, owner: User, giver: User) -> None:
    _to_member(company, owner, "company_ownership", f"You own {company.name} now.", giver=giver)


def member_removed(removed: RemovedMember) -> None:
    company = removed.company
    outbox.queue(
        "company_removed", removed.user, "company_removed", {"company": company},
        notice=f"You are no longer a member of {company.name}.", url=reverse("company-detail"),
        case=f"company:{company.pk}", dedupe_key=_removal_key(removed),
    )  # fmt: skip


def member_restored(removed: RemovedMember) -> None:
    """That they are a member again; nothing at all when the mail about the removal had not gone out yet."""
    if not outbox.drop(_removal_key(removed)):
        text = f"You are a member of {removed.company.name} again."
        _to_member(removed.company, removed.user, "company_rejoined", text)


def _removal_key(removed: RemovedMember) -> str:
    return f"removed:{removed.company_id}:{removed.user_id}:{removed.removed_at:%Y%m%d%H%M%S%f}"


def company_deletion(company: Company, members: Iterable[User], actor: User) -> None:
    """To every member: what will go, when, and how an owner can still stop it."""
    for member in members:
        _to_member(company, member, "company_deletion", f"{company.name} will be deleted.", actor=actor)


def company_kept(company: Company, members: Iterable[User], actor: User) -> None:
    for member in members:
        _to_member(company, member, "company_kept", f"{company.name} stays.", actor=actor)


def _to_applicant(
    access_request: AccessRequest,
    kind: str,
    *,
    notice: str,
    url: str = "",
    hold: timedelta | None = None,
    stamp: datetime | None = None,
    **context: Any,
) -> None:
    if access_request.applicant is None:  # the account is deleted: there is nobody to write to
        return
    stamp = stamp or access_request.decided_at or access_request.submitted_at
    context |= {"access_request": access_request, "applicant": access_request.applicant}
    key, case, hold = _key(access_request, kind, stamp) if stamp else "", case_of(access_request), hold or timedelta(0)
    outbox.queue(
        kind,
        access_request.applicant,
        kind,
        context,
        notice=notice,
        url=url or reverse("apply-status"),
        case=case,
        dedupe_key=key or None,
        hold=hold,
    )
    outbox.announce(kind, kind, context, case=case, dedupe_key=key, hold=hold)


def _key(access_request: AccessRequest, kind: str, stamp: datetime | None) -> str:
    when = f"{stamp:%Y%m%d%H%M%S%f}" if stamp else ""
    return f"{case_of(access_request)}:{kind}:{when}"


def _to_member(company: Company, member: User, kind: str, notice: str, **context: Any) -> None:
    outbox.queue(
        kind, member, kind, {"company": company, "member": member} | context,
        notice=notice, url=reverse("company-page", args=[company.slug]), case=f"company:{company.pk}",
    )  # fmt: skip


def _undo() -> timedelta:
    return timedelta(seconds=settings.UNDO_SECONDS)


def _due(access_request: AccessRequest) -> str:
    """The due date in words, in the office's zone: a mail does not know where it is read."""
    if access_request.state != RequestState.SUBMITTED or access_request.due_at is None:
        return ""
    return in_words(in_office_zone(access_request.due_at))
