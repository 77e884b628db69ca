"""Nothing that was typed is lost, in a real browser: a closed tab, an expired log-in, an old token, a dead server,
two tabs, two computers. And what must not stay on a shared computer does not.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journey import looks
from tests.journey.people import PASSWORD, Person
from tests.services.browser import Pages
from tests.services.processes import wait_until
from tests.services.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

END_SESSIONS = "from django.contrib.sessions.models import Session; Session.objects.all().delete()"
TEXT = "We mapped every event type,\nand tested with 3 customers."
RESTORED = re.compile(r"Restored what you typed at \d\d:\d\d")
KEPT = "Object.entries(localStorage).filter(([key]) => key.startsWith('draft:')).map((entry) => entry.join(' ')).join()"


EMAIL = "owner@drafts.example"
MAKE_OWNER = f"""
from tests.cast import make_company, make_user
from apps_catalog import lifecycle
owner = make_user("owner", domain="drafts.example")
owner.set_password({PASSWORD!r})
owner.save()
lifecycle.create_app(owner, make_company("Drafts", owner), "Drafts")
"""
NOTE_PAGE, ACCESS_PAGE, LISTING_PAGE = "/apps/drafts/submit/", "/apps/drafts/access/", "/apps/drafts/listing/"


@pytest.fixture(scope="module")
def site(running_site: Site) -> Site:
    """The site with an owner, a company and an App."""
    running_site.manage("shell", "--verbosity", "0", "-c", MAKE_OWNER)
    return running_site


@pytest.fixture
def owner(site: Site, page_factory: Pages) -> Person:
    # Refused requests are what these tests are about.
    page_factory.problems.allow(r"status of 40[139]|Status Error Code 403|net::ERR_FAILED")
    return visitor(site, page_factory)


def visitor(site: Site, pages: Pages, **options: Any) -> Person:
    person = Person("owner", EMAIL, site, pages, reduced_motion="reduce", **options)
    person.log_in()
    return person


def in_another_tab(person: Person) -> Person:
    """The same person in a further tab of the same browser."""
    other = Person(person.name, person.email, person.site, person.pages)
    other.page = person.page.context.new_page()
    return other


def session_ends(site: Site) -> None:
    site.manage("shell", "--verbosity", "0", "-c", END_SESSIONS)


def kept(page: Page) -> str:
    """Everything that this browser keeps of what was typed."""
    return str(page.evaluate(KEPT))


def note_of(person: Person) -> Any:
    return person.page.locator('main textarea[name="note"]')


def logs_in_again(person: Person) -> None:
    expect(person.page).to_have_url(re.compile("/accounts/login/"))
    person.type(login=person.email, password=PASSWORD)
    person.send("password")


def test_a_closed_tab(owner: Person) -> None:
    owner.go(NOTE_PAGE)
    owner.type(note=TEXT)

    owner.new_tab()
    owner.go(NOTE_PAGE)

    expect(note_of(owner)).to_have_value(TEXT)
    owner.sees(RESTORED)
    owner.screenshot("draft-restored")
    assert looks.glance(owner.page) == []
    owner.press("Discard")
    expect(note_of(owner)).to_have_value("")
    owner.page.reload()
    expect(note_of(owner)).to_have_value("")
    owner.does_not_see(RESTORED)


def test_an_expired_log_in_and_an_old_token(owner: Person, site: Site) -> None:
    page, name = owner.page, owner.page.locator('main input[name="name"]')
    owner.go("/account/")
    before = name.input_value()
    owner.type(name="Owner of Acme, renamed")

    # The log-in runs out, and the form is sent.
    session_ends(site)
    owner.press("Save profile")
    logs_in_again(owner)
    expect(page).to_have_url(re.compile("/account/$"))
    expect(name).to_have_value("Owner of Acme, renamed")
    owner.sees(RESTORED)

    # Once more, but logged in again in another tab: the token of this page is an old one.
    session_ends(site)
    in_another_tab(owner).log_in()
    owner.press("Save profile")
    owner.sees("What you typed is kept on this device")
    assert looks.faults(page, "light") == []
    owner.follow("Back to the page")
    expect(name).to_have_value("Owner of Acme, renamed")

    # Saved, it is a draft no more.
    owner.press("Save profile")
    owner.sees("Your profile is saved.")
    wait_until(lambda: "Owner of Acme" not in page.evaluate(KEPT), seconds=5, what="the draft to go")
    owner.type(name=before)
    owner.press("Save profile")


def test_a_server_that_is_gone(owner: Person) -> None:
    def breaks(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.continue_()

    owner.page.route("**/account/", breaks)
    owner.go("/account/")
    owner.type(name="Typed before the crash")
    owner.press("Save profile")
    owner.page.unroute("**/account/")

    owner.new_tab()
    owner.go("/account/")

    expect(owner.page.locator('main input[name="name"]')).to_have_value("Typed before the crash")
    owner.press("Discard")


def test_two_tabs_of_a_form_without_revision(owner: Person) -> None:
    owner.go(NOTE_PAGE)
    second = owner.page.context.new_page()
    second.goto(NOTE_PAGE)
    second.locator('main textarea[name="note"]').fill("Typed in the second tab")

    owner.type(note="Typed in the first tab")

    box = second.locator('[data-kind="elsewhere"]')
    expect(box).to_contain_text("Typed in the first tab")
    expect(box).to_contain_text("Typed in the second tab")
    assert looks.faults(second, "light") == []
    box.get_by_role("button", name="Use the other one here").click()
    expect(second.locator('main textarea[name="note"]')).to_have_value("Typed in the first tab")
    expect(box).to_have_count(0)


def test_two_computers_and_a_form_that_saves_itself(owner: Person, site: Site, page_factory: Pages) -> None:
    elsewhere = visitor(site, page_factory)
    owner.go(ACCESS_PAGE)
    elsewhere.go(ACCESS_PAGE)
    # Secrets never enter the copy, whatever else does.
    elsewhere.type(notes="Written at the other computer", username="tester-7", password="pass-7", api_key="key-7")
    assert "Written at the other computer" in kept(elsewhere.page)
    assert not re.search("tester-7|pass-7|key-7", kept(elsewhere.page))

    owner.type(notes="Written here")
    owner.press("Save")
    owner.sees("The test account is saved.")
    elsewhere.press("Save")

    both = elsewhere.page.locator("[data-both-versions]")
    expect(both).to_contain_text("Written here")
    expect(both).to_contain_text("Written at the other computer")
    elsewhere.screenshot("both-versions")
    assert looks.glance(elsewhere.page) == []
    both.get_by_role("button", name="Take this").first.click()
    expect(elsewhere.page.locator('main [name="notes"]')).to_have_value("Written here")

    # The same after a closed tab: what is saved by now and what was typed stand side by side.
    owner.type(notes="Typed and not sent")
    elsewhere.type(notes="The last word of the other computer")
    elsewhere.press("Save")
    elsewhere.sees("The test account is saved.")
    owner.new_tab()
    owner.go(ACCESS_PAGE)
    box = owner.page.locator('[data-kind="saved"]')
    expect(box).to_contain_text("The last word of the other computer")
    box.get_by_role("button", name="Use what I typed").click()
    expect(owner.page.locator('main [name="notes"]')).to_have_value("Typed and not sent")

    # Logging out leaves nothing of it on this computer.
    assert "Typed and not sent" in kept(owner.page)
    owner.go("/accounts/logout/")
    owner.press("Log out")
    expect(owner.page).to_have_url(re.compile("/$"))
    assert kept(owner.page) == ""


def test_an_autosave_after_logging_in_again(owner: Person, site: Site) -> None:
    """The page's token is old then; the page gets the new one by itself and goes on saving."""
    owner.go(LISTING_PAGE)
    status = owner.page.locator("[data-autosave-status]").first
    session_ends(site)
    in_another_tab(owner).log_in()

    owner.page.bring_to_front()
    owner.type(support_email="help@acme.example")

    expect(status).to_contain_text("Saved")
    assert "help@acme.example" not in kept(owner.page)


def test_without_scripts_an_expired_log_in_shows_the_text(site: Site, page_factory: Pages) -> None:
    page_factory.problems.allow("status of 401")
    person = visitor(site, page_factory, javascript=False)
    person.go(NOTE_PAGE)
    person.type(note=TEXT)
    session_ends(site)

    person.send("note")

    expect(person.page.locator("h1")).to_have_text("Your log-in has run out")
    assert TEXT.splitlines()[0] in person.page.locator("textarea").first.input_value()
    person.follow("Log in again")
    logs_in_again(person)
    expect(person.page).to_have_url(re.compile(re.escape(NOTE_PAGE)))
