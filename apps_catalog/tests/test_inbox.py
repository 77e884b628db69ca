"""The echo inbox as a partner uses it: scripted answers, live rows, signatures, clearing."""

import json
import threading
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.undo import UNDO_FOR
from apps_catalog import echo as echo_view
from apps_catalog import echo_pace
from apps_catalog.echo_control import Script, set_script
from apps_catalog.echo_scripts import MAX_SLOW_SECONDS, opinions
from apps_catalog.lifecycle import add_component
from apps_catalog.models import EchoInbox, EchoRequest
from apps_catalog.signing import active_secrets, rotate, signing_for
from apps_catalog.states import EchoScript, SignatureState
from audit.models import Record
from runtime.signing import Signing, new_secret
from tests.counts import count

pytestmark = pytest.mark.django_db
BODY = '{"type":"track","event":"Signed up"}'


@pytest.fixture(autouse=True)
def _no_earlier_requests():
    cache.clear()


@pytest.fixture
def client(client_for, alice):
    return client_for(alice)


@pytest.fixture
def webhook(alice, app):
    return add_component(alice, app, "subscription_webhook")


def url(app, name="app-inbox", *args):
    return reverse(name, args=[app.slug, *args])


def send(app, body=BODY, **headers):
    return Client().post(reverse("echo", args=[app.echo.token]), body, content_type="application/json", headers=headers)


def script(alice, app, name, times=None, seconds=0, message=""):
    set_script(alice, app, Script(EchoScript(name), times, seconds, message))


# --- Scripts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"),
    [("ok", 200), ("accepted", 202), ("bad_request", 400), ("unauthorized", 401), ("too_many", 429), ("error", 500),
     ("unsupported", 501), ("unavailable", 503), ("broken_json", 400), ("redirect", 302), ("slow", 200)],
)  # fmt: skip
def test_each_script_answers_as_it_says_and_the_inbox_remembers(client, alice, app, name, status):
    script(alice, app, name, seconds=0)
    answer = send(app)
    row = EchoRequest.objects.get()
    assert answer.status_code == row.status == status
    assert row.answer["body"] == answer.content.decode()
    page = client.get(url(app, "app-inbox-request", row.pk)).content.decode()
    assert f">{status}" in page.replace("\n", "")
    assert set(EchoScript) == {row.script for row in opinions()}


def test_429_says_when_and_400_says_what(alice, app):
    script(alice, app, "too_many", seconds=30)
    assert send(app)["Retry-After"] == "30"
    script(alice, app, "bad_request", message="No “userId”.")
    assert send(app).json() == {"message": "No “userId”."}
    script(alice, app, "redirect")
    assert send(app)["Location"].startswith("https://example.com/")
    script(alice, app, "broken_json")
    with pytest.raises(ValueError, match=r"."):
        json.loads(send(app).content)


def test_503_twice_and_then_it_recovers(client, alice, app):
    script(alice, app, "unavailable", times=2)
    assert "next 2 requests get 503" in client.get(url(app)).content.decode()
    assert [send(app).status_code for _ in range(4)] == [503, 503, 200, 200]
    assert "has run out" in client.get(url(app)).content.decode()


@pytest.mark.postgres  # SQLite has one writer
@pytest.mark.django_db(transaction=True)
def test_a_script_for_n_requests_answers_exactly_n_of_many_at_once(alice, app):
    script(alice, app, "unavailable", times=5)
    statuses, number = [], count(small=12, full=60)

    def one():
        statuses.append(send(app).status_code)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * (number - 5) + [503] * 5


def test_a_pause_is_bounded_and_only_two_are_at_once(alice, app, monkeypatch):
    slept = []
    monkeypatch.setattr(echo_view.time, "sleep", slept.append)
    EchoInbox.objects.update(script="slow", script_seconds=600)
    assert send(app).status_code == 200
    assert slept == [MAX_SLOW_SECONDS]
    cache.set(f"echo-slow:{app.echo.pk}:0", 1)
    assert send(app).status_code == 200  # one place is left
    cache.set(f"echo-slow:{app.echo.pk}:1", 1)
    refused = send(app)
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert len(slept) == 2


def test_a_process_pauses_for_two_whatever_apps_they_belong_to(alice, app, monkeypatch):
    script(alice, app, "slow", seconds=1)
    monkeypatch.setattr(echo_view.time, "sleep", lambda seconds: None)
    with echo_pace.slow_turn(EchoInbox(pk=-1), 1), echo_pace.slow_turn(EchoInbox(pk=-2), 1):
        assert send(app).status_code == 429
    assert send(app).status_code == 200


def test_a_slow_answer_without_a_working_cache_keeps_to_the_limit_of_the_process(alice, app, settings, monkeypatch):
    monkeypatch.setattr(echo_view.time, "sleep", lambda seconds: None)
    script(alice, app, "slow", seconds=1)
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert send(app).status_code == 200


