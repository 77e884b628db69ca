"""A connection kept open between the requests of one job to one endpoint (D10: keep-alive).

What is kept leads to an address that was checked when it was opened, under one scheme, host and port, and
serves no other (T2). Every new connection resolves and checks again.
"""

import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from runtime.egress.urls import Target

# Servers close what is idle after two seconds or more; what is older than this may be closed any moment.
IDLE_SECONDS = 1.0


@dataclass(slots=True)
class Line:
    """An open connection, plain or TLS, and the checked address at its other end."""

    stream: socket.socket
    address: str

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has come in: neither the end nor bytes that nobody asked for."""
        try:
            return not select.select([self.stream], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        with suppress(OSError):
            self.stream.close()


class KeptLine:
    """Holds at most one connection. Use with `with`; not for several threads at once."""

    def __init__(self) -> None:
        self._line: Line | None = None
        self._leads_to: tuple[str, str, int] | None = None
        self._since = 0.0

    def take(self, target: Target) -> Line | None:
        """The open connection to this very scheme, host and port; it belongs to the caller from now on."""
        line, self._line = self._line, None
        if line is None:
            return None
        is_fresh = time.monotonic() - self._since <= IDLE_SECONDS
        if is_fresh and self._leads_to == _door(target) and line.is_quiet:
            return line
        line.close()
        return None

    def put(self, target: Target, line: Line) -> None:
        """Keep a connection on which an answer was read to its end."""
        self.close()
        self._line, self._leads_to, self._since = line, _door(target), time.monotonic()

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def __enter__(self) -> "KeptLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _door(target: Target) -> tuple[str, str, int]:
    return target.scheme, target.host, target.port
