"""The verbs about a workspace's people: invite, accept, change roles, leave.

Whatever can take an owner away holds the workspace's row first, so that two owners who leave at the same moment
do not leave it without any.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import offers
from accounts.models import User
from accounts.undo import UNDO_FOR, can_be_undone
from audit.recording import record
from partners.queries import addresses_of
from partners.validators import read_address
from workspaces import emails, rules
from workspaces.models import Workspace, WorkspaceInvitation, WorkspaceMember
from workspaces.states import WorkspaceRole


def held(workspace: Workspace) -> Workspace:
    """The workspace as it is now, held until the end of the transaction."""
    return Workspace.objects.select_for_update().get(pk=workspace.pk)


# --- Invitations ----------------------------------------------------------------------------------------


@transaction.atomic
def invite(workspace: Workspace, actor: User, email: str, role: str) -> WorkspaceInvitation:
    """Offer a role to whoever owns `email`. Raises ValidationError when it cannot be sent."""
    workspace = _owned(workspace, actor)
    address = read_address(email)
    if role not in WorkspaceRole.values:
        raise ValidationError("Choose a role.", code="role")
    if workspace.memberships.filter(user__email__iexact=address).exists():
        raise ValidationError(f"{address} is already a member.", code="member")
    _close_expired(workspace)
    if waiting(workspace).filter(email=address).exists():
        raise ValidationError(f"{address} is already invited. You can send the invitation again below.", code="invited")
    offers.check_budget(workspace.invitations.all())
    return _send(workspace, actor, address, role)


@transaction.atomic
def resend_invitation(invitation: WorkspaceInvitation, actor: User) -> WorkspaceInvitation:
    """A fresh link, valid for another 14 days; the old one stops working."""
    workspace = _owned(invitation.workspace, actor)
    if not _close(invitation):
        raise ValidationError("This invitation is not open any more.", code="closed")
    offers.check_budget(workspace.invitations.all())
    return _send(workspace, actor, invitation.email, invitation.role)


@transaction.atomic
def revoke_invitation(invitation: WorkspaceInvitation, actor: User) -> bool:
    """Make the link useless; False when it was no longer open."""
    workspace = _owned(invitation.workspace, actor)
    if not _close(invitation):
        return False
    record(actor, "workspace.invitation_revoked", invitation, chain=workspace.chain)
    return True


@transaction.atomic
def restore_invitation(invitation: WorkspaceInvitation, actor: User) -> WorkspaceInvitation:
    """Invite again whoever was uninvited within the last day, with a fresh link. Twice is once.

    Raises ValidationError when it is too late, or when the address is a member or invited by now.
    """
    workspace = _owned(invitation.workspace, actor)
    newer = waiting(workspace).filter(email=invitation.email).first()
    if newer is not None:
        return newer
    invitation.refresh_from_db()
    if invitation.accepted_at is not None or not can_be_undone(invitation.revoked_at):
        raise ValidationError("It is too late to bring this invitation back. Send a new one.", code="late")
    return invite(workspace, actor, invitation.email, invitation.role)


def waiting(workspace: Workspace) -> QuerySet[WorkspaceInvitation]:
    """Invitations nobody has answered, expired ones too."""
    return workspace.invitations.filter(accepted_at=None, revoked_at=None)


def revoked_lately(workspace: Workspace) -> list[WorkspaceInvitation]:
    """Invitations that can be brought back: the newest of each address, if it was revoked."""
    newest: dict[str, WorkspaceInvitation] = {}
    recent = workspace.invitations.exclude(revoked_at__lte=timezone.now() - UNDO_FOR)
    for invitation in recent.order_by("-pk")[: offers.OPEN_INVITATIONS + offers.DAILY_INVITATIONS]:
        newest.setdefault(invitation.email, invitation)
    return [one for one in newest.values() if one.revoked_at is not None and one.accepted_at is None]


def invitations_for(user: User) -> QuerySet[WorkspaceInvitation]:
    """Open invitations to one of the user's own addresses."""
    rows = WorkspaceInvitation.objects.select_related("workspace", "invited_by")
    return rows.filter(email__in=addresses_of(user), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def is_for(invitation: WorkspaceInvitation, user: User) -> bool:
    """Whether `user` has proven to own the invited address."""
    return invitation.email.lower() in addresses_of(user)


@transaction.atomic
def accept_invitation(invitation: WorkspaceInvitation, actor: User) -> WorkspaceMember:
    """Join the workspace. Only the owner of the invited address may (PermissionDenied otherwise).

    Raises ValidationError when the invitation is no longer open. Accepting twice joins once.
    """
    if not is_for(invitation, actor):
        raise PermissionDenied
    workspace = held(invitation.workspace)
    existing = workspace.memberships.filter(user=actor).first()
    now = timezone.now()
    is_open = waiting(workspace).filter(pk=invitation.pk, expires_at__gt=now)
    if not is_open.update(accepted_at=now) and existing is None:
        raise ValidationError("This invitation is no longer open. Ask for a new one.", code="closed")
    if existing is not None:
        return existing
    member = WorkspaceMember.objects.create(workspace=workspace, user=actor, role=invitation.role)
    record(actor, "workspace.member_joined", member, chain=workspace.chain, user=actor.pk, role=member.role)
    return member


def _send(workspace: Workspace, actor: User, address: str, role: str) -> WorkspaceInvitation:
    token, fields = offers.begin(actor, address)
    invitation = WorkspaceInvitation.objects.create(workspace=workspace, role=role, **fields)
    record(actor, "workspace.invitation_sent", invitation, chain=workspace.chain, role=role)
    emails.invitation(invitation, token, User.objects.filter(email__iexact=address, is_active=True).first())
    return invitation


def _close(invitation: WorkspaceInvitation) -> bool:
    emails.drop_invitation(invitation)
    rows = WorkspaceInvitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    return rows.update(revoked_at=timezone.now()) == 1


def _close_expired(workspace: Workspace) -> None:
    now = timezone.now()
    waiting(workspace).filter(expires_at__lte=now).update(revoked_at=now)


# --- Members --------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(member: WorkspaceMember, actor: User, role: str) -> bool:
    """False when it is the role already. Raises ValidationError when it would take the last owner away."""
    workspace = _owned(member.workspace, actor)
    if role not in WorkspaceRole.values:
        raise ValidationError("Choose a role.", code="role")
    if role != WorkspaceRole.OWNER:
        _keep_an_owner(workspace, member)
    if not WorkspaceMember.objects.filter(pk=member.pk).exclude(role=role).update(role=role):
        return False
    record(actor, "workspace.role_changed", member, chain=workspace.chain, user=member.user_id, role=role)
    return True


@transaction.atomic
def remove_member(member: WorkspaceMember, actor: User) -> bool:
    """False when they were gone already. Raises ValidationError for the last owner."""
    return _remove(_owned(member.workspace, actor), member, actor, "workspace.member_removed")


@transaction.atomic
def leave(workspace: Workspace, actor: User) -> None:
    """Leave on one's own. Raises ValidationError for the last owner, PermissionDenied for strangers."""
    workspace = held(workspace)
    member = workspace.memberships.filter(user=actor).first()
    if member is None:
        raise PermissionDenied
    _remove(workspace, member, actor, "workspace.member_left")


def _remove(workspace: Workspace, member: WorkspaceMember, actor: User, action: str) -> bool:
    _keep_an_owner(workspace, member)
    is_gone = bool(WorkspaceMember.objects.filter(pk=member.pk).delete()[0])
    if is_gone:
        # Somebody who left has no sandbox here any more; the next one they need is a new one.
        Workspace.objects.filter(pk=workspace.pk, personal_of=member.user_id).update(personal_of=None)
        record(actor, action, workspace, chain=workspace.chain, user=member.user_id)
    return is_gone


def _owned(workspace: Workspace, actor: User) -> Workspace:
    workspace = held(workspace)
    if not rules.can_own(actor, workspace):
        raise PermissionDenied
    return workspace


def _keep_an_owner(workspace: Workspace, member: WorkspaceMember) -> None:
    """Asks the database, not `member`, who is an owner: the row is held, so the answer stays true."""
    owners = set(workspace.memberships.filter(role=WorkspaceRole.OWNER).values_list("pk", flat=True))
    if owners == {member.pk}:
        raise ValidationError("This is the last owner. Make somebody else an owner first.", code="last_owner")
