"""The special URL (S32): into the visitor's own workspace, which is chosen, or made when there is none."""

import pytest
from django.urls import reverse

from apps_catalog.models import App
from reviews import beta
from reviews.tests.test_beta import token_of
from tests.cast import make_user
from tests.sandbox import installed, tried
from workspaces.installing import can_install
from workspaces.lifecycle import create, personal
from workspaces.models import Workspace, WorkspaceMember
from workspaces.states import WorkspaceRole

pytestmark = pytest.mark.django_db


def door(app: App) -> str:
    return f"/goto-my-workspace/destinations/catalog/{app.slug}"


def install_page(workspace: Workspace, app: App) -> str:
    return reverse("workspace-install", args=[workspace.slug, app.slug])


def test_a_workspace_is_made_when_there_is_none(in_beta: App, carol, client_for) -> None:
    client = client_for(carol)
    for _ in range(2):
        answer = client.get(door(in_beta))
        assert answer.status_code == 302
        assert answer["Location"] == install_page(carol.workspaces.get(), in_beta)
        assert answer["Cache-Control"] == "private, no-store"
    assert client.get(answer["Location"]).status_code == 200


def test_among_several_the_visitor_chooses(in_beta: App, carol, client_for) -> None:
    both = [personal(carol), create(carol, "Shop")]
    page = client_for(carol).get(door(in_beta)).content.decode()
    assert all(install_page(one, in_beta) in page for one in both)


def test_a_workspace_in_which_one_only_looks_does_not_do(in_beta: App, carol, charlie, client_for) -> None:
    theirs = create(charlie, "Theirs")
    WorkspaceMember.objects.create(workspace=theirs, user=carol, role=WorkspaceRole.VIEWER)
    answer = client_for(carol).get(door(in_beta))
    assert answer["Location"] == install_page(personal(carol), in_beta)


def test_the_partner_gets_to_the_draft_and_staff_to_the_entry(app: App, in_beta: App, alice, rita, client_for) -> None:
    draft = App.objects.get(pk=app.pk)
    assert client_for(alice).get(door(draft))["Location"] == install_page(personal(alice), draft)
    beta.set_invited_only(in_beta, alice, True)
    assert client_for(rita).get(door(in_beta))["Location"] == reverse("beta-about", args=[in_beta.slug])
    assert not rita.workspaces.exists()


def test_the_install_page_knows_who_is_invited(in_beta: App, alice, carol, charlie) -> None:
    beta.accept(beta.invite(in_beta, alice, carol.email), carol)
    beta.set_invited_only(in_beta, alice, True)
    hidden = App.objects.get(pk=in_beta.pk)
    assert can_install(carol, personal(carol), hidden)
    assert not can_install(charlie, personal(charlie), hidden)


def test_an_accepted_invitation_leads_on_to_the_door(in_beta: App, alice, carol, client_for) -> None:
    made = beta.invite(in_beta, alice, carol.email)
    answer = client_for(carol).post(reverse("beta-invite-accept", args=[token_of(made)]))
    assert (answer.status_code, answer["Location"]) == (303, door(in_beta))


def test_the_page_about_it_says_what_is_missing_until_it_works(in_beta: App, carol, client_for) -> None:
    client, url = client_for(carol), reverse("beta-about", args=[in_beta.slug])
    page = client.get(url).content.decode()
    assert "Install it in a workspace of yours" in page
    assert "It works for me" not in page
    installed(carol, in_beta)
    page = client.get(url).content.decode()
    assert "No event has been delivered yet" in page
    assert "every 5s" in page
    verify = reverse("beta-verify", args=[in_beta.slug])
    answer = client.post(verify, {"verify-note": "Works."})
    assert answer.status_code == 422
    assert "No event has been delivered yet" in answer.content.decode()
    tried(carol, in_beta)
    assert "It works for me" in client.get(url).content.decode()
    answer = client.post(verify, {"verify-note": "Works.", "verify-workspace": "somebody-elses"})
    assert answer.status_code == 422
    assert client.post(verify, {"verify-note": "Works."}).status_code == 303


def test_with_several_the_form_asks_for_the_workspace(in_beta: App, carol, client_for) -> None:
    first = tried(carol, in_beta)
    colleague = make_user("cleo", domain="customer.example")
    second = tried(colleague, in_beta).source.workspace
    WorkspaceMember.objects.create(workspace=second, user=carol)
    client = client_for(carol)
    assert "Where did you try it?" in client.get(reverse("beta-about", args=[in_beta.slug])).content.decode()
    sent = {"verify-note": "Works.", "verify-workspace": first.source.workspace.slug}
    client.post(reverse("beta-verify", args=[in_beta.slug]), sent)
    assert in_beta.verifications.get().workspace == first.source.workspace
