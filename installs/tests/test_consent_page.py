"""/oauth2/auth: who sees what, and what an answer does."""

import re
from functools import partial
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from apps_catalog.lifecycle import create_app
from apps_catalog.models import App
from installs import consent
from installs.authorization import Asked
from installs.consent import give
from installs.models import Client, FlowTrial, Grant, Install
from installs.states import EndReason, InstallState, ScopeKind
from installs.tests.consenting import address, answer_of, live, text_of
from installs.tests.flowing import STATE, exchange
from installs.trial_redirect import callback_uri
from partners.lifecycle import archive
from tests.cast import REDIRECT_URI, install_on
from tests.counts import count
from tests.racing import at_once
from workspaces.lifecycle import add_source, create, personal
from workspaces.models import Source, Workspace, WorkspaceMember
from workspaces.states import WorkspaceRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(source) -> str:
    return f"{source.workspace.slug}/{source.slug}"


# --- The page ----------------------------------------------------------------------------------------


def test_the_page_says_who_asks_for_what_and_who_is_asked(oauth_client, client_for, alice, source):
    response = client_for(alice).get(address(oauth_client))
    text, html = text_of(response), response.content.decode()
    for words in (
        "Enable Acme Analytics with Segment?", "by Acme", "acme.example", "Building", "It may", "It may not",
        "set up Acme Analytics on the one source", "You are logged in as alice@acme.example", "Use another account",
        "Website", "Allow", "Deny", "you go on to acme.example",
    ):  # fmt: skip
        assert words in text
    assert re.search(rf'name="next" value="{re.escape("/oauth2/auth?")}', html)


def test_the_answer_keeps_other_sites_out(oauth_client, client_for, alice, source):
    response = client_for(alice).get(address(oauth_client))
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    assert policy["form-action"] == "'self' https://acme.example https:"
    assert policy["frame-ancestors"] == "'none'"
    assert response["X-Frame-Options"] == "DENY"
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    # “no-referrer” alone would make the Origin of the page's own forms “null”, which CSRF protection refuses.
    assert '<meta name="referrer" content="same-origin">' in response.content.decode()
    assert "form-action 'self';" in client_for(alice).get("/w/")["Content-Security-Policy"] + ";"


@pytest.mark.parametrize(
    ("uri", "targets"),
    [
        ("https://a.example:8443/x", ["https://a.example:8443", "https:"]),
        ("http://localhost:8888/x", ["http://localhost:8888", "https:", "http://localhost:*", "http://127.0.0.1:*"]),
        ("http://[::1]:8888/x", ["http:", "https:", "http://localhost:*", "http://127.0.0.1:*"]),
    ],
)
def test_the_form_may_lead_to_the_redirect_uri_and_on_from_there(uri, targets):
    assert Asked(Client(), uri, "", [], {}).form_targets == targets


def test_a_source_that_was_removed_stands_in_nobodys_way(oauth_install, oauth_client, client_for, alice, source):
    Source.every.filter(pk=source.pk).update(removed_at="2026-01-01T00:00Z", slug="gone")
    shop = add_source(alice, source.workspace, "Shop")
    sent = {"decision": "allow", "place": f"{source.workspace.slug}/{shop.slug}"}
    told = answer_of(client_for(alice).post(address(oauth_client), sent))
    assert exchange(oauth_client, told["code"]).status_code == 200
    oauth_install.refresh_from_db()
    assert oauth_install.end_reason == EndReason.SOURCE


def test_only_workspaces_that_the_person_owns_can_be_chosen(oauth_client, client_for, alice, charlie, source):
    others = create(charlie, "Not mine", "us")
    foreign = add_source(charlie, others, "Secret source")
    WorkspaceMember.objects.create(workspace=others, user=alice, role=WorkspaceRole.MEMBER)
    browser = client_for(alice)
    assert "Secret source" not in browser.get(address(oauth_client)).content.decode()
    response = browser.post(address(oauth_client), {"decision": "allow", "place": f"{others.slug}/{foreign.slug}"})
    assert response.status_code == 422
    assert not Install.objects.exists()


def test_whoever_only_works_in_workspaces_of_others_reads_why_and_can_make_one(oauth_client, client_for, bob, source):
    WorkspaceMember.objects.create(workspace=source.workspace, user=bob, role=WorkspaceRole.MEMBER)
    text = text_of(client_for(bob).get(address(oauth_client)))
    assert "Only owners can enable Apps there." in text
    assert "Make a new workspace" in text