def test_the_form_sets_the_script_and_keeps_what_was_typed(client, app):
    done = client.post(url(app), {"script": "too_many", "times": "3", "seconds": "60"})
    assert done.status_code == 303
    assert "next 3 requests get 429" in client.get(url(app)).content.decode()
    assert Record.objects.filter(action="echo.scripted").count() == 1
    wrong = client.post(url(app), {"script": "slow", "seconds": "60", "message": "kept words"})
    assert wrong.status_code == 422
    assert "kept words" in wrong.content.decode()
    assert "at most 8 seconds" in wrong.content.decode()
    assert EchoInbox.objects.get(app=app).script == "too_many"


@pytest.mark.parametrize("opinion", opinions(), ids=lambda row: str(row.script))
def test_the_page_says_what_the_suite_would(client, app, opinion):
    assert opinion.outcome.verdict == (
        "green" if opinion.status < 300 else "yellow" if opinion.status == 501 else "red"
    )
    assert opinion.outcome.meaning.split("’")[0] in client.get(url(app)).content.decode()


# --- Signatures ---------------------------------------------------------------------------------------------


def signed(webhook, body=BODY):
    return dict(signing_for(webhook, "msg_1").headers(body.encode()))


def test_a_signature_is_judged_when_it_arrives(alice, app, webhook):
    send(app, **signed(webhook))
    old = dict(Signing([active_secrets(webhook)[0].open()], "m", int(time.time()) - 400).headers(BODY.encode()))
    send(app, **old)
    send(app, body=BODY + " ", **signed(webhook))
    send(app, **dict(Signing([new_secret()], "m", int(time.time())).headers(BODY.encode())))
    send(app)
    rotate(alice, webhook, active_secrets(webhook)[0].pk)
    send(app, **signed(webhook))
    found = list(app.echo.requests.order_by("pk").values_list("signature", flat=True))
    expected = ["valid", "old", "invalid", "invalid", "none", "valid"]
    assert found == [SignatureState(word) for word in expected]


def test_masking_does_not_spoil_the_verdict(app, webhook):
    body = '{"type":"track","key":"key-9q+Zt7xYw3Kd"}'
    send(app, body=body, Authorization="Basic a2V5LTlxK1p0N3hZdzNLZDo=", **signed(webhook, body))
    row = EchoRequest.objects.get()
    assert row.signature == SignatureState.VALID
    assert "9q+Zt7x" not in row.body


@pytest.mark.parametrize("stamp", ["", "soon", "1" * 400, "١٢"])
def test_odd_timestamps_are_survived(app, webhook, stamp):
    headers = signed(webhook) | {"webhook-timestamp": stamp.encode().decode("latin-1")}
    assert send(app, **headers).status_code == 200


# --- The list ---------------------------------------------------------------------------------------------------


def test_a_row_says_what_came_and_opens_to_everything(client, app):
    send(app, body='{"type":"track","event":"<b>Signed up</b>"}')
    page = client.get(url(app)).content.decode()
    assert "track · &lt;b&gt;Signed up&lt;/b&gt;" in page
    assert "Not signed" in page
    one = url(app, "app-inbox-request", EchoRequest.objects.get().pk)
    part = client.get(one, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Raw body" in part
    assert "<html" in client.get(one).content.decode()


def test_the_poll_brings_what_is_new_and_nothing_twice(client, app):
    live = url(app, "app-inbox-live")
    send(app)
    first = client.get(live)
    assert "1 new request" in first.content.decode()
    context = first.context
    state = {"after": context["after"], "state": context["state"]}
    assert client.get(live, state).status_code == 204
    send(app, body='{"type":"page"}')
    again = client.get(live, state).content.decode()
    assert "page" in again
    assert "Signed up" not in again
    client.post(url(app), {"script": "error"})
    assert "500" in client.get(live, state | {"after": 10**9}).content.decode()


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 40, "١"])
def test_the_poll_survives_any_number(client, app, after):
    assert client.get(url(app, "app-inbox-live"), {"after": after}).status_code == 200


def test_clearing_can_be_taken_back_for_a_day(client, app, time_machine):
    send(app)
    client.post(url(app, "app-inbox-clear"))
    pk = EchoRequest.objects.get().pk
    page = client.get(url(app)).content.decode()
    assert f"request-{pk}" not in page
    assert client.get(url(app, "app-inbox-request", pk)).status_code == 404
    client.post(url(app, "app-inbox-unclear"))
    assert f"request-{pk}" in client.get(url(app)).content.decode()
    client.post(url(app, "app-inbox-clear"))
    assert client.post(url(app, "app-inbox-clear")).status_code == 303  # a second click
    time_machine.move_to(timezone.now() + UNDO_FOR)
    send(app)
    assert not EchoRequest.objects.filter(pk=pk).exists()
    client.post(url(app, "app-inbox-unclear"))
    assert app.echo.requests.count() == 1


def test_viewers_look_and_change_nothing(client_for, viv, app):
    client = client_for(viv)
    assert "Change how it answers" not in client.get(url(app)).content.decode()
    assert client.post(url(app), {"script": "error"}).status_code == 403
    assert client.post(url(app, "app-inbox-clear")).status_code == 403
