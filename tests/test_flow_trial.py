"""A partner tries Enable with Segment in the console: browser, web server, worker and the door out are real."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journey.people import Person
from tests.services.browser import Pages
from tests.services.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_partner_watches_the_sample_client_go_through(
    demo: dict[str, Any], running_site: Site, page_factory: Pages
) -> None:
    account = demo["users"]["owner"]
    owner = Person("Demo Owner", account["email"], running_site, page_factory)
    owner.log_in(f"/apps/{demo['apps']['public']}/oauth/try/", password=account["password"])
    page = owner.page

    page.locator("#start button").click()
    expect(page).to_have_url(re.compile(r"/oauth2/auth\?"))
    page.locator("input[name=place]").first.check()
    page.locator("button[name=decision][value=allow]").click()

    expect(page).to_have_url(re.compile(r"/oauth/try/[\w-]+/$"))
    expect(page.locator("#trial-live .notice__title")).to_have_text("All 13 steps went as the protocol promises")
    page.locator("#step-exchange > summary").click()
    shown = page.locator("#step-exchange").inner_text()
    assert "/oauth2/token" in shown
    assert re.search(r'"access_token": "\*{4}', shown)
    newest = "SELECT state, secrets_sealed FROM installs_flowtrial ORDER BY id DESC LIMIT 1"
    assert running_site.query(newest) == [("passed", "")]
