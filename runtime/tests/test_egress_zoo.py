"""T5 and F16: servers that misbehave, one port each. Whatever they do costs a bounded time and memory."""

import errno
import gzip
import itertools
import re
import socket
import ssl
import struct
import time
from typing import Any

import pytest

from runtime.egress import EgressPolicy, ErrorKind, Limits, Request, send
from runtime.egress.wire import BudgetSpent, Deadline, MeteredSocket
from runtime.tests.listeners import Authority

LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128")
LIMITS = Limits(total_seconds=1.0, dns_seconds=0.5, connect_seconds=0.5)
SLACK = 2.0  # seconds that a busy machine may add
OK = b"HTTP/1.1 200 OK\r\n"


def attempt(url: str, *, total_seconds: float = 1.0, **options: Any) -> Any:
    limits = Limits(total_seconds=total_seconds, dns_seconds=0.5, connect_seconds=0.5)
    started = time.monotonic()
    exchange = send(Request("POST", url, (), b"{}"), policy=LOOPBACK, limits=limits, **options)
    assert time.monotonic() - started < total_seconds + SLACK
    if exchange.response:
        assert len(exchange.response.body) <= limits.max_body
    return exchange


def after_request(*pieces: bytes):
    """A server that reads the request, sends the pieces and closes."""

    def handler(conversation):
        conversation.read_request()
        for piece in pieces:
            conversation.send(piece)

    return handler


def says(handler_name: str):
    return globals()[f"_{handler_name}"]


def _silent(conversation):
    conversation.hold()


def _silent_after_request(conversation):
    conversation.read_request()
    conversation.hold()


def _drips_status_line(conversation):
    conversation.read_request()
    conversation.drip(OK * 100, 0.05)


def _drips_headers(conversation):
    conversation.read_request()
    conversation.send(OK)
    conversation.drip(b"X-Drip: 1\r\n" * 100, 0.05)


def _drips_body(conversation):
    conversation.read_request()
    conversation.send(OK + b"Content-Length: 1000\r\n\r\n")
    conversation.drip(b"x" * 1000, 0.05)


def _stops_in_body(conversation):
    conversation.read_request()
    conversation.send(OK + b"Content-Length: 1000\r\n\r\nhalf")
    conversation.hold()


def _endless_header_line(conversation):
    conversation.read_request()
    conversation.send(OK + b"X-Long: ")
    conversation.forever(b"a" * 4096)


def _endless_headers(conversation):
    conversation.read_request()
    conversation.send(OK)
    for number in itertools.count():
        conversation.send(b"X-%d: 1\r\n" % number)


def _endless_status_line(conversation):
    conversation.read_request()
    conversation.forever(b"HTTP/1.1 200 " + b"O" * 4096)


def _flood_of_100(conversation):
    conversation.read_request()
    conversation.forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)


def _flood_of_103(conversation):
    conversation.read_request()
    conversation.forever(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50)


