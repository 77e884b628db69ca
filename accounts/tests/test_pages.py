import re
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.templatetags.accounts import browser_name
from notifications.models import OutboxMessage
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def _newest_code() -> str:
    text = OutboxMessage.objects.latest("created_at").text
    lines = [line.strip() for line in text.splitlines()]
    return next(line for line in lines if 5 <= len(line) <= 9 and " " not in line)


def test_sign_up_asks_for_the_code_that_was_mailed(client):
    client.post(reverse("account_signup"), {"email": "Dora@new.example", "name": "Dora", "password1": PASSWORD})
    page = client.get(reverse("account_email_verification_sent"))
    assert page.status_code == 200
    client.post(reverse("account_email_verification_sent"), {"code": _newest_code()})
    dora = User.objects.get(email="dora@new.example")
    assert dora.name == "Dora"
    assert dora.emailaddress_set.get().verified
    assert client.get(reverse("account-home")).status_code == 200


@pytest.mark.parametrize(("guess", "kept"), [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), ("", "UTC")])
def test_the_browsers_time_zone_is_a_first_guess(client, guess, kept):
    data = {"email": "dora@new.example", "name": "Dora", "password1": PASSWORD, "time_zone": guess}
    client.post(reverse("account_signup"), data)
    assert User.objects.get(email="dora@new.example").time_zone == kept


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.1", "Unknown browser"),
    ],
)
def test_a_session_says_which_browser_it_is(user_agent, said):
    assert browser_name(user_agent) == said


def test_the_profile_is_saved(client_for, carol):
    client = client_for(carol)
    answer = client.post(reverse("account-home"), {"name": "Carol C.", "time_zone": "Europe/Madrid"})
    carol.refresh_from_db()
    assert (answer.status_code, carol.name, carol.time_zone) == (302, "Carol C.", "Europe/Madrid")


def test_a_wrong_time_zone_comes_back_with_what_was_typed(client_for, carol):
    answer = client_for(carol).post(reverse("account-home"), {"name": "Kept", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "Kept" in answer.content.decode()


def test_deletion_wants_the_address_typed(client_for, carol):
    client = client_for(carol)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("account-delete"), {"confirm": "no"}).status_code == 422
    assert client.post(reverse("account-delete"), {"confirm": carol.email}).status_code == 302
    assert "will be deleted" in client.get(reverse("account-home")).content.decode()
    client.post(reverse("account-keep"))
    carol.refresh_from_db()
    assert carol.delete_after is None


def admin_pages() -> Iterator[str]:
    """An address for every page of the admin; where it names a row, one that need not exist."""
    for pattern in flat_patterns(get_resolver().url_patterns, ""):
        if pattern.startswith("admin/"):
            yield "/" + re.sub(r"<[^>]*>", "1", pattern)


def flat_patterns(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from flat_patterns(pattern.url_patterns, address)
        else:
            yield address


@pytest.mark.postgres
@pytest.mark.parametrize("role", ["rita", "adam"])
def test_staff_without_a_second_factor_see_nothing_but_where_to_set_it_up(settings, client_for, request, role):
    settings.STAFF_SECOND_FACTOR = True
    client = client_for(request.getfixturevalue(role))
    pages = {*admin_pages(), "/", "/account/", "/account/export/", "/notices/", "/apps/", "/catalog/", "/nowhere/"}
    assert len(pages) > 100
    answers = {(page, method): getattr(client, method)(page) for page in pages for method in ("get", "post")}
    opened = [key for key, answer in answers.items() if answer.get("Location") != reverse("mfa_index")]
    assert opened == []
    assert "Staff accounts need a second factor" in client.get(reverse("mfa_index")).content.decode()


def test_staff_with_a_second_factor_go_on(settings, client_for, adam):
    settings.STAFF_SECOND_FACTOR = True
    TOTP.activate(adam, generate_totp_secret())
    assert client_for(adam).get("/admin/").status_code == 200


def test_the_admin_has_no_log_in_of_its_own(client):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_many_wrong_passwords_are_stopped(client, alice):
    for _ in range(12):
        answer = client.post(reverse("account_login"), {"login": alice.email, "password": "wrong"})
    assert "Too many failed" in answer.content.decode()
    answer = client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    assert answer.status_code != 302
