"""The echo inbox live: rows come by themselves, nobody loses their place, and it can be paused."""

import json

import pytest
from playwright.sync_api import expect

# A person of a company with an App, and a session of theirs.
PREPARE = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from apps_catalog.lifecycle import create_app
from tests.cast import make_company, make_user
owner = make_user("inbox-owner")
app = create_app(owner, make_company("Inbox Company", owner), "Inbox Analytics")
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(owner.pk), owner.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.create()
print(json.dumps([app.slug, app.echo.token, settings.SESSION_COOKIE_NAME, session.session_key]))
"""


@pytest.mark.browser
def test_rows_come_live_and_the_page_stays_as_it_is(running_site, page_factory):
    done = running_site.manage("shell", "--verbosity", "0", "-c", PREPARE)
    slug, token, cookie, session = json.loads(done.stdout.strip().splitlines()[-1])
    page = page_factory()
    page.context.add_cookies([{"name": cookie, "value": session, "url": running_site.base_url}])
    rows = page.locator(".inbox__row")

    def send(name):
        return page.request.post(f"/echo/{token}/", data={"type": "track", "event": name}).status

    page.goto(f"/apps/{slug}/inbox/")
    expect(page.get_by_text("Nothing came in yet")).to_be_visible()
    assert send("First") == 200
    expect(page.get_by_text("track · First")).to_be_visible()
    expect(page.get_by_text("Nothing came in yet")).to_be_hidden()

    rows.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Raw body")).to_be_visible()
    page.get_by_text("Change how it answers").click()
    page.get_by_label("Message").fill("half a sen")
    assert send("Second") == 200
    expect(rows).to_have_count(2)
    expect(page.get_by_label("Message")).to_be_focused()
    expect(page.get_by_label("Message")).to_have_value("half a sen")
    expect(page.get_by_text("Raw body")).to_be_visible()

    page.get_by_label("Answer with").select_option("unavailable")
    page.get_by_label("For how many requests").fill("1")
    page.get_by_role("button", name="Answer like this").click()
    expect(page.get_by_text("The next 1 request gets 503")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    assert [send("Third"), send("Fourth")] == [503, 200]
    page.wait_for_timeout(2000)
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Pause").click()
    expect(rows).to_have_count(4)
    expect(page.get_by_text("has run out")).to_be_visible()
    page_factory.screenshot(page, "inbox-live")