def test_a_workspace_that_has_the_app_is_shown_with_the_reason(oauth_install, oauth_client, client_for, alice):
    elsewhere = create(alice, "Another place", "us")
    add_source(alice, elsewhere, "Shop")
    response = client_for(alice).get(address(oauth_client))
    text, html = text_of(response), response.content.decode()
    workspace = oauth_install.workspace
    assert f"{workspace.name} cannot be chosen: Acme Analytics has access to it already." in text
    assert reverse("workspace-access", args=[workspace.slug]) in html
    assert f'value="{workspace.slug}/' not in html
    assert f'value="{elsewhere.slug}/shop" required checked' in html, "the only one left is chosen"


def test_with_nothing_left_to_choose_only_the_way_back_remains(oauth_install, oauth_client, client_for, alice):
    browser = client_for(alice)
    html = browser.get(address(oauth_client)).content.decode()
    assert 'value="allow"' not in html
    told = answer_of(browser.post(address(oauth_client), {"decision": "deny"}))
    assert told["error"] == "access_denied"
    assert "install already exists" in told["error_hint"]


def test_an_app_that_is_set_up_by_hand_can_still_be_let_in(oauth_client, client_for, alice, app, source, place):
    install_on(source, app, alice)
    browser = client_for(alice)
    assert "is set up here already" in text_of(browser.get(address(oauth_client)))
    assert "code" in answer_of(browser.post(address(oauth_client), {"decision": "allow", "place": place}))


def test_another_app_of_the_company_does_not_stand_in_the_way(oauth_install, client_for, alice, company, place):
    """Each App has a client, and installs, of its own."""
    other = Client.objects.create(app=create_app(alice, company, "Acme Other"), redirect_uris=REDIRECT_URI)
    assert "code" in answer_of(client_for(alice).post(address(other), {"decision": "allow", "place": place}))


def test_many_places_become_a_list_that_unfolds(oauth_client, client_for, alice, workspace):
    make = [Source(workspace=workspace, name=f"Source {n}", slug=f"source-{n}") for n in range(13)]
    Source.objects.bulk_create(make)
    html = client_for(alice).get(address(oauth_client)).content.decode()
    assert html.count("<option value=") >= 14
    assert '<select id="place" name="place" required>' in html


@pytest.mark.parametrize("kind", [ScopeKind.WORKSPACE_READ, ScopeKind.WORKSPACE])
def test_a_wide_scope_asks_for_a_workspace_and_says_so(oauth_client, client_for, alice, workspace, kind):
    Client.objects.filter(pk=oauth_client.pk).update(scope_kind=kind)
    oauth_client.refresh_from_db()
    browser = client_for(alice)
    assert "asks for a whole workspace" in text_of(browser.get(address(oauth_client)))
    told = answer_of(browser.post(address(oauth_client), {"decision": "allow", "place": workspace.slug}))
    assert "code" in told
    made = Install.objects.get()
    assert (made.source, made.scope_kind) == (None, kind)


# --- The answer --------------------------------------------------------------------------------------


def test_allow_leads_back_with_a_code_that_can_be_exchanged(oauth_client, client_for, alice, source, place):
    response = client_for(alice).post(address(oauth_client), {"decision": "allow", "place": place})
    told = answer_of(response)
    assert sorted(told) == ["code", "iss", "state"]
    assert told["state"] == STATE
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert exchange(oauth_client, told["code"]).json()["source_names"] == [
        f"workspaces/{source.workspace.slug}/sources/{source.slug}"
    ]
    made = Install.objects.get()
    assert (made.state, made.consented_by, made.source) == (InstallState.ACTIVE, alice, source)


def test_deny_leads_back_with_an_error_and_leaves_nothing(oauth_client, client_for, alice, place):
    told = answer_of(client_for(alice).post(address(oauth_client), {"decision": "deny", "place": place}))
    assert {"error": "access_denied", "state": STATE, "iss": "http://localhost:8000"}.items() <= told.items()
    assert told["error_description"]
    assert told["error_hint"]
    assert not Install.objects.exists()


def test_a_query_in_the_redirect_uri_stays(oauth_client, client_for, alice, place):
    uri = "https://acme.example/auth/segment/callback?tenant=7"
    Client.objects.update(redirect_uris=uri)
    for decision in ("allow", "deny"):
        asked = address(oauth_client, redirect_uri=uri)
        told = answer_of(client_for(alice).post(asked, {"decision": decision, "place": place}))
        assert told["tenant"] == "7"


@pytest.mark.parametrize(
    "sent", [{}, {"decision": "maybe"}, {"decision": "allow"}, {"decision": "allow", "place": "x"}]
)
def test_an_answer_that_is_none_is_asked_again(oauth_client, client_for, alice, source, sent):
    response = client_for(alice).post(address(oauth_client), sent)
    assert response.status_code == 422
    assert "Nothing was sent yet" in text_of(response)
    assert not Install.objects.exists()


