"""Why a signature fits or does not: what a developer wants to know of a pasted request.

`check` tries what usually goes wrong, one after the other, and names the first that explains what it sees.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from runtime.pasted import Pasted
from runtime.signing import (
    HEADERS,
    PREFIX,
    SIGNATURE,
    TIMESTAMP,
    TOLERANCE_SECONDS,
    BadSecret,
    is_signed_with,
    key_of,
)  # fmt: skip

_MASKED = re.compile(r"\*{4}|•{3}")


class Finding(StrEnum):
    """What the check found; a test walks them all."""

    VALID = "valid"
    VALID_BUT_OLD = "valid_but_old"
    VALID_BUT_AHEAD = "valid_but_ahead"
    OLD_SECRET = "old_secret"  # noqa: S105
    NOTHING = "nothing"
    ONLY_AUTHORIZATION = "only_authorization"
    MISSING_HEADER = "missing_header"
    MILLISECONDS = "milliseconds"
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_FORMAT = "bad_format"
    NO_BODY = "no_body"
    MASKED = "masked"
    REENCODED = "reencoded"
    BASE64_KEY = "base64_key"
    PREFIX_KEY = "prefix_key"
    OTHER_SECRET = "other_secret"  # noqa: S105
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret to try. `label` names it for people; one that `has_ended` explains a request and proves nothing."""

    value: str
    label: str
    has_ended: bool = False
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """`secret` is the label of the one that fits, "" when none does; `age` in seconds, None without a timestamp."""

    finding: Finding
    secret: str = ""
    age: int | None = None
    detail: str = ""

    @property
    def is_valid(self) -> bool:
        return self.finding in (Finding.VALID, Finding.VALID_BUT_OLD, Finding.VALID_BUT_AHEAD)


@dataclass(frozen=True, slots=True)
class _Message:
    id: str
    timestamp: str
    signatures: str
    body: str

    def fits(self, key: bytes, body: str | None = None) -> bool:
        raw = (self.body if body is None else body).encode("utf-8", "surrogatepass")
        return is_signed_with(key, self.id, self.timestamp, self.signatures, raw)


def check(pasted: Pasted, secrets: Sequence[Secret], now: float) -> Checked:
    """Judge the request. `now` is in Unix seconds. Secrets that are none are skipped."""
    problem = _headers_problem(pasted)
    if problem:
        return problem
    message_id, timestamp, signatures = (pasted.headers[name] for name in HEADERS)
    message = _Message(message_id, timestamp, signatures, pasted.body)
    age = round(now - int(message.timestamp))
    for secret, key in _keys(secrets):
        if any(message.fits(key, body) for body in _as_pasted(message.body)):
            return Checked(_finding(secret, age), secret.label, age)
    return _explain(message, secrets, age)


def _headers_problem(pasted: Pasted) -> Checked | None:
    headers = pasted.headers
    missing = [name for name in HEADERS if not headers.get(name)]
    if not headers and not pasted.body.strip():
        return Checked(Finding.NOTHING)
    if len(missing) == len(HEADERS) and "authorization" in headers:
        return Checked(Finding.ONLY_AUTHORIZATION)
    if missing:
        return Checked(Finding.MISSING_HEADER, detail=", ".join(missing))
    return _timestamp_problem(headers[TIMESTAMP]) or _format_problem(headers[SIGNATURE])


def _timestamp_problem(text: str) -> Checked | None:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return Checked(Finding.BAD_TIMESTAMP, detail=text[:40])
    return Checked(Finding.MILLISECONDS, detail=text) if len(text) >= 13 else None


def _format_problem(text: str) -> Checked | None:
    if any(each.startswith("v1,") and len(each) > 3 for each in text.split()):
        return None
    return Checked(Finding.BAD_FORMAT, detail=text[:60])


def _keys(secrets: Sequence[Secret]) -> Iterator[tuple[Secret, bytes]]:
    for secret in secrets:
        try:
            yield secret, key_of(secret.value)
        except BadSecret:
            continue


def _as_pasted(body: str) -> list[str]:
    """The body as it stands, without the newline that an editor adds, and with the newlines of a form."""
    return list(dict.fromkeys([body, body.rstrip("\n"), body.strip(), body.replace("\n", "\r\n")]))


def _finding(secret: Secret, age: int) -> Finding:
    if secret.has_ended:
        return Finding.OLD_SECRET
    if secret.is_typed:
        return Finding.OTHER_SECRET
    if age > TOLERANCE_SECONDS:
        return Finding.VALID_BUT_OLD
    return Finding.VALID_BUT_AHEAD if age < -TOLERANCE_SECONDS else Finding.VALID


def _explain(message: _Message, secrets: Sequence[Secret], age: int) -> Checked:
    """No secret fits the request as it stands: the likely reason."""
    if not message.body.strip():
        return Checked(Finding.NO_BODY, age=age)
    for secret, key in _keys(secrets):
        if any(message.fits(key, body) for body in _as_sent(message.body)):
            return Checked(Finding.REENCODED, secret.label, age)
    for finding, wrong_key in _WRONG_KEYS.items():
        for secret in secrets:
            if any(message.fits(wrong_key(secret.value), body) for body in _as_pasted(message.body)):
                return Checked(finding, secret.label, age)
    if _MASKED.search(message.body):
        return Checked(Finding.MASKED, age=age)
    return Checked(Finding.MISMATCH, age=age)


