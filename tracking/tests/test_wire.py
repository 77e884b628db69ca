"""Requests whose length is a lie, and those that never end, at the real server (T9)."""

import json
import socket
import time

import pytest

from tests.services.site import Site

BODY = json.dumps({"writeKey": "nobody", "batch": [{"type": "track", "event": "x", "userId": "u"}]}).encode()
CHUNKED = ("Transfer-Encoding: chunked",)
MB = 1024 * 1024
SECONDS = 5.0


def length(number: int) -> tuple[str]:
    return (f"Content-Length: {number}",)


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


# What is sent, whether the caller then closes its side, and the statuses that are right; 0 is a closed connection.
REQUESTS = {
    "honest": (length(len(BODY)), BODY, False, {200}),
    "chunked": (CHUNKED, chunk(BODY[:20]) + chunk(BODY[20:]) + chunk(b""), False, {200}),
    "no length": ((), BODY, True, {400}),
    "less than announced": (length(len(BODY) + 50), BODY, True, {400}),
    "more than announced": (length(len(BODY) - 1), BODY, True, {400}),
    "a negative length": (length(-1), BODY, True, {400, 0}),
    "a length of letters": (("Content-Length: ten",), BODY, True, {400, 0}),
    "a length of other digits": (("Content-Length: ١٠",), BODY, True, {400, 0}),
    "two lengths": (("Content-Length: 5", "Content-Length: 6"), BODY, True, {400, 0}),
    "length and chunked": ((*length(5), *CHUNKED), chunk(BODY) + chunk(b""), True, {200, 400, 0}),
    "5 MB": (length(5 * MB), b" " * (5 * MB), False, {400}),
    "announced 10 GB, of which nothing comes": (length(10**10), b"", False, {400}),
    "chunked without end": (CHUNKED, chunk(b" " * MB), False, {400}),
    "chunks that break off": (CHUNKED, b"fff\r\nabc", True, {400}),
    "chunks of no size": (CHUNKED, b"zz\r\n" + BODY, True, {400}),
}


def status_of(site: Site, headers: tuple[str, ...], body: bytes, is_closed: bool) -> int:
    """Of the first answer; 0 when the connection was closed without one."""
    host, port = site.base_url.removeprefix("http://").split(":")
    head = "\r\n".join(["POST /v1/batch HTTP/1.1", f"Host: {host}:{port}", *headers, "", ""]).encode()
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        try:
            connection.sendall(head + body)
            if is_closed:
                connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65_536)
        except ConnectionError:
            return 0
    return int(answer.split()[1]) if answer else 0


@pytest.mark.slow
def test_a_length_that_is_a_lie_stops_nobody(running_site):
    wrong = {}
    for name, (headers, body, is_closed, right) in REQUESTS.items():
        began = time.monotonic()
        status = status_of(running_site, headers, body, is_closed)
        if status not in right or time.monotonic() - began > SECONDS:
            wrong[name] = status

    assert wrong == {}
    assert status_of(running_site, length(len(BODY)), BODY, False) == 200