@pytest.mark.parametrize("gone", ["source", "owner", "app"])
def test_what_changed_while_the_page_was_open_is_noticed(oauth_client, client_for, alice, source, place, gone):
    browser = client_for(alice)
    if gone == "source":
        source.delete()
    elif gone == "owner":
        WorkspaceMember.objects.filter(user=alice).update(role=WorkspaceRole.MEMBER)
    else:
        App.objects.update(deleted_at="2026-01-01T00:00Z")
    response = browser.post(address(oauth_client), {"decision": "allow", "place": place})
    assert response.status_code == (400 if gone == "app" else 422)
    assert not Install.objects.exists()


def test_a_scope_that_changed_under_way_is_said(oauth_client, client_for, alice, place, monkeypatch):
    def taken_back(*args, **kwargs):
        Client.objects.update(scope_kind=ScopeKind.WORKSPACE_READ)
        return give(*args, **kwargs)

    monkeypatch.setattr(consent, "give", taken_back)
    response = client_for(alice).post(address(oauth_client), {"decision": "allow", "place": place})
    assert response.status_code == 422
    assert "The App asks for something else now. Go back to it and start again." in text_of(response)
    assert "cannot be chosen any more" not in text_of(response)
    assert not Install.objects.exists()


def test_a_page_of_somebody_else_is_looked_at_again(oauth_client, client_for, alice, bob, place):
    sent = {"decision": "allow", "place": place, "person": str(bob.pk)}
    response = client_for(alice).post(address(oauth_client), sent)
    assert response.status_code == 422
    assert "Somebody else logged in" in text_of(response)


def test_of_two_clicks_the_first_code_that_comes_back_counts(oauth_client, client_for, alice, place):
    """Whichever answer the browser follows; the other one opens nothing more."""
    browser = client_for(alice)
    codes = [
        answer_of(browser.post(address(oauth_client), {"decision": "allow", "place": place}))["code"] for _ in range(2)
    ]
    assert Install.objects.count() == 1
    assert Grant.objects.count() == 2
    assert exchange(oauth_client, codes[0]).status_code == 200
    assert exchange(oauth_client, codes[1]).status_code == 400
    assert Install.objects.get().is_usable


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_allow_pressed_many_times_at_once_is_one_consent(oauth_client, client_for, alice, place):
    sent = {"decision": "allow", "place": place}
    browsers = [client_for(alice) for _ in range(count(4, 50))]
    answers = at_once(*[partial(browser.post, address(oauth_client), sent) for browser in browsers])
    codes = [answer_of(answer)["code"] for answer in answers]
    assert Install.objects.count() == 1
    assert [exchange(oauth_client, code).status_code for code in codes].count(200) == 1
    assert Install.objects.get().is_usable


def test_of_two_tabs_with_different_sources_the_newer_one_counts(oauth_client, client_for, alice, source, place):
    other = add_source(alice, source.workspace, "Shop")
    browser = client_for(alice)
    first, second = (
        answer_of(browser.post(address(oauth_client), {"decision": "allow", "place": each}))["code"]
        for each in (place, f"{source.workspace.slug}/{other.slug}")
    )
    assert exchange(oauth_client, first).status_code == 400
    assert exchange(oauth_client, second).status_code == 200


def test_the_second_tab_reads_that_the_first_one_is_through(oauth_client, client_for, alice, place):
    browser = client_for(alice)
    exchange(
        oauth_client, answer_of(browser.post(address(oauth_client), {"decision": "allow", "place": place}))["code"]
    )
    response = browser.post(address(oauth_client), {"decision": "allow", "place": place})
    assert response.status_code == 422
    assert "has access to it already" in text_of(response)


def test_no_consent_stays_when_there_is_no_code_for_it(oauth_client, client_for, alice, place):
    """The registration changes between the page and the answer."""
    asked = address(oauth_client)
    Client.objects.update(redirect_uris="https://elsewhere.example/")
    assert client_for(alice).post(asked, {"decision": "allow", "place": place}).status_code == 400
    assert not Install.objects.exists()


# --- Making a place ----------------------------------------------------------------------------------


def test_a_source_is_made_on_the_page_and_chosen(oauth_client, client_for, alice, workspace):
    browser, asked = client_for(alice), address(oauth_client)
    assert "has no source yet" in text_of(browser.get(asked))
    responses = [browser.post(asked, {"act": "source", "new-source": "Shop"}) for _ in range(2)]
    assert [each.status_code for each in responses] == [303, 303]
    assert workspace.sources.get().name == "Shop", "a second click makes no second one"
    back = parse_qs(urlsplit(responses[0]["Location"]).query)
    assert back.pop("place") == [f"{workspace.slug}/shop"]
    assert back == parse_qs(urlsplit(asked).query), "nothing of the request is lost"
    assert re.search(r'value="[^"]+/shop" required checked', browser.get(responses[0]["Location"]).content.decode())


