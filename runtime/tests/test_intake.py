"""Calls of the Tracking API become events (D28, D29, D38)."""

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runtime.intake import (
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_CALL_BYTES,
    BadBody,
    Call,
    Fault,
    read_body,
    read_calls,
)
from runtime.intake.calls import read_time

NOW = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
TRACK = {"type": "track", "event": "Song Played", "userId": "ada", "messageId": "m-1"}


def one(kind: str = "track", ip: str = "203.0.113.7", **body: Any) -> Call:
    return read_calls(kind, body, received_at=NOW, ip=ip).calls[0]


def batch(*items: Any, **around: Any) -> list[Call]:
    return read_calls("batch", {"batch": list(items), **around}, received_at=NOW, ip="203.0.113.7").calls


def refused(raw: bytes, encoding: str = "", kind: str = "batch") -> str:
    with pytest.raises(BadBody) as caught:
        read_body(raw, encoding=encoding, kind=kind)
    assert caught.value.status == 400
    return caught.value.text


# --- The event ---------------------------------------------------------------------------------------------------


def test_an_event_has_all_common_fields_but_the_project():
    call = one(**TRACK, properties={"title": "Sonata"}, writeKey="k", timestamp="2026-11-22T11:59:00Z")

    assert call.fault == ""
    assert call.event == {
        "type": "track",
        "event": "Song Played",
        "userId": "ada",
        "messageId": "m-1",
        "properties": {"title": "Sonata"},
        "channel": "server",
        "context": {},
        "integrations": {},
        "originalTimestamp": "2026-11-22T11:59:00.000Z",
        "sentAt": "2026-11-22T12:00:00.500Z",
        "receivedAt": "2026-11-22T12:00:00.500Z",
        "timestamp": "2026-11-22T11:59:00.000Z",
        "version": 2,
    }


def test_the_key_is_read_and_not_passed_on():
    intake = read_calls("track", {**TRACK, "writeKey": "k"}, received_at=NOW, ip="")

    assert intake.write_key == "k"
    assert "writeKey" not in intake.calls[0].event


def test_a_batch_takes_no_key_from_its_items():
    """Otherwise one could write into another source (T9)."""
    intake = read_calls("batch", {"batch": [{**TRACK, "writeKey": "other"}]}, received_at=NOW, ip="")

    assert intake.write_key == ""
    assert "writeKey" not in intake.calls[0].event


def test_the_address_fixes_the_type_of_a_single_call():
    assert one("page", **TRACK).event["type"] == "page"


def test_a_message_without_an_id_gets_one():
    first, second = batch({**TRACK, "messageId": ""}, {**TRACK, "messageId": None})

    assert first.message_id.startswith("api-")
    assert first.message_id != second.message_id
    assert first.event["messageId"] == first.message_id
    assert one(**{**TRACK, "messageId": 17}).message_id == "17"


def test_batch_context_and_integrations_are_merged_and_the_item_wins():
    around = {"context": {"library": {"name": "x"}, "locale": "de"}, "integrations": {"All": False, "Acme": True}}

    call = batch({**TRACK, "context": {"locale": "fr"}, "integrations": {"All": True}}, **around)[0]

    assert call.event["context"] == {"library": {"name": "x"}, "locale": "fr"}
    assert call.event["integrations"] == {"All": True, "Acme": True}


def test_items_do_not_share_their_context():
    first, second = batch(TRACK, {**TRACK, "messageId": "m-2"}, context={"direct": True})

    first.event["context"]["own"] = 1
    assert "own" not in second.event["context"]


@pytest.mark.parametrize("odd", [None, [], "text", 7])
def test_context_and_integrations_are_objects_whatever_was_sent(odd):
    event = one(**TRACK, context=odd, integrations=odd).event

    assert (event["context"], event["integrations"]) == ({}, {})


@pytest.mark.parametrize(
    ("context", "channel", "ip"),
    [
        ({}, "server", None),
        ({"direct": True}, "server", "203.0.113.7"),
        ({"direct": "yes"}, "server", None),
        ({"direct": True, "ip": "198.51.100.1"}, "server", "198.51.100.1"),
        ({"library": {"name": "analytics.js"}}, "browser", "203.0.113.7"),
        ({"library": {"name": "analytics-android"}}, "mobile", "203.0.113.7"),
        ({"library": {"name": "analytics-python"}}, "server", None),
        ({"library": "odd"}, "server", None),
    ],
)
def test_where_it_comes_from(context, channel, ip):
    event = one(**TRACK, context=context).event

    assert (event["channel"], event["context"].get("ip")) == (channel, ip)


