import json
import socket
import threading
import time
from typing import Any

import dns.resolver
import pytest
from dnslib import QTYPE, RR, A
from dnslib.server import BaseResolver, DNSServer

from runtime.egress import (
    BadHeader,
    EgressPolicy,
    ErrorKind,
    Limits,
    NameLookupFailed,
    NameNotFound,
    Request,
    check_header_pair,
    send,
    system_resolver,
)

LOOPBACK = EgressPolicy.from_setting("127.0.0.1/32")
LIMITS = Limits(total_seconds=2, dns_seconds=0.3, connect_seconds=0.5)


def ok(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def attempt(url: str, **options: Any) -> Any:
    return send(Request("POST", url, (), b"{}"), policy=LOOPBACK, limits=LIMITS, **options)


# What is sent


def test_sends_exactly_what_it_reports(serve):
    server = serve(ok)
    headers = (("x-lower", "1"), ("X-UPPER", "2"), ("X-Twice", "a"), ("Between", "b"), ("X-Twice", "c"), ("Empty", ""))

    exchange = send(Request("POST", server.url("/p?q=%20"), headers, b"\x00body\xff"), policy=LOOPBACK)

    assert server.requests == [exchange.request.raw]
    assert exchange.request.raw == (
        b"POST /p?q=%%20 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nx-lower: 1\r\nX-UPPER: 2\r\nX-Twice: a\r\nBetween: b\r\n"
        b"X-Twice: c\r\nEmpty: \r\nContent-Length: 6\r\n\r\n\x00body\xff" % server.port
    )


def test_adds_nothing_to_a_get_but_the_host(serve):
    server = serve(ok)

    send(Request("GET", server.url()), policy=LOOPBACK)

    assert server.requests == [b"GET /hook HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % server.port]


def test_a_content_length_stays_where_the_caller_put_it(serve):
    server = serve(ok)

    send(Request("POST", server.url(), (("Content-Length", "2"), ("X-After", "1")), b"{}"), policy=LOOPBACK)

    assert server.requests[0].endswith(b"\r\nContent-Length: 2\r\nX-After: 1\r\n\r\n{}")


def test_reports_timings_in_milliseconds(serve):
    def slow(conversation):
        conversation.read_request()
        time.sleep(0.1)
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    timings = attempt(serve(slow).url()).timings

    assert 100 <= timings.first_byte <= timings.total < 2000
    assert timings.connect is not None
    assert timings.tls is None


INJECTIONS = [
    ("X-A\r\nX-Injected", "1"),
    ("X-A: 1\r\nX-Injected", "1"),
    ("X A", "1"),
    ("X-A ", "1"),
    (" X-A", "1"),
    ("X-A:", "1"),
    ("", "1"),
    ("\x00", "1"),
    ("X-\x7f", "1"),
    ("X-Ä", "1"),
    ("Ⅹ-A", "1"),
    ("X/A", "1"),
    ("X(A)", "1"),
    ("X,A", "1"),
    ('X"A', "1"),
    ("X-" + "a" * 200, "1"),
    ("X-A", "1\r\nX-Injected: 1"),
    ("X-A", "1\nX-Injected: 1"),
    ("X-A", "1\rX-Injected: 1"),
    ("X-A", "1\r\n\r\nGET / HTTP/1.1"),
    ("X-A", "1\r\n folded"),
    ("X-A", "\x00"),
    ("X-A", "a\x0bb"),
    ("X-A", "a\x7f"),
    ("X-A", "a\x85b"),
    ("X-A", "a\u2028b"),
    ("X-A", "é"),
    ("X-A", "嘊嘍X-Injected: 1"),
    ("X-A", " leading"),
    ("X-A", "trailing\t"),
    ("X-A", "a" * 10_000),
]


@pytest.mark.parametrize(("name", "value"), INJECTIONS, ids=ascii)
def test_header_injection_is_refused_before_anything_is_sent(serve, name, value):
    server = serve(ok)

    with pytest.raises(BadHeader) as caught:
        send(Request("POST", server.url(), ((name, value),)), policy=LOOPBACK)

    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")
    assert server.conversations == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "internal"),
        ("HOST", "internal"),
        ("Transfer-Encoding", "chunked"),
        ("Upgrade", "h2c"),
        ("Expect", "100-continue"),
        ("TE", "trailers"),
        ("Content-Length", "0"),
        ("content-length", "+2"),
        ("Content-Length", "2, 2"),
    ],
)
def test_framing_and_host_cannot_be_overridden(serve, name, value):
    server = serve(ok)

    with pytest.raises(BadHeader):
        send(Request("POST", server.url(), ((name, value),), b"{}"), policy=LOOPBACK)
    with pytest.raises(BadHeader):
        send(Request("POST", server.url(), (("Content-Length", "2"), ("content-length", "2")), b"{}"), policy=LOOPBACK)

    assert server.conversations == []


@pytest.mark.parametrize("method", ["", "post", "POST /x HTTP/1.1\r\n", "PO ST", "PÖST"])
def test_a_method_is_a_plain_word(method):
    with pytest.raises(ValueError, match="method"):
        send(Request(method, "https://example.com/"), policy=LOOPBACK)


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Key", "abc DEF 123"), ("x_key", 'a,b;c="d"'), ("X-Empty", ""), ("X-Tab", "a\tb"), ("X.1~!", "~")],
)
def test_ordinary_headers_are_fine(name, value):
    check_header_pair(name, value)


