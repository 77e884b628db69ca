"""What somebody with bad intentions, or a careless client, tries on the way to tokens (SECURITY T16 to T18)."""

from datetime import timedelta
from io import BytesIO
from unittest.mock import Mock
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client as Browser
from django.utils import timezone

from audit.models import Record
from installs import lifecycle, tokens
from installs.models import AccessToken, Grant, Install, RefreshToken
from installs.oauth import throttle
from installs.states import EndReason
from installs.tests.consenting import live
from installs.tests.flowing import (
    FORM,
    RIVAL_SECRET,
    STATE,
    VERIFIER,
    basic,
    challenge_of,
    code_for,
    exchange,
    post,
    query_of,
    refresh,
    refresh_by_name,
)
from tests.cast import CLIENT_SECRET, REDIRECT_URI

pytestmark = pytest.mark.django_db

# Registered are https://acme.example/auth/segment/callback and http://localhost:8888/auth/segment/callback.
PATH = "/auth/segment/callback"
TRICKS = {
    "upper-case scheme": f"HTTPS://acme.example{PATH}",
    "upper-case host": f"https://ACME.example{PATH}",
    "upper-case path": "https://acme.example/Auth/segment/callback",
    "a slash more": f"{REDIRECT_URI}/",
    "a letter less": REDIRECT_URI[:-1],
    "no path": "https://acme.example",
    "the root": "https://acme.example/",
    "the port that is meant anyway": f"https://acme.example:443{PATH}",
    "another port": f"https://acme.example:8443{PATH}",
    "an empty port": f"https://acme.example:{PATH}",
    "more of a path": f"{REDIRECT_URI}/evil",
    "more of a name": f"{REDIRECT_URI}evil",
    "one up": f"{REDIRECT_URI}/../evil",
    "one up, encoded": f"{REDIRECT_URI}/%2e%2e/evil",
    "one up, half encoded": f"{REDIRECT_URI}/..%2fevil",
    "a dot segment": "https://acme.example/auth/./segment/callback",
    "a double slash": f"https://acme.example/{PATH}",
    "path parameters": f"{REDIRECT_URI};evil",
    "an encoded letter": "https://acme.example/%61uth/segment/callback",
    "a subdomain": f"https://evil.acme.example{PATH}",
    "a longer name": f"https://evilacme.example{PATH}",
    "a longer domain": f"https://acme.example.evil.example{PATH}",
    "a dot at the end of the host": f"https://acme.example.{PATH}",
    "ours as a user": f"https://acme.example@evil.example{PATH}",
    "a user": f"https://user:password@acme.example{PATH}",
    "an empty user": f"https://@acme.example{PATH}",
    "a fragment": f"{REDIRECT_URI}#evil",
    "an empty fragment": f"{REDIRECT_URI}#",
    "a query": f"{REDIRECT_URI}?to=evil",
    "an empty query": f"{REDIRECT_URI}?",
    "another one in the query": f"https://evil.example/?{REDIRECT_URI}",
    "twice, a good one first": [REDIRECT_URI, "https://evil.example/"],
    "twice, a good one last": ["https://evil.example/", REDIRECT_URI],
    "both in one": f"{REDIRECT_URI} https://evil.example/",
    "the whole list": f"{REDIRECT_URI} http://localhost:8888{PATH}",
    "backslashes": f"https:\\\\acme.example{PATH}",
    "a backslash before the host": f"https://evil.example\\@acme.example{PATH}",
    "a backslash behind the host": f"https://acme.example\\.evil.example{PATH}",
    "a homograph": f"https://\N{CYRILLIC SMALL LETTER A}cme.example{PATH}",
    "a homograph in Punycode": f"https://xn--cme-5cd.example{PATH}",
    "a full-width dot": f"https://acme\N{FULLWIDTH FULL STOP}example{PATH}",
    "https made http": f"http://acme.example{PATH}",
    "http made https": f"https://localhost:8888{PATH}",
    "another name of this machine": f"http://127.0.0.1:8888{PATH}",
    "another port of this machine": f"http://localhost:8889{PATH}",
    "this machine as a subdomain": f"http://localhost.evil.example:8888{PATH}",
    "a script": "javascript:alert(document.domain)",
    "a script that looks like ours": "javascript://acme.example/%0aalert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "no scheme": f"//acme.example{PATH}",
    "a path alone": PATH,
    "a scheme of an app": "acme://callback",
    "a space before it": f" {REDIRECT_URI}",
    "a space behind it": f"{REDIRECT_URI} ",
    "a tab in it": f"https://acme\t.example{PATH}",
    "a line feed behind it": f"{REDIRECT_URI}\n",
    "a header in it": f"{REDIRECT_URI}\r\nLocation: https://evil.example/",
    "U+0000 behind it": f"{REDIRECT_URI}\0",
    "a wildcard": f"https://*.example{PATH}",
    "nothing": "",
    "a very long one": f"{REDIRECT_URI}?{'x' * 3000}",
    "our own sample client": "http://localhost:8000/oauth2/try/callback",
}  # fmt: skip


