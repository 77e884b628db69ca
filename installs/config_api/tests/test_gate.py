"""The way in: tokens, methods, what goes wrong, what is noted of a use (D43, D46)."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from installs import proof, tokens
from installs.config_api import rates
from installs.config_api.tests.conftest import Api, error_of, path_of
from installs.lifecycle import end
from installs.models import AccessToken, Install
from installs.states import EndReason

MALFORMED = (401, 16, "malformed token")


@pytest.fixture
def path(source, hook) -> str:
    return path_of(source, hook.slug)


def test_without_a_token_that_works_there_is_one_answer(api, oauth_install, path):
    headers = [
        {}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "}, {"Authorization": f"Basic {api.token}"},
        {"Authorization": api.token}, {"Authorization": f"Bearer {api.token}x"}, {"Authorization": "Bearer ü"},
        {"Authorization": "Bearer " + "x" * 5000}, {"Authorization": f"Bearer {api.token}, Bearer {api.token}"},
    ]  # fmt: skip

    answers = [Api().call("GET", path, **sent) for sent in headers]

    assert {error_of(answer) for answer in answers} == {MALFORMED}
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_in_the_address_or_a_cookie_is_none(api, path, client_for, alice):
    assert error_of(Api().get(f"{path}?access_token={api.token}")) == MALFORMED
    assert error_of(client_for(alice).get(f"/v1beta{path}")) == MALFORMED


def test_the_scheme_is_written_in_any_case(api, path):
    assert Api().call("GET", path, Authorization=f"bearer {api.token}").status_code == 404


def test_a_token_that_expired_was_replaced_or_whose_install_ended_is_none(api, oauth_install, path):
    assert api.get(path).status_code == 404
    newer = Api(oauth_install)
    assert error_of(api.get(path)) == MALFORMED
    assert newer.get(path).status_code == 404
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert error_of(newer.get(path)) == MALFORMED
    newest = Api(oauth_install)
    end(oauth_install, oauth_install.consented_by, EndReason.CUSTOMER)
    assert error_of(newest.get(path)) == MALFORMED


def test_a_token_of_a_deleted_app_is_none(api, hook, path):
    type(hook).objects.filter(pk=hook.pk).update(deleted_at=timezone.now())

    assert error_of(api.get(path)) == MALFORMED


def test_other_methods_are_told_which_there_are(path):
    answer = Api().call("PUT", path, {})

    assert error_of(answer) == (405, 12, "method not allowed, use GET, PATCH, DELETE")
    assert answer.headers["Allow"] == "GET, PATCH, DELETE"


def test_no_session_and_no_page_header_is_there(api, path, client_for, alice):
    browser = client_for(alice)

    answer = browser.get(f"/v1beta{path}", headers={"Authorization": f"Bearer {api.token}"})

    assert answer.status_code == 404
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_head_is_answered_like_get(api, path):
    assert api.call("HEAD", path).status_code == 404


# --- What goes wrong on our side ------------------------------------------------------------------------------


def test_a_fault_of_ours_is_an_error_that_gives_nothing_away(api, path, monkeypatch):
    def break_down(token: str) -> None:
        raise RuntimeError(f"secret {token}")

    monkeypatch.setattr(tokens, "install_of", break_down)
    api._client.raise_request_exception = False

    answer = api.get(path)

    assert error_of(answer) == (500, 13, "internal error")


def test_a_database_that_is_away_is_worth_another_try(api, path, monkeypatch):
    def be_away(token: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tokens, "install_of", be_away)

    answer = api.get(path)

    assert error_of(answer) == (503, 14, "temporarily unavailable, try again")
    assert answer.headers["Retry-After"] == "5"


# --- What is noted ---------------------------------------------------------------------------------------------


def test_only_what_succeeded_counts_as_a_use_and_it_is_noted_once_a_minute(api, oauth_install, source, path):
    api.get(path)
    assert Install.objects.get().first_used_at is None
    assert api.get(f"/catalog/destinations/{oauth_install.client.app.slug}").status_code == 200
    first = Install.objects.get()
    assert first.first_used_at == first.last_used_at is not None
    assert proof.evidence(first.client.app)["first_used_at"] == first.first_used_at

    api.get(f"/catalog/destinations/{oauth_install.client.app.slug}")
    assert Install.objects.get().last_used_at == first.last_used_at

    earlier = timezone.now() - 2 * proof.NOTED_EVERY
    Install.objects.update(first_used_at=earlier, last_used_at=earlier)
    api.get(f"/catalog/destinations/{oauth_install.client.app.slug}")
    again = Install.objects.get()
    assert again.first_used_at == earlier
    assert again.last_used_at > earlier


# --- How often ---------------------------------------------------------------------------------------------------


def test_too_many_requests_in_a_minute_wait_for_the_next(api, path, settings, monkeypatch):
    settings.CONFIG_API_REQUESTS_PER_MINUTE = 2
    at = 1_800_000_000.0 - 1_800_000_000.0 % 60 + 15
    monkeypatch.setattr(rates, "_rates", rates.Rates(rates._count_in_cache, lambda: at))

    answers = [api.get(path) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert error_of(answers[-1]) == (429, 8, "too many requests")
    assert answers[-1].headers["Retry-After"] == "45"


def test_the_next_minute_and_another_install_begin_anew():
    now, counts = [60.0], {}

    def count(key: str) -> int:
        counts[key] = counts.get(key, 0) + 1
        return counts[key]

    limited = rates.Rates(count, lambda: now[0])

    assert [limited.wait_of(1, 2) for _ in range(3)] == [0, 0, 60]
    assert limited.wait_of(2, 2) == 0
    now[0] = 119.5
    assert limited.wait_of(1, 2) == 1
    now[0] = 120.0
    assert limited.wait_of(1, 2) == 0


def test_without_the_cache_nothing_is_refused_and_it_is_left_alone_for_a_while():
    now, asked = [0.0], []

    def fail(key: str) -> int:
        asked.append(key)
        raise ConnectionError

    limited = rates.Rates(fail, lambda: now[0])

    assert [limited.wait_of(1, 1) for _ in range(5)] == [0] * 5
    assert len(asked) == 1
    now[0] = 6.0
    limited.wait_of(1, 1)
    assert len(asked) == 2


def test_a_limit_of_nought_is_none():
    assert rates.Rates(lambda key: 10**9).wait_of(1, 0) == 0
