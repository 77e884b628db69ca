"""The verbs about a company's people: invite, accept, change roles, hand over, leave.

Whatever can take an owner away holds the company's row first, so that two owners who leave at the same
moment do not leave it without any.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import offers
from accounts.models import User
from accounts.undo import UNDO_FOR, can_be_undone
from audit.recording import record
from partners import emails, rules
from partners.models import Company, Invitation, Membership, RemovedMember
from partners.queries import addresses_of
from partners.states import Role
from partners.validators import read_address

REMOVED_SHOWN = 25


def held(company: Company) -> Company:
    """The company as it is now, held until the end of the transaction."""
    return Company.objects.select_for_update().get(pk=company.pk)


# --- Invitations ----------------------------------------------------------------------------------------


@transaction.atomic
def invite(company: Company, actor: User, email: str, role: str) -> Invitation:
    """Offer a role to whoever owns `email`. Raises ValidationError when it cannot be sent."""
    if not rules.can_invite(actor, held(company)):
        raise PermissionDenied
    address = read_address(email)
    if role not in Role.values:
        raise ValidationError("Choose a role.", code="role")
    if company.memberships.filter(user__email__iexact=address).exists():
        raise ValidationError(f"{address} is already a member.", code="member")
    _close_expired(company)
    if company.invitations.filter(email=address, accepted_at=None, revoked_at=None).exists():
        raise ValidationError(f"{address} is already invited. You can send the invitation again below.", code="invited")
    offers.check_budget(company.invitations.all())
    return _send(company, actor, address, role)


@transaction.atomic
def resend_invitation(invitation: Invitation, actor: User) -> Invitation:
    """A fresh link, valid for another 14 days; the old one stops working."""
    company = held(invitation.company)
    if not rules.can_invite(actor, company):
        raise PermissionDenied
    if not _close(invitation):
        raise ValidationError("This invitation is not open any more.", code="closed")
    offers.check_budget(company.invitations.all())
    return _send(company, actor, invitation.email, invitation.role)


@transaction.atomic
def revoke_invitation(invitation: Invitation, actor: User) -> bool:
    """Make the link useless; False when it was no longer open."""
    if not rules.can_manage(actor, invitation.company):
        raise PermissionDenied
    if not _close(invitation):
        return False
    record(actor, "invitation.revoked", invitation, chain=invitation.company.chain)
    return True


@transaction.atomic
def restore_invitation(invitation: Invitation, actor: User) -> Invitation:
    """Make a revoked invitation hold again: its link works as before. Twice is once.

    When its mail never went out, a fresh one does. Raises ValidationError when it is too late for that.
    """
    company = held(invitation.company)
    if not rules.can_invite(actor, company):
        raise PermissionDenied
    invitation.refresh_from_db()
    if invitation.is_open:
        return invitation
    _check_restorable(company, invitation)
    offers.check_budget(company.invitations.all())
    if not emails.was_invitation_mailed(invitation):
        return _send(company, actor, invitation.email, invitation.role)
    Invitation.objects.filter(pk=invitation.pk).update(revoked_at=None)
    record(actor, "invitation.restored", invitation, chain=company.chain)
    return invitation


def _check_restorable(company: Company, invitation: Invitation) -> None:
    is_over = invitation.accepted_at is not None or invitation.expires_at <= timezone.now()
    if is_over or not can_be_undone(invitation.revoked_at):
        raise ValidationError("It is too late to bring this invitation back. Send a new one.", code="late")
    if company.memberships.filter(user__email__iexact=invitation.email).exists():
        raise ValidationError(f"{invitation.email} is already a member.", code="member")
    if company.invitations.filter(email=invitation.email, accepted_at=None, revoked_at=None).exists():
        raise ValidationError(f"{invitation.email} has another invitation by now.", code="invited")


def revoked_lately(company: Company) -> list[Invitation]:
    """Invitations that can be brought back: one for each address, and none that a newer one has replaced."""
    now = timezone.now()
    newest: dict[str, Invitation] = {}
    recent = company.invitations.filter(expires_at__gt=now).exclude(revoked_at__lte=now - UNDO_FOR)
    for invitation in recent.order_by("-pk")[: offers.OPEN_INVITATIONS + offers.DAILY_INVITATIONS]:
        newest.setdefault(invitation.email, invitation)
    return [one for one in newest.values() if one.revoked_at is not None and one.accepted_at is None]


@transaction.atomic
def accept_invitation(invitation: Invitation, actor: User) -> Membership:
    """Join the company. Only the owner of the invited address may (PermissionDenied otherwise).

    Raises ValidationError when the invitation is no longer open. Accepting twice joins once.
    """
    if not is_for(invitation, actor):
        raise PermissionDenied
    company = held(invitation.company)
    existing = Membership.objects.filter(company=company, user=actor).first()
    now = timezone.now()
    is_open = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    )
    if not is_open.update(accepted_at=now):
        if existing:
            return existing
        raise ValidationError("This invitation is no longer open. Ask the company for a new one.", code="closed")
    if existing:
        return existing
    if not company.is_active:
        raise ValidationError("This company is archived and takes no new members.", code="archived")
    member = Membership.objects.create(company=company, user=actor, role=invitation.role)
    record(actor, "member.joined", member, chain=company.chain, user=actor.pk, role=member.role)
    return member


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether `user` has proven to own the invited address."""
    return invitation.email.lower() in addresses_of(user)


