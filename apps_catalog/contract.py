"""The subscription webhook's contract as the console shows it: the headers sent and the answers understood."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps_catalog.models import Setting
from apps_catalog.setting_keys import API_KEY
from runtime.advice import meaning_of_status
from runtime.signing import Signing, message_id
from runtime.webhooks import build_request

# For the sample of a signature only; no component has it.
SAMPLE_SECRET = "whsec_" + "c2FtcGxl" * 4
SAMPLE_TIME = 1_767_225_600
_WHY = {
    "Authorization": "Basic authentication: the customer’s API key as the user name, and no password.",
    "Content-Type": "The body is one event in JSON.",
    "Accept": "Answer in whatever format you like; only a JSON message is read.",
    "Cache-Control": "Nothing on the way may answer in your place.",
    "Connection": "The connection may stay open for the next event.",
    "Content-Length": "The length of the body in bytes.",
    "User-Agent": "Always the same.",
    "X-Segment-Settings": "Every other setting of the customer: a JSON object in base64.",
    "webhook-id": "The same for every attempt at one message: remember it to skip what you have seen.",
    "webhook-timestamp": "When it was signed, in Unix seconds. Refuse what is older than five minutes.",
    "webhook-signature": "Proof that it comes from us: HMAC-SHA256 over id, timestamp and body.",
}
# The statuses that have a meaning of their own (D12), and 429, which is waited out (D30).
STATUSES = (200, 202, 400, 401, 403, 429, 500, 501, 503)
_NAMES = {
    200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeaderRow:
    name: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What Segment makes of one status: `verdict` is that of the Test Suite, green, yellow or red."""

    status: int
    name: str
    meaning: str
    is_retried: bool
    verdict: str


def header_rows(settings: Sequence[Setting]) -> list[HeaderRow]:
    """The headers of one event, exactly as they are sent (D10), with sample values for this App's settings."""
    values = {setting.key: _sample(setting) for setting in settings if setting.key != API_KEY}
    signing = Signing([SAMPLE_SECRET], message_id("sample"), SAMPLE_TIME)
    request = build_request("https://example.com/", {"type": "track"}, "your-api-key", values, signing)
    return [HeaderRow(name, value, _WHY.get(name, "")) for name, value in request.headers]


def _sample(setting: Setting) -> Any:
    return f"value of {setting.label}" if setting.default in (None, "") else setting.default


def answer_rows() -> list[AnswerRow]:
    """The answers an endpoint may give (D12)."""
    return [_answer(status) for status in STATUSES]


def _answer(status: int) -> AnswerRow:
    meaning = meaning_of_status(status)
    verdict = "green" if status < 300 else "yellow" if status == 501 else "red"
    return AnswerRow(status, _NAMES[status], meaning.text, meaning.is_retryable, verdict)
