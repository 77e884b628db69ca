"""What other sites can make of these addresses: redirects off-site, forged forms, scripts (SECURITY T28, T29)."""

from collections.abc import Iterator
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.tests.test_redirects import HOSTILE
from installs import tokens
from installs.models import AccessToken, Client, ClientSecret, Install
from installs.states import InstallState
from installs.tests.flowing import FORM, basic, code_for, query_of
from installs.tests.rows import make_trial
from tests.cast import REDIRECT_URI
from tests.counts import count

pytestmark = pytest.mark.django_db

EVIL = "https://evil.example"
# Whatever a view could take for the address of what comes next.
NEXT_NAMES = ("next", "return_to", "url", "place", "state", "iss", "path", "came_from")
HERE = "testserver"


@pytest.fixture
def place(source) -> str:
    return f"{source.workspace.slug}/{source.slug}"


@pytest.fixture
def granted_token(oauth_install) -> str:
    return str(tokens.issue(oauth_install)["access_token"])


# --- T28 -------------------------------------------------------------------------------------------------


def addresses(client: Client, install: Install) -> Iterator[tuple[str, str]]:
    """(method, path) of everything in the console, the workspace and the flow that answers with a redirect."""
    app, workspace = client.app.slug, install.workspace.slug
    trial = make_trial(client, install.consented_by, install)
    secret = client.secrets.get()
    of_app = {
        "app-oauth-set-up": [], "app-oauth-settings": [], "app-oauth-secret-new": [], "app-oauth-scope": [],
        "app-oauth-secret-retire": [secret.pk], "app-oauth-try": [], "app-oauth-trial": [trial.public_id],
        "app-oauth-trial-cancel": [trial.public_id],
    }  # fmt: skip
    paths = [reverse(name, args=[app, *more]) for name, more in of_app.items()]
    paths += [reverse("workspace-access-end", args=[workspace, install.pk]), reverse("oauth-try-callback")]
    for path in paths:
        yield from (("GET", path), ("POST", path))


def lands_at(answer) -> str:
    """Where a browser would go: the host of the redirect, as it reads it."""
    location = answer.get("Location", "")
    assert not {"\r", "\n"} & set(location)
    read = location.strip().replace("\\", "/").replace("\t", "")
    return urlsplit(urljoin(f"http://{HERE}/oauth2/auth", read)).netloc


def test_no_hostile_parameter_leads_off_site(oauth_install, oauth_client, client_for, alice):
    browser, strays = client_for(alice), []
    for method, path in addresses(oauth_client, oauth_install):
        for hostile in HOSTILE[:: count(9, 1)]:
            given = urlencode(dict.fromkeys(NEXT_NAMES, hostile))
            answer = browser.generic(method, f"{path}?{given}", given, FORM, headers={"Referer": f"{EVIL}/"})
            if lands_at(answer) != HERE:
                strays.append((method, path, hostile, answer["Location"]))

    assert strays == []


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_an_answer_goes_to_the_registered_address_whatever_else_is_sent(
    decision, oauth_client, client_for, alice, source, place
):
    browser = client_for(alice)
    for hostile in HOSTILE[:: count(9, 1)]:
        more = urlencode({"next": hostile, "return_to": hostile, "place": hostile})
        sent = {"decision": decision, "place": place, "next": hostile, "redirect_uri": hostile, "state": hostile}

        answer = browser.post(f"/oauth2/auth?{query_of(oauth_client)}&{more}", sent)

        assert answer.status_code == 303, (hostile, answer.status_code)
        assert answer["Location"].startswith(f"{REDIRECT_URI}?")


@pytest.mark.parametrize("hostile", HOSTILE[:: count(6, 1)])
def test_a_state_comes_back_as_it_was_and_as_nothing_else(hostile, oauth_client, client_for, alice, place):
    path = f"/oauth2/auth?{query_of(oauth_client, state=hostile)}"

    answer = client_for(alice).post(path, {"decision": "deny", "place": place})

    if answer.status_code == 303:
        assert answer["Location"].startswith(f"{REDIRECT_URI}?")
        assert not {"\r", "\n"} & set(answer["Location"])
    else:  # what no query may hold, such as a raw control character
        assert (answer.status_code, answer.get("Location")) == (400, None)