# --- Times -------------------------------------------------------------------------------------------------------


def times(call: Call) -> tuple[str, str, str, str]:
    return tuple(call.event[name] for name in ("originalTimestamp", "sentAt", "receivedAt", "timestamp"))


def test_a_wrong_clock_is_corrected():
    """The client's clock is an hour and 400 ms slow: it says that it sent an hour ago what happened 10 s before."""
    call = batch({**TRACK, "timestamp": "2026-11-22T10:59:50.100Z"}, sentAt="2026-11-22T11:00:00.100Z")[0]

    assert times(call) == (
        "2026-11-22T10:59:50.100Z",
        "2026-11-22T11:00:00.100Z",
        "2026-11-22T12:00:00.500Z",
        "2026-11-22T11:59:50.500Z",
    )


def test_an_item_may_say_when_it_was_sent():
    call = batch(
        {**TRACK, "timestamp": "2026-11-22T10:00:00Z", "sentAt": "2026-11-22T10:00:01Z"}, sentAt="2026-11-22T12:00:00Z"
    )[0]

    assert call.event["timestamp"] == "2026-11-22T11:59:59.500Z"


@pytest.mark.parametrize("odd", [None, "", "yesterday", 1_700_000_000, "2026-13-01T00:00:00Z", {}, "9" * 5000])
def test_a_time_that_is_none_is_the_time_of_arrival(odd):
    assert set(times(one(**TRACK, timestamp=odd, sentAt=odd))) == {"2026-11-22T12:00:00.500Z"}


@pytest.mark.parametrize(
    ("happened", "sent"),
    [("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"), ("9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00")],
)
def test_times_at_the_ends_of_the_calendar(happened, sent):
    assert all(times(one(**TRACK, timestamp=happened, sentAt=sent)))


def test_skew_is_corrected_for_any_clock():
    rng = random.Random(6)
    for _ in range(200):
        skew, ago, way = (timedelta(milliseconds=rng.randrange(limit)) for limit in (10**9, 10**7, 10**4))
        sent = NOW - way - skew
        call = one(**TRACK, timestamp=(sent - ago).isoformat(), sentAt=sent.isoformat())

        assert read_time(call.event["timestamp"]) == NOW - ago


# --- What is refused with 200 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"type": "track", "event": "x"}, Fault.NO_USER),
        ({"type": "track", "event": "x", "userId": "", "anonymousId": None}, Fault.NO_USER),
        ({"type": "track", "event": "x", "userId": {}}, Fault.NO_USER),
        ({"type": "track", "event": "x", "userId": True}, Fault.NO_USER),
        ({"type": "track", "userId": "u"}, Fault.NO_EVENT),
        ({"type": "track", "userId": "u", "event": " "}, Fault.NO_EVENT),
        ({"type": "track", "userId": "u", "event": 7}, Fault.NO_EVENT),
        ({"type": "group", "userId": "u"}, Fault.NO_GROUP),
        ({"type": "alias", "userId": "u"}, Fault.NO_PREVIOUS),
        ({"type": "delete", "userId": "u"}, Fault.BAD_TYPE),
        ({"type": ["track"], "userId": "u"}, Fault.BAD_TYPE),
        ({"userId": "u"}, Fault.BAD_TYPE),
        ({**TRACK, "messageId": "m" * 100}, Fault.BAD_ID),
        ("track", Fault.NOT_OBJECT),
        (None, Fault.NOT_OBJECT),
        ([TRACK], Fault.NOT_OBJECT),
        ({**TRACK, "properties": {"text": "x" * MAX_CALL_BYTES}}, Fault.TOO_LARGE),
        ({**TRACK, "context": {"text": "x" * MAX_CALL_BYTES}}, Fault.TOO_LARGE),
        ({"userId": "u", "text": "x" * MAX_CALL_BYTES}, Fault.TOO_LARGE),
        (TRACK, ""),
        ({"type": "track", "event": "x", "anonymousId": 7}, ""),
        ({"type": "identify", "userId": 7}, ""),
        ({"type": "screen", "anonymousId": "a"}, ""),
        ({"type": "group", "userId": "u", "groupId": 0}, ""),
        ({"type": "alias", "userId": "u", "previousId": "a"}, ""),
        ({**TRACK, "messageId": "m" * 99}, ""),
    ],
)
def test_the_fault_of_a_call(item, fault):
    good, call = batch({**TRACK, "messageId": "other"}, item)

    assert call.fault == fault
    assert good.fault == ""
    assert len(call.message_id) <= 100
    assert len(json.dumps(call.event)) <= MAX_CALL_BYTES + 1_000
    assert isinstance(call.event["type"], str)


