"""Requests that nobody means well with (SECURITY T9), as data: what is sent, and the one answer that is right.

`KEY` in a request is replaced with a write key that works, `OTHER` with that of another source.
"""

import base64
import gzip
import json
import zlib
from dataclasses import dataclass, field

KB = 1024
TRACK = {"type": "track", "event": "x", "userId": "u"}


@dataclass(frozen=True)
class Hostile:
    """`stored` is how many events (without a fault) are there afterwards, `stored_elsewhere` in the other source."""

    name: str
    body: bytes
    status: int = 400
    path: str = "/v1/batch"
    headers: dict[str, str] = field(default_factory=dict)
    stored: int = 0
    stored_elsewhere: int = 0

    def request(self, key: str, other: str) -> tuple[str, bytes, dict[str, str]]:
        """Path, body and headers."""

        def put(text: str) -> str:
            return text.replace("KEY", key).replace("OTHER", other)

        headers = {"Content-Type": "application/json"}
        for name, value in self.headers.items():
            scheme, is_plain, plain = put(value).partition("Basic:")
            headers[name] = f"Basic {base64.b64encode(plain.encode()).decode()}" if is_plain else scheme
        return put(self.path), self.body.replace(b"KEY", key.encode()).replace(b"OTHER", other.encode()), headers


def batch(*items: object, **around: object) -> bytes:
    return json.dumps({"writeKey": "KEY", "batch": list(items), **around}).encode()


def call(**fields: object) -> bytes:
    return json.dumps({"writeKey": "KEY", **TRACK, **fields}).encode()


def gz(name: str, body: bytes, status: int = 400, **more: object) -> Hostile:
    return Hostile(name, body, status, headers={"Content-Encoding": "gzip"}, **more)


def nested(opening: bytes, depth: int, closing: bytes = b"") -> bytes:
    return b'{"writeKey":"KEY","batch":' + opening * depth + closing * depth + b"}"


def tracked(properties: bytes) -> bytes:
    """A batch of one event with these properties, which json.dumps could not write."""
    return b'{"writeKey":"KEY","batch":[{"type":"track","event":"x","userId":"u","properties":' + properties + b"}]}"


def basic(text: str) -> dict[str, str]:
    """Encoded once the keys are known."""
    return {"Authorization": f"Basic:{text}"}


_good = batch(TRACK)
_zipped = gzip.compress(_good)
_bomb = gzip.compress(b"0" * (64 * KB * KB), 9)

