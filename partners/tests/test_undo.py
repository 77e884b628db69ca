"""Removed members and revoked invitations come back within a day, as they were."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.offers import token_hash
from accounts.undo import UNDO_FOR
from audit.models import Record
from notifications.models import OutboxMessage
from notifications.states import MessageState
from partners import lifecycle
from partners.membership import removed_lately, revoked_lately
from partners.models import Invitation, Membership, RemovedMember
from partners.states import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(company, alice) -> Invitation:
    made = lifecycle.invite(company, alice, "new@example.com", Role.DEVELOPER)
    OutboxMessage.objects.update(state=MessageState.SENT, due_at=None)
    return made


@pytest.fixture
def removed(company, alice, bob) -> RemovedMember:
    found = lifecycle.remove_member(Membership.objects.get(company=company, user=bob), alice)
    assert found is not None
    return found


def test_a_revoked_invitation_holds_again_with_the_link_that_was_mailed(invitation, company, alice) -> None:
    lifecycle.revoke_invitation(invitation, alice)
    assert revoked_lately(company) == [invitation]

    lifecycle.restore_invitation(invitation, alice)
    lifecycle.restore_invitation(invitation, alice)

    again = Invitation.objects.get()
    assert (again.is_open, again.token_hash) == (True, invitation.token_hash)
    assert revoked_lately(company) == []
    assert Record.objects.filter(action="invitation.restored").count() == 1


def test_an_invitation_whose_mail_never_went_out_is_sent_afresh(company, alice) -> None:
    invitation = lifecycle.invite(company, alice, "new@example.com", Role.DEVELOPER)
    lifecycle.revoke_invitation(invitation, alice)

    again = lifecycle.restore_invitation(invitation, alice)

    mail = OutboxMessage.objects.get(state=MessageState.QUEUED)
    assert token_hash(mail.text.split("/invitations/")[1].split("/")[0]) == again.token_hash
    assert revoked_lately(company) == []


@pytest.mark.parametrize("change", [
    {"revoked_at": timezone.now() - UNDO_FOR}, {"expires_at": timezone.now()}, {"accepted_at": timezone.now()},
])  # fmt: skip
def test_too_late_for_an_invitation(invitation, company, alice, change) -> None:
    lifecycle.revoke_invitation(invitation, alice)
    Invitation.objects.update(**change)

    assert revoked_lately(company) == []
    with pytest.raises(ValidationError, match="too late"):
        lifecycle.restore_invitation(invitation, alice)


def test_an_invitation_that_was_replaced_stays_revoked(invitation, company, alice) -> None:
    lifecycle.revoke_invitation(invitation, alice)
    lifecycle.invite(company, alice, "new@example.com", Role.VIEWER)

    assert revoked_lately(company) == []
    with pytest.raises(ValidationError, match="another invitation"):
        lifecycle.restore_invitation(invitation, alice)


def test_a_removed_member_has_the_former_role_again(removed, company, alice, bob) -> None:
    joined_at = removed.joined_at
    assert removed_lately(company) == [removed]

    assert lifecycle.restore_member(removed, alice)

    member = Membership.objects.get(company=company, user=bob)
    assert (member.role, member.joined_at) == (Role.DEVELOPER, joined_at)
    assert removed_lately(company) == []
    # The mail about the removal had not gone out: nothing is said at all.
    assert not OutboxMessage.objects.filter(recipient=bob.email, state=MessageState.QUEUED).exists()


def test_whoever_was_told_of_the_removal_is_told_of_the_way_back(removed, alice, bob) -> None:
    OutboxMessage.objects.update(state=MessageState.SENT, due_at=None)

    lifecycle.restore_member(removed, alice)

    assert "again" in OutboxMessage.objects.get(recipient=bob.email, state=MessageState.QUEUED).subject


def test_a_member_who_is_back_another_way_keeps_that_role(removed, company, alice, bob) -> None:
    Membership.objects.create(company=company, user=bob, role=Role.VIEWER)

    assert removed_lately(company) == []
    assert not lifecycle.restore_member(removed, alice)
    assert Membership.objects.get(company=company, user=bob).role == Role.VIEWER


def test_too_late_for_a_member(removed, company, alice) -> None:
    RemovedMember.objects.update(removed_at=timezone.now() - UNDO_FOR - timedelta(seconds=1))
    removed.refresh_from_db()

    assert removed_lately(company) == []
    with pytest.raises(ValidationError, match="too late"):
        lifecycle.restore_member(removed, alice)


def test_only_owners_undo(removed, invitation, bob, charlie, rita, alice) -> None:
    lifecycle.revoke_invitation(invitation, alice)
    for actor in (bob, charlie, rita):
        with pytest.raises(PermissionDenied):
            lifecycle.restore_member(removed, actor)
        with pytest.raises(PermissionDenied):
            lifecycle.restore_invitation(invitation, actor)


def test_the_page_offers_both_and_still_does_after_a_reload(client_for, company, alice, bob, invitation) -> None:
    owner = client_for(alice)
    member = Membership.objects.get(company=company, user=bob)
    said = owner.post(f"/company/acme/members/{member.pk}/remove/", follow=True).content.decode()
    undo = f"/company/acme/members/removed/{RemovedMember.objects.get().pk}/restore/"
    assert f'<form class="undo" method="post" action="{undo}">' in said
    owner.post(f"/company/acme/invitations/{invitation.pk}/revoke/")
    owner.get("/company/acme/")  # the messages are gone now

    page = owner.get("/company/acme/").content.decode()

    assert 'class="undo"' not in page
    for address in (undo, f"/company/acme/invitations/{invitation.pk}/restore/"):
        assert f'action="{address}"' in page
        assert owner.post(address).status_code == 303
    assert Membership.objects.filter(company=company, user=bob).exists()
    assert Invitation.objects.get().is_open
