"""The Test Suite as a partner sees it: first green test against the echo endpoint, live rows, deep links."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.services.receiver import Reply

# A person of a company with an App whose webhook points to the echo endpoint, and a session of theirs.
PREPARE = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from apps_catalog.addresses import echo_url
from apps_catalog.lifecycle import create_app
from tests.cast import make_company, make_user
owner = make_user("suite-owner")
app = create_app(owner, make_company("Suite Company", owner), "Suite Analytics")
app.components.update_or_create(kind="subscription_webhook", defaults={"endpoint": echo_url(app.echo.token)})
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(owner.pk), owner.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.create()
print(json.dumps([app.slug, settings.SESSION_COOKIE_NAME, session.session_key]))
"""
POINT = """
from apps_catalog.models import Component
Component.objects.filter(app__slug="suite-analytics").update(endpoint="%s")
"""


@pytest.fixture(scope="module")
def prepared(running_site):
    done = running_site.manage("shell", "--verbosity", "0", "-c", PREPARE)
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture
def open_page(running_site, page_factory, prepared):
    slug, cookie, session = prepared

    def opened(**options):
        page = page_factory(**options)
        page.context.add_cookies([{"name": cookie, "value": session, "url": running_site.base_url}])
        page.goto(f"/apps/{slug}/test/")
        return page

    return opened


@pytest.mark.browser
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_first_green_test_needs_no_server(open_page, page_factory, size):
    page = open_page(size=size)
    page_factory.screenshot(page, "suite-home")
    page.get_by_label("API Key", exact=True).fill("any-key-12345")
    page.get_by_role("button", name="Run the Test Suite").click()
    expect(page.get_by_text("All events passed").first).to_be_visible(timeout=30_000)
    expect(page.locator("details.case")).to_have_count(9)
    expect(page.locator("#rail")).not_to_contain_text("Test Suite is running")
    page_factory.screenshot(page, "suite-run")
    page.locator("#row-3 > summary").click()
    expect(page.locator("#case-3")).to_contain_text("Ties the anonymous visitor to a user")
    page_factory.screenshot(page, "suite-run-open")
    page.goto(page.url.split("#")[0] + "#case-5")
    expect(page.locator("#case-5")).to_be_visible()
    page.goto("/apps/suite-analytics/inbox/")
    expect(page.locator("main details.fold").first).to_be_visible()
    page.locator("main details.fold > summary").first.click()
    page_factory.screenshot(page, "suite-inbox")
    assert "any-key-12345" not in page.content()


@pytest.mark.browser
def test_rows_appear_while_it_runs_and_stay_open(open_page, page_factory, running_site, receiver):
    receiver.default = Reply(delay_seconds=1.2)
    running_site.manage("shell", "-c", POINT % f"{receiver.url}/hook")
    page = open_page()
    page.get_by_label("API Key", exact=True).fill("k")
    page.get_by_role("button", name="Run the Test Suite").click()
    expect(page.locator("#row-1")).to_be_visible(timeout=20_000)
    page.locator("#row-1 > summary").click()
    page_factory.screenshot(page, "suite-running")
    expect(page.locator("#row-3")).to_be_visible(timeout=10_000)
    expect(page.locator("#row-1")).to_have_attribute("open", "")
    expect(page.locator("#case-1")).to_contain_text("only an anonymousId")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    seen = len(receiver.requests)
    page.wait_for_timeout(1500)
    assert len(receiver.requests) <= seen + 1 < 9


@pytest.mark.browser
def test_one_event_is_sent_and_shown(open_page, page_factory, running_site, receiver):
    receiver.default = Reply(400, b'{"message": "No such user"}', headers=(("Content-Type", "application/json"),))
    running_site.manage("shell", "-c", POINT % f"{receiver.url}/hook")
    page = open_page()
    page.get_by_role("link", name="Send one event").click()
    page_factory.screenshot(page, "suite-single")
    page.get_by_label("API Key", exact=True).fill("k")
    page.get_by_label("Event", exact=True).fill('{"type": "track", }')
    page.get_by_role("button", name="Send this event").click()
    expect(page.get_by_text(re.compile("line 1, column 19")).first).to_be_visible()
    page.get_by_label("API Key", exact=True).fill("k")
    page.get_by_label("Event", exact=True).fill('{"type": "track", "event": "Tried", "userId": "u"}')
    page.get_by_role("button", name="Send this event").click()
    expect(page.get_by_text("No such user").first).to_be_visible(timeout=20_000)
    page_factory.screenshot(page, "suite-single-run")


@pytest.mark.browser
def test_without_scripts_there_is_a_link_to_refresh(open_page, running_site, receiver):
    receiver.default = Reply(delay_seconds=1.0)
    running_site.manage("shell", "-c", POINT % f"{receiver.url}/hook")
    page = open_page(javascript=False)
    page.get_by_label("API Key", exact=True).fill("k")
    page.get_by_role("button", name="Run the Test Suite").click()
    page.get_by_role("link", name="Refresh").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The run is cancelled.")).to_be_visible()