def test_characters_of_several_bytes_do_not_make_an_event_too_large():
    properties = {"text": "ä" * (MAX_CALL_BYTES // 2 - 200)}

    assert batch({**TRACK, "properties": properties})[0].fault == ""


def test_beyond_2500_events_the_rest_is_refused():
    calls = batch(*({**TRACK, "messageId": f"m-{number}"} for number in range(MAX_BATCH_EVENTS + 30)))

    assert [call.fault for call in calls] == [""] * MAX_BATCH_EVENTS + [Fault.TOO_MANY] * 30
    assert calls[MAX_BATCH_EVENTS].message_id == "m-2500"


def test_hundreds_of_thousands_of_nothings_cost_little():
    calls = batch(*[0] * 250_000)

    assert len(calls) == MAX_BATCH_EVENTS + 10 + 10_000
    assert len(set(map(id, calls))) < MAX_BATCH_EVENTS + 50


@pytest.mark.parametrize("body", [[], "text", 7, None, True])
def test_a_document_that_is_no_object_is_one_refused_call(body):
    for kind in ("track", "batch"):
        calls = read_calls(kind, body, received_at=NOW, ip="").calls
        assert [call.fault for call in calls] == [Fault.NOT_OBJECT]


@pytest.mark.parametrize("items", [None, {}, "text", 7])
def test_a_batch_without_a_list_is_one_refused_call(items):
    calls = read_calls("batch", {"batch": items}, received_at=NOW, ip="").calls

    assert [call.fault for call in calls] == [Fault.NOT_OBJECT]


# --- The same event again --------------------------------------------------------------------------------------------


def test_what_a_library_sends_again_has_the_same_digest():
    first = {
        **TRACK,
        "properties": {"a": 1, "b": 2},
        "timestamp": "2026-11-22T10:00:00Z",
        "sentAt": "2026-11-22T10:00:01Z",
    }
    again = {
        "properties": {"b": 2, "a": 1},
        **TRACK,
        "sentAt": "2026-11-22T10:05:00Z",
        "_metadata": {"retryCount": 1},
        "context": {"page": {}},
        "writeKey": "k",
    }

    assert one(**first).digest == one(**again).digest == batch(again)[0].digest


@pytest.mark.parametrize("change", [{"event": "Other"}, {"userId": "bob"}, {"properties": {}}, {"anonymousId": "a"}])
def test_another_event_has_another_digest(change):
    assert one(**TRACK).digest != one(**{**TRACK, **change}).digest


# --- Bodies ----------------------------------------------------------------------------------------------------------


def test_a_body_may_be_plain_or_gzip():
    raw = json.dumps(TRACK).encode()

    assert read_body(raw, encoding="") == TRACK
    assert read_body(raw, encoding="Identity") == TRACK
    assert read_body(gzip.compress(raw), encoding=" GZIP ") == TRACK
    assert read_body(gzip.compress(raw[:9]) + gzip.compress(raw[9:]), encoding="gzip") == TRACK
    assert read_body(b"\xef\xbb\xbf" + raw, encoding="") == TRACK


def test_the_limits_are_exact():
    def sized(size: int) -> bytes:
        return b'"' + b"x" * (size - 2) + b'"'

    for kind, limit in (("track", MAX_CALL_BYTES), ("batch", MAX_BATCH_BYTES), ("import", MAX_BATCH_BYTES)):
        read_body(sized(limit), encoding="", kind=kind)
        read_body(gzip.compress(sized(limit)), encoding="gzip", kind=kind)
        assert "at most" in refused(sized(limit + 1), kind=kind)
        assert "at most" in refused(gzip.compress(sized(limit + 1)), "gzip", kind)


def test_texts_can_be_stored():
    body = read_body(rb'{"a\u0000": "x\ud800y", "b": ["\udc00", "\ud83d\ude00"]}', encoding="")

    assert body == {"a\ufffd": "x\ufffdy", "b": ["\ufffd", "😀"]}


def test_depth():
    def nested(depth: int, inner: bytes = b"") -> bytes:
        return b"[" * depth + inner + b"]" * depth

    read_body(nested(32), encoding="", kind="track")
    read_body(nested(34), encoding="", kind="batch")
    assert "deep" in refused(nested(33), kind="track")
    assert "deep" in refused(nested(35), kind="batch")
    assert "deep" in refused(b'{"a":' * 40 + b"1" + b"}" * 40)
    read_body(b"[" + b"[]," * 1000 + b"[]]", encoding="")


def test_it_says_where_the_json_breaks_off():
    assert refused(b'{"event": "x",}').endswith("at character 15.")
