"""Taking secrets out of captured exchanges before they are stored or shown.

A key does not travel in one spelling: it is base64 inside `Authorization`, JSON inside base64 inside
`X-Segment-Settings`, and a partner's answer may echo either, percent-encoded or in HTML. `mask` finds all
of these, keeps base64 readable by masking inside it, and says what it found where.
"""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote, quote_plus

MASK = "****"
KEEP_LAST = 4
LONG = 12  # from this length on, the last four characters stay, so that one can tell keys apart

_SHORT = 4  # below this length only whole words are masked: a key "a" must not eat every letter a
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_MIN_CORE = 8
_DEPTH = 3  # base64 within base64 within base64

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Masking:
    """One place where something was masked: a path such as `request.headers[0][1]`, a spelling, a count."""

    where: str
    spelling: str
    count: int


@dataclass(frozen=True, slots=True)
class Masked(Generic[T]):
    """The value without secrets, in the shape it came in, and what was masked."""

    value: T
    maskings: tuple[Masking, ...]


def mask(value: T, secrets: Iterable[str]) -> Masked[T]:
    """Mask every spelling of every secret in an `Exchange`, a record of one, or any nest of plain values.

    Walks dataclasses, dicts (values, not keys), lists, tuples, strings and bytes. Empty secrets are ignored.
    """
    masker = _Masker(_all_spellings(secrets))
    return Masked(cast(T, masker.walk(value, "")), tuple(masker.found))


class Redactor:
    """`mask` for many values with the same secrets: their spellings are compiled once.

    Short texts that come again and again (headers, an empty answer) are remembered. Not for several threads at once.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._masker = _RememberingMasker(_all_spellings(secrets))

    def __call__(self, value: T) -> T:
        """The value without secrets, in the shape it came in."""
        masked = cast(T, self._masker.walk(value, ""))
        self._masker.found.clear()
        return masked


def hint(secret: str) -> str:
    """What is shown in place of a secret: `****`, with its last four characters when it is long."""
    return MASK + secret[-KEEP_LAST:] if len(secret) >= LONG else MASK


@dataclass(frozen=True, slots=True)
class _Spellings:
    hint: str
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    cores: tuple[re.Pattern[str], ...]


def _all_spellings(secrets: Iterable[str]) -> list[_Spellings]:
    """Longest first, so that a secret that contains another is masked whole."""
    ordered = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    return [_spellings(secret) for secret in ordered]


def _spellings(secret: str) -> _Spellings:
    forms: dict[str, str] = {secret: "as it is"}
    for name, text in _written_forms(secret):
        forms.setdefault(text, name)
    patterns = tuple((name, _pattern(text, name)) for text, name in forms.items())
    return _Spellings(hint(secret), patterns, tuple(_base64_cores(secret)))


def _written_forms(secret: str) -> Iterator[tuple[str, str]]:
    for text in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield "JSON", text
        yield "JSON", text.replace("/", "\\/")
    for safe in ("", "/"):
        yield "URL-encoded", quote(secret, safe=safe, errors="replace")
    yield "URL-encoded", quote_plus(secret, errors="replace")
    yield "HTML", html.escape(secret)
    yield "HTML", html.escape(secret, quote=False)
    for suffix in (":", ""):
        encoded = base64.b64encode((secret + suffix).encode("utf-8", "replace")).decode()
        for text in (encoded, encoded.replace("+", "-").replace("/", "_")):
            yield "base64", text
            yield "base64", text.rstrip("=")


def _pattern(text: str, name: str) -> re.Pattern[str]:
    escaped = re.escape(text)
    if len(text) < _SHORT:
        escaped = rf"(?<![0-9A-Za-z]){escaped}(?![0-9A-Za-z])"
    # Percent-encoding and \u escapes may be in either case.
    case_free = name == "URL-encoded" or (name == "JSON" and "\\u" in text)
    return re.compile(escaped, re.IGNORECASE if case_free else 0)


def _base64_cores(secret: str) -> Iterator[re.Pattern[str]]:
    """What base64 of the secret looks like in the middle of other text, for each of three alignments."""
    raw = secret.encode("utf-8", "replace")
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw).decode()
        first = (offset * 8 + 5) // 6  # characters that also hold bits of what comes before
        last = (offset + len(raw)) * 8 // 6  # characters that hold bits of the secret alone
        core = encoded[first:last]
        if len(core) >= _MIN_CORE:
            yield re.compile(re.escape(core).replace(r"\+", "[+-]").replace("/", "[/_]"))


class _Masker:
    def __init__(self, secrets: list[_Spellings]) -> None:
        self._secrets = secrets
        self.found: list[Masking] = []

    def walk(self, value: Any, where: str) -> Any:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self._text(value, where)
        if isinstance(value, bytes):
            # Latin-1 maps bytes to characters one to one; UTF-8 spellings are tried first.
            return self._bytes(value, where)
        if isinstance(value, dict):
            return {key: self.walk(item, f"{where}.{key}".lstrip(".")) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)([self.walk(item, f"{where}[{index}]") for index, item in enumerate(value)])
        if is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value, where)
        return value

    def _dataclass(self, value: Any, where: str) -> Any:
        names = [field.name for field in fields(value)]
        return replace(value, **{n: self.walk(getattr(value, n), f"{where}.{n}".lstrip(".")) for n in names})

    def _bytes(self, value: bytes, where: str) -> bytes:
        return self._text(value.decode("utf-8", "surrogateescape"), where).encode("utf-8", "surrogateescape")

    def _text(self, text: str, where: str, depth: int = _DEPTH) -> str:
        def note(spelling: str, count: int) -> None:
            self.found.append(Masking(where, spelling, count))

        for secret in self._secrets:
            for name, pattern in secret.patterns:
                text, count = pattern.subn(lambda _, hint=secret.hint: hint, text)  # type: ignore[misc]
                if count:
                    note(name, count)
        if depth:
            text = _BASE64_RUN.sub(lambda run: self._inside_base64(run[0], where, depth), text)
        for secret in self._secrets:
            for core in secret.cores:
                text, count = core.subn(MASK, text)
                if count:
                    note("inside base64", count)
        return text

    def _inside_base64(self, run: str, where: str, depth: int) -> str:
        """Mask inside a run of base64, so that what remains can still be decoded and shown."""
        decoded = _decode(run)
        if decoded is None:
            return run
        before = len(self.found)
        cleaned = self._text(decoded, where, depth - 1)
        if cleaned == decoded:
            return run
        self.found[before:] = [replace(one, spelling=f"{one.spelling}, inside base64") for one in self.found[before:]]
        return _encoder(run)(cleaned.encode()).decode("ascii")


class _RememberingMasker(_Masker):
    """Looks at a short text once. What it found where is nothing it could tell a second time."""

    _LONGEST, _MOST = 300, 500

    def __init__(self, secrets: list[_Spellings]) -> None:
        super().__init__(secrets)
        self._known: dict[str, str] = {}

    def _text(self, text: str, where: str, depth: int = _DEPTH) -> str:
        if depth != _DEPTH or len(text) > self._LONGEST:
            return super()._text(text, where, depth)
        if text not in self._known:
            if len(self._known) >= self._MOST:
                self._known.clear()
            self._known[text] = super()._text(text, where, depth)
        return self._known[text]


def _decode(run: str) -> str | None:
    padded = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def _encoder(run: str) -> Callable[[bytes], bytes]:
    return base64.urlsafe_b64encode if "-" in run or "_" in run else base64.b64encode


def storable(value: Any) -> Any:
    """`value` for PostgreSQL's jsonb, which takes neither U+0000 nor half a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list | tuple) else value
