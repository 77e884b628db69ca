"""One HTTP exchange, prepared for reading: headers, indented and coloured JSON, masked parts, timings.

The text that is shown keeps every lexeme of the body as it was on the wire (`1.0` stays `1.0`,
duplicate keys and escapes stay); only white space between tokens is changed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

INDENT = "  "
# Only this much is coloured and indented; longer bodies are shown as they came.
PRETTY_LIMIT_CHARACTERS = 64 * 1024
PHASES = (("dns", "DNS"), ("connect", "Connect"), ("tls", "TLS"), ("first_byte", "First byte"), ("body", "Body"))
# runtime.redaction leaves the last characters of a long secret: they belong to the mask.
MASKED = re.compile(r"•{3,}|\*{3,}\w{0,4}|\[(?:masked|redacted|sealed)[^\]]*\]")
TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)|(?P<mark>[{}\[\],:])'
)


@dataclass(frozen=True, slots=True)
class Body:
    """`kind` is json, text or empty; `html` is safe to print; `raw` is what the copy button copies."""

    kind: str
    raw: str
    html: SafeString


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the time an exchange took; `x` and `width` are in per cent of the whole."""

    name: str
    label: str
    ms: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Side:
    """Request or response. `tone` is empty for a request."""

    start: str
    tone: str
    headers: list[tuple[str, SafeString]]
    raw_headers: str
    body: Body
    truncated: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    request: Side
    response: Side | None
    error: str
    phases: list[Phase]
    total_ms: float | None
    masked: bool


def read_exchange(source: object) -> Exchange:
    """Accepts a mapping or an object with `request`, `response`, `error`, `timings` and `duration_ms`.

    `request`: method, url, headers, body. `response`: status, reason, headers, body, truncated; None when
    nothing came back. `headers` is a mapping or a list of pairs; `body` is str, bytes, None or a stored
    `{"encoding", "content"}`. `error` is a sentence or something with a `message`.
    `timings` is in milliseconds per phase: dns, connect, tls, first_byte, body; `total` stands in for `duration_ms`.
    """
    request = _request(_get(source, "request", {}))
    answer = _get(source, "response", None)
    response = _response(answer) if answer else None
    timings = _get(source, "timings", None) or {}
    total = _get(source, "duration_ms", _get(timings, "total", None))
    phases = _phases(timings, total)
    return Exchange(
        request=request,
        response=response,
        error=_sentence(_get(source, "error", "")),
        phases=phases,
        total_ms=total if total is not None else (sum(phase.ms for phase in phases) or None),
        masked=any(side and _has_mask(side) for side in (request, response)),
    )


def body_of(raw: str | bytes | None) -> Body:
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else (raw or "")
    if not text.strip():
        return Body("empty", "", SafeString())
    if len(text) <= PRETTY_LIMIT_CHARACTERS and _is_json(text):
        return Body("json", text, pretty_json(text))
    return Body("text", text, mark_masked(text))


def pretty_json(text: str) -> SafeString:
    """Valid JSON text as indented HTML with a class per kind of token."""
    out: list[str] = []
    depth = 0
    tokens = [(match.lastgroup or "", match.group()) for match in TOKEN.finditer(text)]
    for position, (kind, value) in enumerate(tokens):
        following = tokens[position + 1][1] if position + 1 < len(tokens) else ""
        before = tokens[position - 1][1] if position else ""
        if value in "}]":
            depth -= 1
            out.append("" if before in ("{", "[") else "\n" + INDENT * depth)
        out.append(_token_html(kind, value, is_key=following == ":"))
        if value in "{[":
            depth += 1
        if value == "," or (value in "{[" and following not in ("}", "]")):
            out.append("\n" + INDENT * depth)
    return format_html_join("", "{}", ((part,) for part in out))


def mark_masked(text: str) -> SafeString:
    """Escapes, and wraps what was masked so that it is seen to be masked and not sent like that."""
    pieces = zip_longest(MASKED.split(text), MASKED.findall(text), fillvalue="")
    return format_html_join("", "{}{}", ((plain, _mask_html(mask)) for plain, mask in pieces))


def _mask_html(mask: str) -> str:
    return format_html('<mark class="masked">{}</mark>', mask) if mask else ""


def _token_html(kind: str, value: str, *, is_key: bool) -> str:
    if kind == "mark":
        return ": " if value == ":" else value
    css_class = "key" if is_key else kind
    return format_html('<span class="tok-{}">{}</span>', css_class, mark_masked(value))


def _request(source: object) -> Side:
    address = f"{_get(source, 'method', 'POST')} {_get(source, 'url', '')}".strip()
    return _side(source, address if _get(source, "url", "") else _get(source, "start_line", address), "")


def _response(source: object) -> Side:
    status = _get(source, "status", None)
    start = f"{status or ''} {_get(source, 'reason', '') or ''}".strip()
    return _side(source, start, status_tone(status))


def status_tone(status: int | None) -> str:
    """D12: 2xx is accepted, 501 is allowed but not full support, anything else failed."""
    if status is None:
        return "danger"
    if 200 <= status < 300:
        return "success"
    return "warning" if status == 501 else "danger"


def _side(source: object, start: str, tone: str) -> Side:
    headers = _header_pairs(_get(source, "headers", None) or {})
    return Side(
        start=start,
        tone=tone,
        headers=[(name, mark_masked(value)) for name, value in headers],
        raw_headers="\n".join(f"{name}: {value}" for name, value in headers),
        body=body_of(_content(_get(source, "body", None))),
        truncated=bool(_get(source, "truncated", False)),
    )


def _content(body: str | bytes | Mapping[str, str] | None) -> str | bytes | None:
    return body.get("content") if isinstance(body, Mapping) else body


def _sentence(error: object) -> str:
    return str(_get(error, "message", error) or "") if error else ""


def _header_pairs(headers: Mapping[str, object] | Iterable[tuple[object, object]]) -> list[tuple[str, str]]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [(str(name), str(value)) for name, value in pairs]


def _phases(timings: object, total: float | None) -> list[Phase]:
    known = [(name, label, float(_get(timings, name, None) or 0)) for name, label in PHASES]
    whole = max(sum(ms for _name, _label, ms in known), float(total or 0))
    phases, x = [], 0.0
    for name, label, ms in known:
        if ms > 0:
            width = 100 * ms / whole
            phases.append(Phase(name, label, ms, round(x, 2), round(width, 2)))
            x += width
    return phases


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _has_mask(side: Side) -> bool:
    return bool(MASKED.search(side.raw_headers) or MASKED.search(side.body.raw))


def _get(source: object, name: str, default: Any) -> Any:
    if isinstance(source, Mapping):
        return source.get(name, default)
    return getattr(source, name, default)
