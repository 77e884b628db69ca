"""The App's OAuth page: set up, secrets shown once, redirect URIs, scope, code and button."""

import json
import re

import pytest
from django.urls import reverse

from apps_catalog.lifecycle import create_app
from audit.models import Record
from installs import clients, secrets
from installs.models import Client, ClientSecret, ScopeRequest
from notifications.models import OutboxMessage
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
CALLBACK = "https://example.com/callback"


def url(name, app, *args):
    return reverse(name, args=[app.slug, *args])


@pytest.fixture
def client(alice, app):
    return clients.set_up(alice, app)


@pytest.fixture
def browser(alice, client_for):
    """Alice, who has just logged in with her password."""
    browser = client_for(alice)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def save(browser, client, *uris, revision=None, **more):
    rows = {f"uri_{number}": uri for number, uri in enumerate(uris, start=1)}
    revision = client.revision if revision is None else revision
    return browser.post(url("app-oauth-settings", client.app), {**rows, "revision": revision, **more})


# --- Setting up ---------------------------------------------------------------------------------------


def test_the_page_says_what_it_is_good_for_and_sets_up_one_client(browser, app):
    assert b"Set it up" in browser.get(url("app-oauth", app)).content
    for _ in range(2):  # a second click
        assert browser.post(url("app-oauth-set-up", app)).status_code == 303
    client = Client.objects.get()
    page = browser.get(url("app-oauth", app)).content.decode()
    assert client.client_id in page
    assert f"destination/{app.slug}" in page
    assert "Not ready yet" in page
    assert Record.objects.filter(action="client.set_up").count() == 1


@pytest.mark.parametrize("name", ["app-oauth-settings", "app-oauth-scope", "app-oauth-preview", "app-oauth-code"])
def test_without_a_client_there_is_nothing_below_the_page(browser, app, name):
    assert browser.get(url(name, app)).status_code == 404


def test_viewers_and_reviewers_look_and_change_nothing(viv, rita, client_for, client):
    for person in (viv, rita):
        page = client_for(person).get(url("app-oauth", client.app)).content.decode()
        assert client.client_id in page
        assert 'data-draft="oauth"' not in page
        assert client_for(person).post(url("app-oauth-set-up", client.app)).status_code == 403


# --- Secrets ------------------------------------------------------------------------------------------


def make(browser, client, name="Production", newest=None):
    newest = clients.newest_secret(client) if newest is None else newest
    return browser.post(url("app-oauth-secret-new", client.app), {"name": name, "newest": newest})


def test_a_secret_is_shown_once_on_the_page_that_answers(browser, client):
    made = make(browser, client)
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    value = re.search(r'id="secret-value">([\w-]{43})<', made.content.decode())[1]
    assert secrets.matching(client, value)
    again = browser.get(url("app-oauth", client.app)).content.decode()
    assert value not in again
    assert f"••••{value[-4:]}" in again
    session = json.dumps(dict(browser.session.items()), default=str)
    records = json.dumps(list(Record.objects.values_list("data", flat=True)))
    assert value not in session + records + str(list(ClientSecret.objects.values()))


def test_a_secret_asks_for_a_fresh_log_in(alice, client_for, client):
    answer = client_for(alice).get(url("app-oauth-secret-new", client.app))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_a_second_click_makes_no_second_secret(browser, client):
    newest = clients.newest_secret(client)
    make(browser, client, newest=newest)
    second = make(browser, client, newest=newest)
    assert second.status_code == 303
    assert ClientSecret.objects.count() == 1
    assert b"retire it and make another" in browser.get(second["Location"]).content


def test_two_work_at_the_same_time_and_a_third_has_to_wait(browser, client):
    make(browser, client, "Old")
    make(browser, client, "New")
    assert b"Two secrets work already" in browser.get(url("app-oauth-secret-new", client.app)).content
    assert make(browser, client, "Third").status_code == 303
    old = ClientSecret.objects.get(name="Old")
    retire = url("app-oauth-secret-retire", client.app, old.pk)
    assert browser.post(retire).status_code == browser.post(retire).status_code == 303
    assert [each.name for each in clients.usable_secrets(client)] == ["New"]
    assert make(browser, client, "Third").status_code == 200


def test_a_name_is_needed(browser, client):
    answer = make(browser, client, name=" ")
    assert answer.status_code == 422
    assert not ClientSecret.objects.exists()


def test_secrets_of_others_and_of_trials_are_not_there(browser, charlie, other_company, client):
    other = clients.set_up(charlie, create_app(charlie, other_company, "Rival Tool"))
    foreign, _ = clients.new_secret(charlie, other, "Theirs")
    trial = ClientSecret.objects.create(client=client, name="Trial", digest="d", hint="abcd", is_trial=True)
    for secret in (foreign, trial):
        assert browser.post(url("app-oauth-secret-retire", client.app, secret.pk)).status_code == 404
    assert b"abcd" not in browser.get(url("app-oauth", client.app)).content


# --- Redirect URIs ------------------------------------------------------------------------------------


def test_five_addresses_are_kept_in_their_order_and_empty_rows_left_out(browser, client):
    uris = [f"https://example.com/{number}" for number in range(4)]
    assert save(browser, client, uris[0], "", *uris[1:], is_classic="on").status_code == 303
    client.refresh_from_db()
    assert client.uris == uris
    assert client.is_classic
    assert client.revision == 1
    assert save(browser, client, uris[3], uris[3], uris[0]).status_code == 303
    client.refresh_from_db()
    assert client.uris == [uris[3], uris[0]]
    assert not client.is_classic


