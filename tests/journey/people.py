"""A person at a browser: signs up, logs in, clicks, types, reads mail."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.journey.mailbox import Mailbox
from tests.services.browser import Pages
from tests.services.site import Site

PASSWORD = "correct horse battery staple"
# Reviewers are made by the people who run the site, not by signing up.
MAKE_STAFF = """
from django.contrib.auth.models import Group
from accounts.models import User
user, is_new = User.objects.get_or_create(email="{email}", defaults=dict(name="{name}", is_staff=True))
user.set_password("{password}")
user.save()
user.groups.add(Group.objects.get(name="Reviewers"))
user.emailaddress_set.get_or_create(email=user.email, defaults=dict(primary=True, verified=True))
"""


class Person:
    """`page` is the tab in front of the person; `pages` opens it and watches it for problems."""

    def __init__(self, name: str, email: str, site: Site, pages: Pages, **options: Any) -> None:
        self.name, self.email, self.site, self.pages = name, email, site, pages
        self.mail = Mailbox(site.smtp, email)
        self.page: Page = pages(**options)

    # --- Hands and eyes -----------------------------------------------------------------------------

    def go(self, address: str) -> None:
        self.page.goto(address)

    def follow(self, text: str, *, within: Locator | None = None) -> None:
        """Click the first link with this text."""
        place = within or self.page.locator("body")
        place.get_by_role("link", name=text).first.click()

    def press(self, label: str, *, exact: bool = False, within: Locator | None = None) -> None:
        place = within or self.page.locator("main")
        place.get_by_role("button", name=label, exact=exact).first.click()

    def type(self, **fields: str) -> None:
        """Fill fields by the name of their input."""
        for name, value in fields.items():
            self.page.locator(f'main [name="{name}"]:visible').fill(value)

    def send(self, field: str) -> None:
        """Press the button of the form that holds `field`, whatever it is called."""
        self.page.locator(f'main form:has([name="{field}"]) button[type="submit"]').first.click()

    def sees(self, text: str | re.Pattern[str], *, seconds: float = 10.0) -> None:
        found = self.page.locator("body").get_by_text(text).filter(visible=True)
        expect(found.first).to_be_visible(timeout=seconds * 1000)

    def is_told(self, problem: str) -> Locator:
        """The summary of errors says `problem` and has the focus; returns it."""
        summary = self.page.locator("[data-error-summary]")
        expect(summary).to_contain_text(problem)
        expect(summary).to_be_focused()
        return summary

    def does_not_see(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("body").get_by_text(text)).to_have_count(0)

    def screenshot(self, name: str) -> None:
        self.pages.screenshot(self.page, name)

    def new_tab(self) -> None:
        """Close the tab and open another: cookies stay, everything on the page is gone."""
        context = self.page.context
        self.page.close()
        self.page = context.new_page()

    # --- The account --------------------------------------------------------------------------------

    def sign_up(self) -> None:
        """From the sign-up page to being logged in; the code comes by mail."""
        self.type(name=self.name, email=self.email, password1=PASSWORD)
        self.send("password1")
        self.type(code=self.mail.code())
        self.send("code")
        expect(self.page).not_to_have_url(re.compile("confirm-email"))

    def log_in(self, address: str = "/accounts/login/", *, password: str = PASSWORD) -> None:
        """Open `address`; on the way there, log in."""
        self.go(address)
        self.type(login=self.email, password=password)
        self.send("password")
        expect(self.page).not_to_have_url(re.compile("/accounts/login/"))

    def make_staff(self) -> None:
        """Have the operator of the site make this person a reviewer."""
        code = MAKE_STAFF.format(email=self.email, name=self.name, password=PASSWORD)
        self.site.manage("shell", "--verbosity", "0", "-c", code)
