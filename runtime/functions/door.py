"""The function's `fetch`, answered by the host: every hop of a redirect goes through the one door out (T1 to T4).

`fetch` is what the caller gives: a Request in, an Exchange out, `runtime.egress.send` with a policy and limits. A
redirect is followed here, at most `Limits.redirects` hops, each with the whole check of its own address.
"""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urljoin, urlsplit

from runtime.egress.exchange import Exchange, HeaderPairs, Request, Response
from runtime.egress.headers import BadHeader
from runtime.functions.values import BODY_SHOWN, Call, Limits

Fetch = Callable[[Request], Exchange]
# Headers that frame or address the message are ours; a browser's fetch drops them as quietly.
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "trailer", "upgrade", "te", "expect", "connection", "keep-alive"}
)
_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
Answer = dict[str, Any]


class Refusal(Exception):
    """A fetch that ends as an error in the function; `is_limit` when it went over a limit of the run."""

    def __init__(self, message: str, *, is_limit: bool = False) -> None:
        super().__init__(message)
        self.is_limit = is_limit


@dataclass
class Door:
    """The outgoing requests of one run. Safe from several threads."""

    fetch: Fetch
    limits: Limits
    calls: list[Call] = field(default_factory=list)
    is_closed: bool = False
    _sent: int = 0
    _lock: Lock = field(default_factory=Lock)

    def answer(self, asked: Mapping[str, Any]) -> Answer:
        """The line that answers one fetch; never raises for what the function asked."""
        try:
            return {"id": asked["fetch"], **self._follow(_request_of(asked, self.limits), asked["redirect"])}
        except Refusal as refusal:
            return {"id": asked["fetch"], "error": str(refusal), "limit": refusal.is_limit}

    def _follow(self, request: Request, mode: str) -> Answer:
        for hop in range(self.limits.redirects + 1):
            response = self._send(request)
            location = response.header("location")
            if mode == "manual" or response.status not in _REDIRECTS or not location:
                return _answer_of(response, request.url, is_redirected=hop > 0)
            if mode == "error":
                raise Refusal(f"{request.url} redirects, and this fetch forbids it.")
            request = _next_request(request, response.status, location)
        raise Refusal(f"More than {self.limits.redirects} redirects.")

    def _send(self, request: Request) -> Response:
        self._count()
        started = time.monotonic()
        try:
            exchange = self.fetch(request)
        except (BadHeader, ValueError) as error:
            self._note(request, None, started, str(error))
            raise Refusal(str(error)) from error
        error_text = exchange.error.message if exchange.error else ""
        self._note(request, exchange.response, started, error_text)
        if exchange.response is None or exchange.error:
            raise Refusal(error_text)
        return exchange.response

    def _count(self) -> None:
        with self._lock:
            if self.is_closed:
                raise Refusal("The run is over.")
            self._sent += 1
            if self._sent > self.limits.fetches:
                raise Refusal(f"More than {self.limits.fetches} requests in one run.", is_limit=True)

    def _note(self, request: Request, response: Response | None, started: float, error: str) -> None:
        call = Call(
            method=request.method,
            url=request.url,
            request_headers=request.headers,
            request_body=request.body[:BODY_SHOWN],
            status=response.status if response else None,
            response_headers=response.headers if response else (),
            response_body=response.body[:BODY_SHOWN] if response else b"",
            duration_ms=round((time.monotonic() - started) * 1000, 1),
            error=error,
        )
        with self._lock:
            if not self.is_closed:
                self.calls.append(call)

    def close(self) -> tuple[Call, ...]:
        """Nothing is sent any more; what was."""
        with self._lock:
            self.is_closed = True
            return tuple(self.calls)


def _request_of(asked: Mapping[str, Any], limits: Limits) -> Request:
    body = base64.b64decode(asked["body"])
    if len(body) > limits.fetch_bytes:
        raise Refusal(f"The body of a request is larger than {limits.fetch_bytes} bytes.", is_limit=True)
    given = [(str(name), str(value)) for name, value in asked["headers"] if str(name).lower() not in _OURS]
    if not any(name.lower() == "accept-encoding" for name, _ in given):
        given.append(("Accept-Encoding", "identity"))
    return Request(str(asked["method"]).upper(), str(asked["url"]), tuple(given), body)


def _next_request(request: Request, status: int, location: str) -> Request:
    """As the Fetch standard has it: what turns into a GET, and what another host may not see."""
    url = urljoin(request.url, location)
    headers = request.headers
    if urlsplit(url)[:2] != urlsplit(request.url)[:2]:
        headers = _without(headers, _SECRETS)
    becomes_get = (status == 303 and request.method != "HEAD") or (status in (301, 302) and request.method == "POST")
    if becomes_get:
        return Request("GET", url, _without(headers, frozenset({"content-type"})))
    return Request(request.method, url, headers, request.body)


def _without(headers: HeaderPairs, names: frozenset[str]) -> HeaderPairs:
    return tuple((name, value) for name, value in headers if name.lower() not in names)


def _answer_of(response: Response, url: str, *, is_redirected: bool) -> Answer:
    return {
        "status": response.status,
        "reason": response.reason,
        "headers": [list(pair) for pair in response.headers],
        "body": base64.b64encode(response.body).decode("ascii"),
        "url": url,
        "redirected": is_redirected,
        "cut": f"The answer is larger than the {len(response.body)} bytes that are read." if response.truncated else "",
    }
