"""An HTTP server on loopback that answers as a test scripts it and keeps the exact bytes it was sent."""

import contextlib
import socket
import socketserver
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, BinaryIO

from tests.services.ports import free_port
from tests.services.processes import wait_until


@dataclass(frozen=True)
class Reply:
    """One answer. `body` as bytes goes out with its length; as an iterable, piece by piece.

    `delay_seconds` passes before the first byte, `pause_seconds` between two pieces. `raw` replaces the
    whole answer, status line included. `hang_up` closes the connection without a word.
    """

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0.0
    pause_seconds: float = 0.0
    raw: bytes | None = None
    hang_up: bool = False


@dataclass(frozen=True)
class Request:
    """One request as it came in. `head` is every byte up to and including the empty line."""

    method: str
    target: str
    head: bytes
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    at: float = field(default_factory=time.monotonic)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


# A fixed answer, or a function that makes one from the request.
Answer = Reply | Callable[[Request], Reply]


def endless(piece: bytes = b"x" * 4096) -> Iterator[bytes]:
    """A body that never ends; with `pause_seconds`, one that drips."""
    while True:
        yield piece


class Receiver:
    """Start with `with Receiver() as receiver:`. Unscripted paths answer `receiver.default` (200, empty)."""

    def __init__(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> None:
        self.host, self.port, self.tls = host, free_port(), tls
        self.default: Answer = Reply()
        self.requests: list[Request] = []
        self.connections = 0
        self.bytes_received = 0
        self._scripts: dict[str, deque[Answer]] = defaultdict(deque)
        self._lasting: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    # --- Steering -----------------------------------------------------------------------------------

    def on(self, path: str, *replies: Answer, then_default: bool = False) -> None:
        """Answer `path` with these in turn; the last one stays, unless `then_default`.

        A reply may be a function of the request.
        """
        with self._lock:
            self._scripts[path] = deque(replies)
            if then_default or not replies:
                self._lasting.pop(path, None)
            else:
                self._lasting[path] = replies[-1]

    def to(self, path: str) -> list[Request]:
        return [request for request in list(self.requests) if request.path == path]

    def clear(self) -> None:
        with self._lock:
            self.requests.clear()
            self._scripts.clear()
            self._lasting.clear()
            self.connections = self.bytes_received = 0

    def wait_for(self, number: int, *, seconds: float = 10.0) -> list[Request]:
        """All requests, as soon as there are at least `number`."""
        wait_until(lambda: len(self.requests) >= number, seconds=seconds, what=f"{number} requests")
        return list(self.requests)

    # --- Running ------------------------------------------------------------------------------------

    def start(self) -> "Receiver":
        self._closing.clear()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="receiver", daemon=True).start()
        return self

    def stop(self) -> None:
        """Close the port and cut what is open: from now on connections are refused."""
        self._closing.set()
        if self._server:
            self._server.shutdown()
            self._server.cut_all()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> "Receiver":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, request: Request) -> Reply:
        """Keep the request and say what to reply."""
        with self._lock:
            self.requests.append(request)
            script = self._scripts.get(request.path)
            reply = script.popleft() if script else self._lasting.get(request.path, self.default)
        return reply(request) if callable(reply) else reply

    def sleep(self, seconds: float) -> bool:
        """Wait; False when the server is being stopped meanwhile."""
        return not self._closing.wait(seconds)

    def count(self, *, connections: int = 0, received: int = 0) -> None:
        with self._lock:
            self.connections += connections
            self.bytes_received += received


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.address_family = socket.AF_INET6 if ":" in receiver.host else socket.AF_INET
        self._open: set[socket.socket] = set()
        super().__init__((receiver.host, receiver.port), _Connection)

    def process_request(self, request: socket.socket, client_address: Any) -> None:  # type: ignore[override]
        self._open.add(request)
        self.receiver.count(connections=1)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        self._open.discard(request)
        super().shutdown_request(request)

    def cut_all(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no event here."""


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        connection = self.request
        if self.server.receiver.tls:
            connection = self.server.receiver.tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as incoming:
            while self._exchange(connection, incoming):
                pass

    def _exchange(self, connection: socket.socket, incoming: BinaryIO) -> bool:
        """One request and its answer; True when the connection stays open for another."""
        head = self._read_head(incoming)
        if head is None:
            return False
        method, target, headers = _parse(head)
        body = self._read_body(incoming, headers)
        request = Request(method, target, head, body, headers)
        reply = self.server.receiver.answer(request)
        return self._send(connection, reply) and (request.header("connection") or "").lower() != "close"

    def _read_head(self, incoming: BinaryIO) -> bytes | None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = incoming.readline(65536)
            self.server.receiver.count(received=len(line))
            if not line:
                return None
            head += line
        return head

    def _read_body(self, incoming: BinaryIO, headers: list[tuple[str, str]]) -> bytes:
        known = {name.lower(): value for name, value in headers}
        if "chunked" in known.get("transfer-encoding", ""):
            body = b"".join(_chunks(incoming))
        else:
            body = incoming.read(int(known.get("content-length", 0)))
        self.server.receiver.count(received=len(body))
        return body

    def _send(self, connection: socket.socket, reply: Reply) -> bool:
        if reply.delay_seconds and not self.server.receiver.sleep(reply.delay_seconds):
            return False
        if reply.hang_up:
            return False
        if reply.raw is not None:
            connection.sendall(reply.raw)
            return False
        if isinstance(reply.body, bytes):
            connection.sendall(_head(reply, len(reply.body)) + reply.body)
            return True
        connection.sendall(_head(reply, None))
        for piece in reply.body:
            connection.sendall(piece)
            if reply.pause_seconds and not self.server.receiver.sleep(reply.pause_seconds):
                break
        return False


def _parse(head: bytes) -> tuple[str, str, list[tuple[str, str]]]:
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _version = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return method, target, [(name, value.strip()) for name, _, value in pairs]


def _chunks(incoming: BinaryIO) -> Iterator[bytes]:
    while size := int(incoming.readline().partition(b";")[0], 16):
        yield incoming.read(size)
        incoming.readline()
    while incoming.readline() not in (b"\r\n", b""):
        pass


def _head(reply: Reply, length: int | None) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {_phrase(reply.status)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines.append("Connection: close" if length is None else f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
