"""The company's pages and the page behind an invitation's link."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.models import OutboxMessage
from partners import lifecycle
from partners.models import Company, Invitation, Membership
from partners.rules import role_of
from partners.states import Role
from tests.cast import make_company, make_user

POSTS = ["invite", "leave", "hand-over", "export", "archive", "restore", "delete", "keep"]
HTML = "<script>alert(1)</script>"


def link_from_mail() -> str:
    text = OutboxMessage.objects.filter(kind="invitation").latest("created_at").text
    found = re.search(r"http://localhost:8000(/invitations/[\w-]+/)", text)
    assert found
    return found[1]


@pytest.fixture
def owner(alice, company, client_for) -> Client:
    return client_for(alice)


def test_one_company_is_opened_at_once(owner):
    assert owner.get("/company/")["Location"] == "/company/acme/"


def test_several_companies_are_listed(owner, alice):
    make_company("Second", alice)

    page = owner.get("/company/").content.decode()
    assert "/company/acme/" in page
    assert "/company/second/" in page


def test_without_a_company_there_is_a_way_to_one(carol, client_for, submitted, dora):
    assert "/apply/" in client_for(carol).get("/company/").content.decode()
    assert "/apply/status/" in client_for(dora).get("/company/").content.decode()


@pytest.mark.parametrize("path", [f"/company/acme/{name}/" for name in POSTS] + ["/company/acme/"])
def test_for_strangers_the_company_does_not_exist(path, company, charlie, client_for):
    client = client_for(charlie)
    response = (
        client.get(path) if path == "/company/acme/" else client.post(path, {"name": "Acme", "email": "x@y.example"})
    )

    assert response.status_code == 404


@pytest.mark.parametrize("who", ["bob", "viv", "rita"])
@pytest.mark.parametrize("name", [name for name in POSTS if name != "leave"])
def test_only_owners_change_the_company(who, name, company, alice, request, client_for):
    client = client_for(request.getfixturevalue(who))

    assert (
        client.post(f"/company/acme/{name}/", {"name": "Acme", "email": "x@y.example", "role": "viewer"}).status_code
        == 403
    )
    assert client.get(f"/company/acme/{name}/").status_code == 405


@pytest.mark.parametrize("who", ["bob", "viv", "rita"])
def test_members_and_staff_see_people_but_no_invitations(who, company, alice, request, client_for):
    lifecycle.invite(company, alice, "new@acme.example", Role.VIEWER)
    page = client_for(request.getfixturevalue(who)).get("/company/acme/").content.decode()

    assert alice.email in page
    assert "new@acme.example" not in page
    assert "Set role" not in page


def test_inviting_and_sending_again_and_revoking(owner, company):
    assert owner.post("/company/acme/invite/", {"email": "new@acme.example", "role": "viewer"}).status_code == 303
    first = link_from_mail()
    invitation = Invitation.objects.get()
    assert owner.post(f"/company/acme/invitations/{invitation.pk}/resend/").status_code == 303
    assert link_from_mail() != first
    newest = Invitation.objects.latest("pk")
    for _ in range(2):
        assert owner.post(f"/company/acme/invitations/{newest.pk}/revoke/").status_code == 303

    assert not any(invitation.is_open for invitation in Invitation.objects.all())
    assert Client().get(first).status_code == 410


def test_a_refused_invitation_says_why_and_keeps_what_was_typed(owner):
    response = owner.post("/company/acme/invite/", {"email": "a@b.example,c@d.example", "role": "viewer"})

    assert response.status_code == 422
    assert "a@b.example,c@d.example" in response.content.decode()
    assert "one plain email address" in response.content.decode()


def test_a_double_click_invites_once(owner):
    form = {"email": "new@acme.example", "role": "viewer"}
    owner.post("/company/acme/invite/", form)
    response = owner.post("/company/acme/invite/", form)

    assert "already invited" in response.content.decode()
    assert OutboxMessage.objects.filter(kind="invitation").count() == 1


def test_rows_of_another_company_do_not_exist_here(owner, other_company, charlie):
    theirs = Membership.objects.get(company=other_company)
    invitation = lifecycle.invite(other_company, charlie, "x@rival.example", Role.VIEWER)

    assert owner.post(f"/company/acme/members/{theirs.pk}/role/", {"role": "viewer"}).status_code == 404
    assert owner.post(f"/company/acme/members/{theirs.pk}/remove/").status_code == 404
    assert owner.post(f"/company/acme/invitations/{invitation.pk}/revoke/").status_code == 404
    assert owner.post("/company/acme/hand-over/", {"member": theirs.pk}).status_code == 422
    assert role_of(charlie, other_company) == Role.OWNER


def test_the_last_owner_reads_why_not(owner, company, alice):
    mine = Membership.objects.get(company=company, user=alice)
    for path, form in (
        (f"members/{mine.pk}/role", {"role": "viewer"}),
        (f"members/{mine.pk}/remove", {}),
        ("leave", {}),
    ):
        page = owner.post(f"/company/acme/{path}/", form, follow=True)
        assert "last owner" in page.content.decode()

    assert role_of(alice, company) == Role.OWNER


def test_roles_hand_over_and_leaving(owner, company, alice, bob, viv):
    theirs = Membership.objects.get(company=company, user=viv)
    owner.post(f"/company/acme/members/{theirs.pk}/role/", {"role": "developer"})
    assert role_of(viv, company) == Role.DEVELOPER

    owner.post("/company/acme/hand-over/", {"member": Membership.objects.get(company=company, user=bob).pk})
    assert owner.post("/company/acme/leave/")["Location"] == "/company/"
    assert (role_of(bob, company), role_of(alice, company)) == (Role.OWNER, None)


@pytest.mark.parametrize("role", ["", "admin", "owner' or 1=1"])
def test_a_role_that_does_not_exist_changes_nothing(role, owner, company, bob):
    theirs = Membership.objects.get(company=company, user=bob)
    owner.post(f"/company/acme/members/{theirs.pk}/role/", {"role": role})

    assert role_of(bob, company) == Role.DEVELOPER


def test_the_export_is_a_file(owner):
    response = owner.post("/company/acme/export/")

    assert response["Content-Disposition"] == 'attachment; filename="acme.json"'
    assert json.loads(response.content)["company"]["slug"] == "acme"
    assert response["Cache-Control"] == "private, no-store"


def test_archive_and_restore(owner, company):
    owner.post("/company/acme/archive/")
    assert "Archived" in owner.get("/company/acme/").content.decode()
    owner.post("/company/acme/restore/")

    company.refresh_from_db()
    assert company.is_active


def test_deletion_asks_for_the_name_and_can_be_taken_back(owner, company):
    assert owner.post("/company/acme/delete/", {"name": "Rival"}).status_code == 422
    assert owner.post("/company/acme/delete/", {"name": " acme "}).status_code == 303
    assert "Keep the company" in owner.get("/company/acme/").content.decode()
    owner.post("/company/acme/keep/")

    company.refresh_from_db()
    assert company.delete_after is None


def test_html_in_names_is_text(owner, company, alice):
    Company.objects.filter(pk=company.pk).update(name=HTML)
    alice.name = HTML
    alice.save()
    lifecycle.invite(Company.objects.get(), alice, "new@acme.example", Role.VIEWER)

    for page in (owner.get("/company/acme/"), Client().get(link_from_mail())):
        assert HTML not in page.content.decode()
    mail = OutboxMessage.objects.get()
    assert HTML not in mail.html
    assert HTML in mail.text


class TestInvitationLink:
    @pytest.fixture
    def link(self, company, alice, carol) -> str:
        lifecycle.invite(company, alice, carol.email, Role.VIEWER)
        return link_from_mail()

    def test_visitors_are_sent_to_log_in_and_back(self, link):
        page = Client().get(link).content.decode()
        assert f"/accounts/login/?next={link.replace('/', '%2F')}" in page
        assert "/accounts/signup/?next=" in page

        response = Client().post(link)
        assert response["Location"] == f"/accounts/login/?next={link.replace('/', '%2F')}"

    def test_the_invited_join(self, link, carol, company, client_for):
        client = client_for(carol)
        assert "Join Acme" in client.get(link).content.decode()
        for _ in range(2):
            assert client.post(link)["Location"] == "/company/acme/"

        assert role_of(carol, company) == Role.VIEWER
        assert "You are a member" in client.get(link).content.decode()

    def test_another_address_reads_why_and_cannot_join(self, link, charlie, company, carol, client_for):
        client = client_for(charlie)
        page = client.get(link).content.decode()
        assert carol.email in page
        assert charlie.email in page
        assert "Only the owner of the invited address" in page

        assert client.post(link).status_code == 403
        assert role_of(charlie, company) is None

    def test_the_list_offers_to_join_too(self, link, carol, company, client_for):
        client = client_for(carol)
        invitation = Invitation.objects.get()
        assert f"/invitations/{invitation.pk}/join/" in client.get("/company/").content.decode()

        assert client.post(f"/invitations/{invitation.pk}/join/").status_code == 303
        assert role_of(carol, company) == Role.VIEWER

    def test_the_list_is_for_the_invited_only(self, link, charlie, client_for):
        invitation = Invitation.objects.get()

        assert client_for(charlie).post(f"/invitations/{invitation.pk}/join/").status_code == 404

    def test_a_made_up_link_is_unknown(self, db):
        assert Client().get("/invitations/abc/").status_code == 404
        assert Client().get(f"/invitations/{'x' * 5000}/").status_code == 404

    def test_the_answer_does_not_say_whether_there_is_an_account(self, owner, company, alice, carol):
        pages = [
            owner.post("/company/acme/invite/", {"email": email, "role": "viewer"}, follow=True).content.decode()
            for email in (carol.email, "nobody@customer.example")
        ]

        assert all("is on its way" in page for page in pages)


def test_the_page_costs_the_same_for_few_and_many(owner, company, alice, bob):
    owner.get("/company/acme/")
    lifecycle.invite(company, alice, "first@acme.example", Role.VIEWER)
    with CaptureQueriesContext(connection) as few:
        owner.get("/company/acme/")
    for number in range(5):
        Membership.objects.create(company=company, user=make_user(f"m{number}"), role=Role.VIEWER)
        lifecycle.invite(company, alice, f"i{number}@acme.example", Role.VIEWER)
    with CaptureQueriesContext(connection) as many:
        owner.get("/company/acme/")

    assert len(few) == len(many)
