"""From sign-up to a green Test Suite in a browser that runs no scripts at all."""

import pytest
from playwright.sync_api import expect

from tests.journey import access, building, desk
from tests.journey.people import Person
from tests.services.browser import Pages
from tests.services.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COMPANY, APP, SLUG = "Plainpage", "Plainpage Reports", "plainpage-reports"


def test_a_newcomer_needs_no_scripts(running_site: Site, page_factory: Pages) -> None:
    alice = Person("Alice Owner", "alice@plainpage.example", running_site, page_factory, javascript=False)
    rita = Person("Rita Reviewer", "rita@segment.example", running_site, page_factory)
    rita.make_staff()

    alice.go("/accounts/signup/")
    alice.sign_up()
    ask_for_access(alice)
    rita.log_in()
    desk.open_from_queue(rita, COMPANY, "Access request")
    access.judge_all_met(rita)
    rita.press("Approve", exact=True)
    alice.go(alice.mail.link("Welcome", containing="/company/"))
    alice.go("/apps/new/")
    building.create_app(alice, APP)
    alice.press("Save and set up the component")
    run_the_suite(alice)


def ask_for_access(alice: Person) -> None:
    """Saved with the button, found again, completed, sent."""
    alice.go("/apply/")
    access.fill_survey(alice, COMPANY)
    alice.press("Save and check the address")
    alice.go("/apply/")
    access.expect_answers(alice, COMPANY)
    alice.press("Send the request")
    alice.sees("Please read and accept this document.")
    access.accept_both_documents(alice)
    alice.press("Send the request")
    alice.sees("Waiting for Segment")


def run_the_suite(alice: Person) -> None:
    """The page does not follow by itself; it offers a link to look again."""
    alice.go(f"/apps/{SLUG}/test/")
    alice.page.get_by_label("API Key", exact=True).fill("any-key-12345")
    alice.press("Run the Test Suite")
    refresh = alice.page.get_by_role("link", name="Refresh")
    for _ in range(30):
        if not refresh.count():
            break
        alice.page.wait_for_timeout(300)
        refresh.click()
    assert building.verdicts(alice) == ["Passed"] * building.EVENTS
    expect(building.open_row(alice, 1)).to_contain_text("What it tests")
