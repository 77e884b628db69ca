"""The pages: who gets where, the way from the card to a destination, and what comes back after a mistake."""

import re
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import offers
from apps_catalog.models import App
from workspaces import lifecycle, membership
from workspaces.models import Destination, Source, Workspace, WorkspaceInvitation, WriteKey
from workspaces.tests.test_lifecycle import join, live


def of(source, name="source-detail", *more):
    return reverse(name, args=[source.workspace.slug, source.slug, *more])


def see(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


# --- Workspaces -----------------------------------------------------------------------------------------------


def test_the_first_visit_makes_ones_own_workspace(carol, client_for):
    page = see(client_for(carol), reverse("workspace-list"))

    workspace = Workspace.objects.get(personal_of=carol)
    assert reverse("workspace-home", args=[workspace.slug]) in page
    see(client_for(carol), reverse("workspace-list"))
    assert Workspace.objects.count() == 1


def test_a_new_workspace(carol, client_for):
    client = client_for(carol)
    see(client, reverse("workspace-new"))

    sent = {"name": "Shop", "region": "eu"}
    response = client.post(reverse("workspace-new"), sent)
    assert client.post(reverse("workspace-new"), sent)["Location"] == response["Location"]

    assert response.status_code == 303
    assert "No sources yet" in see(client, response["Location"])
    assert Workspace.objects.get(slug="shop").region == "eu"


def test_a_bad_name_comes_back(carol, client_for):
    response = client_for(carol).post(reverse("workspace-new"), {"name": "x" * 100_000, "region": "us"})

    assert response.status_code == 422
    assert "x" * 100_000 in response.content.decode()
    assert "Shorten the name" in response.content.decode()


def test_the_home_page_shows_sources_and_apps(destination, workspace, alice, client_for):
    page = see(client_for(alice), reverse("workspace-home", args=[workspace.slug]))

    assert "Website" in page
    assert of(destination.source, "destination-detail", destination.app.slug) in page
    response = client_for(alice).post(reverse("workspace-rename", args=[workspace.slug]), {"name": ""})
    assert response.status_code == 422


def test_pages_cost_the_same_with_many_rows(workspace, app, company, alice, client_for):
    client, counts = client_for(alice), []
    for number in (1, 6):
        while workspace.sources.count() < number:
            source = lifecycle.add_source(alice, workspace, "Shop")
            lifecycle.install(alice, source, app, {"apiKey": "k"})
        pages = [reverse("workspace-home", args=[workspace.slug]), reverse("workspace-list")]
        see(client, pages[0])
        counts.append([_queries(client, page) for page in pages])
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 15


def _queries(client, url):

    with CaptureQueriesContext(connection) as found:
        see(client, url)
    return len(found)


# --- Sources --------------------------------------------------------------------------------------------------


def test_a_new_source_shows_its_key_and_samples(workspace, alice, client_for):
    client = client_for(alice)
    see(client, reverse("source-new", args=[workspace.slug]))
    response = client.post(reverse("source-new", args=[workspace.slug]), {"name": "Server", "library": "python"})
    again = client.post(reverse("source-new", args=[workspace.slug]), {"name": "Server", "library": "python"})
    assert again["Location"] == response["Location"]

    page = see(client, response["Location"])
    key = WriteKey.objects.get().key
    assert f"analytics.write_key = &quot;{key}&quot;" in page
    assert f"/analytics.js/v1/{key}/analytics.min.js" in page
    assert page.index("Python") < page.index("HTTP API")


def test_keys_are_rotated_and_disabled_on_the_page(source, alice, client_for):
    client, old = client_for(alice), source.write_keys.get()
    sent = {"key": old.pk, "overlap": "24"}

    for _ in range(2):
        assert client.post(of(source, "source-key-rotate"), sent).status_code == 303
    new = source.write_keys.first()
    page = see(client, of(source))
    assert source.write_keys.count() == 2
    assert "Being replaced" in page
    assert new.key in page

    for key in (old, new):
        client.post(of(source, "source-key-disable", key.pk))
    page = see(client, of(source))
    assert "YOUR_WRITE_KEY" in page
    assert "No key works" in page


def test_a_key_of_another_source_is_not_found(source, workspace, alice, client_for):
    other = lifecycle.add_source(alice, workspace, "Other").write_keys.get()

    assert client_for(alice).post(of(source, "source-key-disable", other.pk)).status_code == 404


def test_a_source_is_switched_renamed_and_removed(source, workspace, alice, client_for):
    client = client_for(alice)
    client.post(of(source, "source-switch"), {"on": "no"})
    assert "Off: takes no events" in see(client, of(source))
    client.post(of(source, "source-edit"), {"name": "Shop", "library": "node"})
    assert client.post(of(source, "source-edit"), {"name": "", "library": "node"}).status_code == 422
    source.refresh_from_db()
    assert (source.name, source.library, source.is_enabled) == ("Shop", "node", False)

    client.post(of(source, "source-remove"))
    see(client, of(source), 404)
    assert not workspace.sources.exists()


# --- Installing -----------------------------------------------------------------------------------------------


def test_from_the_card_to_a_destination_without_a_source(app, workspace, alice, client_for):
    client, start = client_for(alice), reverse("workspace-install", args=[workspace.slug, app.slug])
    page = see(client, start)
    assert "Configure Acme Analytics" in page
    assert "Your draft" in page
    assert "has no source yet" in see(client, f"{start}?step=source")

    made = client.post(start, {"act": "add-source", "name": "Website", "library": "javascript"})
    assert made["Location"] == f"{start}?source=website"
    see(client, made["Location"])
    refused = client.post(made["Location"], {"settings-_revision": "0", "enable": "yes"})
    assert refused.status_code == 422
    saved = client.post(made["Location"], {"settings-_revision": "0", "settings-apiKey": "sk-123", "enable": "yes"})

    destination = Destination.objects.get()
    assert destination.is_enabled
    assert destination.open_values() == {"apiKey": "sk-123"}
    page = see(client, saved["Location"])
    assert "sk-123" not in page
    # A second click, and the address once more, lead there too.
    assert client.post(made["Location"], {"enable": "no"})["Location"] == saved["Location"]
    assert client.get(made["Location"]).status_code == 303
    assert "Installed already" in see(client, start)
    assert "Every source of this workspace" in see(client, f"{start}?step=source")


def test_installing_without_switching_on(app, source, alice, client_for):
    start = reverse("workspace-install", args=[source.workspace.slug, app.slug])
    assert "Confirm source" in see(client_for(alice), f"{start}?step=source")

    client_for(alice).post(f"{start}?source={source.slug}", {"settings-_revision": "0", "settings-apiKey": "k"})

    assert not Destination.objects.get().is_enabled


def test_hidden_and_unknown_apps_look_the_same(app, customer_workspace, carol, client_for):
    client = client_for(carol)
    for slug in (app.slug, "no-such-app"):
        see(client, reverse("workspace-install", args=[customer_workspace.slug, slug]), 404)
    live(app)
    page = see(client, reverse("workspace-install", args=[customer_workspace.slug, app.slug]))
    assert "version 1" in page


def test_a_source_of_another_workspace_is_not_found(app, source, alice, client_for):
    other = lifecycle.create(alice, "Other", "us")
    start = reverse("workspace-install", args=[other.slug, app.slug])

    see(client_for(alice), f"{start}?source={source.slug}", 404)


# --- Destinations ---------------------------------------------------------------------------------------------


def test_settings_are_saved_and_conflicts_shown(destination, alice, client_for):
    client, url = client_for(alice), of(destination.source, "destination-detail", destination.app.slug)
    old = destination.revision
    first = {"settings-_revision": old, "settings-apiKey": "first-key"}
    assert client.post(url, first).status_code == 303

    conflict = client.post(url, {**first, "settings-apiKey": "second-key"})

    assert conflict.status_code == 409
    page = conflict.content.decode()
    assert "Somebody saved this in the meantime" in page
    assert "first-key" not in page
    number = re.search(r'name="settings-_revision" value="(\d+)"', page).group(1)
    assert client.post(url, {**first, "settings-_revision": number, "settings-apiKey": "second-key"}).status_code == 303
    assert Destination.objects.get().open_values()["apiKey"] == "second-key"


def test_a_destination_is_switched_and_removed(destination, alice, client_for):
    client, slug = client_for(alice), destination.app.slug
    switch = of(destination.source, "destination-switch", slug)
    client.post(switch, {"on": "no"})
    assert not Destination.objects.get().is_enabled
    client.post(switch, {"on": "yes"})
    assert Destination.objects.get().is_enabled

    client.post(of(destination.source, "destination-remove", slug))
    see(client, of(destination.source, "destination-detail", slug), 404)
    see(client, of(destination.source))


def test_what_is_missing_is_said_when_it_is_switched_on(source, app, alice, client_for):
    lifecycle.install(alice, source, app, {})
    response = client_for(alice).post(of(source, "destination-switch", app.slug), {"on": "yes"}, follow=True)

    assert "Fill in “API Key” first." in response.content.decode()
    assert not Destination.objects.get().is_enabled


def test_a_paused_destination_says_so(destination, alice, client_for):
    Destination.objects.update(paused_at=timezone.now())
    page = see(client_for(alice), of(destination.source, "destination-detail", destination.app.slug))

    assert "Resume" in page


# --- Who gets where -------------------------------------------------------------------------------------------


def test_strangers_and_staff_find_nothing(destination, workspace, charlie, rita, adam, client_for):
    source, slug = destination.source, destination.app.slug
    urls = [
        reverse("workspace-home", args=[workspace.slug]),
        reverse("workspace-members", args=[workspace.slug]),
        reverse("source-new", args=[workspace.slug]),
        reverse("workspace-install", args=[workspace.slug, slug]),
        of(source),
        of(source, "destination-detail", slug),
    ]
    for user in (charlie, rita, adam):
        for url in urls:
            see(client_for(user), url, 404)


def test_viewers_look_and_change_nothing(destination, workspace, viv, client_for):
    join(workspace, viv, "viewer")
    source, slug, client = destination.source, destination.app.slug, client_for(viv)
    for url in (reverse("workspace-home", args=[workspace.slug]), of(source), of(source, "destination-detail", slug)):
        assert '<form method="post" action="/w/' not in see(client, url)
    assert "No one" not in see(client, reverse("workspace-members", args=[workspace.slug]))
    for url in (
        reverse("source-new", args=[workspace.slug]),
        reverse("workspace-install", args=[workspace.slug, slug]),
    ):
        see(client, url, 403)
    for name in ("destination-switch", "destination-remove", "destination-detail"):
        assert client.post(of(source, name, slug)).status_code == 403
    for name in ("source-switch", "source-edit", "source-remove", "source-key-rotate"):
        assert client.post(of(source, name)).status_code == 403
    assert Source.objects.filter(pk=source.pk, is_enabled=True).exists()


# --- People ---------------------------------------------------------------------------------------------------


def test_inviting_revoking_and_inviting_again(workspace, alice, client_for):
    client, url = client_for(alice), reverse("workspace-members", args=[workspace.slug])
    assert "Nobody is invited" in see(client, url)
    assert client.post(url, {"email": "new@customer.example", "role": "viewer"}).status_code == 303
    assert client.post(url, {"email": "new@customer.example", "role": "viewer"}).status_code == 422
    invitation = WorkspaceInvitation.objects.get()

    client.post(reverse("workspace-invitation-revoke", args=[workspace.slug, invitation.pk]))
    page = see(client, url)
    assert "Invite again" in page
    client.post(reverse("workspace-invitation-restore", args=[workspace.slug, invitation.pk]))
    client.post(reverse("workspace-invitation-resend", args=[workspace.slug, WorkspaceInvitation.objects.first().pk]))

    assert membership.waiting(workspace).count() == 1
    assert WorkspaceInvitation.objects.count() == 3


def test_an_expired_invitation_says_so(workspace, alice, carol, client_for, client):
    invitation = membership.invite(workspace, alice, carol.email, "member")
    WorkspaceInvitation.objects.update(token_hash=offers.token_hash("the-token"))
    url = reverse("workspace-invitation", args=["the-token"])
    assert "Log in" in see(client, url)
    assert "signed in with another address" in see(client_for(alice), url)
    assert client_for(alice).post(url).status_code == 403
    assert "Join" in see(client_for(carol), url)
    assert client.post(url).status_code == 303
    WorkspaceInvitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    see(client_for(carol), url, 410)
    assert client_for(carol).post(url).status_code == 303
    assert not workspace.memberships.filter(user=carol).exists()
    assert not invitation.accepted_at


def test_joining_from_the_list(workspace, alice, carol, charlie, client_for):
    invitation = membership.invite(workspace, alice, carol.email, "member")
    assert workspace.name in see(client_for(carol), reverse("workspace-list"))
    url = reverse("workspace-join", args=[invitation.pk])

    assert client_for(charlie).post(url).status_code == 404
    assert client_for(carol).post(url)["Location"] == reverse("workspace-home", args=[workspace.slug])
    member = workspace.memberships.get(user=carol)
    client_for(alice).post(reverse("workspace-member-role", args=[workspace.slug, member.pk]), {"role": "viewer"})
    assert workspace.memberships.get(user=carol).role == "viewer"
    client_for(alice).post(reverse("workspace-member-role", args=[workspace.slug, member.pk]), {"role": "king"})
    client_for(alice).post(reverse("workspace-member-remove", args=[workspace.slug, member.pk]))
    assert not workspace.memberships.filter(user=carol).exists()


def test_leaving(workspace, alice, carol, client_for):
    join(workspace, carol, "member")
    url = reverse("workspace-leave", args=[workspace.slug])

    client_for(alice).post(url)
    assert workspace.memberships.filter(user=alice).exists()
    assert client_for(carol).post(url)["Location"] == reverse("workspace-list")
    assert not workspace.memberships.filter(user=carol).exists()


def test_a_deprecated_app_keeps_its_page(destination, alice, client_for):
    App.objects.update(stage="deprecated")

    see(client_for(alice), of(destination.source, "destination-detail", destination.app.slug))


def test_the_list_says_ones_own_role(workspace, source, carol, bob, client_for):
    join(workspace, carol, "viewer")
    join(workspace, bob, "member")
    page = see(client_for(carol), reverse("workspace-list"))

    assert '<td data-label="You are">viewer</td>' in page
    assert page.count('<td data-label="Sources">1</td>') == 1
