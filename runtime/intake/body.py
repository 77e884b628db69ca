"""Bytes to JSON, within limits that hold whatever the bytes are (D37, SECURITY T9).

Nothing here costs more than its limit: a compressed body is inflated up to the limit and no further, and a
document is parsed only when its size is known to be fine.
"""

import codecs
import json
import math
import re
import zlib
from collections.abc import Iterable
from typing import Any, NoReturn

KILOBYTE = 1024
# D37, measured on the body as it is after inflating.
MAX_CALL_BYTES = 32 * KILOBYTE
MAX_BATCH_BYTES = 500 * KILOBYTE
# Calls that carry a list of calls.
BATCHES = frozenset({"batch", "import"})
# How deep lists and objects may lie in each other.
MAX_DEPTH = 32
# How many lists and objects there may be. Real events have one for every few dozen bytes; a body of nothing else
# would keep the processor busy with making and dropping them.
MAX_CONTAINERS = 40_000
# A gzip file may be made of several; no library sends more than one.
_MAX_MEMBERS = 8
_GZIP = 16 + zlib.MAX_WBITS
_PLAIN, _COMPRESSED = frozenset({"", "identity"}), frozenset({"gzip", "x-gzip"})
# Escapes of NUL, and of half a character: neither can be stored, and partners' programs break on them.
_UNSTORABLE_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class BadBody(Exception):
    """Nothing of the body can be used. `status` is the answer's (400), `text` says to a developer what is wrong."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


def limit_of(kind: str) -> int:
    """The most bytes that the body of this call may have."""
    return MAX_BATCH_BYTES if kind in BATCHES else MAX_CALL_BYTES


def read_body(raw: bytes, *, encoding: str, kind: str = "batch") -> Any:
    """The JSON document in `raw`. `encoding` is the Content-Encoding, `kind` the call: it fixes the limit (D37).

    Texts have neither NUL nor half characters, numbers are finite, nothing lies deeper than 32 levels, and the
    last of several equal keys counts. Raises BadBody for everything else (D38: 400).
    """
    limit = limit_of(kind)
    plain = _inflate(raw, encoding.strip().lower(), limit)
    if len(plain) > limit:
        raise too_large(kind)
    brackets = plain.count(b"{") + plain.count(b"[")
    if brackets > MAX_CONTAINERS:
        raise BadBody(400, f"A body may have at most {MAX_CONTAINERS:,} lists and objects.")
    document = _parse(plain)
    # Few brackets cannot lie deep: that is all it takes for nearly every single call.
    if brackets > MAX_DEPTH:
        _check_depth(document, MAX_DEPTH + (2 if kind in BATCHES else 0))
    return document


def too_large(kind: str) -> BadBody:
    """What is said about a body above its limit."""
    what = "A batch" if kind in BATCHES else "A call"
    return BadBody(400, f"{what} may have at most {limit_of(kind) // KILOBYTE} KB.")


def _inflate(raw: bytes, encoding: str, limit: int) -> bytes:
    """At most a little more than `limit` bytes."""
    if encoding in _PLAIN:
        return raw
    if encoding not in _COMPRESSED:
        raise BadBody(400, "The body may be compressed with gzip, and with nothing else.")
    found, rest = b"", raw
    for _ in range(_MAX_MEMBERS):
        member, rest = _inflate_member(rest, limit + 1 - len(found))
        found += member
        if not rest or len(found) > limit:
            return found
    raise BadBody(400, "The body is made of too many gzip files.")


def _inflate_member(raw: bytes, limit: int) -> tuple[bytes, bytes]:
    """One gzip file's content up to `limit` bytes, and what follows it."""
    inflater = zlib.decompressobj(_GZIP)
    try:
        found = inflater.decompress(raw, limit)
    except zlib.error:
        raise BadBody(400, "The body is not valid gzip.") from None
    if not inflater.eof and len(found) < limit:
        raise BadBody(400, "The gzip body ends too early.")
    return found, inflater.unused_data


def _parse(plain: bytes) -> Any:
    try:
        text = plain.removeprefix(codecs.BOM_UTF8).decode()
        document = _DECODER.decode(text)
    except RecursionError:
        raise BadBody(400, _TOO_DEEP) from None
    except UnicodeDecodeError:
        raise BadBody(400, "The body is not valid JSON: it is not in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise BadBody(400, f"The body is not valid JSON: {error.msg} at character {error.pos + 1}.") from None
    except ValueError as error:  # ours about numbers, and Python's about integers of more than 4,300 digits
        said = str(error) if isinstance(error, _NoJson) else "a number is too long."
        raise BadBody(400, f"The body is not valid JSON: {said}") from None
    return storable(document) if _UNSTORABLE_ESCAPE.search(text) else document


class _NoJson(ValueError):
    pass


def _refuse_constant(name: str) -> NoReturn:
    raise _NoJson(f"{name} is no JSON.")


def _finite(digits: str) -> float:
    """JSON has no infinity, but 1e999 would become one, and go out as one."""
    number = float(digits)
    if math.isinf(number):
        raise _NoJson("a number is too large.")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_TOO_DEEP = f"Lists and objects may lie in each other at most {MAX_DEPTH} deep."


def _check_depth(document: Any, most: int) -> None:
    """Level by level, so that depth costs no stack."""
    level = [document]
    for _ in range(most):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise BadBody(400, _TOO_DEEP)


def _inside(outer: Any) -> Iterable[Any]:
    if isinstance(outer, dict):
        return outer.values()
    return outer if isinstance(outer, list) else ()


def storable(value: Any) -> Any:
    """The same document with U+FFFD for every NUL and every half of a character, in keys too."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(_REPLACEMENT, value)
    if isinstance(value, dict):
        return {_UNSTORABLE.sub(_REPLACEMENT, key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value
