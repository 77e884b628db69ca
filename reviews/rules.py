"""Who may do what in a review and in a beta. Plain questions; the verbs ask them, and so do the pages."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.rules import is_reviewer
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app, can_submit_app
from audit.recording import System
from partners.models import Membership
from reviews.models import BetaInvite, Enquiry, Submission

Visitor = User | AnonymousUser


def is_member(user: Visitor, app: App) -> bool:
    """Whether `user` belongs to the company that makes `app`, in any role."""
    if not user.is_authenticated:
        return False
    return Membership.objects.filter(company_id=app.company_id, user_id=user.pk).exists()


def can_review(user: Visitor, app: App) -> bool:
    """Reviewers judge every App but those of a company they belong to (T24)."""
    return is_reviewer(user) and not is_member(user, app)


def can_withdraw(actor: User | System, submission: Submission) -> bool:
    """Whoever may submit, and the system when the company goes."""
    return isinstance(actor, System) or can_submit_app(actor, submission.app)


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


def is_invited(user: User, app: App) -> bool:
    """Whether `user` has accepted an invitation that still holds."""
    return BetaInvite.objects.filter(app=app, accepted_by=user, revoked_at__isnull=True).exists()
