"""Who may do what in a review and in a beta. Plain questions; the verbs ask them, and so do the pages."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.rules import is_reviewer
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app, can_submit_app
from audit.recording import System
from leases.prepared import Prepared, Slot
from partners.models import Membership
from reviews.models import Appeal, BetaInvite, Enquiry, Submission
from reviews.states import Side

Visitor = User | AnonymousUser
_membership = Prepared(lambda: Membership.objects.order_by().values_list("pk").filter(
    company_id=Slot("company", Membership._meta.pk), user_id=Slot("user", User._meta.pk))[:1])  # fmt: skip


def is_member(user: Visitor, app: App) -> bool:
    """Whether `user` belongs to the company that makes `app`, in any role."""
    if not user.is_authenticated:
        return False
    return bool(_membership.ask(company=app.company_id, user=user.pk))


def can_review(user: Visitor, app: App) -> bool:
    """Reviewers judge every App but those of a company they belong to (T24)."""
    return is_reviewer(user) and not is_member(user, app)


def can_answer_findings(user: User, app: App) -> bool:
    return can_edit_app(user, app)


def can_appeal(user: User, app: App) -> bool:
    """Whoever may submit. Whether there is something to appeal against is `appeals.why_not`."""
    return can_submit_app(user, app)


def can_judge_appeal(user: Visitor, appeal: Appeal) -> bool:
    """Reviewers of other companies, but never the one whose decision it is about."""
    return can_review(user, appeal.submission.app) and appeal.decided_by_id != user.pk


def can_withdraw(actor: User | System, submission: Submission) -> bool:
    """Whoever may submit, and the system when the company goes."""
    return isinstance(actor, System) or can_submit_app(actor, submission.app)


def side_in_thread(user: Visitor, app: App) -> Side | None:
    """For whom `user` writes in the thread of `app`; None for those who only read, and for strangers.

    A reviewer of the company's own is a partner there, and no reviewer (T24).
    """
    if can_edit_app(user, app):
        return Side.PARTNER
    return Side.SEGMENT if app.deleted_at is None and can_review(user, app) else None


def can_write_as_partner(user: User, app: App) -> bool:
    return can_edit_app(user, app)


def can_attest(user: User, app: App) -> bool:
    return can_edit_app(user, app)


def can_answer(user: User, enquiry: Enquiry) -> bool:
    return can_edit_app(user, enquiry.app)


def can_run_beta(user: User, app: App) -> bool:
    """Invite and revoke, switch to invited only, ask to go public."""
    return can_edit_app(user, app)


def can_verify(user: Visitor, app: App) -> bool:
    """A customer: signed in, not of the partner's company, not Segment's staff (S33)."""
    return user.is_authenticated and not user.is_staff and not is_member(user, app)


def can_see_door(user: Visitor, app: App) -> bool:
    """Whether the special URL of `app` exists for `user` (S32; PRODUCT, Special URL)."""
    if not user.is_authenticated or app.deleted_at is not None:
        return False
    if user.is_staff or is_member(user, app):
        return True
    if not app.is_live:
        return False
    return app.is_listed or not app.invited_only or is_invited(user, app)


def can_try(user: Visitor, app: App) -> bool:
    """Whether `user` gets `app` into a workspace: the partner's people the draft, everybody else what is live."""
    if not user.is_authenticated or app.deleted_at is not None:
        return False
    if is_member(user, app):
        return True
    is_there = app.is_live and app.company.is_active
    return is_there and (app.is_listed or not app.invited_only or is_invited(user, app))


def is_invited(user: Visitor, app: App) -> bool:
    """Whether `user` has accepted an invitation that still holds."""
    if not user.is_authenticated:
        return False
    return BetaInvite.objects.filter(app=app, accepted_by=user, revoked_at__isnull=True).exists()