def _resets(conversation):
    conversation.read_request()
    conversation.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _resets_in_body(conversation):
    conversation.read_request()
    conversation.send(OK + b"Content-Length: 1000\r\n\r\nhalf")
    time.sleep(0.05)
    conversation.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("animal", "kind"),
    [
        ("silent", ErrorKind.TIMEOUT),
        ("silent_after_request", ErrorKind.TIMEOUT),
        ("drips_status_line", ErrorKind.TIMEOUT),
        ("drips_headers", ErrorKind.TIMEOUT),
        ("drips_body", ErrorKind.TIMEOUT),
        ("stops_in_body", ErrorKind.TIMEOUT),
        ("endless_header_line", ErrorKind.TOO_LARGE),
        ("endless_headers", ErrorKind.TOO_LARGE),
        ("endless_status_line", ErrorKind.TOO_LARGE),
        ("flood_of_100", ErrorKind.TOO_LARGE),
        ("flood_of_103", ErrorKind.TOO_LARGE),
        ("resets", ErrorKind.RESET),
        ("resets_in_body", ErrorKind.RESET),
    ],
)
def test_misbehaviour_ends_in_a_named_error(serve, animal, kind):
    exchange = attempt(serve(says(animal)).url())

    assert exchange.error.kind is kind
    assert exchange.error.message.endswith(".")
    assert exchange.remote_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", ErrorKind.RESET),
        (b"<html>hello</html>", ErrorKind.PROTOCOL),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ErrorKind.PROTOCOL),
        (b"220 mail.example.com ESMTP\r\n", ErrorKind.PROTOCOL),
        (b"HTTP/1.1 abc OK\r\n\r\n", ErrorKind.PROTOCOL),
        (b"HTTP/1.1 99 Low\r\n\r\n", ErrorKind.PROTOCOL),
        (b"HTTP/1.1 20000 High\r\n\r\n", ErrorKind.PROTOCOL),
        (b"HTTP/2.0 200 OK\r\n\r\n", ErrorKind.PROTOCOL),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ErrorKind.PROTOCOL),
        (b"\x16\x03\x01\x00\x05hello", ErrorKind.PROTOCOL),
        (b"\x00" * 1000 + b"\n", ErrorKind.PROTOCOL),
        (OK + b"X-Many: 1\r\n" * 150 + b"\r\n", ErrorKind.TOO_LARGE),
        (OK + b"X-Big: " + b"a" * 20_000 + b"\r\n\r\n", ErrorKind.TOO_LARGE),
        (OK + b"Content-Length: 10\r\n\r\nhalf", ErrorKind.INCOMPLETE),
        (OK + b"Content-Length: 99999999999\r\n\r\nhalf", ErrorKind.INCOMPLETE),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhal", ErrorKind.INCOMPLETE),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n", ErrorKind.INCOMPLETE),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", ErrorKind.INCOMPLETE),
    ],
)
def test_broken_answers_end_in_a_named_error(serve, answer, kind):
    exchange = attempt(serve(after_request(answer)).url())

    assert exchange.error.kind is kind


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (OK + b"\r\nuntil the end", 200, b"until the end"),
        (OK + b"Content-Length: 3\r\n\r\nfine and more", 200, b"fin"),
        (OK + b"Content-Length: -5\r\n\r\nnegative", 200, b"negative"),
        (OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhuge", 200, b"huge"),
        (b"HTTP/1.0 202 Accepted\r\n\r\nold", 202, b"old"),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\nignored", 204, b""),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 101, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\na", 200, b"a"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\na", 200, b"a"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n", 200, b"abc"),
    ],
)
def test_unusual_answers_are_read(serve, answer, status, body):
    exchange = attempt(serve(after_request(answer)).url())

    assert exchange.error is None
    assert (exchange.response.status, exchange.response.body) == (status, body)


def test_an_endless_body_is_cut_at_the_limit(serve):
    def endless(conversation):
        conversation.read_request()
        conversation.send(OK + b"\r\n")
        conversation.forever(b"x" * 65536)

    exchange = attempt(serve(endless).url())

    assert exchange.error is None
    assert exchange.response.truncated
    assert len(exchange.response.body) == LIMITS.max_body


