"""A small proxy for what cannot be handed a client, a browser for one: the same policy, as CONNECT or absolute URL.

It answers with 403 where `client.send` would report a refused address or a bad URL, and with 502 or 504 for
trouble on the way. Towards the public internet only TLS passes a tunnel, as everywhere else (T4): the first byte
of a tunnel has to begin a handshake, and no plain http is taken. The proxy never looks further into a tunnel.
"""

import contextlib
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from runtime.egress.checked import checked_addresses
from runtime.egress.failures import NETWORK_TROUBLE, Phase, RefusedAddress, explain
from runtime.egress.policy import EgressPolicy
from runtime.egress.resolver import Resolver, system_resolver
from runtime.egress.urls import BadAddress, Target, check_url
from runtime.egress.wire import Clock, Deadline, open_socket

_HEAD_END = b"\r\n\r\n"
_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) ([\x21-\x7e]{1,4096}) HTTP/1\.[01]")
_HOP_BY_HOP = (b"proxy-", b"connection:", b"keep-alive:", b"te:", b"trailer:", b"upgrade:")
_HANDSHAKE = 0x16  # the record type that begins every TLS connection
_PIECE = 64 * 1024
_BACKLOG = 64


@dataclass(frozen=True, slots=True)
class ProxyLimits:
    """What everything that goes through one proxy may cost: seconds, bytes and connections."""

    total_seconds: float = 60.0  # for each connection
    dns_seconds: float = 5.0
    connect_seconds: float = 5.0
    head_seconds: float = 5.0  # until the request's head is complete
    max_answers: int = 32
    max_head: int = 32 * 1024
    max_transfer: int = 25 * 1024 * 1024  # both ways, over all connections
    max_connections: int = 32  # at the same time


@dataclass(frozen=True, slots=True)
class Passage:
    """One request to the proxy. `status` is what it answered itself: 200 for an open tunnel, 0 for passed through."""

    method: str
    host: str
    port: int
    status: int
    refused: bool = False
    reason: str = ""


