"""The one door out: every request to an address that somebody else chose goes through `send`.

It resolves once, refuses unless every answer is a public unicast address, connects to an address it
checked with the host's own name in SNI and Host, follows no redirect, uses no proxy, decompresses
nothing, and stops at a wall clock and a number of bytes (T1 to T6, F16, F17).
"""

import contextlib
import http.client
import re
import socket
import ssl
import time
from collections.abc import Iterator
from typing import cast

from runtime.egress.checked import checked_addresses
from runtime.egress.exchange import Exchange, Failure, Limits, Request, Response, SentRequest, Timings
from runtime.egress.failures import NETWORK_TROUBLE, Phase, explain
from runtime.egress.headers import BadHeader, check_header_pair
from runtime.egress.kept import KeptLine, Line
from runtime.egress.policy import EgressPolicy
from runtime.egress.resolver import Resolver, system_resolver
from runtime.egress.urls import Target, check_url
from runtime.egress.wire import (
    BudgetSpent,
    Clock,
    Deadline,
    FinalResponse,
    MeteredSocket,
    open_socket,
    start_tls,
    verified_tls,
)

# Headers that frame or address the message: ours to write.
_OURS = frozenset({"host", "transfer-encoding", "trailer", "upgrade", "te", "expect"})
_PIECE = 16 * 1024
_FOLD = re.compile(r"\r?\n[ \t]+")
_METHOD = re.compile(r"[A-Z]{1,20}")


def send(
    request: Request,
    *,
    policy: EgressPolicy,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    resolver: Resolver = system_resolver,
    clock: Clock = time.monotonic,
    tls: ssl.SSLContext | None = None,
    kept: KeptLine | None = None,
) -> Exchange:
    """Make one attempt and report it whole, whatever the network does.

    Network trouble, a bad URL included, is in `Exchange.error`. Raises `BadHeader` or ValueError only
    for a request that the calling code should not have built. `clock` is monotonic seconds; `tls`
    replaces the system's certificate authorities. With `kept`, a connection that an earlier request left open
    to the same endpoint is used, and left open again; one that turns out to be closed is replaced by a new one.
    """
    attempt = _Attempt(request, policy, limits, resolver, clock, tls, kept)
    error: Failure | None = None
    try:
        attempt.run()
    except NETWORK_TROUBLE as trouble:
        error = explain(trouble, attempt.phase)
    return attempt.report(error)