@pytest.mark.parametrize(
    "flood",
    [
        b"1;" + b"e" * 60_000 + b"\r\nx\r\n",  # extensions far larger than their chunks
        b"0\r\n" + b"X-Trailer: 1\r\n" * 10_000,  # trailers without end
        b"1\r\nx\r\n" * 20_000,
    ],
)
def test_framing_counts_against_the_limit(serve, flood):
    def endless(conversation):
        conversation.read_request()
        conversation.send(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        conversation.forever(flood)

    exchange = attempt(serve(endless).url())

    assert exchange.error is None or exchange.error.kind is ErrorKind.TOO_LARGE
    assert exchange.response.truncated or exchange.error
    assert len(exchange.response.body) <= (LIMITS.max_body + 8192) / 6 + 1  # what came along with the head is extra


@pytest.mark.parametrize(("size", "truncated"), [(65_535, False), (65_536, False), (65_537, True), (200_000, True)])
@pytest.mark.parametrize("head", [b"\r\n", b"Content-Length: %d\r\n\r\n"])
def test_a_body_that_just_fits_is_whole(serve, head, size, truncated):
    head = head % size if b"%d" in head else head

    exchange = attempt(serve(after_request(OK + head + b"x" * size)).url())

    assert exchange.error is None
    assert (len(exchange.response.body), exchange.response.truncated) == (min(size, 65_536), truncated)


def test_a_body_that_comes_after_its_head_may_be_as_long_as_the_limit(serve):
    def paused(conversation):
        conversation.read_request()
        conversation.send(OK + b"\r\n")
        time.sleep(0.1)
        conversation.send(b"x" * 65_536)

    exchange = attempt(serve(paused).url())

    assert (len(exchange.response.body), exchange.response.truncated) == (65_536, False)


def test_a_gzip_bomb_is_not_inflated(serve):
    bomb = gzip.compress(bytes(10_000_000))
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    exchange = attempt(serve(after_request(head + bomb)).url())

    assert exchange.response.body == bomb


def test_what_arrived_before_the_time_ran_out_is_kept(serve):
    exchange = attempt(serve(_stops_in_body).url())

    assert exchange.error.kind is ErrorKind.TIMEOUT
    assert (exchange.response.status, exchange.response.body) == (200, b"half")


def test_an_early_refusal_is_read_although_the_request_was_not(serve):
    def refuse(conversation):
        conversation.sock.recv(10)
        conversation.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        conversation.sock.shutdown(socket.SHUT_WR)
        conversation.hold()

    request = Request("POST", serve(refuse).url(), (), b"x" * 100)

    exchange: Any = send(request, policy=LOOPBACK, limits=LIMITS)

    assert exchange.response.status == 413


def test_a_server_that_never_reads_does_not_block_us(serve):
    request = Request("POST", serve(_silent).url(), (), b"x" * 20_000_000)
    started = time.monotonic()

    exchange: Any = send(request, policy=LOOPBACK, limits=LIMITS)

    assert exchange.error.kind is ErrorKind.TIMEOUT
    assert time.monotonic() - started < 1 + SLACK


def test_a_server_that_reads_slowly_does_not_renew_our_time(serve):
    def sip(conversation):
        while conversation.sock.recv(200_000):
            time.sleep(0.02)

    request = Request("POST", serve(sip).url(), (), b"x" * 40_000_000)
    started = time.monotonic()

    exchange: Any = send(request, policy=LOOPBACK, limits=LIMITS)

    assert exchange.error.kind is ErrorKind.TIMEOUT
    assert time.monotonic() - started < 1 + SLACK


def test_a_connection_kept_open_does_not_delay_us(serve):
    def keep(conversation):
        conversation.read_request()
        conversation.send(OK + b"Connection: keep-alive\r\nContent-Length: 2\r\n\r\nok")
        conversation.hold()

    assert attempt(serve(keep).url()).timings.total < 500


def test_folded_and_repeated_headers_are_kept_as_pairs(serve):
    answer = OK + b"Set-Cookie: a\r\nSet-Cookie: b\r\nX-Fold: one\r\n  two\r\nContent-Length: 0\r\n\r\n"

    response = attempt(serve(after_request(answer)).url()).response

    assert response.headers == (
        ("Set-Cookie", "a"),
        ("Set-Cookie", "b"),
        ("X-Fold", "one two"),
        ("Content-Length", "0"),
    )


def test_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    exchange = attempt(f"http://127.0.0.1:{port}/")

    assert exchange.error.kind is ErrorKind.CONNECT_REFUSED
    assert exchange.remote_address is None


def test_a_full_queue_drops_our_connection():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            assert sock.connect_ex(address) in (0, errno.EINPROGRESS)

        exchange = attempt(f"http://127.0.0.1:{address[1]}/")

        for sock in waiting:
            sock.close()
    assert exchange.error.kind is ErrorKind.CONNECT_TIMEOUT


def test_the_next_address_is_tried_when_one_refuses(serve):
    server = serve(after_request(OK + b"\r\n"))

    exchange = attempt(f"http://name.example.com:{server.port}/", resolver=lambda _: ["::1", "127.0.0.2", "127.0.0.1"])

    assert exchange.response.status == 200
    assert exchange.remote_address == "127.0.0.1"


# TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


def test_speaks_verified_tls_to_the_name_and_connects_to_the_address(serve, authority):
    seen = []
    context = authority.server_context("hook.example.com")
    context.sni_callback = lambda sock, name, _: seen.append(name)
    server = serve(after_request(OK + b"Content-Length: 2\r\n\r\nok"), tls=context)

    exchange = attempt(
        server.url(host="hook.example.com"), resolver=lambda _: ["127.0.0.1"], tls=authority.client_context()
    )

    assert exchange.response.body == b"ok"
    assert seen == ["hook.example.com"]
    assert f"\r\nHost: hook.example.com:{server.port}\r\n".encode() in server.requests[0]
    assert exchange.timings.tls > 0


def test_verifies_an_address_too(serve, authority):
    server = serve(after_request(OK + b"\r\n"), tls=authority.server_context("127.0.0.1"))

    assert attempt(server.url(), tls=authority.client_context()).response.status == 200


@pytest.mark.parametrize(
    ("certificate", "trusted", "words"),
    [
        ({"host": "hook.example.com", "expired": True}, True, "expired"),
        ({"host": "other.example.com"}, True, "another host"),
        ({"host": "hook.example.com", "self_signed": True}, True, "self-signed"),
        ({"host": "hook.example.com"}, False, "issuer is unknown"),
    ],
)
def test_bad_certificates_send_nothing(serve, authority, certificate, trusted, words):
    server = serve(after_request(OK + b"\r\n"), tls=authority.server_context(**certificate))
    tls = authority.client_context() if trusted else None

    exchange = attempt(server.url(host="hook.example.com"), resolver=lambda _: ["127.0.0.1"], tls=tls)

    assert exchange.error.kind is ErrorKind.TLS
    assert words in exchange.error.message
    assert server.requests == [b""]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_refuses_tls_before_1_2(serve, authority):
    old = authority.server_context("127.0.0.1")
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    server = serve(after_request(OK + b"\r\n"), tls=old)

    assert attempt(server.url(), tls=authority.client_context()).error.kind is ErrorKind.TLS


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (_silent, ErrorKind.TIMEOUT),
        (lambda c: c.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 200, 0.05), ErrorKind.TIMEOUT),
        (lambda c: c.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ErrorKind.TLS),
        (lambda c: c.sock.recv(5), ErrorKind.TLS),
        (lambda c: None, ErrorKind.TLS),
    ],
    ids=["silent", "drips", "plain", "closes", "closes at once"],
)
def test_a_handshake_that_fails_is_named(serve, handler, kind):
    server = serve(handler)

    assert attempt(f"https://127.0.0.1:{server.port}/").error.kind is kind


# The meter itself


def test_not_a_byte_more_than_the_allowance_is_taken():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 10_000)
        metered = MeteredSocket(ours, Deadline(1, time.monotonic), allowance=1000)
        with pytest.raises(BudgetSpent):
            metered.makefile("rb").read()
        assert len(ours.recv(20_000)) == 9000


def test_the_wall_clock_is_an_argument():
    ticks = itertools.count(0, 10)
    request = Request("POST", "https://hook.example.com/")

    exchange: Any = send(request, policy=LOOPBACK, clock=lambda: next(ticks))

    assert exchange.error.kind is ErrorKind.TIMEOUT
    assert re.fullmatch(r"\d+.0", str(exchange.timings.total))
