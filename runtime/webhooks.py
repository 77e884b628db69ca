"""The subscription webhook's contract: the request that carries an event (D10) and what an answer means.

`build_request` and `read_answer` are pure; `egress.send` lies between them.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from runtime.advice import NO_ANSWER, Meaning, meaning_of_refusal, meaning_of_status
from runtime.causes import likely_cause
from runtime.egress import Exchange, Request, Response
from runtime.signing import Signing
from runtime.suite.case import Expects

API_KEY = "apiKey"
MAX_MESSAGE_LENGTH = 500


class OutcomeVerdict(StrEnum):
    """CONTRACT, “Test Suite verdicts”."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one answer means.

    `status` is None without an answer; `code` is the error code that customers see (D31), "" when
    delivered; `message` is the partner's own explanation (D13), untrusted text, "" without one;
    `meaning`, `cause` and `fix` are ours, in plain words.
    """

    verdict: OutcomeVerdict
    status: int | None
    code: str
    is_retryable: bool
    meaning: str
    cause: str
    fix: str
    message: str = ""


def build_request(
    endpoint: str,
    event: Mapping[str, Any],
    api_key: str,
    settings: Mapping[str, Any],
    signing: Signing | None = None,
) -> Request:
    """The POST that delivers `event` (D10): exactly the original's headers in its order, then the signature's.

    `settings` may hold the API key; it is left out of X-Segment-Settings. Raises ValueError for an event
    that JSON cannot express (NaN, for one).
    """
    return Addressed.to(endpoint, api_key, settings).request(_compact_json(event), signing)


@dataclass(frozen=True, slots=True)
class Addressed:
    """What is the same in every request to one endpoint with one customer's settings, written once."""

    endpoint: str
    authorization: str
    settings: str

    @classmethod
    def to(cls, endpoint: str, api_key: str, settings: Mapping[str, Any]) -> "Addressed":
        """As `build_request` takes them."""
        custom = {key: value for key, value in settings.items() if key != API_KEY}
        return cls(endpoint, f"Basic {_base64(f'{api_key}:'.encode())}", _base64(_compact_json(custom)))

    def request(self, body: bytes, signing: Signing | None = None) -> Request:
        """The POST of an event that is JSON already."""
        headers = (
            ("Authorization", self.authorization),
            ("Content-Type", "application/json"),
            ("Accept", "*/*"),
            ("Cache-Control", "no-cache"),
            ("Connection", "Keep-Alive"),
            ("Content-Length", str(len(body))),
            ("User-Agent", "Segment.io/1.0"),
            ("X-Segment-Settings", self.settings),
        )
        return Request("POST", self.endpoint, headers + (signing.headers(body) if signing else ()), body)


def read_answer(exchange: Exchange, expects: str = Expects.ACCEPTED) -> Outcome:
    """Judge one exchange: verdict, retry, code, and what to tell whom.

    With `expects` "unauthorized" the request went out with a wrong API key: 401 and 403 are green, a 2xx is
    red, and 501 stays yellow, because an endpoint that looks at the kind of event first has not refused the key.
    """
    if exchange.error is not None:
        status = exchange.response.status if exchange.response else None
        return _outcome(OutcomeVerdict.RED, status, _explained(NO_ANSWER[exchange.error.kind], exchange))
    if exchange.response is None:
        raise ValueError("an exchange without error has a response")
    status, own = exchange.response.status, own_message(exchange.response)
    if expects == Expects.UNAUTHORIZED and (meaning := meaning_of_refusal(status)):
        return _outcome(_verdict_on_refusal(status), status, meaning, own)
    return _outcome(_verdict(status), status, _explained(meaning_of_status(status), exchange), own)


def own_message(response: Response) -> str:
    """The partner's `message` from a 4xx or 5xx answer in JSON (D13), shortened; "" for anything else."""
    media_type = response.header("content-type").partition(";")[0].strip().lower()
    if response.status < 400 or media_type != "application/json":
        return ""
    try:
        content = json.loads(response.body)
    except (ValueError, RecursionError):
        return ""
    message = content.get("message") if isinstance(content, dict) else None
    return one_line(message) if isinstance(message, str) else ""


def _verdict(status: int) -> OutcomeVerdict:
    if 200 <= status < 300:
        return OutcomeVerdict.GREEN
    return OutcomeVerdict.YELLOW if status == 501 else OutcomeVerdict.RED


def _verdict_on_refusal(status: int) -> OutcomeVerdict:
    if status in (401, 403):
        return OutcomeVerdict.GREEN
    return OutcomeVerdict.YELLOW if status == 501 else OutcomeVerdict.RED


def _explained(meaning: Meaning, exchange: Exchange) -> Meaning:
    """With the cause that the exchange itself points to, where it does."""
    cause = likely_cause(exchange)
    if cause is not None:
        return replace(meaning, cause=cause.text, fix=cause.fix)
    return replace(meaning, cause=exchange.error.message) if exchange.error else meaning


def _outcome(verdict: OutcomeVerdict, status: int | None, meaning: Meaning, message: str = "") -> Outcome:
    return Outcome(
        verdict=verdict,
        status=status,
        code=meaning.code,
        is_retryable=meaning.is_retryable,
        meaning=meaning.text,
        cause=meaning.cause,
        fix=meaning.fix,
        message=message,
    )


def _compact_json(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="strict")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def one_line(text: str) -> str:
    """Without control characters, surrogates and line breaks, cut to what a table row can show."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= MAX_MESSAGE_LENGTH else line[: MAX_MESSAGE_LENGTH - 1] + "…"
