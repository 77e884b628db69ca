"""The body of a delivery: JSON, or a form with the same JSON in its field `payload`, as the webhook is set up."""

import json
from typing import Any, NoReturn
from urllib.parse import parse_qs

from runtime.intake.body import storable

# GitHub sends nothing larger.
MAX_BYTES = 25 * 1024 * 1024
JSON_TYPE, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
TYPES = frozenset({JSON_TYPE, FORM_TYPE})
_NOT_JSON = "The body is not a JSON object."
# Whatever the parser makes of bytes that are no JSON, or lie too deep in each other.
_FAULTS = (ValueError, RecursionError)


class BadBody(ValueError):
    """The body holds no payload; the text says why."""


def payload_of(raw: bytes, content_type: str) -> dict[str, Any]:
    """The payload. Texts in it can be stored: no NUL, no half characters. Raises BadBody.

    `content_type` is one of TYPES, without parameters.
    """
    return read_object(_field(raw) if content_type == FORM_TYPE else raw)


def read_object(raw: bytes | str) -> dict[str, Any]:
    """A JSON object out of bytes that somebody sent. Raises BadBody."""
    document = read_json(raw)
    if not isinstance(document, dict):
        raise BadBody(_NOT_JSON)
    return document


def read_json(raw: bytes | str) -> Any:
    """A JSON document out of bytes that somebody sent. Raises BadBody."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
        document = json.loads(text, parse_constant=_refuse)
        # Only an escape can write what cannot be stored.
        return storable(document) if "\\u" in text else document
    except _FAULTS:
        raise BadBody(_NOT_JSON) from None


def _field(raw: bytes) -> str:
    try:
        fields = parse_qs(raw.decode("ascii"), strict_parsing=True, max_num_fields=10, errors="strict")
    except ValueError:
        raise BadBody("The form cannot be read.") from None
    values = fields.get("payload", [])
    if len(values) != 1:
        raise BadBody("The form has no single field “payload”.")
    return values[0]


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
