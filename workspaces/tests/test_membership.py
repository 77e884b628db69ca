"""The verbs about people: invitations by mail, roles, leaving."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts import offers
from notifications.models import Notice, OutboxMessage
from notifications.states import MessageState
from workspaces import lifecycle, membership
from workspaces.models import Workspace, WorkspaceInvitation
from workspaces.tests.test_lifecycle import join, records


def test_an_invitation_goes_out_by_mail_once(workspace, alice, carol):
    invitation = membership.invite(workspace, alice, " Carol@Customer.example ", "member")

    mail = OutboxMessage.objects.get(kind="workspace_invitation")
    assert mail.recipient == carol.email
    assert "/w/invitations/" in mail.text
    notice = Notice.objects.get(user=carol)
    assert notice.url == "/w/"
    assert invitation.token_hash not in mail.text
    with pytest.raises(ValidationError, match="already invited"):
        membership.invite(workspace, alice, carol.email, "member")


def test_revoking_takes_the_mail_back(workspace, alice, carol):
    invitation = membership.invite(workspace, alice, carol.email, "member")

    assert membership.revoke_invitation(invitation, alice)
    assert not membership.revoke_invitation(invitation, alice)

    assert OutboxMessage.objects.get(kind="workspace_invitation").state == MessageState.DROPPED
    with pytest.raises(ValidationError, match="no longer open"):
        membership.accept_invitation(WorkspaceInvitation.objects.get(), carol)
    assert membership.restore_invitation(invitation, alice) == membership.restore_invitation(invitation, alice)


def test_it_is_too_late_to_bring_back_an_old_invitation(workspace, alice, carol):
    invitation = membership.invite(workspace, alice, carol.email, "member")
    WorkspaceInvitation.objects.update(revoked_at=timezone.now() - timedelta(days=2))

    with pytest.raises(ValidationError, match="too late"):
        membership.restore_invitation(invitation, alice)
    assert membership.revoked_lately(workspace) == []


def test_only_the_invited_join_and_only_once(workspace, alice, carol, charlie):
    invitation = membership.invite(workspace, alice, carol.email, "viewer")

    with pytest.raises(PermissionDenied):
        membership.accept_invitation(invitation, charlie)
    first = membership.accept_invitation(invitation, carol)
    assert membership.accept_invitation(invitation, carol) == first
    assert first.role == "viewer"
    assert records(first, "workspace.member_joined") == ["workspace.member_joined"]
    with pytest.raises(ValidationError, match="already a member"):
        membership.invite(workspace, alice, carol.email, "member")


def test_members_invite_nobody(workspace, carol, bob):
    join(workspace, bob, "member")

    with pytest.raises(PermissionDenied):
        membership.invite(workspace, bob, carol.email, "member")
    with pytest.raises(PermissionDenied):
        membership.change_role(workspace.memberships.get(user=bob), bob, "owner")


def test_there_is_a_budget_of_invitations(workspace, alice, monkeypatch):
    monkeypatch.setattr(offers, "OPEN_INVITATIONS", 2)
    for number in range(2):
        membership.invite(workspace, alice, f"new{number}@customer.example", "member")

    with pytest.raises(ValidationError, match="most there can be"):
        membership.invite(workspace, alice, "one@more.example", "member")


def test_the_last_owner_stays(workspace, alice, carol):
    own = workspace.memberships.get(user=alice)
    for verb in (
        lambda: membership.leave(workspace, alice),
        lambda: membership.remove_member(own, alice),
        lambda: membership.change_role(own, alice, "viewer"),
    ):
        with pytest.raises(ValidationError, match="last owner"):
            verb()
    join(workspace, carol, "owner")
    membership.leave(workspace, alice)

    assert Workspace.objects.get(pk=workspace.pk).personal_of is None
    assert lifecycle.personal(alice) != workspace
    with pytest.raises(PermissionDenied):
        membership.leave(workspace, alice)
