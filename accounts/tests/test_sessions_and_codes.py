"""What opens an account opens it once, and a log-in is a new session (SECURITY T22, T23)."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import OutboxMessage
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
CODE = re.compile(r"^([0-9A-Z]{4}-[0-9A-Z]{4})$", re.MULTILINE)


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def log_in(client: Client, user, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def mailed_code() -> str:
    found = CODE.search(OutboxMessage.objects.latest("created_at").text)
    assert found
    return found.group(1)


def app_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def secret(carol) -> str:
    made = generate_totp_secret()
    TOTP.activate(carol, made)
    return made


# --- Sessions ---------------------------------------------------------------------------------------


def test_a_log_in_gets_a_new_session_key(client, carol):
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "before"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    log_in(client, carol)
    assert client.session.session_key != planted
    assert "_auth_user_id" in client.session


def test_a_changed_password_ends_the_other_sessions(client, carol):
    other = Client()
    for one in (client, other):
        log_in(one, carol)
    data = {"oldpassword": PASSWORD, "password1": PASSWORD + "!", "password2": PASSWORD + "!"}
    client.post(reverse("account_change_password"), data)
    assert client.get(reverse("account-home")).status_code == 200
    assert other.get(reverse("account-home")).status_code == 302
    assert OutboxMessage.objects.filter(recipient=carol.email, subject__contains="password was changed").exists()


def test_other_sessions_can_be_ended(client, carol):
    other = Client()
    for one in (client, other):
        log_in(one, carol)
        one.get(reverse("account-home"))
    client.post(reverse("usersessions_list"))
    assert client.get(reverse("account-home")).status_code == 200
    assert other.get(reverse("account-home")).status_code == 302


# --- Codes --------------------------------------------------------------------------------------------


def test_a_reset_code_works_once(client, carol):
    client.post(reverse("account_reset_password"), {"email": carol.email})
    code, new = mailed_code(), PASSWORD + " new"
    client.post(reverse("account_confirm_password_reset_code"), {"code": code})
    client.post(reverse("account_complete_password_reset"), {"password1": new, "password2": new})
    assert log_in(Client(), carol, new).status_code == 302

    client.post(reverse("account_reset_password"), {"email": carol.email})
    assert client.post(reverse("account_confirm_password_reset_code"), {"code": code}).status_code == 200
    done = client.get(reverse("account_complete_password_reset"))
    assert (done.status_code, done.url) == (302, reverse("account_confirm_password_reset_code"))


def test_a_reset_code_works_for_fifteen_minutes(client, carol):
    client.post(reverse("account_reset_password"), {"email": carol.email})
    code = mailed_code()
    with time_machine.travel(time.time() + 15 * 60 + 1):
        answer = client.post(reverse("account_confirm_password_reset_code"), {"code": code})
    assert (answer.status_code, answer.url) == (302, reverse("account_login"))


def test_a_code_may_be_typed_as_people_type(client, carol):
    client.post(reverse("account_reset_password"), {"email": carol.email})
    typed = f" {mailed_code().lower().replace('-', ' - ')} "
    answer = client.post(reverse("account_confirm_password_reset_code"), {"code": typed})
    assert answer.status_code == 302


def test_a_code_of_the_app_works_once(carol, secret):
    code = app_code(secret)
    first, second = Client(), Client()
    for client in (first, second):
        assert log_in(client, carol).url == reverse("mfa_authenticate")
    assert first.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    again = second.post(reverse("mfa_authenticate"), {"code": code})
    assert again.status_code == 200
    assert "was used already" in again.content.decode()


def test_the_code_that_set_the_app_up_is_used(client, carol):
    log_in(client, carol)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    code = app_code(page.context["form"].secret)
    assert client.post(reverse("mfa_activate_totp"), {"code": code}).url == reverse("mfa_view_recovery_codes")
    other = Client()
    log_in(other, carol)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_guessing_codes_of_the_app_is_stopped(client, carol, secret):
    log_in(client, carol)
    right, wrong = app_code(secret), "000000"
    pages = [client.post(reverse("mfa_authenticate"), {"code": wrong}) for _ in range(6)]
    assert "Too many failed" in pages[-1].content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": right}).status_code == 200


def test_a_recovery_code_works_once(carol, secret):
    code = RecoveryCodes.activate(carol).get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        log_in(client, carol)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


def test_second_factors_are_sealed_at_rest(carol, secret):
    RecoveryCodes.activate(carol)
    rows = {row.type: row.data for row in Authenticator.objects.filter(user=carol)}
    assert rows["totp"]["secret"].startswith("v1.")
    assert rows["recovery_codes"]["seed"].startswith("v1.")
    assert secret not in str(rows)


# --- Asking again --------------------------------------------------------------------------------------

ASKS_AGAIN = [
    "account-export", "account-delete", "mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes",
]  # fmt: skip


@pytest.mark.parametrize("name", ASKS_AGAIN)
def test_what_matters_asks_again_after_fifteen_minutes(client, carol, name):
    log_in(client, carol)
    carol.refresh_from_db()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse(name)).status_code == 200
    with time_machine.travel(time.time() + 15 * 60 + 1, tick=False):
        answer = client.get(reverse(name))
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, reverse("account_reauthenticate"))


def test_adding_an_address_asks_again_some_time_after_the_log_in(client, carol):
    with time_machine.travel(timezone.now() - timedelta(minutes=16), tick=False):
        log_in(client, carol)
    answer = client.post(reverse("account_email"), {"email": "new@customer.example", "action_add": ""})
    assert answer.url.startswith(reverse("account_reauthenticate"))
    client.post(answer.url, {"password": PASSWORD, "next": reverse("account_email")})
    assert OutboxMessage.objects.latest("created_at").recipient == "new@customer.example"


# --- Links -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [("account_signup", "name"), ("account_reset_password", "")])
def test_links_in_mails_start_from_the_configured_address(carol, settings, step):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    settings.SITE_URL = "https://center.example"
    known = "carol@customer.example" if step[1] else "nobody@customer.example"
    data = {"name": "X", "email": known, "password1": PASSWORD}
    headers = {"Host": "other.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    Client(headers=headers).post(reverse(step[0]), data)
    text = OutboxMessage.objects.get().text
    assert set(re.findall(r"https?://[^/\s]+", text)) == {"https://center.example"}


def test_a_foreign_host_is_refused_before_any_mail(client, carol):
    answer = client.post(reverse("account_reset_password"), {"email": carol.email}, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert not OutboxMessage.objects.exists()


def test_what_strangers_type_does_not_get_into_mails(client):
    data = {"name": "Win at http://evil.example", "email": "victim@mail.example", "password1": PASSWORD}
    client.post(reverse("account_signup"), data)
    message = OutboxMessage.objects.get()
    assert message.recipient == "victim@mail.example"
    assert "evil" not in message.subject + message.text


def test_a_fresh_log_in_is_not_asked_again_and_an_old_one_is(client, carol):
    with time_machine.travel(timezone.now() - timedelta(minutes=16), tick=False):
        client.post(reverse("account_login"), {"login": carol.email, "password": PASSWORD})
        assert client.get(reverse("account-export")).status_code == 200
    answer = client.get(reverse("account-export"))
    assert answer.url.startswith(reverse("account_reauthenticate"))
