"""The private beta, the special URL, and the catalog."""

import re

from playwright.sync_api import expect

from tests.journey.people import Person


def invite(partner: Person, slug: str, address: str) -> None:
    partner.go(f"/apps/{slug}/beta/")
    partner.type(email=address)
    partner.press("Send the invitation")
    partner.sees(f"The invitation to {address} is on its way.")


def accept_invitation(customer: Person, link: str) -> None:
    """Open the personal link, sign up on the way, accept: the customer then stands on the install page."""
    customer.go(link)
    expect(customer.page).to_have_url(re.compile("/accounts/login/"))
    customer.follow("sign up", within=customer.page.locator("main"))
    customer.sign_up()
    customer.press("Accept and open it")


def verify(customer: Person, slug: str, note: str) -> None:
    customer.go(f"/goto-my-workspace/destinations/catalog/{slug}/about/")
    customer.sees("This is a beta")
    customer.screenshot("beta-entry")
    customer.page.get_by_label("What did you try, and what did you see?").fill(note)
    customer.press("It works for me")
    customer.sees("Thank you! We told the maker.")


def search(visitor: Person, text: str) -> None:
    """Search in the catalog; the results follow the typing."""
    visitor.go("/catalog/")
    visitor.page.get_by_label("Search").press_sequentially(text)
    expect(visitor.page.locator("#catalog-results")).to_contain_text(f"for “{text}”")
