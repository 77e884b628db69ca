"""The private beta, its customer, and the catalog."""

from playwright.sync_api import expect

from tests.journey import beta, desk, sandbox
from tests.journey.people import Person
from tests.journey.story import APP, CUSTOMER_KEY, SLUG, Story

# --- 8: the beta and the catalog ----------------------------------------------------------------------


def customer_is_invited(alice: Person, stranger: Person) -> None:
    alice.go(alice.mail.link("approved for private beta", containing="/beta/"))
    alice.screenshot("beta")
    beta.invite(alice, SLUG, "carol@customer.example")
    beta.search(stranger, APP)
    stranger.sees("Nothing found")


def customer_installs_it(carol: Person, story: Story) -> None:
    """Before an event is delivered there is nothing to confirm; the page sees by itself when there is."""
    beta.accept_invitation(carol, carol.mail.link("invited to the private beta", containing="/beta/"))
    sandbox.install(carol, APP, CUSTOMER_KEY)
    key = sandbox.write_key(carol)
    carol.go(f"{sandbox.door(SLUG)}/about/")
    carol.sees("No event has been delivered yet.")
    sandbox.post_as_library(story, key, "Basket Filled")
    expect(carol.page.get_by_role("button", name="It works for me")).to_be_visible(timeout=20_000)


def customer_verifies(carol: Person) -> None:
    beta.verify(carol, SLUG, "Sent our staging events, and saw them in Journeys within a minute.")


def partner_asks_to_go_public(alice: Person) -> None:
    alice.go(alice.mail.link("a customer confirmed that it works", containing="/beta/"))
    alice.sees("saw them in Journeys within a minute")
    alice.sees("1 event delivered: 1 track")
    alice.screenshot("beta-confirmed")
    alice.press("Ask to go public")
    alice.sees("We got your request.")


def reviewer_releases(rita: Person) -> None:
    desk.open_from_queue(rita, APP, "Release")
    rita.screenshot("desk-release")
    desk.decide(rita, "Release to the catalog")
    rita.sees("Released: the App is in the catalog.")


def everybody_finds_it_in_the_catalog(alice: Person, story: Story) -> None:
    visitor = story.person("A visitor", "visitor@nowhere.example")
    beta.search(visitor, "journeys")
    visitor.follow(APP)
    visitor.sees("Part of every plan.")
    visitor.screenshot("catalog-entry")
    visitor.go("/catalog/new/")
    expect(visitor.page.get_by_role("link", name=APP)).to_be_visible()
    alice.go(alice.mail.link("is live in the catalog", containing="/catalog/"))
    alice.go(f"/apps/{SLUG}/")
    alice.screenshot("overview-live")
