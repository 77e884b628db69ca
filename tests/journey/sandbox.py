"""A workspace: the App is installed from the special URL, and events go through it (S18, S19, S32)."""

import base64
import json
import re
import urllib.request

from playwright.sync_api import expect

from tests.journey.people import Person
from tests.journey.story import Story

LIBRARY = {"name": "analytics-node", "version": "2.1.3"}


def door(slug: str) -> str:
    return f"/goto-my-workspace/destinations/catalog/{slug}"


def install(person: Person, app_name: str, api_key: str) -> None:
    """From the install page, to which the special URL leads, to an App that is switched on; the source is made."""
    expect(person.page).to_have_url(re.compile("/w/[^/]+/install/"))
    person.screenshot("install")
    person.follow(f"Configure {app_name}", within=person.page.locator("main"))
    person.press("Add it and go on")
    person.page.get_by_label("API Key").fill(api_key)
    person.press("Save and switch on")
    person.sees(re.compile(f"{app_name} (gets the events of|is switched on for) Website"))


def send_test_event(person: Person) -> None:
    """From the page of the destination; what the tester fills in is sent as it is."""
    person.follow("Event Tester")
    person.press("Send this event")
    expect(person.page.locator("#sent")).to_contain_text("Delivered", timeout=20_000)


def write_key(person: Person, source: str = "Website") -> str:
    """From a page below the source."""
    person.page.get_by_role("navigation", name="Where you are").get_by_role("link", name=source).click()
    return person.page.locator(".write-key").first.inner_text()


def post_as_library(story: Story, key: str, event: str) -> None:
    """One track call, as a library posts it."""
    call = {"type": "track", "event": event, "userId": "ada", "context": {"library": LIBRARY}}
    request = urllib.request.Request(
        f"{story.site.base_url}/v1/batch", json.dumps({"batch": [call]}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def try_in_own_workspace(partner: Person, story: Story, slug: str, app_name: str, api_key: str) -> None:
    """Both ways of testing; the checklist closes them by itself."""
    partner.go(f"/apps/{slug}/sandbox/")
    partner.screenshot("own-workspace")
    partner.follow("Install in your workspace", within=partner.page.locator("main"))
    install(partner, app_name, api_key)
    send_test_event(partner)
    partner.screenshot("event-tester")
    post_as_library(story, write_key(partner), "Loop Closed")
    partner.go(f"/apps/{slug}/sandbox/")
    for item in ("event_tester_used", "sdk_tested"):
        expect(partner.page.locator(f"#item-{item}")).to_contain_text("Delivered", timeout=20_000)
    partner.screenshot("own-workspace-tested")