def _send(company: Company, actor: User, address: str, role: str) -> Invitation:
    token, fields = offers.begin(actor, address)
    invitation = Invitation.objects.create(company=company, role=role, **fields)
    record(actor, "invitation.sent", invitation, chain=company.chain, role=role)
    emails.invitation(invitation, token, User.objects.filter(email__iexact=address, is_active=True).first())
    return invitation


def _close(invitation: Invitation) -> bool:
    closed = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True)
    emails.drop_invitation(invitation)
    return closed.update(revoked_at=timezone.now()) == 1


def _close_expired(company: Company) -> None:
    now = timezone.now()
    company.invitations.filter(accepted_at=None, revoked_at=None, expires_at__lte=now).update(revoked_at=now)


# --- Members ----------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(member: Membership, actor: User, role: str) -> None:
    """Raises ValidationError when it would take the last owner away."""
    company = _managed(member, actor)
    if role not in Role.values:
        raise ValidationError("Choose a role.", code="role")
    if role != Role.OWNER:
        _keep_an_owner(company, member)
    if Membership.objects.filter(pk=member.pk).exclude(role=role).update(role=role):
        record(actor, "member.role_changed", member, chain=company.chain, user=member.user_id, role=role)


@transaction.atomic
def remove_member(member: Membership, actor: User) -> RemovedMember | None:
    """Raises ValidationError for the last owner.

    For a day, `restore_member` takes it back with what is returned; None for oneself, or for nobody any more.
    """
    company = _managed(member, actor)
    if not _remove(company, member, actor, "member.removed") or member.user_id == actor.pk:
        return None
    kept = {"role": member.role, "joined_at": member.joined_at, "removed_at": timezone.now()}
    removed, _ = RemovedMember.objects.update_or_create(company=company, user=member.user, defaults=kept)
    emails.member_removed(removed)
    return removed


@transaction.atomic
def restore_member(removed: RemovedMember, actor: User) -> bool:
    """Give a removed member the former role back. False when they are a member already.

    Raises ValidationError when it is too late.
    """
    company = held(removed.company)
    if not rules.can_invite(actor, company):
        raise PermissionDenied
    if not can_be_undone(removed.removed_at):
        raise ValidationError("It is too late to undo this. Invite them again.", code="late")
    RemovedMember.objects.filter(pk=removed.pk).delete()
    member, is_new = Membership.objects.get_or_create(
        company=company, user=removed.user, defaults={"role": removed.role}
    )
    if not is_new:
        return False
    Membership.objects.filter(pk=member.pk).update(joined_at=removed.joined_at)
    record(actor, "member.restored", member, chain=company.chain, user=member.user_id, role=member.role)
    emails.member_restored(removed)
    return True


def removed_lately(company: Company) -> list[RemovedMember]:
    """Members who can be brought back. Whoever is a member again by another way is not among them."""
    recent = company.removed_members.filter(removed_at__gt=timezone.now() - UNDO_FOR)
    again = company.memberships.values("user_id")
    return list(recent.exclude(user_id__in=again).select_related("user")[:REMOVED_SHOWN])


@transaction.atomic
def leave(company: Company, actor: User) -> None:
    """Leave on one's own; the last owner hands over first (ValidationError)."""
    company = held(company)
    member = company.memberships.filter(user=actor).first()
    if member is None:
        raise PermissionDenied
    _remove(company, member, actor, "member.left")


@transaction.atomic
def hand_over(company: Company, actor: User, to: Membership) -> None:
    """Make `to` an owner and oneself a developer."""
    company = held(company)
    if not rules.can_manage(actor, company) or to.company_id != company.pk:
        raise PermissionDenied
    if to.user_id == actor.pk:
        raise ValidationError("You own this company already. Choose somebody else.", code="self")
    if not Membership.objects.filter(pk=to.pk).update(role=Role.OWNER):
        raise ValidationError("This person is no longer a member.", code="gone")
    Membership.objects.filter(company=company, user=actor).update(role=Role.DEVELOPER)
    record(actor, "company.handed_over", company, chain=company.chain, user=to.user_id)
    emails.ownership_received(company, to.user, actor)


def _managed(member: Membership, actor: User) -> Company:
    company = held(member.company)
    if not rules.can_manage(actor, company):
        raise PermissionDenied
    return company


def _remove(company: Company, member: Membership, actor: User, action: str) -> bool:
    """Whether there was still something to remove."""
    _keep_an_owner(company, member)
    is_gone = bool(Membership.objects.filter(pk=member.pk).delete()[0])
    if is_gone:
        record(actor, action, company, chain=company.chain, user=member.user_id)
    return is_gone


def _keep_an_owner(company: Company, member: Membership) -> None:
    """Asks the database, not `member`, who is an owner: the company's row is held, so the answer stays true."""
    owners = set(company.memberships.filter(role=Role.OWNER).values_list("pk", flat=True))
    if owners == {member.pk}:
        raise ValidationError(
            "This is the last owner. Make somebody else an owner first, or hand the company over.", code="last_owner"
        )