COMPRESSED = [
    gz("gzip bomb of 64 MB", _bomb),
    gz("gzip bomb of valid JSON", gzip.compress(b'{"batch":[' + b" " * (32 * KB * KB) + b"]}", 9)),
    gz("gzip bomb behind a good member", _zipped + _bomb),
    gz("gzip within gzip", gzip.compress(_zipped)),
    gz("bomb within gzip", gzip.compress(_bomb)),
    gz("20,000 members", gzip.compress(b"") * 20_000),
    gz("20,000 members of one byte", gzip.compress(b" ") * 20_000),
    gz("truncated", _zipped[:-9]),
    gz("truncated in the header", _zipped[:5]),
    gz("without its checksum", _zipped[:-8]),
    gz("wrong checksum", _zipped[:-8] + b"\0" * 8),
    gz("wrong content", _zipped[:20] + b"\xff" * 20 + _zipped[40:]),
    gz("rubbish behind it", _zipped + b"rubbish"),
    gz("not compressed at all", _good),
    gz("zlib instead of gzip", zlib.compress(_good)),
    gz("nothing in place of gzip", b""),
    gz("501 KB when inflated", gzip.compress(batch({**TRACK, "properties": {"x": "y" * 501 * KB}}))),
    Hostile("gzip without saying so", _zipped),
    Hostile("an encoding that we do not know", _good, headers={"Content-Encoding": "br"}),
    Hostile("two encodings", gzip.compress(_zipped), headers={"Content-Encoding": "gzip, gzip"}),
    Hostile("an encoding of 7,000 characters", _good, headers={"Content-Encoding": "gzip," * 1400}),
]
TEXT = [
    Hostile("empty", b""),
    Hostile("white space", b" \n\t"),
    Hostile("NUL bytes", b"\0" * 1000),
    Hostile("not UTF-8", b'{"a":"\xff\xfe"}'),
    Hostile("an overlong NUL", b'{"a":"\xc0\x80"}'),
    Hostile("half a character in bytes", b'{"a":"\xed\xa0\x80"}'),
    Hostile("UTF-16", '{"a":1}'.encode("utf-16")),
    Hostile("UTF-32", '{"a":1}'.encode("utf-32")),
    Hostile("a raw NUL in a text", b'{"a":"\0"}'),
    Hostile("breaks off", _good[:-3]),
    Hostile("two documents", _good + _good),
    Hostile("a comment", b'{"batch":[]/**/}'),
    Hostile("a comma too many", b'{"batch":[],}'),
    Hostile("single quotes", b"{'batch':[]}"),
    Hostile("a form", b"batch=1&writeKey=KEY", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Hostile("XML", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    Hostile("a wrong escape", rb'{"a":"\x41"}'),
    Hostile("half an escape", rb'{"a":"\u00"}'),
    Hostile("500,000 quotes", b'"' * 500_000),
    Hostile("500,000 backslashes in a text", b'"' + b"\\" * 499_998 + b'"', 200),
]
NUMBERS = [
    Hostile("NaN", tracked(b'{"x":NaN}')),
    Hostile("Infinity", tracked(b'{"x":Infinity}')),
    Hostile("-Infinity", tracked(b'{"x":-Infinity}')),
    Hostile("a number that becomes infinite", tracked(b'{"x":1e999}')),
    Hostile("an integer of 4,301 digits", tracked(b'{"x":' + b"9" * 4301 + b"}")),
    Hostile("an integer of 400,000 digits", tracked(b'{"x":' + b"9" * 400_000 + b"}")),
    Hostile("an integer of 4,300 digits", tracked(b'{"x":' + b"9" * 4300 + b"}"), 200, stored=1),
    Hostile("a fraction of 30,000 digits", tracked(b'{"x":0.' + b"9" * 30_000 + b"}"), 200, stored=1),
    Hostile("leading zeros", tracked(b'{"x":007}')),
    Hostile("hexadecimal", tracked(b'{"x":0xFF}')),
    Hostile("digits of another script", tracked('{"x":٣}'.encode())),
]
SHAPES = [
    Hostile("lists 100,000 deep", nested(b"[", 100_000, b"]")),
    Hostile("lists 100,000 deep that never end", nested(b"[", 100_000)),
    Hostile("objects 80,000 deep", nested(b'{"a":', 80_000)),
    Hostile("lists 500 deep", nested(b"[", 500, b"]")),
    Hostile("lists 33 deep in a call", b'{"writeKey":"KEY","a":' + b"[" * 33 + b"]" * 33 + b"}", path="/v1/track"),
    Hostile("170,000 empty lists", b'{"writeKey":"KEY","batch":[' + b"[]," * 169_000 + b"[]]}"),
    Hostile("39,000 empty lists", b'{"writeKey":"KEY","batch":[' + b"[]," * 39_000 + b"[]]}", 200),
    Hostile("39,000 empty objects", tracked(b"[" + b"{}," * 39_000 + b"{}]"), 200),
    Hostile("250,000 numbers", b'{"writeKey":"KEY","batch":[' + b"1," * 250_000 + b"1]}", 200),
    Hostile("50,000 keys", tracked(b"{" + b",".join(b'"%d":0' % n for n in range(50_000)) + b"}"), 200),
    Hostile("the same key 50,000 times", tracked(b"{" + b'"a":1,' * 50_000 + b'"a":2}'), 200, stored=1),
    Hostile("two keys of one name", b'{"batch":[],"writeKey":"OTHER",' + call()[1:], 200, path="/v1/track", stored=1),
    Hostile("2,501 events", batch(*[TRACK] * 2501), 200, stored=2500),
    Hostile("2,500 events of one id", batch(*[{**TRACK, "messageId": "same"}] * 2500), 200, stored=1),
    Hostile("2,500 events without anybody", batch(*[{"type": "track", "event": "x"}] * 2500), 200),
    Hostile("an event of 32 KB and one byte", call() + b" " * (32 * KB + 1 - len(call())), path="/v1/track"),
    Hostile("an event of 33 KB in a batch", batch(TRACK, {**TRACK, "properties": {"x": "y" * 33 * KB}}), 200, stored=1),
    Hostile("a batch of 500 KB and one byte", _good + b" " * (500 * KB + 1 - len(_good))),
    Hostile("5 MB", b"[" + b"1," * (5 * KB * KB // 2) + b"1]"),
    Hostile("no object", b"[1, 2]", 200),
    Hostile("a batch within a batch", batch({"type": "batch", "batch": [TRACK]}), 200),
    Hostile(
        "types that are none",
        batch({**TRACK, "type": {"a": 1}}, {**TRACK, "type": None}, {**TRACK, "type": "x" * 900}),
        200,
    ),
    Hostile("a deletion", batch({"type": "delete", "userId": "u"}), 200),
]
VALUES = [
    Hostile(
        "NUL in every text",
        batch(dict.fromkeys(("event", "userId", "messageId", "name"), "a\x00b") | {"type": "track"}),
        200,
        stored=1,
    ),
    Hostile(
        "half characters in every text",
        batch(dict.fromkeys(("event", "userId", "messageId"), "�") | {"type": "track"}),
        200,
        stored=1,
    ),
    Hostile(
        "NUL and half characters in keys", batch({**TRACK, "properties": {"\0\udfff": {"\ud800": 1}}}), 200, stored=1
    ),
    Hostile("a messageId of 30 KB", call(messageId="m" * 30 * KB), 200, path="/v1/track"),
    Hostile("a messageId of 400 KB", batch({**TRACK, "messageId": "m" * 400 * KB}), 200),
    Hostile("a messageId that is an object", call(messageId={"a": 1}), 200, path="/v1/track", stored=1),
    Hostile(
        "SQL in every text",
        batch(dict.fromkeys(("event", "userId", "messageId"), "'; DROP TABLE delivery_event; --") | {"type": "track"}),
        200,
        stored=1,
    ),
    Hostile(
        "format characters in every text",
        batch(dict.fromkeys(("event", "userId", "messageId"), "%s %(x)s {0} \\u0000") | {"type": "track"}),
        200,
        stored=1,
    ),
    Hostile("prototype pollution", tracked(b'{"__proto__":{"a":1},"constructor":{"prototype":{}}}'), 200, stored=1),
    Hostile(
        "times that are none",
        batch({**TRACK, "timestamp": "9" * 900, "originalTimestamp": [], "sentAt": {}}, sentAt="x"),
        200,
        stored=1,
    ),
    Hostile(
        "times at the ends of the calendar",
        batch({**TRACK, "timestamp": "0001-01-01T00:00:00+14:00"}, sentAt="9999-12-31T23:59:59-12:00"),
        200,
        stored=1,
    ),
    Hostile(
        "context and integrations of other types",
        batch({**TRACK, "context": [1], "integrations": "x"}, context=7, integrations=[]),
        200,
        stored=1,
    ),
    Hostile("a library that is a list", batch({**TRACK, "context": {"library": [{}], "direct": {}}}), 200, stored=1),
    Hostile(
        "own receivedAt, version and projectId",
        batch({**TRACK, "receivedAt": "x", "version": {}, "projectId": "source1"}),
        200,
        stored=1,
    ),
    Hostile(
        "1,200 emoji that are two escapes each", tracked(rb'{"x":"' + rb"\ud83d\ude00" * 1_200 + rb'"}'), 200, stored=1
    ),
]
KEYS = [
    Hostile("no key", json.dumps({"batch": [TRACK]}).encode(), 200),
    Hostile("a key in the address", json.dumps({"batch": [TRACK]}).encode(), 200, path="/v1/batch?writeKey=KEY"),
    Hostile("a key that is a list", json.dumps({"writeKey": ["KEY"], "batch": [TRACK]}).encode(), 200),
    Hostile("a key of 400 KB", json.dumps({"writeKey": "k" * 400 * KB, "batch": [TRACK]}).encode(), 200),
    Hostile("a key with NUL", json.dumps({"writeKey": "KEY\0", "batch": [TRACK]}).encode(), 200),
    Hostile("a key with half a character", json.dumps({"writeKey": "\ud800", "batch": [TRACK]}).encode(), 200),
    Hostile("a key in another case", json.dumps({"writeKey": "kEy", "batch": [TRACK]}).encode(), 200),
    Hostile("the keys of two sources", batch(TRACK), 200, headers=basic("OTHER:"), stored_elsewhere=1),
    Hostile("the key of another source in an item", batch({**TRACK, "writeKey": "OTHER"}), 200, stored=1),
    Hostile("Basic that is no base64", batch(TRACK), 200, headers={"Authorization": "Basic ###"}, stored=1),
    Hostile("Basic of 6 KB", batch(TRACK), 200, headers=basic("k" * 6000 + ":"), stored=1),
    Hostile("Basic with NUL", batch(TRACK), 200, headers=basic("a\0b:")),
    Hostile("Basic that is not ASCII", batch(TRACK), 200, headers=basic("ключ:"), stored=1),
    Hostile("another scheme", batch(TRACK), 200, headers={"Authorization": "Bearer KEY"}, stored=1),
]

HOSTILE = [*COMPRESSED, *TEXT, *NUMBERS, *SHAPES, *VALUES, *KEYS]