def test_no_trick_leads_to_a_redirect(oauth_client, alice, source, client_for):
    """Neither before log-in nor with the form of a person who would allow it (T16)."""
    assert len(TRICKS) >= 40
    visitor, owner = Browser(), client_for(alice)
    form = {"decision": "allow", "place": f"{source.workspace.slug}/{source.slug}"}
    for name, trick in {**TRICKS, "none at all": None}.items():
        path = "/oauth2/auth?" + query_of(oauth_client, redirect_uri=trick)
        for answer in (visitor.get(path), owner.get(path), owner.post(path, form)):
            assert (answer.status_code, answer.headers.get("Location")) == (400, None), name
    assert not Grant.objects.exists()
    assert not Install.objects.exists()


def test_no_trick_gets_a_token(oauth_client, proposed):
    code = code_for(proposed)
    for name, trick in {**TRICKS, "none at all": None, "another one of ours": f"http://localhost:8888{PATH}"}.items():
        answer = exchange(oauth_client, code, redirect_uri=trick)
        assert answer.status_code == 400, name
        assert answer.json()["error"] in ("invalid_grant", "invalid_request"), name
    assert not AccessToken.objects.exists()
    assert exchange(oauth_client, code).status_code == 200


# --- Codes -----------------------------------------------------------------------------------------------


def error_of(answer):
    """What a refusal says; it is complete, and nobody keeps it."""
    found = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert found["error_hint"]
    return answer.status_code, found["error"]


NO_GOOD = (400, "invalid_grant")


def test_a_code_used_twice_ends_what_it_gave(oauth_client, proposed):
    code = code_for(proposed)
    granted = exchange(oauth_client, code).json()
    assert error_of(exchange(oauth_client, code)) == NO_GOOD
    assert tokens.install_of(granted["access_token"]) is None
    assert error_of(refresh(oauth_client, granted["refresh_token"])) == NO_GOOD
    # Its own client goes on with its secret, however often the page with the code is loaded again.
    newer = refresh_by_name(oauth_client, granted["install_name"]).json()
    assert error_of(exchange(oauth_client, code)) == NO_GOOD
    assert error_of(refresh(oauth_client, granted["refresh_token"])) == NO_GOOD
    assert tokens.install_of(newer["access_token"])
    assert Record.objects.get(action="install.tokens_ended").data == {"reused": "code"}


def test_a_code_used_twice_after_its_minute_still_ends_what_it_gave(oauth_client, proposed):
    code = code_for(proposed)
    granted = exchange(oauth_client, code).json()
    newer = refresh(oauth_client, granted["refresh_token"]).json()
    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=False):
        assert error_of(exchange(oauth_client, code)) == NO_GOOD
        assert tokens.install_of(newer["access_token"]) is None
        assert error_of(refresh(oauth_client, newer["refresh_token"])) == NO_GOOD


def test_two_codes_of_one_consent_begin_it_once(oauth_client, proposed):
    """Of two clicks on Allow."""
    first, second = code_for(proposed), code_for(proposed)
    granted = exchange(oauth_client, second).json()
    late = exchange(oauth_client, first)
    assert error_of(late) == NO_GOOD
    assert late.json()["error_description"] == "install already exists"
    assert tokens.install_of(granted["access_token"])


def test_a_code_lives_for_a_minute(oauth_client, proposed):
    code = code_for(proposed)
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert error_of(exchange(oauth_client, code)) == NO_GOOD
    with time_machine.travel(timezone.now() + timedelta(seconds=55), tick=False):
        assert exchange(oauth_client, code).status_code == 200


def test_a_code_is_for_one_client(oauth_client, rival_client, proposed):
    code = code_for(proposed)
    assert error_of(exchange(rival_client, code, RIVAL_SECRET)) == NO_GOOD
    assert error_of(exchange(oauth_client, code, RIVAL_SECRET)) == (401, "invalid_client")
    assert error_of(exchange(oauth_client, code, client_id=rival_client.client_id)) == (401, "invalid_client")
    assert exchange(oauth_client, code).status_code == 200