# Names


class Alternating(BaseResolver):
    """A name server with TTL 0 whose answer changes with every query."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers
        self.queries = 0
        self._lock = threading.Lock()

    def resolve(self, request, handler):
        with self._lock:
            answer = self.answers[self.queries % len(self.answers)]
            self.queries += 1
        reply = request.reply()
        reply.add_answer(RR(request.q.qname, QTYPE.A, rdata=A(answer), ttl=0))
        return reply


@pytest.fixture
def name_server():
    """Start UDP name servers; each call returns a resolver for `send` that asks it."""
    servers = []

    def start(zone: BaseResolver):
        server = DNSServer(zone, port=0, address="127.0.0.1", logger=_Quiet())
        server.start_thread()
        servers.append(server)
        client = dns.resolver.Resolver(configure=False)
        client.nameservers = ["127.0.0.1"]
        client.port = server.server.server_address[1]
        return lambda host: [str(record) for record in client.resolve(host, "A", search=False)]

    yield start
    for server in servers:
        server.stop()
        server.server.server_close()


class _Quiet:
    def __getattr__(self, name):
        return lambda *_: None


REBINDS = 100


def test_rebinding_gains_nothing(serve, canary, name_server):
    zone = Alternating("127.0.0.1", "127.0.0.2")
    resolver = name_server(zone)
    server = serve(ok, address="127.0.0.1")
    url = f"http://rebind.example.com:{server.port}/"

    outcomes = [attempt(url, resolver=resolver) for _ in range(REBINDS)]

    assert zone.queries == REBINDS  # once each: nothing is looked up again between check and connect
    assert [o.response is not None for o in outcomes] == [True, False] * (REBINDS // 2)
    assert {o.error.kind for o in outcomes if o.error} == {ErrorKind.REFUSED_ADDRESS}
    assert {o.remote_address for o in outcomes} == {"127.0.0.1", None}
    assert len(server.requests) == REBINDS // 2


def test_rebinding_to_a_canary_is_not_heard(canary, name_server):
    resolver = name_server(Alternating("127.0.0.2", "127.0.0.3"))

    for _ in range(10):
        attempt(f"http://rebind.example.com:{canary.port}/", resolver=resolver)

    assert canary.is_silent


def failing(error: Exception):
    def resolver(host):
        raise error

    return resolver


@pytest.mark.parametrize(
    ("resolver", "kind"),
    [
        (failing(NameNotFound("x")), ErrorKind.DNS_NOT_FOUND),
        (lambda host: [], ErrorKind.DNS_NOT_FOUND),
        (failing(NameLookupFailed("SERVFAIL")), ErrorKind.DNS_FAILED),
        (failing(OSError("x")), ErrorKind.DNS_FAILED),
        (failing(RuntimeError("x")), ErrorKind.DNS_FAILED),
        (lambda host: [f"8.8.{n // 256}.{n % 256}" for n in range(300)], ErrorKind.DNS_FAILED),
        (lambda host: ["not an address"], ErrorKind.REFUSED_ADDRESS),
        (lambda host: ["8.8.8.8"] * (1 + threading.Event().wait(3)), ErrorKind.DNS_FAILED),
    ],
    ids=["NXDOMAIN", "no address", "SERVFAIL", "OSError", "bug", "300 answers", "junk", "slow"],
)
def test_names_that_do_not_resolve(resolver, kind):
    started = time.monotonic()

    exchange = attempt("https://hook.example.com/", resolver=resolver)

    assert exchange.error.kind is kind
    assert exchange.remote_address is None
    assert time.monotonic() - started < 2.5


def test_the_system_resolver_returns_plain_addresses():
    assert "127.0.0.1" in system_resolver("localhost") or "::1" in system_resolver("localhost")
    assert system_resolver("127.0.0.1") == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("code", "expected"), [(socket.EAI_NONAME, NameNotFound), (socket.EAI_AGAIN, NameLookupFailed)]
)
def test_the_system_resolver_tells_gone_from_failing(monkeypatch, code, expected):
    def getaddrinfo(*_, **__):
        raise socket.gaierror(code, "x")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(expected):
        system_resolver("hook.example.com")


# Records


def test_an_exchange_becomes_a_json_record(serve):
    def binary(conversation):
        conversation.read_request()
        conversation.send(b"HTTP/1.1 200 OK\r\nX-Nul: a\x00b\r\nContent-Length: 3\r\n\r\na\x00b")

    record = attempt(serve(binary).url()).as_record()

    assert json.loads(json.dumps(record)) == record
    assert "\\u0000" not in json.dumps(record)
    assert record["request"]["start_line"] == "POST /hook HTTP/1.1"
    assert record["request"]["body"] == {"encoding": "text", "content": "{}"}
    assert record["response"]["status"] == 200
    assert record["response"]["body"] == {"encoding": "base64", "content": "YQBi"}
    assert record["error"] is None


def test_a_failed_exchange_becomes_a_record_too():
    record = attempt("https://10.0.0.1/").as_record()

    assert record["error"]["kind"] == "bad_url"
    assert record["response"] is None
