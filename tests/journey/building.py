"""The App's console: creating the App, its webhook, and the Test Suite."""

import base64
import json
import re

from playwright.sync_api import Locator, expect

from tests.journey.people import Person
from tests.services.receiver import Receiver, Request

EVENTS = 9


def create_app(person: Person, name: str) -> None:
    person.type(name=name)
    person.press("Create the App")


def set_endpoint(person: Person, slug: str, endpoint: str) -> None:
    person.go(f"/apps/{slug}/components/webhook/")
    person.type(endpoint=endpoint)
    person.press("Save", exact=True)
    person.sees("Saved. Send a test event")


def run_suite(person: Person, slug: str, key: str) -> None:
    """Type the key, run, and wait for the last event."""
    person.go(f"/apps/{slug}/test/")
    person.page.get_by_label("API Key", exact=True).fill(key)
    person.press("Run the Test Suite")
    wait_for_verdict(person)


def wait_for_verdict(person: Person, *, seconds: float = 30.0) -> None:
    expect(person.page.locator("details.case")).to_have_count(EVENTS, timeout=seconds * 1000)
    expect(person.page.locator("#run-live")).not_to_have_attribute("hx-get", re.compile("."), timeout=seconds * 1000)


def verdicts(person: Person) -> list[str]:
    """The word of each row, top to bottom: “Passed”, “Failed”, “Not supported”."""
    return [text.strip() for text in person.page.locator("details.case > summary .chip:not(.mono)").all_inner_texts()]


def open_row(person: Person, position: int) -> Locator:
    """Open one event; the part that appears."""
    person.page.locator(f"#row-{position} > summary").click()
    opened = person.page.locator(f"#row-{position} .fold__body")
    expect(opened).to_be_visible()
    return opened


def basic(key: str) -> str:
    """The Authorization header that carries `key` (D10)."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def authorizations(receiver: Receiver) -> list[str | None]:
    """What each event of a suite carried, in order. The look at the endpoint that a submission or its pick-up
    starts comes when a worker has time, also in between."""
    return [request.header("Authorization") for request in receiver.to("/segment") if not is_probe(request)]


def is_probe(request: Request) -> bool:
    return str(json.loads(request.body).get("messageId", "")).startswith("probe-")