# --- T29: forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Origin": "null"}, {"Origin": EVIL}, {"Origin": f"http://{HERE}.evil.example"},
        {"Origin": f"http://evil.{HERE}"}, {"Referer": f"{EVIL}/?http://{HERE}/oauth2/auth"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("content_type", [FORM, "text/plain", "application/json"])
def test_no_other_site_consents_for_anybody(headers, content_type, oauth_client, alice, place):
    """Logged in, and sent by a page that cannot know the token of the form."""
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    body = urlencode({"decision": "allow", "place": place})

    answer = browser.generic("POST", f"/oauth2/auth?{query_of(oauth_client)}", body, content_type, headers=headers)

    assert (answer.status_code, answer.get("Location")) == (403, None)
    assert not Install.objects.exists()


@pytest.mark.parametrize("origin", ["null", EVIL, f"http://evil.{HERE}"])
def test_a_token_of_the_form_does_not_help_another_site(origin, oauth_client, alice, place):
    """As if it had been read somewhere: the Origin still gives the sender away."""
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    path = f"/oauth2/auth?{query_of(oauth_client)}"
    browser.get(path)
    token = browser.cookies[next(name for name in browser.cookies if name.endswith("csrftoken"))].value

    sent = {"decision": "allow", "place": place, "csrfmiddlewaretoken": token}
    answer = browser.post(path, sent, headers={"Origin": origin})

    assert answer.status_code == 403
    assert not Install.objects.exists()


def test_a_consent_cannot_be_given_by_a_link(oauth_client, client_for, alice, place):
    more = urlencode({"decision": "allow", "place": place, "_method": "POST"})
    headers = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}

    answer = client_for(alice).get(f"/oauth2/auth?{query_of(oauth_client)}&{more}", headers=headers)

    assert answer.status_code == 200
    assert not Install.objects.exists()


# --- T29: programs ---------------------------------------------------------------------------------------


def for_programs(install: Install) -> list[str]:
    """Every address that takes no form of ours."""
    workspace, source = install.workspace.slug, install.source.slug
    sources = f"/v1beta/workspaces/{workspace}/sources"
    return [
        "/oauth2/token", "/oauth2/revoke", f"/v1beta/{install.name}/token", "/v1beta/workspaces",
        f"/v1beta/workspaces/{workspace}", sources, f"{sources}/{source}", f"{sources}/{source}/destinations",
        f"{sources}/{source}/destinations/{install.client.app.slug}",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS"])
def test_a_cookie_is_nothing_to_programs(method, oauth_install, client_for, alice):
    """Whoever is logged in gets what a stranger gets, and no script of another site may read it."""
    for path in for_programs(oauth_install):
        answers = [
            browser.generic(method, path, "{}", "text/plain", headers={"Origin": EVIL})
            for browser in (client_for(alice), Browser(enforce_csrf_checks=True))
        ]

        assert answers[0].status_code in (400, 401, 405), (method, path)
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].content == answers[1].content
        for answer in answers:
            assert not answer.cookies
            assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_what_everybody_may_read_comes_without_credentials(db):
    for path in ("/.well-known/oauth-authorization-server", "/v1beta/openapi.json"):
        answer = Browser().get(path, headers={"Origin": EVIL})

        assert answer.status_code == 200
        assert answer.headers.get("Access-Control-Allow-Origin", "*") == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_method_is_the_one_that_was_sent(oauth_install, granted_token):
    """No header and no field makes a POST a DELETE, or a GET that takes a body a change."""
    path = for_programs(oauth_install)[-1]
    headers = {
        "Authorization": f"Bearer {granted_token}",
        "X-HTTP-Method-Override": "DELETE",
        "X-HTTP-Method": "DELETE",
    }

    answer = Browser().post(f"{path}?_method=DELETE", "{}", content_type="application/json", headers=headers)

    assert answer.status_code == 405


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_only_a_form_is_exchanged(content_type, oauth_client, proposed):
    body = urlencode({"grant_type": "authorization_code", "code": code_for(proposed), "redirect_uri": REDIRECT_URI})
    headers = {"Authorization": basic(oauth_client.client_id)}

    answer = Browser().generic("POST", "/oauth2/token", body, content_type, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    proposed.refresh_from_db()
    assert proposed.state == InstallState.PENDING
    assert not AccessToken.objects.exists()


# --- Nothing is done by looking ----------------------------------------------------------------------------


def test_a_link_ends_retires_and_makes_nothing(oauth_install, oauth_client, client_for, alice):
    """An image on another site sends the cookie of a GET along, where SameSite=Lax lets a link do it."""
    secrets, trials = ClientSecret.objects.count(), oauth_client.trials.count() + 1
    browser = client_for(alice)

    for _, path in addresses(oauth_client, oauth_install):
        browser.get(path)

    oauth_install.refresh_from_db()
    assert oauth_install.state == InstallState.ACTIVE
    assert ClientSecret.objects.filter(retired_at__isnull=True).count() == secrets
    assert oauth_client.trials.count() == trials
