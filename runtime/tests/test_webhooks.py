import base64
import json
import math

import pytest

from runtime.advice import NO_ANSWER, STATUSES, meaning_of_status
from runtime.egress import EgressPolicy, ErrorKind, Exchange, Failure, Response, SentRequest, send
from runtime.webhooks import OutcomeVerdict, build_request, own_message, read_answer

ASKED = SentRequest("POST / HTTP/1.1", (), b"")
D31 = {
    "",
    *(f"errors.discarded.{code}" for code in ("400", "401", "403", "INVALID_SETTINGS", "MESSAGE_REJECTED")),
    *(f"errors.awaiting-retry.{code}" for code in ("429", "5xx", "ENOTFOUND", "ECONNREFUSED", "ECONNRESET")),
    *(f"errors.awaiting-retry.{code}" for code in ("ECONNABORTED", "EHOSTUNREACH", "EAI_AGAIN")),
}


def answered(status: int, body: bytes = b"", content_type: str = "application/json"):
    return Exchange(ASKED, Response(status, "", (("content-TYPE", content_type),), body))


def test_the_bytes_on_the_wire_are_the_originals(serve):
    """D10, header by header."""

    def ok(conversation):
        conversation.read_request()
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server = serve(ok)
    settings = {"apiKey": "secret-key", "customSettingOne": "custom setting value"}
    request = build_request(server.url(), {"type": "track", "event": "Café"}, "secret-key", settings)

    exchange = send(request, policy=EgressPolicy.from_setting("127.0.0.0/8"))

    assert exchange.error is None
    assert server.requests == [
        b"POST /hook HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"Authorization: Basic c2VjcmV0LWtleTo=\r\n"
        b"Content-Type: application/json\r\n"
        b"Accept: */*\r\n"
        b"Cache-Control: no-cache\r\n"
        b"Connection: Keep-Alive\r\n"
        b"Content-Length: 32\r\n"
        b"User-Agent: Segment.io/1.0\r\n"
        b"X-Segment-Settings: eyJjdXN0b21TZXR0aW5nT25lIjoiY3VzdG9tIHNldHRpbmcgdmFsdWUifQ==\r\n"
        b"\r\n"
        b'{"type":"track","event":"Caf\xc3\xa9"}' % server.port
    ]
    assert server.requests == [exchange.request.raw]


def test_settings_leave_out_the_api_key_and_keep_every_type():
    settings = {"apiKey": "k", "text": "é", "on": True, "list": ["a"], "map": {"b": 1.5}, "none": None}

    headers = dict(build_request("https://example.com/", {}, "k", settings).headers)

    decoded = json.loads(base64.b64decode(headers["X-Segment-Settings"]))
    assert decoded == {key: value for key, value in settings.items() if key != "apiKey"}


@pytest.mark.parametrize("key", ["", "a:b", "ключ", "a\r\nb", "x" * 3000])
def test_any_key_survives_in_the_header(key):
    headers = dict(build_request("https://example.com/", {}, key, {}).headers)

    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"{key}:"


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800"])
def test_events_that_json_cannot_express_are_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        build_request("https://example.com/", {"x": value}, "k", {})


@pytest.mark.parametrize("status", [*range(101, 600), 600, 799, 999])
def test_every_status_has_one_verdict(status):
    outcome = read_answer(answered(status))

    expected = {2: "green"}.get(status // 100, "yellow" if status == 501 else "red")
    assert outcome.verdict == expected
    assert outcome.status == status
    assert outcome.is_retryable == (status == 429 or (500 <= status < 600 and status != 501))
    assert (outcome.code == "") == (outcome.verdict == "green")


@pytest.mark.parametrize(
    "meaning", [*STATUSES.values(), *NO_ANSWER.values(), *map(meaning_of_status, (200, 302, 418, 599, 700))]
)
def test_every_meaning_says_why_and_what_to_do(meaning):
    for text in (meaning.text, meaning.cause, meaning.fix):
        assert len(text) > 10
        assert text.endswith(".")
    assert meaning.code in D31


def test_every_error_kind_has_a_meaning():
    assert set(NO_ANSWER) == set(ErrorKind)


@pytest.mark.parametrize("kind", ErrorKind)
def test_an_exchange_without_answer_is_red_and_says_what_happened(kind):
    outcome = read_answer(Exchange(ASKED, error=Failure(kind, "What happened.")))

    assert outcome.verdict is OutcomeVerdict.RED
    assert outcome.status is None
    assert outcome.cause
    assert (outcome.cause == "What happened.") == (kind is ErrorKind.BAD_URL)  # the parser knows best
    assert outcome.is_retryable == (kind not in {ErrorKind.BAD_URL, ErrorKind.REFUSED_ADDRESS})


def test_a_status_whose_body_never_came_is_red():
    exchange = Exchange(ASKED, Response(200, "OK", (), b"ha"), Failure(ErrorKind.TIMEOUT, "Too slow."))

    assert read_answer(exchange).verdict is OutcomeVerdict.RED
    assert read_answer(exchange).status == 200


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (202, ""),
        (302, "errors.discarded.INVALID_SETTINGS"),
        (400, "errors.discarded.400"),
        (401, "errors.discarded.401"),
        (403, "errors.discarded.403"),
        (404, "errors.discarded.INVALID_SETTINGS"),
        (418, "errors.discarded.MESSAGE_REJECTED"),
        (429, "errors.awaiting-retry.429"),
        (500, "errors.awaiting-retry.5xx"),
        (501, "errors.discarded.MESSAGE_REJECTED"),
        (503, "errors.awaiting-retry.5xx"),
    ],
)
def test_codes_are_those_that_customers_know(status, code):
    assert read_answer(answered(status)).code == code


@pytest.mark.parametrize(
    ("status", "body", "content_type", "message"),
    [
        (400, b'{"message": "userId is missing"}', "application/json", "userId is missing"),
        (500, b'{"message": "oops", "x": 1}', "Application/JSON; charset=utf-8", "oops"),
        (400, b'{"message": " two\\nlines\\u0000\\u202e "}', "application/json", "two lines"),
        (400, b'{"message": "userId is missing"}', "text/plain", ""),
        (400, b'{"message": "userId is missing"}', "", ""),
        (400, b'{"message": "userId is missing"}', "application/problem+json", ""),
        (200, b'{"message": "fine"}', "application/json", ""),
        (302, b'{"message": "fine"}', "application/json", ""),
        (400, b'{"message": {"text": "x"}}', "application/json", ""),
        (400, b'{"error": "x"}', "application/json", ""),
        (400, b'["message"]', "application/json", ""),
        (400, b'{"message": "cut', "application/json", ""),
        (400, b"\xff\xfe", "application/json", ""),
        (400, b"[" * 60_000, "application/json", ""),
        (400, b"", "application/json", ""),
    ],
)
def test_only_the_documented_message_is_taken(status, body, content_type, message):
    assert own_message(answered(status, body, content_type).response) == message


def test_a_long_message_is_cut():
    message = read_answer(answered(400, json.dumps({"message": "x" * 5000}).encode())).message

    assert len(message) == 500
    assert message.endswith("…")
