"""A company's people: invitations, roles, the last owner."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts import offers
from audit.models import Record
from notifications.models import Notice, OutboxMessage
from partners import lifecycle
from partners.models import Invitation, Membership
from partners.rules import can_edit, can_manage, role_of
from partners.states import Role
from tests.cast import make_user


def token_from_mail() -> str:
    text = OutboxMessage.objects.filter(kind="invitation").latest("created_at").text
    found = re.search(r"/invitations/([\w-]+)/", text)
    assert found
    return found[1]


def member_of(company, user) -> Membership:
    return Membership.objects.get(company=company, user=user)


def test_roles_and_what_they_may(company, alice, bob, viv, charlie, rita):
    assert [role_of(user, company) for user in (alice, bob, viv, charlie, rita)] == [
        "owner",
        "developer",
        "viewer",
        None,
        None,
    ]
    assert [can_edit(user, company) for user in (alice, bob, viv, charlie)] == [True, True, False, False]
    assert [can_manage(user, company) for user in (alice, bob, viv, charlie)] == [True, False, False, False]


def test_an_archived_company_is_read_only(company, alice, bob):
    lifecycle.archive(company, alice)

    assert not can_edit(bob, company)
    assert can_manage(alice, company)


def test_an_invitation_keeps_only_a_hash(company, alice):
    invitation = lifecycle.invite(company, alice, "New@Acme.Example", Role.DEVELOPER)

    token = token_from_mail()
    assert invitation.email == "new@acme.example"
    assert invitation.token_hash == offers.token_hash(token)
    assert token not in str(list(Invitation.objects.values()))
    assert token not in str(list(Record.objects.values("data", "target")))


def test_the_notice_of_an_invitation_holds_no_token(company, alice, carol):
    lifecycle.invite(company, alice, carol.email, Role.VIEWER)

    assert Notice.objects.get(user=carol).url == "/company/"


def test_the_invited_join_with_their_role_and_once(company, alice, carol):
    invitation = lifecycle.invite(company, alice, carol.email, Role.VIEWER)
    lifecycle.accept_invitation(invitation, carol)
    lifecycle.accept_invitation(invitation, carol)

    assert member_of(company, carol).role == Role.VIEWER
    assert Record.objects.filter(action="member.joined").count() == 1


def test_only_the_invited_address_may_accept(company, alice, carol, charlie):
    invitation = lifecycle.invite(company, alice, carol.email, Role.OWNER)

    with pytest.raises(PermissionDenied):
        lifecycle.accept_invitation(invitation, charlie)


def test_an_unproven_address_does_not_count(company, alice, carol, charlie):
    charlie.emailaddress_set.create(email=carol.email, verified=False, primary=False)
    invitation = lifecycle.invite(company, alice, carol.email, Role.OWNER)

    with pytest.raises(PermissionDenied):
        lifecycle.accept_invitation(invitation, charlie)


@pytest.mark.parametrize("end", ["expired", "revoked", "resent"])
def test_an_invitation_that_ended_does_not_work(end, company, alice, carol):
    invitation = lifecycle.invite(company, alice, carol.email, Role.VIEWER)
    if end == "revoked":
        assert lifecycle.revoke_invitation(invitation, alice)
        assert not lifecycle.revoke_invitation(invitation, alice)
    if end == "resent":
        lifecycle.resend_invitation(invitation, alice)
    later = timezone.now() + timedelta(days=15 if end == "expired" else 0)

    with time_machine.travel(later), pytest.raises(ValidationError, match="no longer open"):
        lifecycle.accept_invitation(invitation, carol)


def test_an_expired_invitation_does_not_block_a_new_one(company, alice):
    lifecycle.invite(company, alice, "new@acme.example", Role.VIEWER)

    with time_machine.travel(timezone.now() + timedelta(days=15)):
        lifecycle.invite(company, alice, "new@acme.example", Role.VIEWER)


def test_nobody_is_invited_twice_or_as_a_member(company, alice, bob):
    lifecycle.invite(company, alice, "new@acme.example", Role.VIEWER)

    for address in ("new@acme.example", bob.email.upper()):
        with pytest.raises(ValidationError, match="already"):
            lifecycle.invite(company, alice, address, Role.VIEWER)


@pytest.mark.parametrize("who", ["bob", "viv", "charlie", "rita"])
def test_only_owners_manage_people(who, company, alice, request):
    actor = request.getfixturevalue(who)
    invitation = lifecycle.invite(company, alice, "new@acme.example", Role.VIEWER)
    mine = member_of(company, alice)

    for verb in (
        lambda: lifecycle.invite(company, actor, "x@acme.example", Role.VIEWER),
        lambda: lifecycle.resend_invitation(invitation, actor),
        lambda: lifecycle.revoke_invitation(invitation, actor),
        lambda: lifecycle.change_role(mine, actor, Role.VIEWER),
        lambda: lifecycle.remove_member(mine, actor),
        lambda: lifecycle.hand_over(company, actor, mine),
        lambda: lifecycle.archive(company, actor),
        lambda: lifecycle.restore(company, actor),
        lambda: lifecycle.request_deletion(company, actor),
        lambda: lifecycle.keep(company, actor),
        lambda: lifecycle.export_company(company, actor),
    ):
        with pytest.raises(PermissionDenied):
            verb()


@pytest.mark.parametrize(
    "address",
    [
        "a@demo.example,b@demo.example", "a@demo.example b@demo.example", "a@demo.example\r\nBcc: b@demo.example",
        '"a,b"@demo.example', "list:a@demo.example;", "A <a@demo.example>", "=?utf-8?q?a?=@demo.example",
        "a", "", "ä@demo.example", "a@b@demo.example", f"{'a' * 250}@demo.example",
    ],
)  # fmt: skip
def test_anything_but_one_plain_address_is_refused(address, company, alice):
    with pytest.raises(ValidationError):
        lifecycle.invite(company, alice, address, Role.VIEWER)

    assert OutboxMessage.objects.count() == 0


def test_open_invitations_have_a_budget(company, alice):
    for number in range(offers.OPEN_INVITATIONS):
        lifecycle.invite(company, alice, f"new{number}@acme.example", Role.VIEWER)

    with pytest.raises(ValidationError, match="Revoke one"):
        lifecycle.invite(company, alice, "more@acme.example", Role.VIEWER)


def test_sending_again_and_again_has_a_budget(company, alice):
    invitation = lifecycle.invite(company, alice, "new@acme.example", Role.VIEWER)
    for _ in range(offers.DAILY_INVITATIONS - 1):
        invitation = lifecycle.resend_invitation(invitation, alice)

    with pytest.raises(ValidationError, match="tomorrow"):
        lifecycle.resend_invitation(invitation, alice)

    invitation.refresh_from_db()
    assert invitation.is_open


def test_the_last_owner_stays(company, alice, bob):
    mine = member_of(company, alice)

    for verb in (
        lambda: lifecycle.leave(company, alice),
        lambda: lifecycle.remove_member(mine, alice),
        lambda: lifecycle.change_role(mine, alice, Role.VIEWER),
    ):
        with pytest.raises(ValidationError, match="last owner"):
            verb()

    assert role_of(alice, company) == Role.OWNER


def test_handing_over_swaps_the_roles_and_frees_the_giver(company, alice, bob):
    lifecycle.hand_over(company, alice, member_of(company, bob))
    lifecycle.leave(company, alice)

    assert (role_of(bob, company), role_of(alice, company)) == (Role.OWNER, None)
    assert OutboxMessage.objects.get(kind="company_ownership").recipient == bob.email


def test_nothing_is_handed_over_to_another_company(company, other_company, alice, charlie):
    with pytest.raises(PermissionDenied):
        lifecycle.hand_over(company, alice, member_of(other_company, charlie))


def test_who_is_removed_is_told(company, alice, bob):
    lifecycle.remove_member(member_of(company, bob), alice)

    assert role_of(bob, company) is None
    assert OutboxMessage.objects.get(kind="company_removed").recipient == bob.email


def test_setting_the_same_role_is_no_event(company, alice, bob):
    lifecycle.change_role(member_of(company, bob), alice, Role.DEVELOPER)

    assert not Record.objects.filter(action="member.role_changed").exists()


def test_an_archived_company_takes_nobody_in(company, alice, carol):
    invitation = lifecycle.invite(company, alice, carol.email, Role.VIEWER)
    lifecycle.archive(company, alice)

    with pytest.raises(ValidationError, match="archived"):
        lifecycle.accept_invitation(invitation, carol)
    with pytest.raises(PermissionDenied):
        lifecycle.invite(company, alice, "x@acme.example", Role.VIEWER)


def test_a_person_in_two_companies_keeps_them_apart(company, other_company, alice, charlie):
    user = make_user("eve")
    lifecycle.accept_invitation(lifecycle.invite(company, alice, user.email, Role.OWNER), user)
    lifecycle.accept_invitation(lifecycle.invite(other_company, charlie, user.email, Role.VIEWER), user)

    assert (role_of(user, company), role_of(user, other_company)) == (Role.OWNER, Role.VIEWER)
