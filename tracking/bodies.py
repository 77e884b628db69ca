"""The bytes of a request, however they were announced: never more of them in memory than a call may have."""

from typing import Any

from django.http import HttpRequest

from runtime.intake import BadBody, limit_of
from runtime.intake.body import too_large

_CHUNK = 64 * 1024
# A body that is a little too large is read to its end and dropped, because a client that is still sending when
# the answer comes sees a broken connection instead of it.
_DRAINED_BYTES = 8 * 1024 * 1024


def read_raw(request: HttpRequest, kind: str) -> bytes:
    """The body as it came. Raises BadBody when it is above the limit of `kind`."""
    limit = limit_of(kind)
    source = _source(request)
    announced = _length(request)
    raw = _read(source, limit + 1) if announced <= limit else b""
    if announced > limit or len(raw) > limit:
        if limit < announced <= _DRAINED_BYTES:
            while _read(source, _CHUNK):
                pass
        raise too_large(kind)
    if len(raw) < announced:
        raise _broken_off()
    return raw


def _source(request: HttpRequest) -> Any:
    """Django reads nothing of a body without Content-Length; a server that ends the stream itself says so."""
    if request.META.get("CONTENT_LENGTH") or not request.META.get("wsgi.input_terminated"):
        return request
    return request.META["wsgi.input"]


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given) if given.isdecimal() and len(given) < 16 else 0


def _read(source: Any, most: int) -> bytes:
    try:
        return bytes(source.read(most))
    except Exception:  # each server has errors of its own for a body that breaks off or is no good chunks
        raise _broken_off() from None


def _broken_off() -> BadBody:
    return BadBody(400, "The body does not have the length that was announced.")
