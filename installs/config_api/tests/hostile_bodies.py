"""Bodies that nobody means well with (SECURITY T9), as data: what is sent, and the status that is right.

`NAME` is replaced with the full name of the destination. Whatever is sent, nothing is made of it, unless the status
is 200.
"""

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

KB = 1024
DEEP = 100_000


@dataclass(frozen=True)
class Hostile:
    name: str
    body: bytes
    status: int = 400
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)

    def sent(self, name: str) -> bytes:
        return self.body.replace(b"NAME", name.encode())


def destination(**fields: Any) -> bytes:
    return json.dumps({"destination": {"name": "NAME", **fields}}).encode()


def value(raw: bytes) -> bytes:
    """One with this as the JSON of the API key."""
    return b'{"destination":{"name":"NAME","config":[{"name":"NAME/config/apiKey","value":' + raw + b"}]}}"


def named(name: Any) -> bytes:
    return json.dumps({"destination": {"name": name}}).encode()


def masked(mask: Any, **fields: Any) -> bytes:
    return json.dumps({"destination": fields, "update_mask": mask}).encode()


def gz(name: str, body: bytes, status: int = 400) -> Hostile:
    return Hostile(name, body, status, headers={"Content-Encoding": "gzip"})


_BOMB = gzip.compress(b" " * (20 * 1024 * KB))
POSTED = [
    Hostile("nothing", b""),
    Hostile("spaces", b"  \n\t "),
    Hostile("no JSON", b"destination=1"),
    Hostile("half of JSON", destination()[:-3]),
    Hostile("two documents", destination() * 2),
    Hostile("single quotes", b"{'destination': {}}"),
    Hostile("a comment", b"{} // hello"),
    Hostile("NaN", value(b"NaN")),
    Hostile("Infinity", value(b"-Infinity")),
    Hostile("1e999", value(b"1e999")),
    Hostile("a number of 5,000 digits", value(b"9" * 5000)),
    Hostile("not UTF-8", b'{"destination": "\xff\xfe"}'),
    Hostile("UTF-16", destination().decode().encode("utf-16")),
    Hostile("a NUL byte", b'{"destination": {"name": "NAME\x00"}}'),
    Hostile("an escaped NUL in the name", b'{"destination": {"name": "NAME\\u0000"}}', 403),
    Hostile("half a character in a value", value(b'"\\ud800"'), 200),
    Hostile("a NUL in a value", value(b'"a\\u0000b"'), 200),
    Hostile("lists, 100,000 deep", b"[" * DEEP),
    Hostile("objects, 30,000 deep", value(b'{"a":' * 30_000 + b"1" + b"}" * 30_000)),
    Hostile("100 deep in a value", value(b"[" * 100 + b"]" * 100)),
    Hostile("100,000 empty lists", value(b"[" + b"[]," * 80_000 + b"[]]")),
    Hostile("a list", b"[]"),
    Hostile("null", b"null"),
    Hostile("a text", b'"destination"'),
    Hostile("a number", b"7"),
    Hostile("an empty object", b"{}"),
    Hostile("no destination", b'{"source": {}}'),
    Hostile("a destination that is null", b'{"destination": null}'),
    Hostile("a destination that is a list", b'{"destination": [{"name": "NAME"}]}'),
    Hostile("twice the destination, the last one empty", b'{"destination":{"name":"NAME"},"destination":{}}'),
    Hostile("no name", b'{"destination": {}}'),
    Hostile("a name that is a list", named(["NAME"])),
    Hostile("a name that is an object", named({"name": "NAME"})),
    Hostile("a name with a step up", named("NAME/../other")),
    Hostile("a name that goes on", named("NAME/config/apiKey")),
    Hostile("a name in another workspace", named("workspaces/other/sources/website/destinations/acme-analytics")),
    Hostile("a name in capitals", named("WORKSPACES/ACME")),
    Hostile("a name of 100 kB", named("NAME" + "x" * 100 * KB), 403),
    Hostile("a percent-encoded name", named("NAME%2f"), 403),
    Hostile("another App", named("NAME-2"), 403),
    Hostile("SQL in the name", named("NAME' OR 1=1 --"), 403),
    Hostile("a template in a value", value(b'"{{ request.user }}{% debug %}${7*7}"'), 200),
    Hostile("a script in a value", value(b'"<script>alert(1)</script>"'), 200),
    # It travels in base64, so it ends no header.
    Hostile("a header in a value", value(b'"x\\r\\nX-Admin: 1"'), 200),
    Hostile("enabled as a number", destination(enabled=1)),
    Hostile("enabled as a word", destination(enabled="perhaps")),
    Hostile("enabled as a list", destination(enabled=[])),
    Hostile("a mode as a number", destination(connection_mode=1)),
    Hostile("a mode in lower case", destination(connection_mode="cloud")),
    Hostile("a config that is an object", destination(config={"apiKey": "x"})),
    Hostile("a config of null", destination(config=[None])),
    Hostile("a value of 6,000 characters", value(b'"' + b"x" * 6000 + b'"')),
    Hostile("300 KB", destination(config="x" * 300 * KB), 413),
    Hostile("5 MB", b" " * (5 * 1024 * KB), 413),
    Hostile("fields of ours", destination(id=1, app_id=1, is_enabled=True, source_id=2, pk=3), 200),
    Hostile("__proto__", b'{"__proto__": {"enabled": true}, "destination": {"name": "NAME"}}', 200),
    gz("gzip that is none", b"not gzip"),
    gz("a gzip bomb", _BOMB),
    Hostile("an unknown encoding", destination(), headers={"Content-Encoding": "br"}),
]
PATCHED = [
    Hostile(f"patch: {name}", body, method="PATCH")
    for name, body in {
        "no body": b"",
        "a mask of numbers": masked({"paths": [1]}),
        "a mask of lists": masked({"paths": [["destination.enabled"]]}),
        "a mask that is a number": masked(7),
        "a mask that is true": masked(True),
        "paths that are an object": masked({"paths": {}}),
        "a mask of everything": masked({"paths": ["*"]}),
        "a mask of 1,000 paths": masked({"paths": ["destination.enabled"] * 1000}),
        "a mask of ours": masked({"paths": ["destination.source_id"]}),
        "a mask of dunders": masked({"paths": ["destination.__class__"]}),
        "a name of another": masked({"paths": []}, name="workspaces/x/sources/y/destinations/z"),
    }.items()
]
HOSTILE = [*POSTED, *PATCHED]
