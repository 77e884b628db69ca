"""The proxy for what cannot be handed a client: the same policy, by what listeners and canaries hear."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.egress import EgressPolicy, Verdict
from runtime.egress.proxy import EgressProxy, ProxyLimits
from runtime.tests.listeners import Conversation

LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128")
HELLO = b"\x16\x03\x01" + b"client hello"


@pytest.fixture
def proxy() -> Iterator[Callable[..., EgressProxy]]:
    """Proxies on loopback, stopped at the end."""
    started: list[EgressProxy] = []

    def start(policy: EgressPolicy = LOOPBACK, **options: Any) -> EgressProxy:
        listener = socket.create_server(("127.0.0.1", 0))
        made = EgressProxy(listener, policy, **options)
        made.address = listener.getsockname()  # type: ignore[attr-defined]
        made.start()
        started.append(made)
        return made

    yield start
    for each in started:
        each.stop()


def ask(proxy: EgressProxy, head: str, *, then: bytes = b"", seconds: float = 3) -> bytes:
    """Send a head, and `then` once a tunnel is open; everything that comes back until the end."""
    with socket.create_connection(proxy.address, timeout=seconds) as sock:  # type: ignore[attr-defined]
        sock.sendall(head.encode() + b"\r\n\r\n")
        answer = sock.recv(65536)
        if then and answer.startswith(b"HTTP/1.1 200"):
            sock.sendall(then)
        try:
            while piece := sock.recv(65536):
                answer += piece
        except OSError:
            pass
        return answer


def connect(host: str, port: int) -> str:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}"


def echo(conversation: Conversation) -> None:
    conversation.received = conversation.sock.recv(65536)
    conversation.send(b"heard " + conversation.received)


def ok(conversation: Conversation) -> None:
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def test_a_tunnel_carries_bytes_both_ways(proxy, serve):
    listener, gate = serve(echo), proxy()

    answer = ask(gate, connect("127.0.0.1", listener.port), then=HELLO)

    assert answer.endswith(b"heard " + HELLO)
    assert [(p.method, p.host, p.status, p.refused) for p in gate.passages] == [("CONNECT", "127.0.0.1", 200, False)]


def test_a_plain_request_goes_on_without_the_headers_for_the_proxy(proxy, serve):
    listener = serve(ok)

    answer = ask(
        proxy(), f"GET http://127.0.0.1:{listener.port}/a?b=c HTTP/1.1\r\nHost: other.example\r\n"
        "Proxy-Authorization: Basic c2VjcmV0\r\nProxy-Connection: keep-alive\r\nAccept: */*"
    )  # fmt: skip

    assert answer.endswith(b"ok")
    assert listener.requests == [
        f"GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:{listener.port}\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode()
    ]


@pytest.mark.parametrize(
    "host",
    "127.0.0.1 localhost 127.1 0x7f.1 2130706433 0.0.0.0 [::1] [::ffff:127.0.0.1] 169.254.169.254 10.0.0.1 "
    "[64:ff9b::7f00:1] 127.0.0.1. x.localhost user@127.0.0.1 １２７.0.0.1".split(),
)
def test_a_refused_address_is_403_and_nobody_hears_it(host, proxy, canary):
    gate = proxy(EgressPolicy(ports=frozenset({443, canary.port})), resolver=lambda name: ["127.0.0.1"])

    answers = [
        ask(gate, connect(host, canary.port), then=HELLO),
        ask(gate, f"GET http://{host}:{canary.port}/ HTTP/1.1"),
    ]

    assert all(answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400")) for answer in answers), answers
    assert canary.is_silent


def test_one_private_answer_among_public_ones_refuses_the_name(proxy, canary):
    policy = EgressPolicy(ports=frozenset({canary.port}))
    gate = proxy(policy, resolver=lambda name: ["8.8.8.8", "127.0.0.1"])

    assert ask(gate, connect("two.example.com", canary.port)).startswith(b"HTTP/1.1 403")
    assert gate.has_refused("two.example.com")
    assert canary.is_silent


def test_a_name_is_resolved_once(proxy, serve):
    asked = []
    listener = serve(echo)
    # A second answer would be a public address, which nothing listens on here.
    gate = proxy(resolver=lambda name: [asked.append(name) or ("127.0.0.1" if len(asked) == 1 else "8.8.8.8")])

    assert b"heard" in ask(gate, connect("collect.example.com", listener.port), then=HELLO)
    assert asked == ["collect.example.com"]


class LoopbackIsPublic(EgressPolicy):
    """Loopback stands in for the public internet: its addresses are good, and plain http stays closed."""

    def classify(self, address):
        return Verdict(True)


def test_only_tls_passes_a_tunnel_towards_the_public_internet(proxy, serve):
    listener = serve(echo)
    gate = proxy(LoopbackIsPublic(ports=frozenset({443, listener.port})), resolver=lambda name: ["127.0.0.1"])

    assert b"heard" not in ask(gate, connect("plain.example.com", listener.port), then=b"GET / HTTP/1.1\r\n\r\n")
    assert gate.has_refused("plain.example.com")
    assert b"heard" in ask(gate, connect("tls.example.com", listener.port), then=HELLO)


@pytest.mark.parametrize(
    "head",
    ["GET / HTTP/1.1", "nonsense", "GET ftp://x.example/ HTTP/1.1", "CONNECT HTTP/1.1", "GET http:// HTTP/1.1",
     "GET file:///etc/passwd HTTP/1.1", "CONNECT a b HTTP/1.1", "\x00\x01\x02"],
)  # fmt: skip
def test_what_is_no_request_to_a_proxy_is_answered_and_ends(head, proxy):
    assert ask(proxy(), head).startswith((b"HTTP/1.1 400", b"HTTP/1.1 403"))


def test_a_head_without_end_and_a_silent_client_are_dropped(proxy):
    gate = proxy(limits=ProxyLimits(head_seconds=0.3))
    began = time.monotonic()

    assert ask(gate, "GET http://x.example/" + "a" * 70_000).startswith(b"HTTP/1.1 4")
    with socket.create_connection(gate.address, timeout=3) as silent:
        assert silent.recv(10) == b""
    assert time.monotonic() - began < 6


def test_bytes_and_time_are_capped(proxy, serve):
    listener = serve(lambda conversation: conversation.forever(b"x" * 10_000))
    small = proxy(limits=ProxyLimits(max_transfer=200_000))
    short = proxy(limits=ProxyLimits(total_seconds=0.5))

    assert len(ask(small, connect("127.0.0.1", listener.port), then=HELLO)) < 400_000
    held = serve(lambda conversation: conversation.hold())
    began = time.monotonic()
    ask(short, connect("127.0.0.1", held.port), then=HELLO)
    assert time.monotonic() - began < 6


def test_too_many_connections_are_turned_away(proxy, serve):
    gate = proxy(limits=ProxyLimits(max_connections=1))
    lines = [socket.create_connection(gate.address, timeout=3) for _ in range(4)]

    time.sleep(0.3)
    closed = [line for line in lines if _is_closed(line)]

    assert len(closed) == 2
    for line in lines:
        line.close()


def _is_closed(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False


def test_stopping_ends_open_tunnels_and_every_thread(proxy, serve):
    held = serve(lambda conversation: conversation.hold())
    gate = proxy()
    with socket.create_connection(gate.address, timeout=3) as client:
        client.sendall(connect("127.0.0.1", held.port).encode() + b"\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        client.sendall(HELLO)

        gate.stop()

        assert client.recv(10) == b""
    end = time.monotonic() + 3
    while any(thread.name == "egress-proxy" for thread in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.02)
    assert not any(thread.name == "egress-proxy" for thread in threading.enumerate())