# How a key is made by mistake: the text itself, with and without its prefix.
_WRONG_KEYS: dict[Finding, Callable[[str], bytes]] = {
    Finding.PREFIX_KEY: lambda secret: secret.strip().encode(),
    Finding.BASE64_KEY: lambda secret: secret.strip().removeprefix(PREFIX).encode(),
}


def _as_sent(body: str) -> Iterator[str]:
    """What the body may have been before somebody parsed it and wrote it again: JSON without spaces."""
    yield _without_spaces(body)
    try:
        value = json.loads(body)
        yield json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return


_OUTSIDE = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')


def _without_spaces(text: str) -> str:
    """JSON text without the spaces between its tokens; every token stays as it is written."""
    return _OUTSIDE.sub(lambda found: found[1] or "", text)


def advice_of(checked: Checked) -> tuple[str, str]:
    """(what it is, what to do about it), for people."""
    words = {"detail": checked.detail, "secret": checked.secret, "minutes": TOLERANCE_SECONDS // 60}
    title, text = _ADVICE[checked.finding]
    return title.format(**words), text.format(**words)


_ADVICE: dict[Finding, tuple[str, str]] = {
    Finding.VALID: ("The signature is valid", "It was made with {secret}. Your code should say the same."),
    Finding.VALID_BUT_OLD: (
        "The signature is valid, but the request is old by now",
        "It was made with {secret}. Your code should refuse it because it is more than {minutes} minutes old: that "
        "stops somebody from sending a recorded request again. If your server sees fresh requests as old, set its "
        "clock by NTP.",
    ),
    Finding.VALID_BUT_AHEAD: (
        "The signature is valid, but the timestamp lies ahead",
        "It was made with {secret}, with a time more than {minutes} minutes from now. We send our own time: if "
        "you did not change the header, compare your clock with a time server.",
    ),
    Finding.OLD_SECRET: (
        "It was signed with a secret that has ended",
        "This fits {secret}. Your code must refuse it now. Reveal the current secret and put it into your server.",
    ),
    Finding.NOTHING: (
        "There is no request here",
        "Paste the headers, an empty line and the body, or a curl command.",
    ),
    Finding.ONLY_AUTHORIZATION: (
        "Authorization is not the signature",
        "That header carries your customer’s API key. The signature stands in webhook-signature, with webhook-id "
        "and webhook-timestamp. If they do not reach your code, let your proxy or framework pass all three on.",
    ),
    Finding.MISSING_HEADER: (
        "A header is missing: {detail}",
        "All three are needed: webhook-id, webhook-timestamp and webhook-signature. Header names may be in any "
        "case. If a proxy drops them, allow headers that begin with “webhook-”.",
    ),
    Finding.MILLISECONDS: (
        "The timestamp is in milliseconds",
        "{detail} has too many digits: webhook-timestamp counts seconds. Use the header as it came, as text.",
    ),
    Finding.BAD_TIMESTAMP: (
        "The timestamp is no number",
        "webhook-timestamp is whole seconds since 1970, such as 1767225600, and here it is “{detail}”. Use the header "
        "as it came, without turning it into a date.",
    ),
    Finding.BAD_FORMAT: (
        "The signature has another form",
        "webhook-signature is “v1,” and base64, and during a rotation two of them with a space between. Here it is "
        "“{detail}”. Keep the “v1,” and do not turn base64 into hexadecimal digits.",
    ),
    Finding.NO_BODY: (
        "The body is missing",
        "Paste the body as your server received it, below an empty line. If it is empty in your code, too, something "
        "before it has read the stream: ask your framework for the raw body.",
    ),
    Finding.MASKED: (
        "Parts of the body are masked",
        "The Test Suite and the echo inbox hide secrets with asterisks, so their copies cannot be verified. Paste "
        "what your own server received.",
    ),
    Finding.REENCODED: (
        "The body was written anew",
        "The same JSON without added spaces and escapes fits {secret}. So your code parsed the body and wrote it again "
        "before it was verified. Verify the raw bytes first, then parse.",
    ),
    Finding.BASE64_KEY: (
        "The secret was not decoded",
        "This signature was made with the text after “whsec_” as the key. Decode that text from base64 first.",
    ),
    Finding.PREFIX_KEY: (
        "The secret was used with its prefix",
        "This signature was made with the whole text, “whsec_” included, as the key. Cut the prefix off and decode the "
        "rest from base64.",
    ),
    Finding.OTHER_SECRET: (
        "It fits the secret that you typed, which is not one of this App",
        "Reveal the current secret of this webhook, and use that one. Each webhook has a secret of its own.",
    ),
    Finding.MISMATCH: (
        "The signature does not fit",
        "Either the body was altered (one character is enough: an escape, a space, another order of keys), or it was "
        "signed for another webhook. Log the raw bytes as they arrive, before any parser, and paste those.",
    ),
}  # fmt: skip
