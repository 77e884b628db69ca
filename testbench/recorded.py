"""A stored request, taken apart for sending it again: plain text, and places where a secret was masked.

What was masked cannot be brought back. It becomes the name of an environment variable, so that a copy can be
shared and still sends the right bytes.
"""

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from runtime.redaction import MASK

API_KEY_VARIABLE = "SEGMENT_API_KEY"
ALL_SETTINGS_VARIABLE = "SEGMENT_SETTINGS"
IN_BODY = "The body holds ****, which may stand for a secret that was masked. Put the real value there."
OLD_SIGNATURE = "The signature is the recorded one: a server that checks its age refuses it after some minutes."
# Every client writes these by itself, from the address and the body.
_WRITTEN_BY_CLIENTS = frozenset({"host", "content-length"})


@dataclass(frozen=True, slots=True)
class Secret:
    """A masked place. `in_json`: it stands within a JSON string."""

    variable: str
    what: str
    in_json: bool = False


Piece = str | Secret
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """`encoding`: "" as it stands, "base64" for base64 of the pieces, "basic" for Basic of “<pieces>:”."""

    name: str
    pieces: Pieces
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request to be sent again: `origin` + `target` is its address."""

    origin: str
    target: Pieces
    headers: list[Header]
    body: Pieces
    notes: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> dict[str, Secret]:
        """The environment variables that a copy needs, in the order of their use."""
        places = [self.target, *(header.pieces for header in self.headers), self.body]
        return {piece.variable: piece for place in places for piece in place if isinstance(piece, Secret)}


def read_request(record: Mapping[str, Any], endpoint: str, sensitive: Collection[str]) -> Recorded:
    """Take a stored request (`CaseResult.request`) apart. `sensitive`: the keys of the secret settings."""
    pairs = [(str(name), str(value)) for name, value in record["headers"]]
    host = next((value for name, value in pairs if name.lower() == "host"), urlsplit(endpoint).netloc)
    hints: dict[str, Secret] = {}
    headers = [
        _header(name, value, sensitive, hints) for name, value in pairs if name.lower() not in _WRITTEN_BY_CLIENTS
    ]
    content = record["body"]["content"]
    body = _by_hints(content, hints, in_json=True)
    target = _by_hints(record["start_line"].split(" ")[1], hints)
    origin = f"{urlsplit(endpoint).scheme}://{host}"
    return Recorded(origin, target, headers, body, list(_notes(headers, body)))


def _notes(headers: Collection[Header], body: Pieces) -> Iterator[str]:
    if any(isinstance(piece, str) and MASK in piece for piece in body):
        yield IN_BODY
    if any(header.name.lower() == "webhook-signature" for header in headers):
        yield OLD_SIGNATURE


def _header(name: str, value: str, sensitive: Collection[str], hints: dict[str, Secret]) -> Header:
    if name.lower() == "authorization" and MASK in _readable(value.removeprefix("Basic ")):
        key = Secret(API_KEY_VARIABLE, "the API key")
        _remember(hints, value.removeprefix("Basic "), key)
        return Header(name, (key,), "basic")
    if name.lower() == "x-segment-settings" and MASK in _readable(value):
        return Header(name, _settings(_readable(value), sensitive, hints), "base64")
    return Header(name, _by_hints(value, hints))


def _settings(text: str, sensitive: Collection[str], hints: dict[str, Secret]) -> Pieces:
    """The JSON of the settings with a place for each secret; one place for all where that cannot be told."""
    whole = (Secret(ALL_SETTINGS_VARIABLE, "all settings as one JSON object"),)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return whole
    if not isinstance(values, dict) or _compact(values) != text:
        return whole
    taken: dict[str, str] = {}
    pieces: list[Piece] = ["{"]
    for number, (key, value) in enumerate(values.items()):
        pieces.append(f"{',' if number else ''}{_compact(key)}:")
        if MASK not in _compact(value):
            pieces.append(_compact(value))
        elif isinstance(value, str) and value.startswith(MASK) and key in sensitive:
            secret = Secret(_variable(key, taken), "a sensitive setting", in_json=True)
            _remember(hints, value, secret)
            pieces += ['"', secret, '"']
        else:
            return whole
    return _joined([*pieces, "}"])


def _by_hints(text: str, hints: Mapping[str, Secret], *, in_json: bool = False) -> Pieces:
    if not hints:
        return (text,)
    parts = re.split("(" + "|".join(map(re.escape, hints)) + ")", text)
    return _joined(
        [Secret(hints[part].variable, hints[part].what, in_json) if part in hints else part for part in parts]
    )


def _remember(hints: dict[str, Secret], hint: str, secret: Secret) -> None:
    """A hint that ends in four characters of the secret tells which one it is; bare asterisks do not."""
    if len(hint) > len(MASK):
        hints.setdefault(hint, secret)


def _joined(pieces: Collection[Piece]) -> Pieces:
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, str) and isinstance(last, str):
            joined[-1] = last + piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def _variable(key: str, taken: dict[str, str]) -> str:
    """A name for the environment that nothing hostile fits into; numbered when two keys give the same."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    name = base = "SEGMENT_SETTING_" + (re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_") or "VALUE")
    number = 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken[name] = key
    return name


def _readable(text: str) -> str:
    """What base64 stands for; the text itself where it is none, as where the mask replaced all of it."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return text


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
