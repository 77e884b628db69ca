"""Bodies of requests: read within a limit, and strictly (SECURITY T9)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from installs.config_api import errors
from runtime.intake import BadBody, read_body
from runtime.intake.stream import BrokenOff, TooLong, read_within

MAX_BYTES = 256 * 1024
# So much of a body that is too large is read and dropped.
_DRAINED_BYTES = 4 * 1024 * 1024
_PREFIX = "The body is not valid JSON: "


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body. Raises ApiError: 413 when it is too large, else 400."""
    raw = _read(request)
    try:
        document = read_body(raw, encoding=request.headers.get("Content-Encoding", ""), kind="batch")
    except BadBody as bad:
        raise errors.invalid_json(bad.text.removeprefix(_PREFIX)) from None
    if not isinstance(document, dict):
        raise errors.invalid_json("send an object.")
    return document


def member(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under `name`: what a request is about. Raises ApiError when it is missing or something else."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise errors.invalid(f'“{name}” must be an object, as in {{"{name}": {{…}}}}')
    return found


def text(resource: Mapping[str, Any], name: str, where: str) -> str:
    """The text under `name`, "" when there is none. `where` is the path for the error: “destination.name”."""
    found = resource.get(name, "")
    if not isinstance(found, str):
        raise errors.invalid(f"“{where}” must be a string")
    return found


def boolean(resource: Mapping[str, Any], name: str, where: str) -> bool:
    """The boolean under `name`, False when there is none; "true" and "false" count as well."""
    found = resource.get(name, False)
    if isinstance(found, str):
        found = {"true": True, "false": False}.get(found.lower(), found)
    if found is None:
        return False
    if not isinstance(found, bool):
        raise errors.invalid(f"“{where}” must be true or false")
    return found


def _read(request: HttpRequest) -> bytes:
    try:
        return read_within(request, MAX_BYTES, _DRAINED_BYTES)
    except TooLong:
        raise errors.too_large(MAX_BYTES) from None
    except BrokenOff:
        raise errors.invalid_json("the body does not have the length that was announced.") from None
