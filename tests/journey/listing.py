"""The catalog entry, the documentation, the test account, and handing it all in."""

from typing import Any

from playwright.sync_api import expect

from tests.journey.people import Person

WEBSITE = "https://www.brightloop.example"
DESCRIPTION = """Brightloop shows **where people get stuck** in your product, and writes to them at the right moment.

- Journeys from your track calls
- People from your identify calls
"""
SEGMENT_TEXT = """## Getting started

Copy the key from *Settings, API keys* in Brightloop, and paste it into the setting **API Key**.

## Track

Each event becomes a step in **Journeys**.
"""


def fill_listing(person: Person, **uploads: Any) -> None:
    """Everything but the pictures, which are given as `logo` and `mark`; saved with the button."""
    page = person.page
    person.type(description=DESCRIPTION, website=WEBSITE, support_email="help@brightloop.example")
    page.locator('[name="primary_category"]').select_option(label="Customer Success")
    page.locator('[name="secondary_1"]').select_option(label="Analytics")
    for name, file in uploads.items():
        page.locator(f'input[name="{name}"]').set_input_files(file)
    person.press("Save", exact=True)


def fill_docs(person: Person, slug: str, page_about_segment: str) -> None:
    """The link and the text; the link is checked by the worker."""
    person.go(f"/apps/{slug}/docs/")
    person.type(docs_partner_url=page_about_segment, docs_segment_text=SEGMENT_TEXT)
    person.press("Save", exact=True)
    expect(person.page.locator("#links")).to_contain_text("Reachable", timeout=20_000)


def give_test_account(person: Person, slug: str, *, password: str, api_key: str) -> None:
    person.go(f"/apps/{slug}/access/")
    person.type(
        login_url="https://app.brightloop.example/login",
        username="segment-review",
        password=password,
        api_key=api_key,
        notes="Open Journeys after a test: each event shows within a minute.",
    )
    person.press("Save", exact=True)
    expect(person.page.locator("aside")).to_contain_text(["Set"])


def confirm(person: Person, slug: str, *items: str) -> None:
    """Say on the overview what only the partner can see."""
    person.go(f"/apps/{slug}/")
    for item in items:
        person.page.locator(f"#item-{item}").get_by_role("button", name="Confirm").click()
        expect(person.page.locator(f"#item-{item}")).to_contain_text(f"Confirmed by {person.name}")
