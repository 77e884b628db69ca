"""One HTTP exchange as values: what was asked for, what was sent, what came back.

Nothing here touches the network. Times are milliseconds, limits are seconds and bytes.
"""

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

HeaderPairs = tuple[tuple[str, str], ...]


class ErrorKind(StrEnum):
    """Why there is no complete answer."""

    BAD_URL = "bad_url"  # the URL itself is not acceptable; nothing was sent
    REFUSED_ADDRESS = "refused_address"  # the name points to an address we never connect to
    DNS_NOT_FOUND = "dns_not_found"  # the name does not exist or has no address
    DNS_FAILED = "dns_failed"  # the lookup failed or took too long
    CONNECT_REFUSED = "connect_refused"  # nothing listens on that port
    CONNECT_TIMEOUT = "connect_timeout"  # the machine did not react
    UNREACHABLE = "unreachable"  # no route to the machine
    TLS = "tls"  # the secure connection could not be set up
    TIMEOUT = "timeout"  # connected, but the answer was not complete in time
    RESET = "reset"  # the other side closed the connection before a complete answer
    PROTOCOL = "protocol"  # the answer is not HTTP/1.1
    TOO_LARGE = "too_large"  # the head of the answer exceeds the limit
    INCOMPLETE = "incomplete"  # the body is shorter than its Content-Length


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost at most (T5, F17)."""

    total_seconds: float = 15.0  # wall clock over everything, DNS included
    dns_seconds: float = 5.0
    connect_seconds: float = 5.0  # for each address
    max_answers: int = 32  # addresses one name may have
    max_head: int = 16 * 1024  # bytes of status line and headers, interim answers included
    max_body: int = 64 * 1024  # bytes of body, and of body with framing beyond what came with the head


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `headers` go out in this order and case; Host, and Content-Length if absent, are added."""

    method: str
    url: str
    headers: HeaderPairs = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """The request byte for byte as it goes over the wire."""

    start_line: str
    headers: HeaderPairs
    body: bytes

    @property
    def raw(self) -> bytes:
        """The bytes on the wire."""
        lines = [self.start_line, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class Response:
    """The answer; `body` is not decompressed, and `truncated` says that there was more than we read."""

    status: int
    reason: str
    headers: HeaderPairs
    body: bytes
    truncated: bool = False

    def header(self, name: str) -> str:
        """The first value of a header, whatever its case, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an exchange failed. `message` is a plain sentence without secrets."""

    kind: ErrorKind
    message: str


@dataclass(slots=True)
class Timings:
    """Milliseconds spent in each part; None for a part that was not reached."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None  # from the request sent to the head of the answer read
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt. With `error` set, `response` holds what had arrived, which may be nothing."""

    request: SentRequest
    response: Response | None = None
    error: Failure | None = None
    timings: Timings = field(default_factory=Timings)
    remote_address: str | None = None

    def as_record(self) -> dict[str, Any]:
        """A JSON object to store: bodies as `{"encoding": "text" | "base64", "content": …}`.

        Safe for PostgreSQL's jsonb, which refuses U+0000.
        """
        return {
            "request": _message_record(self.request, start_line=self.request.start_line),
            "response": self.response and _response_record(self.response),
            "error": self.error and {"kind": self.error.kind.value, "message": self.error.message},
            "timings": {name: getattr(self.timings, name) for name in Timings.__slots__},
            "remote_address": self.remote_address,
        }


def _response_record(response: Response) -> dict[str, Any]:
    return _message_record(
        response, status=response.status, reason=_storable(response.reason), truncated=response.truncated
    )


def _message_record(message: SentRequest | Response, **first: Any) -> dict[str, Any]:
    headers = [[_storable(name), _storable(value)] for name, value in message.headers]
    return {**first, "headers": headers, "body": body_record(message.body)}


def body_record(body: bytes) -> dict[str, str]:
    """A body as `{"encoding": "text" | "base64", "content": …}`, safe for jsonb."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is None or "\x00" in text:
        return {"encoding": "base64", "content": base64.b64encode(body).decode("ascii")}
    return {"encoding": "text", "content": text}


def _storable(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