class _Attempt:
    """The state of one exchange, so that what was reached before a failure is still there after it."""

    def __init__(
        self,
        request: Request,
        policy: EgressPolicy,
        limits: Limits,
        resolver: Resolver,
        clock: Clock,
        tls: ssl.SSLContext | None,
        kept: KeptLine | None,
    ) -> None:
        self._check(request)
        self._request, self._policy, self._limits = request, policy, limits
        self._resolver, self._clock, self._tls, self._kept = resolver, clock, tls, kept
        self._started = clock()
        self._deadline = Deadline(limits.total_seconds, clock)
        self._sent = SentRequest(f"{request.method} {request.url} HTTP/1.1", request.headers, request.body)
        self._response: Response | None = None
        self._timings = Timings()
        self._remote_address: str | None = None
        self._was_heard = False
        self.phase = Phase.RESOLVE

    @staticmethod
    def _check(request: Request) -> None:
        if not _METHOD.fullmatch(request.method):
            raise ValueError(f"not an HTTP method: {request.method!r}")
        names = [name.lower() for name, _ in request.headers]
        for name, value in request.headers:
            check_header_pair(name, value)
            if name.lower() in _OURS:
                raise BadHeader(f"The header {name} is set by us and cannot be given.")
            if name.lower() == "content-length" and value != str(len(request.body)):
                raise BadHeader("Content-Length does not match the body.")
        if names.count("content-length") > 1:
            raise BadHeader("Content-Length is given twice.")

    def run(self) -> None:
        """Resolve, connect, send, read. Raises what `NETWORK_TROUBLE` lists."""
        target = check_url(self._request.url, self._policy)
        self._sent = _prepare(self._request, target)
        if not self._asked_again(target):
            self._talk(target, self._open(target))

    def report(self, error: Failure | None) -> Exchange:
        """The exchange so far; call once, at the end."""
        self._timings.total = self._since(self._started)
        return Exchange(self._sent, self._response, error, self._timings, self._remote_address)

    def _checked_addresses(self, target: Target) -> tuple[str, ...]:
        limits = self._limits
        seconds = self._deadline.remaining(at_most=limits.dns_seconds)
        return checked_addresses(target, self._policy, self._resolver, seconds=seconds, max_answers=limits.max_answers)

    def _asked_again(self, target: Target) -> bool:
        """Use the connection that is still open; False when there is none, or when it was closed meanwhile."""
        line = self._kept.take(target) if self._kept else None
        if line is None:
            return False
        try:
            self._talk(target, line)
        except (ConnectionError, ssl.SSLError):
            if self._was_heard:
                raise
            self._timings.first_byte = None
            return False
        return True

    def _open(self, target: Target) -> Line:
        """A new connection to a checked address."""
        self.phase = Phase.RESOLVE
        with self._timed("dns"):
            addresses = self._checked_addresses(target)
        self.phase = Phase.CONNECT
        with self._timed("connect"):
            stream, self._remote_address = open_socket(
                addresses, target.port, self._deadline, self._limits.connect_seconds
            )
        if target.scheme == "https":
            self.phase = Phase.TLS
            with self._timed("tls"), contextlib.ExitStack() as on_failure:
                on_failure.callback(stream.close)
                stream = start_tls(stream, target.host, self._deadline, self._tls or verified_tls())
                on_failure.pop_all()
        return Line(stream, self._remote_address)

    def _talk(self, target: Target, line: Line) -> None:
        """One request and its answer; afterwards the connection is kept or closed."""
        self.phase, self._remote_address = Phase.TALK, line.address
        metered = MeteredSocket(line.stream, self._deadline, self._limits.max_head)
        may_stay = False
        try:
            may_stay = self._ask(metered)
        finally:
            self._was_heard = metered.was_heard
            if may_stay and self._kept:
                self._kept.put(target, line)
            else:
                line.close()

    def _ask(self, metered: MeteredSocket) -> bool:
        """Whether the connection may be used again."""
        # A server may answer and close before it has read everything; its answer is still worth reading.
        is_sent = False
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            metered.sendall(self._sent.raw)
            is_sent = True
        # http.client needs no more of a socket than `makefile`.
        answer = FinalResponse(cast(socket.socket, metered), method=self._request.method)
        with contextlib.closing(answer):
            with self._timed("first_byte"):
                answer.begin()
            is_whole = self._read_body(answer, metered)
        is_http = answer.status >= http.HTTPStatus.OK  # after a 101 it speaks something else
        return is_http and is_sent and is_whole and not answer.will_close and not metered.has_leftovers

    def _read_body(self, answer: FinalResponse, metered: MeteredSocket) -> bool:
        """Read piece by piece into `_response`, so that a failure leaves what had arrived. True when it is whole."""
        limit = self._limits.max_body
        metered.allowance = limit + 1  # one more, to tell a body that just fits from one that goes on
        body = bytearray()
        truncated = False
        try:
            while len(body) <= limit and (piece := answer.read1(_PIECE)):
                body += piece
            truncated = len(body) > limit
        except BudgetSpent:
            truncated = True
        finally:
            self._response = _as_response(answer, bytes(body[:limit]), truncated)
        if not truncated and answer.is_incomplete:
            raise http.client.IncompleteRead(bytes(body))
        return not truncated

    @contextlib.contextmanager
    def _timed(self, part: str | None) -> Iterator[None]:
        started = self._clock()
        try:
            yield
        finally:
            if part:
                setattr(self._timings, part, self._since(started))

    def _since(self, started: float) -> float:
        return round((self._clock() - started) * 1000, 1)


def _prepare(request: Request, target: Target) -> SentRequest:
    headers = (("Host", target.authority), *request.headers)
    has_length = any(name.lower() == "content-length" for name, _ in request.headers)
    if not has_length and (request.body or request.method in {"POST", "PUT", "PATCH"}):
        headers += (("Content-Length", str(len(request.body))),)
    return SentRequest(f"{request.method} {target.path} HTTP/1.1", headers, request.body)


def _as_response(answer: FinalResponse, body: bytes, truncated: bool) -> Response:
    headers = tuple((name, _FOLD.sub(" ", value)) for name, value in answer.headers.items())
    return Response(answer.status, answer.reason, headers, body, truncated)
