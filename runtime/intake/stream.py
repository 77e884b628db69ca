"""The bytes of a request, however they were announced: never more of them in memory than a limit allows."""

from typing import Any

_CHUNK = 64 * 1024


class TooLong(Exception):
    """More than the limit."""


class BrokenOff(Exception):
    """Fewer bytes than were announced, or no good chunks."""


def read_within(request: Any, limit: int, drained: int) -> bytes:
    """The body of a WSGI request (`META`, `read`), at most `limit` bytes. Raises TooLong, BrokenOff.

    One that is longer, up to `drained` bytes, is read to its end and dropped: a client that is still sending when the
    answer comes sees a broken connection instead of it.
    """
    source, announced = _source(request), _announced(request)
    raw = _some(source, limit + 1) if announced <= limit else b""
    if announced > limit or len(raw) > limit:
        if limit < announced <= drained:
            while _some(source, _CHUNK):
                pass
        raise TooLong
    if len(raw) < announced:
        raise BrokenOff
    return raw


def _source(request: Any) -> Any:
    """Django reads nothing of a body without Content-Length; a server that ends the stream itself says so."""
    if request.META.get("CONTENT_LENGTH") or not request.META.get("wsgi.input_terminated"):
        return request
    return request.META["wsgi.input"]


def _announced(request: Any) -> int:
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given) if given.isdecimal() and len(given) < 16 else 0


def _some(source: Any, most: int) -> bytes:
    try:
        return bytes(source.read(most))
    except Exception:  # each server has errors of its own for a body that breaks off or is no good chunks
        raise BrokenOff from None
