"""The private beta, its customer, and the catalog."""

from playwright.sync_api import expect

from tests.journey import beta, desk
from tests.journey.people import Person
from tests.journey.story import APP, SLUG, Story

# --- 8: the beta and the catalog ----------------------------------------------------------------------


def customer_is_invited(alice: Person, stranger: Person) -> None:
    alice.go(alice.mail.link("approved for private beta", containing="/beta/"))
    alice.screenshot("beta")
    beta.invite(alice, SLUG, "carol@customer.example")
    beta.search(stranger, APP)
    stranger.sees("Nothing found")


def customer_verifies(carol: Person) -> None:
    beta.accept_invitation(carol, carol.mail.link("invited to the private beta", containing="/beta/"))
    carol.go(f"/goto-my-workspace/destinations/catalog/{SLUG}")
    carol.sees("This is a beta")
    carol.screenshot("beta-entry")
    beta.verify(carol, "Sent our staging events, and saw them in Journeys within a minute.")


def partner_asks_to_go_public(alice: Person) -> None:
    alice.go(alice.mail.link("a customer confirmed that it works", containing="/beta/"))
    alice.sees("saw them in Journeys within a minute")
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
