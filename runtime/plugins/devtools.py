"""Chromium's DevTools protocol over two pipes: JSON messages, each ended by a NUL byte.

No port is opened, so nothing else on the machine can talk to the browser, and the browser ends by itself when the
pipes close. One thread reads and writes; what the browser tells by itself is handed to `on_event` while waiting.
Whatever arrives is untrusted: a page decides most of it.
"""

import contextlib
import json
import os
import select
import time
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
OnEvent = Callable[[str, Message, str], None]  # method, params, session

_PIECE = 256 * 1024
MAX_MESSAGE = 16 * 1024 * 1024


class BrowserGone(Exception):
    """The browser closed its end, or stopped making sense."""


class CallRefused(Exception):
    """The browser answered a call with an error."""


class TooSlow(Exception):
    """No answer in time."""


class DevTools:
    """One connection. The descriptors belong to it; `close` closes them."""

    def __init__(self, read_fd: int, write_fd: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._read_fd, self._write_fd, self._clock = read_fd, write_fd, clock
        self._buffer, self._searched = bytearray(), 0
        self._last_id = 0
        self._answers: dict[int, Message] = {}
        self._awaited: set[int] = set()
        self.on_event: OnEvent = _ignore
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)

    def close(self) -> None:
        """Close both pipes; the browser ends."""
        os.close(self._read_fd)
        os.close(self._write_fd)

    def drain(self, seconds: float) -> None:
        """Read and forget until the browser's end is closed, for at most `seconds`."""
        end = self._clock() + seconds
        with contextlib.suppress(BrowserGone):
            while (left := end - self._clock()) > 0:
                self._receive(left)
                self._buffer.clear()

    def now(self) -> float:
        """Seconds on a monotonic clock."""
        return self._clock()

    def send(self, method: str, params: Message | None = None, session: str = "") -> int:
        """Send a command without waiting for its answer, which is dropped. Returns its id."""
        self._last_id += 1
        message: Message = {"id": self._last_id, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        self._write(json.dumps(message).encode() + b"\0")
        return self._last_id

    def call(self, method: str, params: Message | None = None, session: str = "", *, seconds: float = 10.0) -> Message:
        """Send a command and wait for its result. Raises CallRefused, TooSlow or BrowserGone."""
        end = self._clock() + seconds
        number = self.send(method, params, session)
        self._awaited.add(number)
        try:
            while number not in self._answers:
                left = end - self._clock()
                if left <= 0:
                    raise TooSlow(method)
                self.pump(left)
            answer = self._answers.pop(number)
        finally:
            self._awaited.discard(number)
        if "error" in answer:
            raise CallRefused(f"{method}: {str(answer['error'])[:300]}")
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    def pump(self, seconds: float) -> None:
        """Handle what has arrived, waiting for at most `seconds` for the first of it."""
        if not self._take_messages() and self._receive(seconds):
            self._take_messages()

    def _take_messages(self) -> bool:
        """Handle the messages that are complete, and say whether there were any."""
        some = False
        while (end := self._buffer.find(b"\0", self._searched)) >= 0:
            raw = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._searched = 0
            self._handle(raw)
            some = True
        self._searched = len(self._buffer)
        return some

    def _handle(self, raw: bytes) -> None:
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise BrowserGone("the browser sent something unreadable") from error
        if not isinstance(message, dict):
            return
        if "id" in message:
            if message["id"] in self._awaited:
                self._answers[message["id"]] = message
            return
        params = message.get("params")
        self.on_event(
            str(message.get("method", "")),
            params if isinstance(params, dict) else {},
            str(message.get("sessionId", "")),
        )

    def _receive(self, seconds: float) -> bool:
        poller = select.poll()
        poller.register(self._read_fd, select.POLLIN)
        if not poller.poll(max(seconds, 0) * 1000):
            return False
        data = os.read(self._read_fd, _PIECE)
        if not data:
            raise BrowserGone("the browser has ended")
        self._buffer += data
        if len(self._buffer) > MAX_MESSAGE:
            raise BrowserGone("the browser sent too much at once")
        return True

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        poller = select.poll()
        poller.register(self._write_fd, select.POLLOUT)
        while view:
            try:
                view = view[os.write(self._write_fd, view) :]
            except BlockingIOError:
                # It may be waiting for us to read; what comes is handled later, so that no handler runs in a handler.
                self._receive(0)
                poller.poll(50)
            except OSError as error:
                raise BrowserGone("the browser has ended") from error


def _ignore(method: str, params: Message, session: str) -> None:
    """Until somebody listens."""
