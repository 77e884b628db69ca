import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.egress import EgressPolicy, send
from runtime.redaction import Redactor, hint, mask
from runtime.webhooks import build_request

KEY = 'sk_live/"Ü+&<1234567890'


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS = {
    "raw": KEY,
    "in a sentence": f"the key {KEY} is wrong",
    "json": json.dumps({"key": KEY}),
    "json not ascii": json.dumps({"key": KEY}, ensure_ascii=False),
    "json slashes": json.dumps({"key": KEY}).replace("/", "\\/"),
    "json upper case escapes": json.dumps({"key": KEY}).replace("\\u00dc", "\\u00DC"),
    "url": f"key={quote(KEY, safe='')}&x=1",
    "url keeping slashes": quote(KEY),
    "url plus": quote_plus(KEY),
    "url lower": quote(KEY, safe="").replace("%3C", "%3c"),
    "html": html.escape(KEY),
    "html text": html.escape(KEY, quote=False),
    "basic": f"Basic {b64(KEY + ':')}",
    "basic with password": f"Basic {b64(KEY + ':password')}",
    "basic as password": f"Basic {b64('user:' + KEY)}",
    "base64": b64(KEY),
    "base64 without padding": b64(KEY).rstrip("="),
    "base64 url-safe": base64.urlsafe_b64encode(KEY.encode()).decode(),
    "settings header": b64(json.dumps({"a": 1, "token": KEY})),
    "settings header shifted": b64(json.dumps({"ab": 1, "token": KEY})),
    "settings header shifted more": b64(json.dumps({"abc": 1, "token": KEY})),
    "base64 twice": b64(b64(f"x{KEY}")),
    "echo of a header": json.dumps({"headers": {"authorization": f"Basic {b64(KEY + ':')}"}}),
    "base64 glued to a path": f"/hook/abc/{b64('v12 ' + KEY)}/x",
}


def leaks(text: str) -> bool:
    return any(part in text for part in (KEY, KEY[:8], quote(KEY, safe=""), b64(KEY)[:12], b64(KEY + ":")[:12]))


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("shape", [str, str.encode])
def test_masks_every_spelling(text, shape):
    masked = mask({"x": [shape(text)]}, [KEY])

    result = masked.value["x"][0]
    assert not leaks(result if isinstance(result, str) else result.decode())
    assert masked.maskings[0].where == "x[0]"


def test_keeps_the_end_of_long_secrets_only():
    assert hint("0123456789ab") == "****89ab"
    assert hint("0123456789a") == "****"
    assert mask("key 0123456789abcdef!", ["0123456789abcdef"]).value == "key ****cdef!"


def test_the_settings_header_can_still_be_decoded():
    header = b64('{"password":"hunter2hunter2","other":"visible"}')

    masked = mask(header, ["hunter2hunter2"]).value

    assert json.loads(base64.b64decode(masked)) == {"password": "****ter2", "other": "visible"}


def test_an_exchange_stays_an_exchange(serve):
    def echo(conversation):
        request = conversation.read_request()
        conversation.send(b"HTTP/1.1 401 No\r\nX-Echo: top-secret-value\r\n\r\n" + request)

    server = serve(echo)
    settings = {"token": "another-secret", "region": "eu"}
    request = build_request(server.url("/top-secret-value"), {"type": "page"}, "top-secret-value", settings)
    exchange = send(request, policy=EgressPolicy.from_setting("127.0.0.0/8"))

    masked = mask(exchange, ["top-secret-value", "another-secret"])

    assert "top-secret-value" in json.dumps(exchange.as_record())
    record = json.dumps(masked.value.as_record())
    for secret in ("top-secret-value", "another-secret", b64("top-secret-value:")):
        assert secret not in record
        assert b64(secret)[:-4] not in record
    assert type(masked.value) is type(exchange)
    assert masked.value.response is not None
    assert masked.value.response.status == 401
    assert dict(masked.value.request.headers)["Authorization"] == "Basic ****alue"
    places = {masking.where for masking in masked.maskings}
    assert {"request.start_line", "request.headers[1][1]", "request.headers[8][1]", "response.body"} <= places
    assert mask(exchange.as_record(), ["top-secret-value", "another-secret"]).value == masked.value.as_record()


def test_nothing_else_is_touched():
    value = {"a": ["text", b"\xff\x00", 1, None, True, ("x", 1.5)], "b64": b64("nothing secret here at all")}

    masked = mask(value, [KEY, "", "unused-secret"])

    assert masked.value == value
    assert masked.maskings == ()


def test_short_secrets_go_only_where_they_stand_alone():
    masked = mask({"a": "a banana", "auth": f"Basic {b64('a:')}", "key": "a"}, ["a"])

    assert masked.value == {"a": "**** banana", "auth": "Basic ****", "key": "****"}


def test_a_secret_that_contains_another_is_masked_whole():
    assert mask("abcdef123456abcdef", ["abcdef", "abcdef123456abcdef"]).value == "****cdef"


@given(st.text(min_size=6, max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_no_secret_survives_in_any_surroundings(secret, before, after):
    text = f"{before}{secret}{after}"
    for spelled in (text, json.dumps(text), b64(text) if text.isascii() else text):
        masked = mask(spelled, [secret]).value
        assert secret not in masked or secret in hint(secret) * 3


def test_a_redactor_masks_as_mask_does_however_often_it_is_asked():
    secrets = ["key-0123456789abcdef", "p", ""]
    redact = Redactor(secrets)
    encoded = base64.b64encode(b"key-0123456789abcdef:").decode()
    values = [encoded, "p", "plain", "x" * 5000 + secrets[0], {"a": [secrets[0], b"key-0123456789abcdef"]}]
    for _ in range(2):
        for value in values:
            assert redact(value) == mask(value, secrets).value
    for number in range(2_000):  # it remembers no more than it may
        redact(f"text {number}")
    assert redact(encoded) == mask(encoded, secrets).value
