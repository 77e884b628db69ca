"""The Tracking API as its callers see it (D36 to D39, CONTRACT)."""

import base64
import gzip
import json
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from delivery import ingest
from delivery.models import Event
from delivery.states import Fault as Told
from runtime.intake import Fault
from tracking.keys import header_key
from tracking.paths import CALLS
from tracking.tests.conftest import make_key, stored

TRACK = {"type": "track", "event": "Song Played", "userId": "ada"}
PAGE = {"type": "page", "name": "Home", "anonymousId": "a"}
NEEDED = {"track": {"event": "x"}, "group": {"groupId": "g"}, "alias": {"previousId": "p"}}


# --- Every address -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", CALLS)
def test_every_address_takes_its_call(call, api, write_key):
    kind = CALLS[call]
    own = {"userId": "u", **NEEDED.get(kind, {})}
    body = {"batch": [PAGE, TRACK]} if kind in ("batch", "import") else own

    answer = api.post(f"/v1/{call}", body, key=write_key.key)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [event["type"] for event in stored()] == (["page", "track"] if "batch" in body else [kind])
    assert stored()[0]["projectId"] == write_key.source.project_id


def test_addresses_are_those_of_the_contract():
    assert reverse("tracking-call", args=["track"]) == "/v1/track"
    assert reverse("tracking-settings", args=["k"]) == "/v1/projects/k/settings"
    assert reverse("tracking-script", args=["k"]) == "/analytics.js/v1/k/analytics.min.js"
    assert reverse("tracking-chunk", args=["c"]) == "/analytics-next/bundles/c"


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/delete", "/v1/x", "/v1/track/more", "/v1beta", "/analytics.js/", "/v1/m"]
)
def test_other_addresses_are_not_there(path, api, db):
    assert api.post(path, TRACK).status_code in (403, 404)


def test_it_costs_no_more_than_its_view(api, write_key, django_assert_num_queries):
    """No session, no user, no page: the second call of a process is one look at the store."""
    api.post("/v1/track", TRACK, key=write_key.key)

    answer = api.post("/v1/track", TRACK, key=write_key.key)

    assert not answer.cookies
    assert "Content-Security-Policy" not in answer
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.postgres
def test_a_call_is_one_statement(api, write_key, django_assert_num_queries):
    api.post("/v1/track", TRACK, key=write_key.key)

    with django_assert_num_queries(1):
        api.post("/v1/batch", {"batch": [TRACK] * 20}, key=write_key.key)

    assert len(stored()) == 21


# --- Keys ----------------------------------------------------------------------------------------------------------


def test_the_key_may_stand_in_the_body(api, write_key):
    api.post("/v1/track", {**TRACK, "writeKey": write_key.key})
    api.post("/v1/batch", {"batch": [TRACK], "writeKey": write_key.key})

    assert len(stored(source=write_key.source)) == 2


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("Basic " + base64.b64encode(b"abc:").decode(), "abc"),
        ("basic " + base64.b64encode(b"abc:password").decode(), "abc"),
        ("Basic " + base64.b64encode(b"abc").decode(), "abc"),
        ("Basic abc", ""),
        ("Basic", ""),
        ("Bearer abc", ""),
        ("", ""),
    ],
)
def test_the_key_of_basic_authentication(given, key, rf):
    assert header_key(rf.post("/", headers={"Authorization": given})) == key


def test_a_key_in_the_header_wins(api, write_key, other_key):
    api.post("/v1/track", {**TRACK, "writeKey": other_key.key}, key=write_key.key)

    assert [event["projectId"] for event in stored()] == [write_key.source.project_id]


def spoil(key, how: str) -> None:
    now = timezone.now()
    match how:
        case "disabled":
            key.disabled_at = now
        case "expired":
            key.expires_at = now - timedelta(seconds=1)
        case "source off":
            key.source.is_enabled = False
        case "source removed":
            key.source.removed_at = now
    key.save()
    key.source.save()


@pytest.mark.parametrize("how", ["disabled", "expired", "source off", "source removed"])
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
def test_a_key_that_works_no_more(how, is_known, api, write_key):
    """Also at once in a process that remembers whose key it is; the answer tells nothing (D38)."""
    if is_known:
        api.post("/v1/track", TRACK, key=write_key.key)
    spoil(write_key, how)

    answer = api.post("/v1/track", {**TRACK, "messageId": "late"}, key=write_key.key)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert not Event.objects.filter(message_id="late").exists()


