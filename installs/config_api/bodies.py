"""Bodies of requests: read within a limit, and strictly (SECURITY T9)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from installs.config_api import errors
from runtime.intake import BadBody, read_body

MAX_BYTES = 256 * 1024
# What is a little too large is read to its end and dropped: a client that is still sending sees no answer.
_DRAINED_BYTES = 4 * 1024 * 1024
_CHUNK = 64 * 1024
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
    announced = _announced(request)
    source = _source(request)
    raw = _some(source, MAX_BYTES + 1) if announced <= MAX_BYTES else b""
    if announced > MAX_BYTES or len(raw) > MAX_BYTES:
        if MAX_BYTES < announced <= _DRAINED_BYTES:
            while _some(source, _CHUNK):
                pass
        raise errors.too_large(MAX_BYTES)
    if len(raw) < announced:
        raise _broken_off()
    return raw


def _source(request: HttpRequest) -> Any:
    """Django reads nothing of a body without Content-Length; a server that ends the stream itself says so."""
    if request.META.get("CONTENT_LENGTH") or not request.META.get("wsgi.input_terminated"):
        return request
    return request.META["wsgi.input"]


def _announced(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given) if given.isdecimal() and len(given) < 16 else 0


def _some(source: Any, most: int) -> bytes:
    try:
        return bytes(source.read(most))
    except Exception:  # each server has errors of its own for a body that breaks off
        raise _broken_off() from None


def _broken_off() -> errors.ApiError:
    return errors.invalid_json("the body does not have the length that was announced.")