def test_a_code_of_an_ended_install_is_nothing(oauth_client, proposed, alice):
    code = code_for(proposed)
    lifecycle.end(proposed, alice, EndReason.CUSTOMER)
    assert error_of(exchange(oauth_client, code)) == NO_GOOD


NOTHING = [None, "", "nothing", "\0", "\N{GRINNING FACE}", "x" * 20_000]


def test_what_is_no_code(oauth_client):
    for code in NOTHING:
        assert exchange(oauth_client, code).status_code == 400


# --- PKCE ------------------------------------------------------------------------------------------------


@pytest.fixture
def reviewed(app):
    """The App is approved: with others nobody is led away before the log-in."""
    live(app)


def refused(client, **changes):
    """What the client hears at its redirect URI, instead of a question to the person."""
    answer = Browser().get("/oauth2/auth?" + query_of(client, **changes))
    assert answer.status_code in (302, 303), answer.status_code
    location = answer.headers["Location"]
    if not location.startswith(REDIRECT_URI):
        return None
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


NO_PKCE = {"code_challenge": None, "code_challenge_method": None}
BAD_CHALLENGES = {
    "none": NO_PKCE,
    "no method": {"code_challenge_method": None},
    "plain": {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
    "plain, not said": {"code_challenge": VERIFIER, "code_challenge_method": None},
    "another method": {"code_challenge_method": "S512"},
    "the method in lower case": {"code_challenge_method": "s256"},
    "a method alone": {"code_challenge": None},
    "too short": {"code_challenge": "short"},
    "too long": {"code_challenge": challenge_of(VERIFIER) + "a"},
    "padded": {"code_challenge": challenge_of(VERIFIER) + "="},
    "not of base64url": {"code_challenge": "+" * 43},
    "empty": {"code_challenge": ""},
    "twice": {"code_challenge": [challenge_of(VERIFIER), challenge_of("another")]},
}


@pytest.mark.usefixtures("reviewed")
def test_a_challenge_is_whole_or_refused(oauth_client):
    for name, changes in BAD_CHALLENGES.items():
        found = refused(oauth_client, **changes)
        assert found is not None, name
        assert found["error"] == "invalid_request", name
        assert found["state"] == STATE, name
    assert refused(oauth_client) is None


BAD_VERIFIERS = {
    "none": None,
    "wrong": VERIFIER[::-1],
    "the challenge itself": challenge_of(VERIFIER),
    "empty": "",
    "cut": VERIFIER[:42],
    "longer": VERIFIER + "a",
    "twice": [VERIFIER, VERIFIER],
    "of other signs": "ä" * 43,
}


def test_only_the_verifier_opens_a_code(oauth_client, proposed):
    code = code_for(proposed)
    for name, verifier in BAD_VERIFIERS.items():
        assert exchange(oauth_client, code, code_verifier=verifier).status_code == 400, name
    assert exchange(oauth_client, code).status_code == 200


def test_a_short_verifier_is_refused_though_it_fits(oauth_client, proposed):
    code = code_for(proposed, code_challenge=challenge_of("short"))
    assert error_of(exchange(oauth_client, code, code_verifier="short")) == NO_GOOD


@pytest.fixture
def classic(oauth_client):
    """The client, marked as one from the time before PKCE."""
    oauth_client.is_classic = True
    oauth_client.save()
    return oauth_client


@pytest.mark.usefixtures("reviewed")
def test_a_classic_client_needs_no_pkce_but_a_state(classic, proposed):
    assert exchange(classic, code_for(proposed)).status_code == 200
    assert refused(classic, state=None)["error"] == "invalid_request"
    assert refused(classic, state="")["error"] == "invalid_request"


@pytest.mark.usefixtures("reviewed")
def test_a_classic_client_that_sends_pkce_is_held_to_it(classic, proposed):
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    code = code_for(proposed, state=None, **pkce)
    assert exchange(classic, code).status_code == 400
    assert exchange(classic, code, code_verifier="b" * 43).status_code == 400
    assert refused(classic, code_challenge=VERIFIER, code_challenge_method="plain")["error"] == "invalid_request"
    assert exchange(classic, code, code_verifier=VERIFIER).status_code == 200


def test_a_verifier_without_a_challenge_is_a_downgrade(classic, proposed):
    """Somebody took the challenge out of the request on its way (RFC 9700, section 4.8)."""
    code = code_for(proposed)
    assert error_of(exchange(classic, code, code_verifier=VERIFIER)) == NO_GOOD


def test_a_client_that_is_not_classic_any_more(classic, proposed):
    code = code_for(proposed)
    classic.is_classic = False
    classic.save()
    assert exchange(classic, code).status_code == 400
    assert exchange(classic, code, code_verifier=None).status_code == 400


# --- Scopes, response types, grants ----------------------------------------------------------------------


@pytest.mark.usefixtures("reviewed")
def test_a_client_asks_for_its_own_scope(oauth_client):
    own = oauth_client.scope
    for scope in (
        None, "", "workspace", "workspace:read", "destination/rival-app", "destination/", "openid", own.upper(),
        f"{own} workspace", f"{own} {own}", f"{own}/",
    ):  # fmt: skip
        assert refused(oauth_client, scope=scope)["error"] == "invalid_scope", scope
    answer = Browser().get("/oauth2/auth?" + query_of(oauth_client, scope=[own, "workspace"]))
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)


