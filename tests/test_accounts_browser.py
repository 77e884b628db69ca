"""Log-in as people do it, in a real browser: sign-up, second factor, passkey, sessions, a forgotten password.

`page_factory` fails a test for any console error or CSP violation; `looks` says what axe finds.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.journey import looks
from tests.journey.people import PASSWORD, Person
from tests.services.browser import SIZES, Pages
from tests.services.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
PERIOD = 30


@pytest.fixture
def carol(running_site: Site, page_factory: Pages, request: pytest.FixtureRequest) -> Person:
    """Somebody who has just signed up; the address is another one in each test."""
    name = re.sub(r"\W+", "-", request.node.name)
    person = Person("Carol Customer", f"{name}@customer.example", running_site, page_factory, reduced_motion="reduce")
    person.go("/accounts/signup/")
    person.sign_up()
    return person


def elsewhere(person: Person) -> Person:
    """The same person at another computer."""
    return Person(person.name, person.email, person.site, person.pages)


def looks_right(person: Person, heading: str) -> None:
    """One h1, nothing wider than a phone, and nothing for axe to find."""
    page = person.page
    expect(page.locator("h1")).to_have_text(heading)
    found = looks.glance(page)
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        found += looks.sideways_scroll(page)
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["desktop"], strict=True)))
    assert found == []


def confirms(person: Person, address: str) -> None:
    """Open a page that asks for the password again."""
    person.go(address)
    expect(person.page.locator("h1")).to_have_text("Is it you?")
    person.type(password=PASSWORD)
    person.press("Go on")


def app_code(key: str, *, after: str = "") -> str:
    """What an authenticator app shows now; waits for the next code when it still shows `after`."""
    while (code := format_hotp_value(hotp_value(key, int(time.time()) // PERIOD))) == after:
        time.sleep(0.5)
    return code


def sets_up_app(person: Person) -> tuple[str, str]:
    """Turns on an authenticator app; returns its key and the code that was used."""
    confirms(person, "/accounts/2fa/totp/activate/")
    # The picture is drawn although the policy lets no other host in.
    assert person.page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    looks_right(person, "Set up an authenticator app")
    key = person.page.locator("#totp-key").input_value()
    used = app_code(key)
    person.type(code=used)
    person.press("Turn it on")
    looks_right(person, "Recovery codes")
    return key, used


def logs_out(person: Person) -> None:
    person.go("/accounts/logout/")
    person.press("Log out")
    expect(person.page).to_have_url(re.compile("/$"))


@contextmanager
def device_with_passkeys(person: Person) -> Iterator[None]:
    """Chromium's virtual authenticator, in the person's tab."""
    session = person.page.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield
    session.send("WebAuthn.removeVirtualAuthenticator", made)


def test_a_second_factor_is_set_up_and_asked_for(carol: Person) -> None:
    key, used = sets_up_app(carol)
    codes = carol.page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 10
    assert carol.mail.read("authenticator app is on")
    carol.go("/accounts/2fa/")
    looks_right(carol, "Second factor")
    logs_out(carol)

    carol.go("/accounts/login/")
    looks_right(carol, "Log in")
    carol.type(login=carol.email, password=PASSWORD)
    carol.send("password")
    looks_right(carol, "Second factor")
    carol.type(code=used)
    carol.send("code")
    carol.is_told("used already")
    carol.type(code=app_code(key, after=used))
    carol.send("code")
    expect(carol.page).not_to_have_url(re.compile("/accounts/"))

    # Without the phone: one of the ten.
    away = elsewhere(carol)
    away.go("/accounts/login/")
    away.type(login=carol.email, password=PASSWORD)
    away.send("password")
    away.type(code=codes[0])
    away.send("code")
    expect(away.page).not_to_have_url(re.compile("/accounts/"))


def test_a_passkey_is_added_and_opens_the_account(carol: Person) -> None:
    with device_with_passkeys(carol):
        confirms(carol, "/accounts/2fa/webauthn/add/")
        looks_right(carol, "Add a passkey")
        carol.type(name="Work laptop")
        carol.press("Add passkey")
        expect(carol.page.locator("h1")).to_have_text("Recovery codes")
        assert carol.mail.read("passkey was added")
        carol.go("/accounts/2fa/webauthn/")
        carol.sees("Work laptop")
        looks_right(carol, "Your passkeys")
        logs_out(carol)

        carol.go("/accounts/login/?next=/account/")
        carol.press("Log in with a passkey")
        expect(carol.page).to_have_url(re.compile("/account/$"))
        expect(carol.page.locator("h1")).to_have_text("Your profile")
        logs_out(carol)

        # It is a second factor as well, for whoever types the password.
        carol.go("/accounts/login/")
        carol.type(login=carol.email, password=PASSWORD)
        carol.send("password")
        carol.press("Use a passkey instead")
        expect(carol.page).not_to_have_url(re.compile("/accounts/"))


def test_a_refused_passkey_says_what_to_do(carol: Person) -> None:
    """No device answers: the page says so, and nothing is sent."""
    logs_out(carol)
    carol.go("/accounts/login/")
    # What the browser does when the person closes its dialogue.
    refusal = "() => Promise.reject(new DOMException('', 'NotAllowedError'))"
    carol.page.evaluate(f"() => {{ navigator.credentials.get = {refusal} }}")
    carol.press("Log in with a passkey")
    expect(carol.page.get_by_role("alert")).to_contain_text("Try again")


def test_another_session_is_ended_from_the_list(carol: Person) -> None:
    other = elsewhere(carol)
    other.log_in()
    carol.go("/accounts/sessions/")
    looks_right(carol, "Your sessions")
    expect(carol.page.locator("main .rows > li")).to_have_count(2)
    carol.press("End all other sessions")
    expect(carol.page.locator("main .rows > li")).to_have_count(1)
    other.go("/account/")
    expect(other.page).to_have_url(re.compile("/accounts/login/"))


def test_a_forgotten_password_is_replaced_by_a_code(carol: Person) -> None:
    logs_out(carol)
    carol.go("/accounts/login/")
    carol.follow("Forgot your password?")
    looks_right(carol, "Reset your password")
    carol.type(email=carol.email)
    carol.send("email")
    looks_right(carol, "Enter the code")
    carol.type(code="WRONG")
    carol.send("code")
    carol.is_told("not the code")
    carol.type(code=carol.mail.code())
    carol.send("code")
    looks_right(carol, "Choose a new password")
    new = "another " + PASSWORD
    carol.type(password1=new, password2=new)
    carol.send("password2")
    looks_right(carol, "Your password is changed")
    carol.log_in(password=new)


def test_an_address_is_added_made_primary_and_removed(carol: Person) -> None:
    confirms_and_adds(carol, new := f"new-{carol.email}")
    carol.type(code=Person("", new, carol.site, carol.pages).mail.code())
    carol.send("code")
    expect(carol.page).not_to_have_url(re.compile("confirm-email"))
    carol.go("/accounts/email/")
    looks_right(carol, "Your email addresses")
    carol.press(f"Make primary {new}")
    assert carol.mail.read("primary address was changed")
    carol.press(f"Remove {carol.email}")
    carol.sees("no longer on your account")
    expect(carol.page.locator("main .rows > li")).to_have_count(1)


def confirms_and_adds(person: Person, address: str) -> None:
    person.go("/accounts/email/")
    person.type(email=address)
    person.press("Add address")
    person.type(password=PASSWORD)
    person.press("Go on")
    expect(person.page.locator("h1")).to_have_text("Enter the code")
