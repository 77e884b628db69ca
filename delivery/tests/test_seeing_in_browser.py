"""Seeing live, with a real worker: a week of Ada runs through the debugger to the endpoint; one event by hand."""

import json

import pytest
from playwright.sync_api import expect

# A person with a source and an App that sends to its own echo endpoint, and a session of theirs.
PREPARE = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from apps_catalog.addresses import echo_url
from apps_catalog.lifecycle import create_app
from tests.cast import install_on, make_company, make_user
from workspaces.lifecycle import add_source, personal
owner = make_user("seeing-owner")
app = create_app(owner, make_company("Seeing Company", owner), "Seeing Analytics")
app.components.create(kind="subscription_webhook", endpoint=echo_url(app.echo.token))
source = add_source(owner, personal(owner), "Website")
install_on(source, app, owner)
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(owner.pk), owner.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.create()
print(json.dumps([source.workspace.slug, app.slug, settings.SESSION_COOKIE_NAME, session.session_key]))
"""


@pytest.mark.browser
def test_a_week_of_ada_is_seen_on_its_way_and_an_event_is_sent_by_hand(running_site, page_factory):
    done = running_site.manage("shell", "--verbosity", "0", "-c", PREPARE)
    workspace, app, cookie, session = json.loads(done.stdout.strip().splitlines()[-1])
    source = f"/w/{workspace}/sources/website"
    page = page_factory()
    page.context.add_cookies([{"name": cookie, "value": session, "url": running_site.base_url}])

    page.goto(f"{source}/debugger/")
    expect(page.get_by_text("No event yet")).to_be_visible()
    ada = page.context.new_page()
    ada.goto(f"{source}/ada/")
    ada.get_by_label("Quickly").check()
    ada.get_by_role("button", name="Play").click()
    expect(ada.get_by_text("Ada’s week is over")).to_be_visible(timeout=60_000)

    expect(page.locator(".event").first).to_be_visible()
    expect(page.get_by_text("No event yet")).to_be_hidden()
    page.get_by_role("link", name="Order Completed").first.click()
    expect(page.get_by_text("products.0.name")).to_be_visible()
    expect(page.locator(".debug__event").get_by_text("Seeing Analytics", exact=True)).to_be_visible(timeout=30_000)

    page.goto(f"{source}/destinations/{app}/tester/")
    page.get_by_label("Event", exact=True).fill('{"type": "track", "event": "By Hand", "userId": "u-1"}')
    page.get_by_role("button", name="Send this event").click()
    expect(page.get_by_role("heading", name="What came back")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Try 1")).to_be_visible()

    page.goto(f"{source}/destinations/{app}/deliveries/?period=1h")
    expect(page.get_by_role("heading", name="Trend")).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("region", name="Trend as a table")).to_be_visible()
