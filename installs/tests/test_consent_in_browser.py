"""The consent in Chromium: by keyboard alone, to another site and back, twice at once, never in a frame (T19)."""

import base64
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.journey import looks
from tests.services.receiver import Receiver, Reply

# An App with a client whose redirect URI is REDIRECT, its owner with two sources, and a session of theirs.
PREPARE = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from apps_catalog.lifecycle import create_app
from installs.models import Client
from tests.cast import CLIENT_SECRET, make_company, make_oauth_client, make_user
from workspaces.lifecycle import add_source, personal
owner = make_user("consenting-owner")
app = create_app(owner, make_company("Consenting Company", owner), "Consent Analytics")
client = make_oauth_client(app, is_classic=True, secret=CLIENT_SECRET + "consent")
Client.objects.filter(pk=client.pk).update(redirect_uris="REDIRECT")
workspace = personal(owner)
for name in ("Shop", "Website"):
    add_source(owner, workspace, name)
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(owner.pk), owner.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.create()
print(json.dumps({
    "email": owner.email, "workspace": workspace.slug, "client_id": client.client_id, "scope": client.scope,
    "secret": CLIENT_SECRET + "consent", "cookie": settings.SESSION_COOKIE_NAME, "session": session.session_key,
}))
"""
CALLBACK = "/auth/segment/callback"
MOST_TABS = 30


def told(receiver: Receiver) -> dict[str, str]:
    """What the partner was told last, once it was told something."""
    request = receiver.to(CALLBACK)[-1]
    return {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard.")


def framed(address: str) -> Reply:
    """A page that lays itself over a frame with the consent, as a trap would."""
    html = f'<!doctype html><title>Win</title><iframe src="{address}" width="1000" height="1400"></iframe>'
    return Reply(body=html.replace("&", "&amp;").encode(), headers=(("Content-Type", "text/html"),))


def call(url: str, made: dict[str, Any], form: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    """What a partner's server gets from us."""
    credentials = base64.b64encode(f"{made['client_id']}:{made['secret']}".encode()).decode()
    body = urlencode(form).encode() if form else None
    request = urllib.request.Request(url, body, {"Authorization": f"Basic {credentials}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.browser
def test_a_consent_from_the_button_to_the_end_of_the_access(running_site, page_factory, receiver):
    redirect_uri = f"{receiver.url}{CALLBACK}"
    done = running_site.manage("shell", "--verbosity", "0", "-c", PREPARE.replace("REDIRECT", redirect_uri))
    made = json.loads(done.stdout.strip().splitlines()[-1])
    query = {"response_type": "code", "client_id": made["client_id"], "redirect_uri": redirect_uri,
             "scope": made["scope"], "state": "a state"}  # fmt: skip
    address = f"{running_site.base_url}/oauth2/auth?{urlencode(query)}"
    # A partner's server sends the person on to its own pages, which are another site.
    onwards = f"http://localhost:{receiver.port}/done"
    receiver.on(CALLBACK, Reply(302, headers=(("Location", onwards),)))
    receiver.on("/trap", framed(address))
    page = page_factory()
    page.context.add_cookies([{"name": made["cookie"], "value": made["session"], "url": running_site.base_url}])

    in_no_frame(page, page_factory, receiver)
    looks_right(page, address)
    by_keyboard_alone(page, address, receiver, onwards)
    back_and_denied(page, receiver, onwards)
    with_the_session_gone(page, address, made)
    twice_at_once(page, receiver, onwards)
    status, token = call(f"{running_site.base_url}/oauth2/token", made, exchange_of(receiver, redirect_uri))
    assert (status, token.get("token_type")) == (200, "bearer"), token
    ended_by_the_customer(page, made)
    assert call(f"{running_site.base_url}/v1beta/{token['install_name']}/token", made)[0] != 200


def in_no_frame(page: Page, pages: Any, receiver: Receiver) -> None:
    pages.problems.allow("frame-ancestors|X-Frame-Options|[Rr]efused to (display|frame)|Framing")
    page.goto(f"{receiver.url}/trap")
    page.wait_for_timeout(500)
    expect(page.frame_locator("iframe").get_by_role("button", name="Allow")).to_have_count(0)
    for y in range(100, 900, 40):
        page.mouse.click(300, y)
    assert receiver.to(CALLBACK) == []


def looks_right(page: Page, address: str) -> None:
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        assert looks.sideways_scroll(page) == []
    for scheme in ("light", "dark"):
        assert looks.faults(page, scheme) == []
    page.emulate_media(color_scheme="light")
    allow, deny = (page.get_by_role("button", name=name, exact=True).bounding_box() for name in ("Allow", "Deny"))
    assert allow
    assert deny
    assert (allow["width"], allow["height"]) == (deny["width"], deny["height"])
    page.set_viewport_size({"width": 1280, "height": 900})


def by_keyboard_alone(page: Page, address: str, receiver: Receiver, onwards: str) -> None:
    page.goto(address)
    expect(page.locator("[name=place]:checked")).to_have_count(0)
    tab_to(page, "[name=place]")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=place]:checked")).to_have_count(1)
    tab_to(page, "[value=allow]")
    page.keyboard.press("Enter")
    page.wait_for_url(onwards)
    assert told(receiver).keys() == {"code", "state", "iss"}
    assert told(receiver)["state"] == "a state"
    assert not any("oauth2" in (request.header("Referer") or "") for request in receiver.requests)


def back_and_denied(page: Page, receiver: Receiver, onwards: str) -> None:
    """The page of the consent is fresh again after the back button, and can be answered otherwise."""
    page.go_back()
    deny = page.get_by_role("button", name="Deny", exact=True)
    expect(deny).to_be_enabled()
    deny.click()
    page.wait_for_url(onwards)
    assert told(receiver)["error"] == "access_denied"


def with_the_session_gone(page: Page, address: str, made: dict[str, Any]) -> None:
    """The log-in leads back to the very request."""
    page.goto(address)
    page.locator("[name=place][value$='/website']").check()
    page.context.clear_cookies(name=made["cookie"])
    page.get_by_role("button", name="Allow", exact=True).click()
    page.locator("[name=login]").fill(made["email"])
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Enable Consent Analytics with Segment?")).to_be_visible()


def twice_at_once(page: Page, receiver: Receiver, onwards: str) -> None:
    receiver.requests.clear()
    page.locator("[name=place][value$='/website']").check()
    page.get_by_role("button", name="Allow", exact=True).dblclick()
    page.wait_for_url(onwards)


def exchange_of(receiver: Receiver, redirect_uri: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": told(receiver)["code"], "redirect_uri": redirect_uri}


def ended_by_the_customer(page: Page, made: dict[str, Any]) -> None:
    page.goto(f"/w/{made['workspace']}/access/")
    assert looks.faults(page, "light") == []
    page.get_by_text("End access…").click()
    page.get_by_role("dialog").get_by_role("button", name="End access", exact=True).click()
    expect(page.get_by_text("Consent Analytics has no access any more.")).to_be_visible()
