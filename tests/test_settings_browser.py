"""The settings builder in a browser: dragging, conditions, options and the tester, with scripts and without."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journey.people import Person
from tests.services.browser import Pages
from tests.services.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def owner(demo: dict[str, Any], running_site: Site, page_factory: Pages) -> tuple[Person, str]:
    account = demo["users"]["owner"]
    person = Person("owner", account["email"], running_site, page_factory, reduced_motion="reduce")
    person.log_in(password=account["password"])
    return person, f"/apps/{demo['apps']['building']}/settings/"


def add(page: Page, address: str, label: str) -> None:
    page.wait_for_load_state()  # its scripts let go of what was sent
    page.goto(f"{address}new/")
    page.get_by_label("Label", exact=True).fill(label)


def test_a_partner_builds_a_form(owner: tuple[Person, str]) -> None:
    person, address = owner
    page = person.page
    add(page, address, "Zone")
    expect(page.get_by_label("Value of option 1")).to_be_hidden()
    page.get_by_label("Type", exact=True).select_option("select")
    page.get_by_label("Value of option 1").fill("eu")
    page.get_by_label("Label of option 1").fill("Europe")
    page.get_by_role("button", name="Add an option").click()
    page.get_by_label("Value of option 2").fill("us")
    page.get_by_role("button", name="Add the setting").click()
    expect(page.locator("#key-zone")).to_have_text("zone")

    add(page, address, "Zone host")
    page.locator("#id_pattern").fill(r"[a-z]+\.example")
    page.get_by_label("Try the pattern with").fill("acme.example")
    expect(page.locator("#pattern-result")).to_contain_text("It matches")
    page.get_by_label("Show it only if").select_option("zone")
    page.locator("#id_visible_value").fill("eu")
    page.get_by_role("button", name="Add the setting").click()

    preview = page.locator("[data-customer-form]")
    host = preview.get_by_label("Zone host")
    expect(host).to_be_hidden()
    preview.get_by_label("Zone", exact=False).first.select_option(label="Europe")
    expect(host).to_be_visible()

    rows = page.locator("[data-setting-row]")
    labels = rows.locator("th")
    count = rows.count()
    page.locator("#setting-zoneHost [data-setting-grip]").drag_to(
        page.locator("#setting-zone th"), target_position={"x": 5, "y": 2}
    )
    expect(labels.nth(count - 2)).to_contain_text("Zone host")
    page.get_by_role("button", name="Move Zone host down").press("Enter")
    expect(labels.nth(count - 1)).to_contain_text("Zone host")
    page.get_by_role("button", name="Remove Zone host").click()
    page.locator("#removed").get_by_role("button", name="Undo removing Zone host").click()
    expect(labels.nth(count - 1)).to_contain_text("Zone host")