def test_a_scope_does_not_grow(oauth_client, proposed):
    granted = exchange(oauth_client, code_for(proposed), scope="workspace").json()
    assert granted["scope"] == oauth_client.scope
    for scope in ("workspace", f"{oauth_client.scope} workspace", "workspace:read"):
        assert error_of(refresh(oauth_client, granted["refresh_token"], scope=scope)) == (400, "invalid_scope")
    assert refresh(oauth_client, granted["refresh_token"]).json()["scope"] == oauth_client.scope


RESPONSE_TYPES = (
    "token", "id_token", "id_token token", "code token", "code id_token", "none", "code ", "device_code",
)  # fmt: skip


@pytest.mark.usefixtures("reviewed")
def test_there_are_only_codes_and_only_in_the_query(oauth_client):
    for kind in RESPONSE_TYPES:
        assert refused(oauth_client, response_type=kind)["error"] == "unsupported_response_type", kind
    for mode in ("fragment", "form_post", "query.jwt"):
        location = Browser().get("/oauth2/auth?" + query_of(oauth_client, response_mode=mode)).headers["Location"]
        assert location.startswith(f"{REDIRECT_URI}?error=invalid_request&"), mode
        assert "#" not in location


GRANTS = (
    None, "", "password", "client_credentials", "implicit", "authorization_code ", "openid",
    "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer",
)  # fmt: skip


def test_there_are_two_ways_to_a_token(oauth_client, proposed):
    also = {"username": "alice@acme.example", "password": "correct horse battery staple", "scope": oauth_client.scope}
    code = code_for(proposed)
    for kind in GRANTS:
        answer = exchange(oauth_client, code, grant_type=kind, **also)
        assert error_of(answer)[1] in ("unsupported_grant_type", "invalid_request"), kind
    assert not AccessToken.objects.exists()


# --- Refresh tokens --------------------------------------------------------------------------------------


def test_a_refresh_token_used_twice_ends_them_all(oauth_client, granted):
    newer = refresh(oauth_client, granted["refresh_token"]).json()
    assert error_of(refresh(oauth_client, granted["refresh_token"])) == NO_GOOD
    assert tokens.install_of(newer["access_token"]) is None
    assert error_of(refresh(oauth_client, newer["refresh_token"])) == NO_GOOD
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert refresh_by_name(oauth_client, granted["install_name"]).status_code == 200


def test_a_refresh_token_is_for_one_client(oauth_client, rival_client, granted):
    form = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    stolen = post("/oauth2/token", form, basic(rival_client.client_id, RIVAL_SECRET))
    assert error_of(stolen) == NO_GOOD
    assert refresh(oauth_client, granted["refresh_token"]).status_code == 200


def test_what_is_no_refresh_token(oauth_client, granted):
    for token in (*NOTHING, granted["access_token"]):
        assert refresh(oauth_client, token).status_code == 400
    assert tokens.install_of(granted["access_token"])


# --- Who is the client -----------------------------------------------------------------------------------


def test_a_retired_secret_is_none(oauth_client, proposed):
    code = code_for(proposed)
    oauth_client.secrets.update(retired_at=timezone.now())
    assert error_of(exchange(oauth_client, code)) == (401, "invalid_client")
    assert refresh_by_name(oauth_client, proposed.name).status_code == 401


