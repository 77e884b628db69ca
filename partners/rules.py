"""Who may do what with a company and with an access request. Existence is `visible_to`; this is the act."""

from typing import Any

from accounts.rules import is_reviewer
from audit.recording import System
from partners.models import AccessRequest, Company, Membership
from partners.states import AMENDABLE, OPEN, RETRIABLE, TYPING, RequestState, Role


def role_of(user: Any, company: Company) -> Role | None:
    """The role of `user` in `company`; None for strangers, staff included."""
    if not user.is_authenticated:
        return None
    role = Membership.objects.filter(company=company, user_id=user.pk).values_list("role", flat=True).first()
    return Role(role) if role else None


def can_edit(user: Any, company: Company) -> bool:
    """Owners and developers of a company that is neither archived nor about to be deleted."""
    return company.is_active and role_of(user, company) in (Role.OWNER, Role.DEVELOPER)


def can_manage(user: Any, company: Company) -> bool:
    """Owners: members, invitations, export, archive, hand-over, deletion."""
    return role_of(user, company) == Role.OWNER


def can_invite(user: Any, company: Company) -> bool:
    return company.is_active and can_manage(user, company)


def can_connect(user: Any, company: Company) -> bool:
    """Owners: a Slack channel of the company's own."""
    return company.is_active and can_manage(user, company)


# --- Access requests ----------------------------------------------------------------------------------


def is_applicant(user: Any, access_request: AccessRequest) -> bool:
    """Nobody is once the account is deleted, not even a visitor, who has no id either."""
    return access_request.applicant_id is not None and access_request.applicant_id == user.pk


def can_save_answers(user: Any, access_request: AccessRequest) -> bool:
    """The applicant, while the answers are being written."""
    return is_applicant(user, access_request) and access_request.state in TYPING


def can_amend(user: Any, access_request: AccessRequest) -> bool:
    """The applicant, until there is a decision."""
    return is_applicant(user, access_request) and access_request.state in AMENDABLE


def can_withdraw(user: Any, access_request: AccessRequest) -> bool:
    return is_applicant(user, access_request) and access_request.state in OPEN


def can_apply_again(user: Any, access_request: AccessRequest) -> bool:
    """What ended without a company can be tried again; so can an approval whose company one has left."""
    if not is_applicant(user, access_request):
        return False
    if access_request.state != RequestState.APPROVED:
        return access_request.state in RETRIABLE
    return access_request.company is None or role_of(user, access_request.company) is None


def can_review_access(user: Any, access_request: AccessRequest | None = None) -> bool:
    """Reviewers; but nobody judges a request of their own or of a company they belong to."""
    if not is_reviewer(user):
        return False
    return access_request is None or not _has_a_stake(user, access_request)


def _has_a_stake(user: Any, access_request: AccessRequest) -> bool:
    if is_applicant(user, access_request):
        return True
    own = Company.objects.filter(memberships__user_id=user.pk)
    if access_request.company_id and own.filter(pk=access_request.company_id).exists():
        return True
    return bool(access_request.domain) and own.filter(domain=access_request.domain).exists()


def can_admit(actor: Any, access_request: AccessRequest) -> bool:
    """Reviewers, and the command that admits from the waitlist."""
    return isinstance(actor, System) or can_review_access(actor, access_request)
