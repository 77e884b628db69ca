"""Sockets held to one deadline and one budget of bytes.

http.client reads the answers, but its timeouts start anew with every byte, and how much it reads is the
server's choice. So it is given a `MeteredSocket`, which gives every single read and write only what is
left of the wall clock and of the bytes. Requests are not built by http.client or urllib3 at all: both add
and reorder headers, and what we show to a partner has to be what we sent.
"""

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

Clock = Callable[[], float]


class Deadline:
    """A point on a monotonic clock (seconds) after which nothing may wait any more."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def remaining(self, at_most: float = float("inf")) -> float:
        """Seconds left, more than 0. Raises TimeoutError when there are none."""
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError("the wall clock ran out")
        return min(left, at_most)


class BudgetSpent(Exception):
    """The other side sent more bytes than the limits let us take."""


class MeteredSocket:
    """An open socket, plain or TLS, of which every wait and every received byte is counted.

    `allowance` is how many more bytes may be read; the reader raises it when the head is complete.
    Closing stays with whoever opened the socket.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, allowance: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self.allowance = allowance
        self.was_heard = False
        self.has_leftovers = False  # known once the reader is closed: bytes beyond the end of the answer

    def sendall(self, data: bytes) -> None:
        """Send everything before the deadline. (An SSLSocket's own `sendall` would restart its timeout.)"""
        view = memoryview(data)
        while view:
            self._sock.settimeout(self._deadline.remaining())
            view = view[self._sock.send(view) :]

    def receive_into(self, buffer: memoryview) -> int:
        """Read at most what the budget holds; raises `BudgetSpent` once it is empty."""
        if self.allowance <= 0:
            raise BudgetSpent
        self._sock.settimeout(self._deadline.remaining())
        count = self._sock.recv_into(buffer[: self.allowance])
        self.allowance -= count
        self.was_heard = self.was_heard or count > 0
        return count

    def makefile(self, mode: str) -> io.BufferedReader:
        """What http.client reads from."""
        return _Reader(_MeteredReader(self), self)


class _MeteredReader(io.RawIOBase):
    def __init__(self, source: MeteredSocket) -> None:
        self._source: MeteredSocket | None = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.receive_into(memoryview(buffer)) if self._source else 0

    def detach_source(self) -> None:
        """From now on it is at its end."""
        self._source = None


class _Reader(io.BufferedReader):
    """Notes on closing whether it holds bytes that nobody took: they would begin the next answer."""

    def __init__(self, raw: _MeteredReader, source: MeteredSocket) -> None:
        super().__init__(raw)
        self._metered, self._source = raw, source

    def close(self) -> None:
        if not self.closed:
            self._metered.detach_source()
            self._source.has_leftovers = bool(self.peek(1))
        super().close()


class FinalResponse(http.client.HTTPResponse):
    """Skips every interim answer (1xx), where http.client skips only 100. Their bytes count as head."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status >= 200 or status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)

    @property
    def is_incomplete(self) -> bool:
        """After the last byte: whether Content-Length promised more."""
        return bool(self.length)


def open_socket(addresses: Iterable[str], port: int, deadline: Deadline, seconds: float) -> tuple[socket.socket, str]:
    """Connect to the first address that takes us, giving each at most `seconds`.

    The addresses are literal, so nothing is resolved again between check and connect. Raises the OSError
    of the last attempt.
    """
    failure = OSError("no address")
    for address in addresses:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.settimeout(deadline.remaining(at_most=seconds))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect((address, port))
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock, address
    raise failure


@cache
def verified_tls() -> ssl.SSLContext:
    """TLS 1.2 or later, certificate and host name verified against the system's authorities."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def start_tls(sock: socket.socket, host: str, deadline: Deadline, context: ssl.SSLContext) -> ssl.SSLSocket:
    """The TLS handshake: `host`, not the address, goes into SNI and must be in the certificate.

    The result owns the descriptor from here on, also when the handshake fails.
    """
    sock.settimeout(deadline.remaining())
    return context.wrap_socket(sock, server_hostname=host)
