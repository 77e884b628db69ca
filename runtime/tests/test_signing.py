"""Signatures, held against the reference library both ways."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from runtime.signing import (
    HEADERS,
    SIGNATURE,
    BadSecret,
    Signing,
    is_signed_with,
    key_of,
    message_id,
    new_secret,
    signature,
)
from runtime.webhooks import build_request

SECRET, OLD = new_secret(), new_secret()
NOW = int(datetime.now(tz=UTC).timestamp())


def now():
    """The reference library refuses what is older than five minutes, and this module may have been read long ago."""
    return int(datetime.now(tz=UTC).timestamp())


def signed(body=b'{"type":"track"}', secrets=(SECRET,)):
    return dict(Signing(secrets, "msg_1", now()).headers(body))


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_reference_library_accepts_every_body(text):
    Webhook(SECRET).verify(text, signed(text.encode()), json_parse=False)


def test_we_sign_as_the_reference_library_does():
    theirs = Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(NOW, tz=UTC), "{}")

    assert signature(key_of(SECRET), "msg_1", str(NOW), b"{}") == theirs


def test_during_a_rotation_either_secret_fits():
    headers = signed(secrets=[SECRET, OLD])

    assert len(headers[SIGNATURE].split(" ")) == 2
    for secret in (SECRET, OLD):
        Webhook(secret).verify('{"type":"track"}', headers)


def test_200_altered_requests_are_refused():
    """SECURITY T7: every bit of the signature counts, and of what it covers."""
    body = b'{"type":"track"}'
    headers = dict(Signing([SECRET], "msg_1", NOW).headers(body))
    raw = bytearray(base64.b64decode(headers[SIGNATURE].removeprefix("v1,")))
    for bit in range(200):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        text = "v1," + base64.b64encode(changed).decode()
        assert not is_signed_with(key_of(SECRET), "msg_1", str(NOW), text, body)
    for args in (("msg_2", str(NOW), body), ("msg_1", str(NOW + 1), body), ("msg_1", str(NOW), body + b" ")):
        assert not is_signed_with(key_of(SECRET), *args[:2], headers[SIGNATURE], args[2])
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(args[2].decode(), dict(zip(HEADERS, (*args[:2], headers[SIGNATURE]), strict=True)))


@pytest.mark.parametrize("text", ["", "v1", "v1,", "v2,abc", "é", "v1,é", " ".join(["v1,abc"] * 10_000)])
def test_odd_signatures_are_no_signatures(text):
    assert not is_signed_with(key_of(SECRET), "msg_1", str(NOW), text, b"")


def test_secrets_are_32_random_bytes_and_read_with_or_without_their_prefix():
    assert new_secret() != new_secret()
    assert len(key_of(SECRET)) == 32
    assert key_of(SECRET) == key_of(SECRET.removeprefix("whsec_")) == key_of(SECRET.rstrip("=") + " ")


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_!!", "whsec_é", "a"])
def test_what_is_no_secret(text):
    with pytest.raises(BadSecret):
        key_of(text)


def test_the_headers_come_after_the_originals_and_the_library_takes_the_request():
    request = build_request("https://example.com/", {"event": "Café"}, "k", {}, Signing([SECRET], "msg_1", now()))

    assert [name for name, _ in request.headers][-3:] == list(HEADERS)
    assert request.headers[:-3] == build_request("https://example.com/", {"event": "Café"}, "k", {}).headers
    Webhook(SECRET).verify(request.body, dict(request.headers))


def test_without_a_secret_nothing_is_added():
    assert Signing([], "msg_1", NOW).headers(b"") == ()


def test_a_message_id_is_stable_and_plain_whatever_it_is_made_of():
    assert message_id("run", "é\r\n\ud800") == message_id("run", "é\r\n\ud800") != message_id("run", 1)
    assert message_id("run", "é\r\n").removeprefix("msg_").isalnum()
