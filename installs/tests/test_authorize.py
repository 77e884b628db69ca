"""/oauth2/auth before the question: where nobody is ever sent, what the client hears, and the way over the log-in."""

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from installs.models import Install
from installs.tests.consenting import address, answer_of, live, text_of
from installs.tests.flowing import STATE, exchange
from installs.trial_redirect import callback_uri
from notifications.models import OutboxMessage
from tests.cast import PASSWORD, REDIRECT_URI
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(source) -> str:
    return f"{source.workspace.slug}/{source.slug}"


# --- Before anybody is asked -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None}, {"client_id": ""}, {"client_id": "unknown"},
        {"redirect_uri": None}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": [REDIRECT_URI, REDIRECT_URI]}, {"client_id": ["a", "b"]},
        {"redirect_uri": "javascript:alert(1)"}, {"redirect_uri": callback_uri},
    ],
)  # fmt: skip
@pytest.mark.parametrize("signed_in", [False, True])
def test_without_a_known_address_nobody_is_sent_anywhere(oauth_client, client_for, alice, changes, signed_in):
    changes = {name: value() if callable(value) else value for name, value in changes.items()}
    browser = client_for(alice) if signed_in else Browser()
    for method in (browser.get, browser.post):
        response = method(address(oauth_client, **changes))
        assert (response.status_code, response.get("Location")) == (400, None)
        assert "This link does not work" in response.content.decode()


@pytest.mark.parametrize(
    "query", ["client_id=%zz", "client_id=%00", "%", "a=%ff&client_id=x", "state=" + "x" * 5000, ""]
)
def test_a_query_that_is_none_is_a_page_too(query):
    assert Browser().get(f"/oauth2/auth?{query}").status_code == 400


def test_the_error_page_shows_what_was_sent_as_text(oauth_client):
    page = Browser().get(address(oauth_client, redirect_uri="https://evil.example/<script>alert(1)</script>"))
    assert "<script>alert" not in page.content.decode()
    assert "https://evil.example/<script>" in unescape(page.content.decode())
    assert 'href="https://evil' not in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "workspace"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"nonce": ["a", "b"]}, "invalid_request"),
    ],
)
def test_other_faults_are_told_to_the_client_before_any_log_in(oauth_client, app, changes, error):
    live(app)
    told = answer_of(Browser().get(address(oauth_client, **changes)))
    assert told.pop("error") == error
    assert told["state"] == STATE
    assert told["iss"] == "http://localhost:8000"
    assert told["error_description"]
    assert told["error_hint"]
    assert "code" not in told


def test_an_app_that_nobody_has_looked_at_leads_nobody_away_before_the_log_in(oauth_client, client_for, alice):
    asked = address(oauth_client, scope="workspace")
    for method in (Browser().get, Browser().post):
        response = method(asked)
        assert urlsplit(response["Location"]).path == reverse("account_login")
        assert parse_qs(urlsplit(response["Location"]).query)["next"] == [asked]
    assert answer_of(client_for(alice).get(asked))["error"] == "invalid_scope"


def test_the_hint_names_the_scope_that_would_do(oauth_client, app):
    live(app)
    told = answer_of(Browser().get(address(oauth_client, scope="workspace")))
    assert oauth_client.scope in told["error_hint"]


# --- Logging in --------------------------------------------------------------------------------------


def test_a_visitor_logs_in_and_is_back_at_the_request(oauth_client, alice, source):
    browser, asked = Browser(), address(oauth_client)
    response = browser.get(asked)
    assert parse_qs(urlsplit(response["Location"]).query)["next"] == [asked]
    page = browser.get(response["Location"]).content.decode()
    form = dict(re.findall(r'name="(next)" value="([^"]+)"', page))
    sent = {"login": alice.email, "password": PASSWORD, "next": unescape(form["next"])}
    back = browser.post("/accounts/login/", sent)
    assert parse_qs(urlsplit(back["Location"]).query) == parse_qs(urlsplit(asked).query)
    assert browser.get(back["Location"]).status_code == 200


def test_a_newcomer_signs_up_makes_a_workspace_and_allows(oauth_client, app):
    live(app)
    browser, asked = Browser(), address(oauth_client)
    page = browser.get(browser.get(asked)["Location"]).content.decode()
    signup = unescape(re.search(r'href="(/accounts/signup/[^"]+)"', page)[1])
    form = re.search(r'name="next" value="([^"]+)"', browser.get(signup).content.decode())
    sent = {"email": "dora@new.example", "name": "Dora", "password1": PASSWORD, "next": unescape(form[1])}
    browser.post("/accounts/signup/", sent)
    lines = [line.strip() for line in OutboxMessage.objects.latest("created_at").text.splitlines()]
    code = next(line for line in lines if 5 <= len(line) <= 9 and " " not in line)
    back = browser.post(reverse("account_email_verification_sent"), {"code": code})
    assert urlsplit(back["Location"]).path == "/oauth2/auth"

    page = browser.get(back["Location"])
    assert "You own none yet" in text_of(page)
    assert not Workspace.objects.exists()
    made = browser.post(
        back["Location"],
        {"act": "workspace", "place-name": "Dora’s shop", "place-region": "eu", "place-source": "Website"},
    )
    assert made.status_code == 303
    dora = User.objects.get(email="dora@new.example")
    workspace = Workspace.objects.get(memberships__user=dora)
    assert (workspace.region, workspace.sources.get().name) == ("eu", "Website")
    page = browser.get(made["Location"])
    assert re.search(rf'value="{workspace.slug}/website" required checked', page.content.decode())
    told = answer_of(browser.post(made["Location"], {"decision": "allow", "place": f"{workspace.slug}/website"}))
    assert exchange(oauth_client, told["code"]).status_code == 200
    assert Install.objects.get().workspace == workspace


def test_a_form_sent_without_a_session_leads_to_the_log_in_with_the_request(oauth_client, place):
    asked = address(oauth_client)
    response = Browser().post(asked, {"decision": "allow", "place": place})
    assert response.status_code == 302
    assert parse_qs(urlsplit(response["Location"]).query)["next"] == [asked]
    assert not Install.objects.exists()


def test_a_forged_answer_is_refused(oauth_client, alice, place):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(address(oauth_client), {"decision": "allow", "place": place}).status_code == 403
    assert not Install.objects.exists()


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/signup/"])
def test_the_log_in_says_who_waits_unless_that_is_a_secret(oauth_client, app, page):
    def lead(**changes) -> str:
        asked = urlencode({"next": address(oauth_client, **changes)})
        return text_of(Browser().get(f"{page}?{asked}"))

    assert "decide about an App on Segment" in lead()
    live(app)
    assert "decide about Acme Analytics on Segment" in lead()
    for changes in ({"client_id": "unknown"}, {"client_id": "\x00"}, {"client_id": None}):
        assert "decide about" not in lead(**changes)
    assert Browser().get(f"{page}?next=http://[").status_code == 200