@pytest.mark.parametrize(("here", "there", "arrives"), [("", "eu", True), ("eu", "eu", True), ("us", "eu", False)])
def test_keys_of_another_region_are_refused(here, there, arrives, api, db, settings):
    settings.TRACKING_REGION = here
    key = make_key("abroad", there)

    assert api.post("/v1/track", TRACK, key=key.key).status_code == 200
    assert bool(stored()) is arrives


# --- What is said about events -------------------------------------------------------------------------------------


def test_what_is_wrong_is_answered_with_200_and_kept_with_its_fault(api, write_key):
    for body in ({"event": "x"}, {"userId": "u"}, [], 7):
        assert api.post("/v1/track", body, key=write_key.key).status_code == 200

    faults = Event.objects.order_by("pk").values_list("fault", flat=True)
    assert list(faults) == ["no_user_anon_id", "no_event", "not_an_object", "not_an_object"]


def test_every_fault_has_its_words():
    assert {fault.value for fault in Fault} - {""} <= set(Told.values)


def test_the_same_message_is_stored_once(api, write_key, other_key):
    for key in (write_key, write_key, other_key):
        api.post("/v1/track", {**TRACK, "messageId": "m-1"}, key=key.key)

    assert len(stored(source=write_key.source)) == len(stored(source=other_key.source)) == 1


@pytest.mark.parametrize("content_type", ["text/plain", "text/plain;charset=UTF-8", "application/x-anything", ""])
def test_the_content_type_does_not_matter(content_type, api, write_key):
    """analytics.js sends text/plain, to be asked less by browsers."""
    answer = api.post("/v1/t", TRACK, key=write_key.key, headers={"Content-Type": content_type})

    assert answer.status_code == 200
    assert len(stored()) == 1


def test_gzip(api, write_key):
    raw = gzip.compress(json.dumps({"batch": [TRACK, PAGE]}).encode())

    assert api.post("/v1/batch", raw, key=write_key.key, headers={"Content-Encoding": "gzip"}).status_code == 200
    assert len(stored()) == 2


@pytest.mark.parametrize("key", ["", "nobody"])
def test_what_is_no_json_is_refused_whatever_the_key(key, api, db):
    answer = api.post("/v1/track", b"{", key=key)

    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["message"]


@pytest.mark.parametrize(("proxies", "forwarded", "ip"), [(0, "198.51.100.9", "127.0.0.1"),
    (1, "10.0.0.1, 198.51.100.9", "198.51.100.9"), (2, "198.51.100.9, 10.0.0.1", "198.51.100.9"),
    (1, "", None), (1, "no address", None)])  # fmt: skip
def test_the_callers_address(proxies, forwarded, ip, api, write_key, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    body = {**TRACK, "context": {"direct": True}}

    api.post("/v1/track", body, key=write_key.key, headers={"X-Forwarded-For": forwarded})

    assert stored()[0]["context"].get("ip") == ip


# --- Browsers of other sites -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", CALLS)
def test_browsers_may_call_from_anywhere(call, api, db):
    answer = api.ask(
        "OPTIONS", f"/v1/{call}", Origin="https://shop.example", Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization,content-type",
    )  # fmt: skip

    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(answer["Access-Control-Allow-Headers"].lower().split(", "))
    assert int(answer["Access-Control-Max-Age"]) > 600


def test_every_answer_can_be_read_by_a_browser(api, write_key):
    for answer in (
        api.post("/v1/track", TRACK, key=write_key.key),
        api.post("/v1/track", b"{"),
        api.ask("GET", "/v1/track"),
    ):
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in answer["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"])
def test_only_post_sends_events(method, api, db):
    answer = api.ask(method, "/v1/track")

    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


# --- When nothing can be stored --------------------------------------------------------------------------------------


def test_without_a_database_a_library_is_asked_to_come_again(api, write_key, monkeypatch):
    def fail(*given):
        raise OperationalError("the server is away")

    monkeypatch.setattr(ingest, "take", fail)

    answer = api.post("/v1/track", TRACK, key=write_key.key)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"away" not in answer.content


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_is_made_anew(api):
    """Nobody asks it beforehand: that would cost each call a round trip."""
    key = make_key("ours")
    api.post("/v1/track", TRACK, key=key.key)
    connection.connection.close()

    assert api.post("/v1/track", TRACK, key=key.key).status_code == 200
    assert len(stored()) == 2
