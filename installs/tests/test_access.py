"""“Apps with access”: who sees and ends what, and who hears of it."""

import pytest
from django.urls import reverse

from audit.recording import SYSTEM
from installs.lifecycle import activate, end, propose
from installs.models import Install
from installs.states import EndReason, InstallState
from installs.tests.consenting import text_of
from notifications.models import OutboxMessage
from tests.cast import install_on
from workspaces.lifecycle import personal
from workspaces.models import Source, WorkspaceMember
from workspaces.states import WorkspaceRole

pytestmark = pytest.mark.django_db


# --- Apps with access --------------------------------------------------------------------------------


def access_page(install: Install) -> str:
    return reverse("workspace-access", args=[install.workspace.slug])


def end_page(install: Install) -> str:
    return reverse("workspace-access-end", args=[install.workspace.slug, install.pk])


def test_an_owner_sees_and_ends_an_access(oauth_install, client_for, alice):
    browser = client_for(alice)
    text = text_of(browser.get(access_page(oauth_install)))
    for words in ("Acme Analytics", "by Acme", "Website", "Active", "Not yet", "End access"):
        assert words in text
    for expected in ("has no access any more", "had ended before"):
        response = browser.post(end_page(oauth_install))
        assert response.status_code == 303
        assert expected in text_of(browser.get(response["Location"]))
    oauth_install.refresh_from_db()
    assert (oauth_install.state, oauth_install.end_reason) == (InstallState.ENDED, EndReason.CUSTOMER)
    assert oauth_install.ended_by == alice


def test_members_look_and_strangers_see_nothing(oauth_install, client_for, bob, carol):
    WorkspaceMember.objects.create(workspace=oauth_install.workspace, user=bob, role=WorkspaceRole.MEMBER)
    assert "End access…" not in text_of(client_for(bob).get(access_page(oauth_install)))
    assert client_for(bob).post(end_page(oauth_install)).status_code == 403
    assert client_for(carol).get(access_page(oauth_install)).status_code == 404
    assert client_for(carol).post(end_page(oauth_install)).status_code == 404
    oauth_install.refresh_from_db()
    assert oauth_install.is_usable


def test_an_install_of_another_workspace_cannot_be_ended_here(oauth_install, client_for, carol):
    mine = personal(carol)
    response = client_for(carol).post(reverse("workspace-access-end", args=[mine.slug, oauth_install.pk]))
    assert response.status_code == 404


def test_what_has_no_effect_is_not_called_active(oauth_install, client_for, alice, source):
    Source.every.filter(pk=source.pk).update(removed_at="2026-01-01T00:00Z")
    assert "Without effect" in text_of(client_for(alice).get(access_page(oauth_install)))


def test_the_page_of_a_destination_says_which_app_set_it_up(oauth_install, client_for, alice, app, source):
    made = install_on(source, app, alice)
    path = reverse("destination-detail", args=[source.workspace.slug, source.slug, app.slug])
    hint = "Set up by Acme Analytics with “Enable with Segment”"
    assert hint not in text_of(client_for(alice).get(path))
    type(made).objects.filter(pk=made.pk).update(created_by=None)
    assert hint in text_of(client_for(alice).get(path))


# --- Mails -------------------------------------------------------------------------------------------


def test_the_owners_hear_when_an_app_gets_access_and_when_that_ends(oauth_client, alice, bob, viv, source):
    for user, role in ((bob, WorkspaceRole.OWNER), (viv, WorkspaceRole.MEMBER)):
        WorkspaceMember.objects.create(workspace=source.workspace, user=user, role=role)
    install = propose(alice, oauth_client, source.workspace, source)
    assert not OutboxMessage.objects.exists(), "nothing has happened before the code is exchanged"
    activate(install)
    mails = OutboxMessage.objects.filter(kind="access_given")
    assert sorted(mails.values_list("recipient", flat=True)) == [alice.email, bob.email]
    assert "Alice allowed Acme Analytics by Acme to use the source Website" in mails[0].text
    assert f"/w/{source.workspace.slug}/access/" in mails[0].text
    end(install, bob, EndReason.CUSTOMER)
    end(install, bob, EndReason.CUSTOMER)
    mails = OutboxMessage.objects.filter(kind="access_ended")
    assert sorted(mails.values_list("recipient", flat=True)) == [alice.email, bob.email]
    assert "An owner of the workspace ended it." in mails[0].text


def test_what_never_worked_and_trials_are_nobodys_news(oauth_client, alice, source):
    end(propose(alice, oauth_client, source.workspace, source), SYSTEM, EndReason.EXPIRED)
    trial = propose(alice, oauth_client, source.workspace, source, is_trial=True)
    activate(trial)
    end(trial, SYSTEM, EndReason.TRIAL)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("reason", EndReason)
def test_every_reason_has_its_words(oauth_install, reason):
    end(oauth_install, SYSTEM, reason)
    assert OutboxMessage.objects.get(kind="access_ended")