def test_what_was_typed_stays_with_a_sentence_beside_the_field(browser, client):
    long = "https://example.com/" + "a" * 100_000
    for bad in ("http://example.com/", "https://example.com/#x", long):
        answer = save(browser, client, CALLBACK, bad)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert CALLBACK in page
        assert bad in page
        assert 'id="id_uri_2_error"' in page
    client.refresh_from_db()
    assert client.uris == []
    assert client.revision == 0


def test_two_people_at_once_see_both_versions(browser, client):
    save(browser, client, "https://example.com/first")
    answer = save(browser, client, "https://example.com/second", revision=0)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "https://example.com/first" in page
    assert "https://example.com/second" in page
    client.refresh_from_db()
    assert client.uris == ["https://example.com/first"]
    assert save(browser, client, "https://example.com/second").status_code == 303


# --- Scope --------------------------------------------------------------------------------------------


def ask(browser, client, kind="workspace:read", reason="We list the sources."):
    return browser.post(url("app-oauth-scope", client.app), {"act": "ask", "kind": kind, "reason": reason})


def test_a_wider_scope_is_asked_for_granted_and_then_chosen(browser, rita, client_for, client):
    assert ask(browser, client).status_code == 303
    asked = ScopeRequest.objects.get()
    desk = client_for(rita)
    page = desk.get(reverse("admin:installs_scoperequest_change", args=[asked.pk])).content.decode()
    assert "We list the sources." in page
    assert "Grant" in page
    decide = reverse("admin:installs_scoperequest_decide", args=[asked.pk])
    assert desk.post(decide, {"decision": "grant"}).status_code == 303
    client.refresh_from_db()
    assert client.scope_kind == "destination"  # the partner's code asks for that one still
    chosen = browser.post(url("app-oauth-scope", client.app), {"act": "choose", "kind": "workspace:read"})
    client.refresh_from_db()
    assert chosen.status_code == 303
    assert client.scope == "workspace:read"
    assert desk.post(decide, {"decision": "grant"}).status_code == 409
    kinds = set(OutboxMessage.objects.values_list("kind", flat=True))
    assert {"scope_asked", "scope_granted"} <= kinds


def test_a_scope_that_was_not_granted_cannot_be_chosen(browser, client):
    for kind in ("workspace", "workspace:read", "", "nonsense"):
        answer = browser.post(url("app-oauth-scope", client.app), {"act": "choose", "kind": kind}, follow=True)
        assert b"has to grant this scope first" in answer.content
    client.refresh_from_db()
    assert client.scope_kind == "destination"


def test_what_was_asked_stays_when_something_is_missing_and_can_be_withdrawn(browser, client):
    answer = ask(browser, client, kind="", reason="My reason")
    assert answer.status_code == 422
    assert b"My reason" in answer.content
    long = ask(browser, client, reason="x" * 100_000)
    assert long.status_code == 422
    assert b"x" * 100_000 in long.content
    ask(browser, client)
    assert ask(browser, client).status_code == 422
    assert ScopeRequest.objects.count() == 1
    for _ in range(2):
        assert browser.post(url("app-oauth-scope", client.app), {"act": "withdraw"}).status_code == 303
    assert ScopeRequest.objects.get().state == "withdrawn"


def test_staff_decline_with_a_reason_that_the_partner_reads(browser, adam, client_for, client):
    ask(browser, client)
    decide = reverse("admin:installs_scoperequest_decide", args=[ScopeRequest.objects.get().pk])
    desk = client_for(adam)
    assert desk.post(decide, {"decision": "decline", "answer": " "}).status_code == 422
    assert desk.post(decide, {"decision": "decline", "answer": "One destination is enough."}).status_code == 303
    assert b"One destination is enough." in browser.get(url("app-oauth", client.app)).content


def test_nobody_decides_for_a_company_of_their_own(browser, rita, client_for, client, company):
    company.memberships.create(user=rita, role="viewer")
    ask(browser, client)
    decide = reverse("admin:installs_scoperequest_decide", args=[ScopeRequest.objects.get().pk])
    assert client_for(rita).post(decide, {"decision": "grant"}).status_code == 403


# --- Preview, code, button ------------------------------------------------------------------------------


def test_the_preview_is_what_customers_see_and_consents_to_nothing(browser, client):
    page = browser.get(url("app-oauth-preview", client.app)).content.decode()
    assert "It may not" in page
    assert client.app.name in page
    assert 'type="button" disabled>Allow' in page


def test_the_code_carries_the_values_of_the_client_and_no_secret(browser, alice, client, settings):
    settings.SITE_URL = "https://developers.example.com"
    clients.save_redirects(alice, client, [CALLBACK, "http://localhost:9000/back"], is_classic=False, revision=0)
    _, value = clients.new_secret(alice, client, "Production")
    page = browser.get(url("app-oauth-code", client.app)).content.decode()
    assert page.count(client.client_id) >= 4
    assert page.count("http://localhost:9000/back") >= 4
    assert "https://developers.example.com/static/img/enable-with-segment-dark.svg" in page
    assert "https://example.com/auth/segment" in page
    assert value not in page
    assert "{{" not in page
