"""Lines to and from a function's process, with a deadline on both ways: it may stop reading, or never stop writing."""

import os
import select
import threading
import time

_PIECE = 64 * 1024


class Closed(Exception):
    """The process ended."""


class TooMuch(Exception):
    """A line, or all lines of a run, longer than they may be."""


class Pipe:
    """The two ends that the host holds. Writing is safe from several threads; reading is for one."""

    def __init__(self, to_child: int, from_child: int) -> None:
        self._out, self._in = to_child, from_child
        self._write_lock = threading.Lock()
        self._pieces: list[bytes] = []
        self._lines: list[bytes] = []
        self.allowance = 0  # bytes that may still come
        for end in (to_child, from_child):
            os.set_blocking(end, False)
        self._arrivals = select.poll()
        self._arrivals.register(from_child, select.POLLIN)

    def write(self, line: bytes, ends: float) -> None:
        """Raises TimeoutError at `ends` (monotonic seconds), Closed when nobody reads any more."""
        left = memoryview(line + b"\n")
        with self._write_lock:
            while left:
                try:
                    left = left[os.write(self._out, left) :]
                except BlockingIOError:
                    _wait_to_write(self._out, ends)
                except OSError as error:
                    raise Closed from error

    def read_line(self, ends: float) -> bytes:
        """The next line without its end. Raises TimeoutError, Closed, TooMuch."""
        while not self._lines:
            self._read_some(ends)
        return self._lines.pop(0)

    def _read_some(self, ends: float) -> None:
        if self._in < 0:
            raise Closed
        _wait(self._arrivals, ends)
        try:
            piece = os.read(self._in, _PIECE)
        except OSError as error:
            raise Closed from error
        if not piece:
            raise Closed
        self.allowance -= len(piece)
        if self.allowance < 0:
            raise TooMuch
        if not self._pieces and piece.find(b"\n") == len(piece) - 1:  # one line and no more, as nearly always
            self._lines.append(piece[:-1])
            return
        *whole, rest = piece.split(b"\n")
        if whole:
            self._lines += [b"".join([*self._pieces, whole[0]]), *whole[1:]]
            self._pieces = []
        if rest:
            self._pieces.append(rest)

    def close(self) -> None:
        with self._write_lock:
            for end in (self._out, self._in):
                if end >= 0:
                    os.close(end)
            self._out = self._in = -1


def _wait_to_write(end: int, ends: float) -> None:
    poll = select.poll()
    poll.register(end, select.POLLOUT)
    _wait(poll, ends)


def _wait(poll: select.poll, ends: float) -> None:
    seconds = ends - time.monotonic()
    if seconds <= 0 or not poll.poll(seconds * 1000):
        raise TimeoutError