class _Answer(Exception):
    """The proxy answers by itself, with `status` and a sentence."""

    def __init__(self, status: int, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.status, self.reason, self.refused = status, reason, refused


class EgressProxy:
    """Serves `listener` in daemon threads from `start` to `stop`; a context manager does both.

    The listener's address is the caller's choice: it may belong to another network namespace. `passages` is
    what went through so far, one for each request; at most `MAX_PASSAGES` are kept.
    """

    MAX_PASSAGES = 1000

    def __init__(
        self,
        listener: socket.socket,
        policy: EgressPolicy,
        *,
        limits: ProxyLimits = ProxyLimits(),
        resolver: Resolver = system_resolver,
        clock: Clock = time.monotonic,
    ) -> None:
        self._listener, self._policy, self._limits = listener, policy, limits
        self._resolver, self._clock = resolver, clock
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._left = limits.max_transfer
        self._is_stopped = False
        self.passages: list[Passage] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to accept."""
        self._listener.settimeout(0.25)
        self._listener.listen(_BACKLOG)
        threading.Thread(target=self._accept, name="egress-proxy", daemon=True).start()

    def stop(self) -> None:
        """Close the listener and every connection."""
        with self._lock:
            self._is_stopped = True
            connections = list(self._open)
        self._listener.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def has_refused(self, host: str) -> bool:
        """Whether a request to this host was refused by the policy."""
        return any(passage.refused and passage.host == host for passage in tuple(self.passages))

    def _accept(self) -> None:
        while not self._is_stopped:
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if not self._register(client):
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), name="egress-proxy", daemon=True).start()

    def _register(self, connection: socket.socket) -> bool:
        with self._lock:
            if self._is_stopped or len(self._open) >= 2 * self._limits.max_connections:
                return False
            self._open.add(connection)
        return True

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, contextlib.suppress(OSError):
                _Exchange(self, client).run()
        finally:
            with self._lock:
                self._open.discard(client)

    def note(self, passage: Passage) -> None:
        """Keep a passage in the list."""
        if len(self.passages) < self.MAX_PASSAGES:
            self.passages.append(passage)

    def connect(self, target: Target, deadline: Deadline) -> socket.socket:
        """A connection to a checked address. Raises what `NETWORK_TROUBLE` lists."""
        limits = self._limits
        addresses = checked_addresses(
            target,
            self._policy,
            self._resolver,
            seconds=deadline.remaining(at_most=limits.dns_seconds),
            max_answers=limits.max_answers,
        )
        upstream, _ = open_socket(addresses, target.port, deadline, limits.connect_seconds)
        return upstream

    def relay(self, client: socket.socket, upstream: socket.socket, deadline: Deadline) -> None:
        """Copy both ways until one side ends, the deadline passes or the bytes are spent."""
        if not self._register(upstream):
            return
        try:
            _copy_both_ways(client, upstream, deadline, self._spend)
        finally:
            with self._lock:
                self._open.discard(upstream)

    def _spend(self, count: int) -> bool:
        with self._lock:
            self._left -= count
            return self._left >= 0

    @property
    def policy(self) -> EgressPolicy:
        return self._policy

    @property
    def limits(self) -> ProxyLimits:
        return self._limits

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(seconds, self._clock)


class _Exchange:
    """One connection of the browser to the proxy: one request, then a tunnel or one answer."""

    def __init__(self, proxy: EgressProxy, client: socket.socket) -> None:
        self._proxy, self._client = proxy, client
        self._deadline = proxy.deadline(proxy.limits.total_seconds)
        self._method, self._host, self._port = "", "", 0

    def run(self) -> None:
        try:
            head, rest = self._read_head()
            is_tunnel = head.startswith(b"CONNECT ")
            target = self._target(head, is_tunnel=is_tunnel)
            upstream = self._connect(target)
        except _Answer as answer:
            self._refuse(answer)
            return
        with upstream:
            if is_tunnel:
                self._tunnel(target, upstream, rest)
            else:
                self._note(0)
                upstream.sendall(_plain_request(head, target) + rest)
                self._proxy.relay(self._client, upstream, self._deadline)

    def _tunnel(self, target: Target, upstream: socket.socket, rest: bytes) -> None:
        self._client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        first = rest or self._first_bytes()
        if first and first[0] != _HANDSHAKE and not self._may_be_plain(target):
            self._note(403, refused=True, reason="only TLS passes towards the public internet")
            return
        self._note(200)
        if first:
            upstream.sendall(first)
            self._proxy.relay(self._client, upstream, self._deadline)

    def _first_bytes(self) -> bytes:
        self._client.settimeout(self._deadline.remaining(at_most=self._proxy.limits.head_seconds))
        return self._client.recv(_PIECE)

    def _may_be_plain(self, target: Target) -> bool:
        """Whether the policy would take plain http to the same place."""
        try:
            check_url(f"http://{target.authority}/", self._proxy.policy)
        except BadAddress:
            return False
        return True

    def _read_head(self) -> tuple[bytes, bytes]:
        limits = self._proxy.limits
        deadline, data = self._proxy.deadline(limits.head_seconds), b""
        while _HEAD_END not in data:
            if len(data) > limits.max_head:
                raise _Answer(431, "The head of the request is too large.")
            self._client.settimeout(deadline.remaining())
            piece = self._client.recv(_PIECE)
            if not piece:
                raise ConnectionResetError("closed before the end of the head")
            data += piece
        head, _, rest = data.partition(_HEAD_END)
        return head, rest

    def _target(self, head: bytes, *, is_tunnel: bool) -> Target:
        match = _REQUEST_LINE.fullmatch(head.split(b"\r\n", 1)[0])
        if not match:
            raise _Answer(400, "This is no request to a proxy.")
        self._method, where = match[1].decode(), match[2].decode()
        url = f"https://{where}/" if is_tunnel else where.partition("#")[0]
        if not is_tunnel and not where.startswith("http://"):
            raise _Answer(400, "A proxy is asked with CONNECT or with an http:// address.")
        self._host, self._port = _named(url)
        try:
            return check_url(url, self._proxy.policy)
        except BadAddress as error:
            raise _Answer(403, str(error), refused=True) from error

    def _connect(self, target: Target) -> socket.socket:
        try:
            return self._proxy.connect(target, self._deadline)
        except NETWORK_TROUBLE as error:
            reason = explain(error, Phase.CONNECT).message
            if isinstance(error, RefusedAddress):
                raise _Answer(403, reason, refused=True) from error
            raise _Answer(504 if isinstance(error, TimeoutError) else 502, reason) from error

    def _refuse(self, answer: _Answer) -> None:
        self._note(answer.status, refused=answer.refused, reason=answer.reason)
        body = f"{answer.reason}\n".encode()
        head = f"HTTP/1.1 {answer.status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self._client.sendall(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)

    def _note(self, status: int, *, refused: bool = False, reason: str = "") -> None:
        self._proxy.note(Passage(self._method, self._host, self._port, status, refused, reason))


def _named(url: str) -> tuple[str, int]:
    """Host and port as they were asked for, for the list only; nothing is decided by them."""
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0].rpartition("@")[2]
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?", authority)
    if not match:
        return authority[:253], 0
    return match[1].strip("[]").lower()[:253], int(match[2] or (443 if scheme == "https" else 80))


def _plain_request(head: bytes, target: Target) -> bytes:
    """The request for the server itself: its path, its Host, and no header that was meant for the proxy.

    One request for each connection: what follows on it could name another host.
    """
    first, *lines = head.split(b"\r\n")
    method, _, version = first.split(b" ", 2)
    kept = [line for line in lines if not line.lower().startswith((*_HOP_BY_HOP, b"host:"))]
    start = b" ".join((method, target.path.encode("ascii"), version))
    return b"\r\n".join([start, b"Host: " + target.authority.encode("ascii"), *kept, b"Connection: close", b"", b""])


def _copy_both_ways(
    client: socket.socket, upstream: socket.socket, deadline: Deadline, spend: Callable[[int], bool]
) -> None:
    """A side that ended is closed towards the other, which may still finish."""
    towards = {client: upstream, upstream: client}
    while towards:
        for source in _readable(list(towards), deadline.remaining(at_most=1.0)):
            source.settimeout(deadline.remaining())
            data = source.recv(_PIECE)
            if not data:
                with contextlib.suppress(OSError):
                    towards.pop(source).shutdown(socket.SHUT_WR)
                if source is upstream:
                    return
                continue
            if not spend(len(data)):
                return
            towards[source].settimeout(deadline.remaining())
            towards[source].sendall(data)


def _readable(sockets: list[socket.socket], seconds: float) -> list[socket.socket]:
    """Those with something to read or at their end. (`select.select` knows only the first 1,024 descriptors.)"""
    poller, by_number = select.poll(), {sock.fileno(): sock for sock in sockets}
    for number in by_number:
        poller.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poller.poll(seconds * 1000)]
