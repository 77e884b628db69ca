"""Nobody learns from us who has an account: same answer, same work, same number of mails (SECURITY T22)."""

import re
from unittest import mock

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from notifications.models import OutboxMessage
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

UNKNOWN = "nobody@acme.example"
LOGIN, SIGNUP, RESET = "account_login", "account_signup", "account_reset_password"
CODE_PAGE, RESET_CODE_PAGE = "account_email_verification_sent", "account_confirm_password_reset_code"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def plain(response, email: str) -> tuple[int, str, str]:
    """Status, redirect and body, without what differs from one visit to the next anyway."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    return response.status_code, response.get("Location", ""), body.replace(email, "ADDRESS")


def walk(email: str, *steps: tuple[str, str, dict[str, str]]) -> list[tuple[int, str, str]]:
    """A visitor of their own takes these steps; “ADDRESS” in a form is `email`."""
    client = Client()
    seen = []
    for method, name, data in steps:
        filled = {key: email if value == "ADDRESS" else value for key, value in data.items()}
        seen.append(plain(getattr(client, method)(reverse(name), filled), email))
    return seen


WALKS = {
    "log-in": [("post", LOGIN, {"login": "ADDRESS", "password": "wrong"})] * 7,
    "sign-up": [
        ("post", SIGNUP, {"name": "X", "email": "ADDRESS", "password1": PASSWORD}),
        ("get", CODE_PAGE, {}),
        ("post", CODE_PAGE, {"code": "WRONG"}),
        ("post", CODE_PAGE, {"action": "resend"}),
        ("get", CODE_PAGE, {}),
        ("post", CODE_PAGE, {"code": "WRONG"}),
        ("post", CODE_PAGE, {"code": "WRONG"}),
        ("get", CODE_PAGE, {}),
    ],
    "sign-up with a bad password": [("post", SIGNUP, {"name": "X", "email": "ADDRESS", "password1": "short"})],
    "reset": [
        ("post", RESET, {"email": "ADDRESS"}),
        ("get", RESET_CODE_PAGE, {}),
        ("post", RESET_CODE_PAGE, {"code": "WRONG"}),
        ("post", RESET_CODE_PAGE, {"code": "WRONG"}),
        ("post", RESET_CODE_PAGE, {"code": "WRONG"}),
    ],
}


@pytest.mark.parametrize("name", WALKS)
def test_known_and_unknown_addresses_see_the_same(alice, name):
    known = walk(alice.email, *WALKS[name])
    cache.clear()
    assert walk(UNKNOWN, *WALKS[name]) == known


@pytest.mark.parametrize("name", ["log-in", "sign-up", "reset"])
def test_the_first_step_costs_the_same_work_and_mail(alice, name):
    assert work_of(WALKS[name][0], alice.email) == work_of(WALKS[name][0], UNKNOWN)


def work_of(step: tuple[str, str, dict[str, str]], email: str) -> tuple[int, int]:
    """How many passwords were hashed, and how many mails written, for one step."""
    hasher: type[BasePasswordHasher] = type(get_hasher())
    mails = OutboxMessage.objects.count()
    with mock.patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as encode:
        walk(email, step)
    return encode.call_count, OutboxMessage.objects.count() - mails


def test_adding_an_address_of_somebody_else_says_nothing(client_for, alice, carol):
    answers = []
    for address in (alice.email, UNKNOWN):
        client = client_for(carol)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        added = client.post(reverse("account_email"), {"email": address, "action_add": ""})
        answers.append([plain(added, address), plain(client.get(reverse(CODE_PAGE)), address)])
        cache.clear()
    assert answers[0] == answers[1]
    assert answers[0][0][1] == reverse(CODE_PAGE)
