"""reviews.beta: invitations, who may verify, and what is said once however often it is sent."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from apps_catalog.models import App
from audit.models import Record
from notifications.models import OutboxMessage
from notifications.states import MessageState
from partners.models import Membership, Policy
from reviews import beta
from reviews.customers import confirmations_of, invitations_of
from reviews.models import BetaInvite, Problem, Verification
from reviews.refusals import Refused
from reviews.rules import can_see_door, can_try, is_invited
from tests.cast import make_user
from tests.sandbox import tried, verified

pytestmark = pytest.mark.django_db


def token_of(invite: BetaInvite) -> str:
    """The token, which only the mail carries."""
    text = OutboxMessage.objects.get(dedupe_key=f"beta-invite:{invite.pk}").text
    return text.split("/beta/")[1].split("/")[0]


def test_an_invitation_keeps_only_the_hash_of_its_token(in_beta: App, alice) -> None:
    made = beta.invite(in_beta, alice, "Carol@Customer.example ")
    token = token_of(made)
    assert made.email == "carol@customer.example"
    assert token not in (made.token_hash, str(made.__dict__))
    assert len(token) >= 32
    assert timedelta(days=29) < made.expires_at - timezone.now() <= timedelta(days=30)


def test_inviting_the_same_address_twice_sends_one_mail(in_beta: App, alice) -> None:
    first = beta.invite(in_beta, alice, "c@customer.example")
    assert beta.invite(in_beta, alice, "C@customer.example") == first
    assert OutboxMessage.objects.filter(kind="beta_invitation").count() == 1


def test_an_expired_or_revoked_invitation_makes_room(in_beta: App, alice) -> None:
    first = beta.invite(in_beta, alice, "c@customer.example")
    BetaInvite.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    second = beta.invite(in_beta, alice, "c@customer.example")
    assert second != first
    assert beta.revoke(second, alice)
    assert not beta.revoke(second, alice)
    assert beta.invite(in_beta, alice, "c@customer.example") not in (first, second)


def test_the_budget_of_a_day(in_beta: App, alice) -> None:
    for number in range(beta.INVITES_A_DAY):
        beta.invite(in_beta, alice, f"c{number}@customer.example")
    with pytest.raises(Refused, match="a day"):
        beta.invite(in_beta, alice, "one-more@customer.example")


def test_revoking_drops_a_mail_that_has_not_gone_out(in_beta: App, alice) -> None:
    made = beta.invite(in_beta, alice, "c@customer.example")
    mail = OutboxMessage.objects.get(kind="beta_invitation")
    beta.revoke(made, alice)
    mail.refresh_from_db()
    assert mail.state == MessageState.DROPPED


def test_no_invitation_before_the_beta(app: App, alice) -> None:
    with pytest.raises(Refused):
        beta.invite(app, alice, "c@customer.example")


@pytest.mark.parametrize("who", ["viv", "charlie", "carol", "rita"])
def test_who_may_not_run_the_beta(who, in_beta: App, alice, request) -> None:
    actor = request.getfixturevalue(who)
    made = beta.invite(in_beta, alice, "c@customer.example")
    for act in (
        lambda: beta.invite(in_beta, actor, "d@customer.example"),
        lambda: beta.revoke(made, actor),
        lambda: beta.set_invited_only(in_beta, actor, True),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_an_invitation_is_for_one_person(in_beta: App, alice, carol, charlie) -> None:
    token = token_of(beta.invite(in_beta, alice, carol.email))
    found = beta.open_invite(token, carol)
    assert found
    assert beta.accept(found, carol) is True
    assert beta.accept(found, carol) is False
    assert beta.open_invite(token, carol) == found
    assert beta.open_invite(token, charlie) is None
    with pytest.raises(Refused):
        beta.accept(found, charlie)


@pytest.mark.parametrize("change", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}])
def test_a_link_that_no_longer_holds(change, in_beta: App, alice, carol) -> None:
    made = beta.invite(in_beta, alice, carol.email)
    token = token_of(made)
    BetaInvite.objects.filter(pk=made.pk).update(**change)
    assert beta.open_invite(token, carol) is None
    with pytest.raises(Refused):
        beta.accept(made, carol)


# --- Who sees the special URL (S32) ---------------------------------------------------------------------

SEES = {
    # stage: (people who see it)
    "building": {"alice", "bob", "viv", "rita", "adam"},
    "in_review": {"alice", "bob", "viv", "rita", "adam"},
    "private_beta": {"alice", "bob", "viv", "rita", "adam", "carol", "charlie"},
    "invited_only": {"alice", "bob", "viv", "rita", "adam", "carol"},
    "public_beta": {"alice", "bob", "viv", "rita", "adam", "carol", "charlie"},
    "public": {"alice", "bob", "viv", "rita", "adam", "carol", "charlie"},
    "deprecated": {"alice", "bob", "viv", "rita", "adam"},
}


@pytest.mark.parametrize("case", sorted(SEES))
def test_who_sees_the_door(case, in_beta: App, alice, bob, viv, rita, adam, carol, charlie) -> None:
    made = beta.invite(in_beta, alice, carol.email)
    beta.accept(made, carol)
    stage = "private_beta" if case == "invited_only" else case
    App.objects.filter(pk=in_beta.pk).update(stage=stage, invited_only=case in ("invited_only", "public"))
    app = App.objects.get(pk=in_beta.pk)
    people = {"alice": alice, "bob": bob, "viv": viv, "rita": rita, "adam": adam, "carol": carol, "charlie": charlie}
    assert {name for name, person in people.items() if can_see_door(person, app)} == SEES[case]


def test_a_visitor_who_is_not_logged_in_is_invited_nowhere(in_beta: App) -> None:
    assert not is_invited(AnonymousUser(), in_beta)


def test_nobody_else_gets_the_app_of_a_company_that_rests(in_beta: App, alice, carol) -> None:
    assert can_try(carol, in_beta)
    in_beta.company.archived_at = timezone.now()
    assert not can_try(carol, in_beta)
    assert can_try(alice, in_beta)


def test_a_revoked_guest_is_a_stranger_again(in_beta: App, alice, carol) -> None:
    made = beta.invite(in_beta, alice, carol.email)
    beta.accept(made, carol)
    beta.set_invited_only(in_beta, alice, True)
    assert can_see_door(carol, App.objects.get(pk=in_beta.pk))
    beta.revoke(made, alice)
    assert not can_see_door(carol, App.objects.get(pk=in_beta.pk))


# --- Verification and problems ---------------------------------------------------------------------------


def test_a_verification_is_kept_once_with_its_version(in_beta: App, carol) -> None:
    tried(carol, in_beta)
    said, is_new = beta.verify(in_beta, carol, "Works.")
    assert is_new
    assert said.version == in_beta.live_version
    again, is_new = beta.verify(in_beta, carol, "Still works.")
    assert not is_new
    assert again.note == "Works."
    assert Record.objects.filter(action="beta.verified").count() == 1
    assert OutboxMessage.objects.filter(kind="customer_verified").count() == 1


@pytest.mark.parametrize("who", ["alice", "bob", "viv", "rita", "adam"])
def test_whose_word_does_not_count(who, in_beta: App, request) -> None:
    with pytest.raises(PermissionDenied):
        beta.verify(in_beta, request.getfixturevalue(who), "Works.")


def test_nobody_verifies_what_is_not_live_or_not_open_to_them(submission, in_beta, alice, carol, charlie) -> None:
    beta.set_invited_only(in_beta, alice, True)
    with pytest.raises(PermissionDenied):
        beta.verify(App.objects.get(pk=in_beta.pk), charlie, "Works.")


def test_a_problem_goes_to_the_partner_and_to_segment_once(in_beta: App, alice, viv, carol, rita) -> None:
    beta.report_problem(in_beta, carol, "Events are lost.")
    beta.report_problem(in_beta, carol, "Events are lost.")
    mails = OutboxMessage.objects.filter(kind="problem_reported")
    assert {mail.recipient for mail in mails} == {alice.email, rita.email}
    assert mails.count() == 2
    assert Problem.objects.count() == 1


def test_reports_have_a_budget(in_beta: App, carol) -> None:
    for number in range(beta.PROBLEMS_A_DAY):
        beta.report_problem(in_beta, carol, f"Problem {number}")
    with pytest.raises(Refused):
        beta.report_problem(in_beta, carol, "One more.")


# --- What the partner sees --------------------------------------------------------------------------------


def test_the_list_says_why_somebody_does_not_count(in_beta: App, alice, viv, carol, charlie, company) -> None:
    verified(in_beta, carol, "Works.")
    verified(in_beta, charlie, "Works too.")
    Membership.objects.create(company=company, user=charlie)
    beta.accept(beta.invite(in_beta, alice, "v@acme.example"), viv)
    beta.invite(in_beta, alice, "silent@customer.example")
    beta.revoke(beta.invite(in_beta, alice, "gone@customer.example"), alice)
    said = {one.who: one.reason for one in confirmations_of(in_beta)}
    assert said[carol.display_name] == ""
    assert "your company now" in said[charlie.display_name]
    sent = {one.invite.email: (one.word, one.detail) for one in invitations_of(in_beta)}
    assert sent["v@acme.example"][0] == "Accepted"
    assert "your company" in sent["v@acme.example"][1]
    assert sent["silent@customer.example"][0] == "Open"
    assert sent["gone@customer.example"][0] == "Taken back"
    assert Verification.objects.count() == 2


# --- A new link, and lists in pages -----------------------------------------------------------------------


def test_a_new_link_ends_the_old_one(in_beta: App, alice, carol) -> None:
    first = beta.invite(in_beta, alice, carol.email)
    old = token_of(first)
    second = beta.resend(first, alice)
    assert beta.resend(BetaInvite.objects.get(pk=first.pk), alice) == second
    assert beta.open_invite(old, carol) is None
    assert beta.open_invite(token_of(second), carol) == second
    with pytest.raises(Refused, match="no longer"):
        beta.restore(BetaInvite.objects.get(pk=first.pk), alice)
    assert [one.word for one in invitations_of(in_beta)] == ["Open", "Replaced"]
    beta.accept(second, carol)
    with pytest.raises(Refused, match="accepted"):
        beta.resend(second, alice)
    assert Record.objects.filter(action="beta.invite_resent").count() == 1


def test_an_invitation_works_for_the_days_of_the_policy_at_submission(in_beta: App, alice) -> None:
    Policy.objects.create(invite_days=3)
    made = beta.invite(in_beta, alice, "c@customer.example")
    assert made.expires_at - timezone.now() > timedelta(days=29)
    Policy.objects.filter(pk=in_beta.submissions.get().policy_id).update(invite_days=5)
    later = beta.invite(in_beta, alice, "d@customer.example")
    assert timedelta(days=4) < later.expires_at - timezone.now() <= timedelta(days=5)


def test_an_address_of_the_makers_domain_is_pointed_out(in_beta: App, company) -> None:
    company.website = "https://acme.example"
    company.save()
    verified(App.objects.get(pk=in_beta.pk), make_user("nell"), "Works.")
    (line,) = confirmations_of(App.objects.get(pk=in_beta.pk))
    assert line.counts
    assert "own domain" in line.remark


def test_both_lists_come_in_pages(in_beta: App, alice, client_for) -> None:
    now = timezone.now()
    BetaInvite.objects.bulk_create(
        BetaInvite(app=in_beta, email=f"c{n}@customer.example", token_hash=str(n), expires_at=now) for n in range(60)
    )
    page = client_for(alice).get(reverse("app-beta", args=[in_beta.slug]) + "?links=3").content.decode()
    assert "Page 3 of 3" in page
    assert page.count("Expired") == 10
