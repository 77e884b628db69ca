"""The bytes of a call: never more of them in memory than it may have (D37)."""

from django.http import HttpRequest

from runtime.intake import BadBody, limit_of
from runtime.intake.body import too_large
from runtime.intake.stream import BrokenOff, TooLong, read_within

# So much of a body that is too large is read and dropped.
_DRAINED_BYTES = 8 * 1024 * 1024


def read_raw(request: HttpRequest, kind: str) -> bytes:
    """The body as it came. Raises BadBody when it is above the limit of `kind`."""
    try:
        return read_within(request, limit_of(kind), _DRAINED_BYTES)
    except TooLong:
        raise too_large(kind) from None
    except BrokenOff:
        raise BadBody(400, "The body does not have the length that was announced.") from None