@pytest.mark.parametrize("sent", [{"new-source": ""}, {"new-source": "x" * 61}, {"new-source": "tab\u200b"}])
def test_a_name_that_is_none_comes_back_with_what_was_typed(oauth_client, client_for, alice, workspace, sent):
    response = client_for(alice).post(address(oauth_client), {"act": "source", **sent})
    assert response.status_code == 422
    assert sent["new-source"] in unescape(response.content.decode())
    assert not workspace.sources.exists()


def test_of_several_workspaces_one_is_named_for_the_new_source(oauth_client, client_for, alice, source, charlie):
    lab, foreign = create(alice, "Lab", "us"), create(charlie, "Foreign", "us")
    browser = client_for(alice)
    sent = {"act": "source", "new-source": "Shop", "new-workspace": foreign.slug}
    assert browser.post(address(oauth_client), sent).status_code == 422
    assert browser.post(address(oauth_client), sent | {"new-workspace": lab.slug}).status_code == 303
    assert lab.sources.get().name == "Shop"
    assert not foreign.sources.exists()


def test_a_workspace_and_its_first_source_are_made_together_or_not(oauth_client, client_for, alice):
    browser = client_for(alice)
    sent = {"act": "workspace", "place-name": "Lab", "place-region": "us", "place-source": ""}
    assert browser.post(address(oauth_client), sent).status_code == 422
    assert not Workspace.objects.exists()
    for _ in range(2):
        assert browser.post(address(oauth_client), sent | {"place-source": "Shop"}).status_code == 303
    assert [(each.name, each.sources.get().name) for each in Workspace.objects.all()] == [("Lab", "Shop")]


# --- Apps that are not for everybody -----------------------------------------------------------------


def test_a_draft_is_open_to_its_company_only_and_unnamed_to_others(oauth_client, client_for, carol):
    source = add_source(carol, personal(carol), "Website")
    browser = client_for(carol)
    response = browser.get(address(oauth_client))
    assert response.status_code == 403
    assert "Acme Analytics" not in response.content.decode()
    sent = {"decision": "allow", "place": f"{source.workspace.slug}/{source.slug}"}
    assert browser.post(address(oauth_client), sent).status_code == 403
    assert not Install.objects.exists()
    told = answer_of(browser.post(address(oauth_client), {"decision": "deny"}))
    assert told["error"] == "access_denied"


@pytest.mark.parametrize(
    ("stage", "invited_only", "status"),
    [("public", False, 200), ("private_beta", False, 200), ("private_beta", True, 403), ("deprecated", False, 403)],
)
def test_who_is_no_member_may_enable_what_they_may_install(
    app, oauth_client, client_for, carol, stage, invited_only, status
):
    live(app, stage=stage, invited_only=invited_only)
    assert client_for(carol).get(address(oauth_client)).status_code == status


def test_the_app_of_a_company_that_rests_gets_no_new_consent(app, company, oauth_client, client_for, alice, carol):
    live(app)
    archive(company, alice)
    source = add_source(carol, personal(carol), "Website")
    browser = client_for(carol)
    sent = {"decision": "allow", "place": f"{source.workspace.slug}/{source.slug}"}
    assert browser.get(address(oauth_client)).status_code == 403
    assert browser.post(address(oauth_client), sent).status_code == 403
    assert not Install.objects.exists()


# --- Trials of the built-in client -------------------------------------------------------------------


def test_a_trial_stands_beside_the_real_install_and_belongs_to_who_started_it(
    oauth_install, oauth_client, client_for, alice, bob, source, place
):
    FlowTrial.objects.create(client=oauth_client, started_by=alice)
    asked = address(oauth_client, redirect_uri=callback_uri())
    assert client_for(bob).get(asked).status_code == 400
    response = client_for(alice).post(asked, {"decision": "allow", "place": place})
    assert response.status_code == 303
    assert response["Location"].startswith(callback_uri())
    assert Install.objects.latest("pk").is_trial
    FlowTrial.objects.update(state="passed")
    assert client_for(alice).get(asked).status_code == 400


# --- What it costs -----------------------------------------------------------------------------------


def test_the_page_costs_the_same_for_many_places(
    oauth_client, client_for, alice, source, django_assert_max_num_queries
):
    browser = client_for(alice)
    browser.get(address(oauth_client))
    with django_assert_max_num_queries(30) as few:
        browser.get(address(oauth_client))
    for number in range(5):
        each = create(alice, f"Place {number}", "us")
        Source.objects.bulk_create(Source(workspace=each, name=f"S{n}", slug=f"s{n}") for n in range(5))
    with django_assert_max_num_queries(len(few)):
        assert "Place 4" in browser.get(address(oauth_client)).content.decode()