def test_what_is_no_proof(oauth_client, proposed):
    """Each answered with 401 and our challenge, none with a fault of ours."""
    own, code = oauth_client.client_id, code_for(proposed)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    good = basic(own).removeprefix("Basic ")
    headers = [
        None, "", "Basic", "Basic ", "Basic =", "Basic ====", "Basic %%%", f"Basic {good[:-3]}", f"Basic {good}\xe9",
        "Basic \xff\xfe", "Basic /////w==", "Basic OnNlY3JldA==", "Basic bm9jb2xvbg==", f"Bearer {good}",
        f"Digest {good}", good, basic(own, ""), basic(own, CLIENT_SECRET[:-1]), basic(own, CLIENT_SECRET + " "),
        basic(own, oauth_client.secrets.get().digest), basic("", CLIENT_SECRET), basic(own.upper()),
        basic("nobody"), basic("\0"), basic("\N{GRINNING FACE}" * 50), basic(f"{own} "), basic("x" * 6000),
    ]  # fmt: skip
    for number, header in enumerate(headers):
        # Each from an address of its own, so that none has to wait.
        browser = Browser(REMOTE_ADDR=f"192.0.2.{number}")
        sent = {"HTTP_AUTHORIZATION": header} if header is not None else {}
        answer = browser.post("/oauth2/token", urlencode(form), content_type=FORM, **sent)
        assert error_of(answer) == (401, "invalid_client"), header
        assert answer.headers["WWW-Authenticate"].startswith("Basic "), header
    for also in ({"client_id": own}, {"client_id": own, "client_secret": "wrong"}, {"client_secret": CLIENT_SECRET}):
        assert error_of(post("/oauth2/token", form | also)) == (401, "invalid_client"), also
    assert exchange(oauth_client, code).status_code == 200


def test_who_fails_too_often_waits(oauth_client, rival_client, granted, monkeypatch):
    monkeypatch.setattr(throttle.time, "time", lambda: 1_800_000_000.0)
    here, elsewhere = Browser(REMOTE_ADDR="203.0.113.5"), Browser(REMOTE_ADDR="203.0.113.6")
    form = urlencode({"grant_type": "refresh_token", "refresh_token": "nothing"})

    def ask(browser, client, secret):
        headers = {"Authorization": basic(client.client_id, secret)}
        return browser.post("/oauth2/token", form, content_type=FORM, headers=headers)

    for _ in range(throttle.PER_CLIENT):
        assert ask(here, oauth_client, "wrong").status_code == 401
    answer = ask(here, oauth_client, CLIENT_SECRET)
    assert error_of(answer) == (429, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "300"
    by_name = here.get(
        f"/v1beta/{granted['install_name']}/token", headers={"Authorization": basic(oauth_client.client_id)}
    )
    assert (by_name.status_code, by_name.json()["code"]) == (429, 8)
    # Neither the partner's server elsewhere nor another client here is locked out.
    assert error_of(ask(elsewhere, oauth_client, CLIENT_SECRET)) == NO_GOOD
    assert error_of(ask(here, rival_client, RIVAL_SECRET)) == NO_GOOD
    monkeypatch.setattr(throttle.time, "time", lambda: 1_800_000_301.0)
    assert error_of(ask(here, oauth_client, CLIENT_SECRET)) == NO_GOOD


def test_one_address_that_tries_many_clients_waits(rf, monkeypatch):
    monkeypatch.setattr(throttle.time, "time", lambda: 1_800_001_000.0)
    request = rf.post("/oauth2/token", REMOTE_ADDR="2001:db8::1")
    neighbour = rf.post("/oauth2/token", REMOTE_ADDR="2001:db8::2")
    for number in range(throttle.PER_ADDRESS):
        assert not throttle.wait_of(request, "unknown")
        throttle.note_failure(request, str(number))
    assert throttle.wait_of(request, "unknown")
    assert throttle.wait_of(neighbour, "unknown")
    assert not throttle.wait_of(rf.post("/oauth2/token", REMOTE_ADDR="2001:db8:1::1"), "unknown")


def test_callers_without_an_address_do_not_lock_each_other_out(rf, monkeypatch):
    monkeypatch.setattr(throttle.time, "time", lambda: 1_800_002_000.0)
    request = rf.post("/oauth2/token", REMOTE_ADDR="")
    for _ in range(throttle.PER_CLIENT):
        throttle.note_failure(request, "x")
    assert throttle.wait_of(request, "x") == 0


def test_without_a_cache_everybody_may_try(rf, settings):
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"rates": away}
    request = rf.post("/oauth2/token")
    throttle.note_failure(request, "x")
    assert throttle.wait_of(request, "x") == 0


