"""`next` leads nowhere but into the product, whatever it looks like (SECURITY T28)."""

from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

HOSTILE = [
    "https://evil.example", "//evil.example", "///evil.example", "////evil.example/%2e%2e", "http:evil.example",
    "https:evil.example", "http:///evil.example", "https:/evil.example", "\\\\evil.example", "/\\evil.example",
    "\\/evil.example", "/\\/evil.example", "/\t/evil.example", "/%09/evil.example", "\x01//evil.example",
    " //evil.example",
    "https://testserver@evil.example", "https://testserver:pass@evil.example", "//testserver@evil.example/",
    "https://evil.example\\@testserver", "https://evil.example#testserver", "https://testserver.evil.example",
    "https://eviltestserver", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x",
    "//evil%E3%80%82example", "/\r\nLocation: https://evil.example", "/%0d%0aLocation:%20https://evil.example",
    "https://[evil.example]", "//[::1]@evil.example", "ftp://testserver/", "/%2f%2fevil.example/..",
    "https://evil.example/?next=/account/", "ｈttps://evil.example", "//evil．example",
]  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def lands_at(answer) -> str:
    """Where a browser would go: the host of the redirect, as it reads it."""
    location = answer.get("Location", "")
    assert not {"\r", "\n"} & set(location)
    read = location.strip().replace("\\", "/").replace("\t", "")
    return urlsplit(urljoin("http://testserver/accounts/login/", read)).netloc


def sign_up(client: Client, user, hostile: str):
    data = {"name": "X", "email": "new@mail.example", "password1": PASSWORD, "next": hostile}
    return client.post(reverse("account_signup"), data)


def log_in(client: Client, user, hostile: str):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": hostile})


def log_in_when_logged_in(client: Client, user, hostile: str):
    client.force_login(user)
    return client.get(reverse("account_login"), {"next": hostile})


def log_out(client: Client, user, hostile: str):
    client.force_login(user)
    return client.post(reverse("account_logout"), {"next": hostile})


def log_out_by_address(client: Client, user, hostile: str):
    return client.get(reverse("account_logout"), {"next": hostile})


def reauthenticate(client: Client, user, hostile: str):
    client.force_login(user)
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": hostile})


def change_password(client: Client, user, hostile: str):
    client.force_login(user)
    data = {"oldpassword": PASSWORD, "password1": PASSWORD + "!", "password2": PASSWORD + "!", "next": hostile}
    return client.post(reverse("account_change_password"), data)


def admin_log_in(client: Client, user, hostile: str):
    return client.get("/admin/login/", {"next": hostile})


def theme(client: Client, user, hostile: str):
    return client.post(reverse("set-theme"), {"theme": "dark", "next": hostile})


VIEWS = [
    sign_up, log_in, log_in_when_logged_in, log_out, log_out_by_address, reauthenticate, change_password, admin_log_in,
    theme,
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_no_hostile_form_of_next_leads_off_site(carol, view):
    password = carol.password
    strays = []
    for hostile in HOSTILE:
        cache.clear()
        type(carol).objects.filter(pk=carol.pk).update(password=password)
        type(carol).objects.filter(email="new@mail.example").delete()
        answer = view(Client(), carol, hostile)
        if lands_at(answer) != "testserver":
            strays.append((hostile, answer["Location"]))
    assert strays == []


def test_a_friendly_next_is_followed(carol):
    assert log_in(Client(), carol, "/account/").url == "/account/"
