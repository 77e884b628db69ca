"""The built-in endpoint that every App has."""

import base64
import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps_catalog.addresses import echo_url
from apps_catalog.echo import MAX_BODY_BYTES
from apps_catalog.echo_keeping import KEPT
from apps_catalog.echo_pace import PER_MINUTE
from apps_catalog.models import EchoRequest, Setting

pytestmark = pytest.mark.django_db

KEY = "key/9q+Zt7xYw3Kd"
PIN = "pin-4471-secret"


@pytest.fixture(autouse=True)
def _no_earlier_requests():
    cache.clear()


@pytest.fixture
def url(app):
    return reverse("echo", args=[app.echo.token])


@pytest.fixture
def outside():
    """A client without session, which checks CSRF as a browser's requests are."""
    return Client(enforce_csrf_checks=True)


def post(client, url, body='{"type": "track"}', **headers):
    return client.post(url, body, content_type="application/json", headers=headers)


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_it_answers_200_and_remembers(outside, url):
    response = post(outside, url, '{"type": "track", "event": "Ü"}')
    assert (response.status_code, response.json()) == (200, {"received": True})
    row = EchoRequest.objects.get()
    assert row.body == '{"type": "track", "event": "Ü"}'
    assert ["Content-Type", "application/json"] in row.headers


def test_its_address_is_the_one_that_new_webhooks_get(app, url):
    assert echo_url(app.echo.token).endswith(url)


@pytest.mark.parametrize("body", ["", "not json", "[", b"\xff\xfe\x00bytes", "a\x00b"])
def test_any_body_is_taken(outside, url, body):
    assert post(outside, url, body).status_code == 200
    assert "\x00" not in EchoRequest.objects.get().body


def test_no_secret_is_stored(outside, app, url):
    Setting.objects.create(app=app, key="region", label="Region", position=1)
    Setting.objects.create(app=app, key="pin", label="PIN", type="password", sensitive=True, position=2)
    settings = base64.b64encode(json.dumps({"region": "mars-1", "pin": PIN, "unknown": "stray-77"}).encode()).decode()
    headers = {"Authorization": basic(f"{KEY}:"), "X-Segment-Settings": settings, "Cookie": "session=abc"}
    post(outside, url, json.dumps({"type": "track", "properties": {"key": KEY}}), **headers)
    row = EchoRequest.objects.get()
    stored = json.dumps(row.headers) + row.body
    shown = dict(row.headers)
    for secret in (KEY, PIN, "stray-77", settings, basic(f"{KEY}:"), "session=abc"):
        assert secret not in stored
    assert shown["Authorization"] == "Basic ****w3Kd"
    kept = json.loads(base64.b64decode(shown["X-Segment-Settings"]))
    assert kept["region"] == "mars-1"
    assert kept["pin"].startswith("****")


@pytest.mark.parametrize(
    "value", ["", "Basic", "Basic !!!", "Bearer abc.def", basic("no-colon"), basic(":"), basic("k:password")]
)
def test_any_authorization_is_survived_and_masked(outside, url, value):
    assert post(outside, url, Authorization=value).status_code == 200
    shown = dict(EchoRequest.objects.get().headers).get("Authorization", "****")
    assert "****" in shown
    assert "abc.def" not in shown


@pytest.mark.parametrize("value", ["", "x", base64.b64encode(b"[1]").decode(), base64.b64encode(b"{").decode()])
def test_any_settings_header_is_survived(outside, url, value):
    assert post(outside, url, **{"X-Segment-Settings": value}).status_code == 200


def test_an_unknown_token_is_a_404(outside, app):
    assert post(outside, reverse("echo", args=["nothing"])).status_code == 404


def test_the_echo_of_a_deleted_app_is_a_404(outside, app, url):
    type(app).objects.filter(pk=app.pk).update(deleted_at=timezone.now())
    assert post(outside, url).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_it_takes_posts_only(outside, url, method):
    response = getattr(outside, method)(url)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert not EchoRequest.objects.exists()


def test_more_than_64_kb_are_refused(outside, url):
    assert post(outside, url, "x" * MAX_BODY_BYTES).status_code == 200
    assert post(outside, url, "x" * (MAX_BODY_BYTES + 1)).status_code == 413
    assert EchoRequest.objects.count() == 1


def test_the_newest_are_kept(outside, app, url):
    EchoRequest.objects.bulk_create(EchoRequest(inbox=app.echo, method="POST") for _ in range(KEPT + 5))
    post(outside, url, "the newest")
    assert app.echo.requests.count() == KEPT
    assert app.echo.requests.first().body == "the newest"


def test_a_flood_is_slowed_down(outside, app, url):
    cache.set(f"echo:{app.echo.pk}", PER_MINUTE, 60)
    response = post(outside, url)
    assert (response.status_code, response["Retry-After"]) == (429, "60")


def test_without_a_working_cache_it_answers_all_the_same(outside, url, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert post(outside, url).status_code == 200


def test_a_request_costs_the_same_however_many_are_kept(outside, app, url, django_assert_max_num_queries):
    EchoRequest.objects.bulk_create(EchoRequest(inbox=app.echo, method="POST") for _ in range(KEPT))
    with django_assert_max_num_queries(8):
        post(outside, url)