# --- What is no request ----------------------------------------------------------------------------------


def test_nothing_stands_in_the_address(oauth_client, granted):
    form = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    secret = basic(oauth_client.client_id)
    for query in ("a=b", urlencode(form), f"access_token={granted['access_token']}", "%zz"):
        assert error_of(post(f"/oauth2/token?{query}", form, secret)) == (400, "invalid_request")
        assert error_of(post(f"/oauth2/revoke?{query}", form, secret)) == (400, "invalid_request")
    assert refresh(oauth_client, granted["refresh_token"]).status_code == 200


def test_a_token_in_the_address_opens_nothing(granted):
    answer = Browser().get(f"/v1beta/workspaces?access_token={granted['access_token']}")
    assert (answer.status_code, answer.json()["code"]) == (401, 16)


def test_nothing_is_said_twice(oauth_client, proposed):
    code = code_for(proposed)
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER,
        "client_id": oauth_client.client_id, "scope": oauth_client.scope, "refresh_token": "nothing",
    }  # fmt: skip
    for name, value in form.items():
        assert error_of(exchange(oauth_client, code, **{name: [value, value]})) == (400, "invalid_request"), name
    assert not AccessToken.objects.exists()


BODIES = [
    ("application/json", b'{"grant_type": "authorization_code"}'),
    ("text/plain", b"grant_type=authorization_code"),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
    ("multipart/form-data", b""),
    ("", b"grant_type=authorization_code"),
    (FORM, b""),
    (FORM, b"%"),
    (FORM, b"%zz=%zz&=&&&===;"),
    (FORM, b"\xff\xfe\x00"),
    (FORM, b"grant_type=%ff%fe&code=%ed%a0%80&redirect_uri=%00"),
    (f"{FORM}; charset=utf-7", b"grant_type=+AGE-"),
    (f"{FORM}; charset=no-such-charset", b"grant_type=authorization_code"),
    (FORM, b"a=b&" * 2000),
    (FORM, b"code=" + b"x" * 30_000),
    (FORM, b"grant_type=authorization_code&redirect_uri=" + b"%5b" * 1000),
    (FORM, b"grant_type=authorization_code&code=a&redirect_uri=http://[::1"),
    (FORM, b"grant_type=refresh_token&refresh_token=%F0%9F%98%80&scope=%F0%9F%98%80"),
]


PATHS = ("/oauth2/token", "/oauth2/revoke")


def test_what_is_no_form_is_refused_in_json(oauth_client):
    headers = {"Authorization": basic(oauth_client.client_id)}
    for path in PATHS:
        for kind, body in BODIES:
            answer = Browser().generic("POST", path, body, content_type=kind, headers=headers)
            assert error_of(answer)[0] == 400, (path, kind, body[:80])
        assert Browser().post(path, b"x" * 40_000, content_type=FORM, headers=headers).status_code == 413


def test_a_form_in_chunks_is_read_too(oauth_client, proposed):
    """As some clients send every body. The server ends the stream then, and there is no Content-Length."""
    form = urlencode({"grant_type": "authorization_code", "code": "nothing", "redirect_uri": REDIRECT_URI})

    def status_and_error(body: bytes) -> tuple[int, str]:
        streamed = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_TYPE": FORM}
        headers = {"Authorization": basic(oauth_client.client_id)}
        answer = Browser().generic("POST", "/oauth2/token", headers=headers, **streamed)
        return answer.status_code, answer.json()["error"]

    assert status_and_error(form.encode()) == (400, "invalid_grant")
    assert status_and_error(b"a=" + b"x" * 33_000) == (413, "invalid_request")


def test_only_a_post_is_answered(db):
    for path in PATHS:
        for method in ("get", "head", "put", "delete", "options", "patch"):
            answer = getattr(Browser(), method)(path)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_our_faults_are_answered_in_json_too(oauth_client, granted, monkeypatch):
    headers, browser = {"Authorization": basic(oauth_client.client_id)}, Browser(raise_request_exception=False)
    form = urlencode({"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]})
    for failure, status in ((OperationalError("gone"), 503), (RuntimeError("ours"), 500)):
        monkeypatch.setattr(tokens, "put_access", Mock(side_effect=failure))
        answer = browser.post("/oauth2/token", form, content_type=FORM, headers=headers)
        assert error_of(answer)[0] == status
    monkeypatch.undo()
    # Nothing was half done.
    assert refresh(oauth_client, granted["refresh_token"]).status_code == 200
