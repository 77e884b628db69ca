"""Keeping one connection open (D10) without loosening T1 to T5."""

import itertools
import time
from typing import Any

import pytest

from runtime.egress import EgressPolicy, ErrorKind, KeptLine, Limits, Request, send
from runtime.egress import kept as kept_module
from runtime.tests.listeners import Authority

LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128")
LIMITS = Limits(total_seconds=0.6, dns_seconds=0.2, connect_seconds=0.2)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def many(*answers: bytes):
    """A server that answers one request after the other on each connection; the last answer repeats."""

    def handler(conversation):
        for answer in itertools.chain(answers, itertools.repeat(answers[-1])):
            conversation.received = b""
            conversation.read_request()
            conversation.send(answer)

    return handler


def ask(kept: KeptLine, url: str, **options: Any) -> Any:
    return send(Request("POST", url, (), b"{}"), **{"policy": LOOPBACK, "limits": LIMITS, "kept": kept} | options)


@pytest.fixture
def kept():
    with KeptLine() as line:
        yield line


def test_requests_share_a_connection_and_say_so_in_their_times(serve, kept):
    server = serve(many(ANSWER))
    first, *others = [ask(kept, server.url()) for _ in range(4)]
    assert len(server.conversations) == 1
    assert first.timings.connect is not None
    for exchange in others:
        assert exchange.response.body == b"ok"
        assert exchange.remote_address == "127.0.0.1"
        assert (exchange.timings.dns, exchange.timings.connect, exchange.timings.tls) == (None, None, None)
        assert exchange.timings.first_byte is not None


def test_without_one_every_request_has_its_own(serve):
    server = serve(many(ANSWER))
    for _ in range(3):
        send(Request("POST", server.url(), (), b"{}"), policy=LOOPBACK)
    assert len(server.conversations) == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and what nobody asked for",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70_000,
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
    ids=["close", "1.0", "leftovers", "cut short", "too large", "another protocol"],
)
def test_a_connection_in_doubt_is_not_used_again(serve, kept, answer):
    server = serve(many(answer))
    for _ in range(2):
        ask(kept, server.url())
    assert len(server.conversations) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + ANSWER,
    ],
)
def test_every_whole_answer_leaves_it_open(serve, kept, answer):
    server = serve(many(answer))
    statuses = {ask(kept, server.url()).response.status for _ in range(3)}
    assert len(statuses) == 1
    assert len(server.conversations) == 1


def test_a_server_that_closes_without_saying_so_costs_a_new_connection(serve, kept):
    def once(conversation):
        conversation.read_request()
        conversation.send(ANSWER)

    server = serve(once)
    for _ in range(20):  # sometimes the end is seen before we send, sometimes after
        assert ask(kept, server.url()).error is None
    assert len(server.conversations) == 20


def test_a_server_that_breaks_off_is_still_told_from_a_closed_connection(serve, kept):
    server = serve(many(ANSWER, b"HTTP/1.1 200 OK\r\nContent-Len"))
    ask(kept, server.url())
    limits = Limits(total_seconds=0.3)
    assert ask(kept, server.url(), limits=limits).error.kind is ErrorKind.TIMEOUT
    assert len(server.conversations) == 1


def test_it_leads_nowhere_else(serve, kept):
    """T2: another name or port gets its own lookup, check and connection."""
    server, other = serve(many(ANSWER)), serve(many(ANSWER))
    asked = []

    def resolver(host):
        asked.append(host)
        return ["127.0.0.1"]

    for url in (server.url(host="a.example.com"), server.url(host="b.example.com"), other.url(host="b.example.com")):
        assert ask(kept, url, resolver=resolver).response.status == 200
    assert asked == ["a.example.com", "b.example.com", "b.example.com"]
    assert (len(server.conversations), len(other.conversations)) == (2, 1)


def test_a_name_that_turns_bad_gets_no_new_connection(serve, kept):
    """T2: the open connection leads where it was checked to lead; the next one is checked again."""
    server = serve(many(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"))
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    url = server.url(host="hook.example.com")
    assert ask(kept, url, resolver=lambda _: next(answers)).error is None
    assert ask(kept, url, resolver=lambda _: next(answers)).error.kind is ErrorKind.REFUSED_ADDRESS


def test_what_stood_idle_is_not_trusted(serve, kept, monkeypatch):
    monkeypatch.setattr(kept_module, "IDLE_SECONDS", 0.05)
    server = serve(many(ANSWER))
    ask(kept, server.url())
    time.sleep(0.1)
    ask(kept, server.url())
    assert len(server.conversations) == 2


def test_tls_is_kept_too(serve, kept, tmp_path):
    authority = Authority(tmp_path)
    server = serve(many(ANSWER), tls=authority.server_context("127.0.0.1"))
    tls = authority.client_context()
    exchanges = [ask(kept, server.url(), tls=tls) for _ in range(4)]
    assert [exchange.error for exchange in exchanges] == [None] * 4
    assert len(server.conversations) < 4


def test_limits_hold_on_a_kept_connection(serve, kept):
    """T5: each request has its own wall clock."""

    def slow_later(conversation):
        conversation.read_request()
        conversation.send(ANSWER)
        conversation.hold()

    server = serve(slow_later)
    ask(kept, server.url())
    started = time.monotonic()
    assert ask(kept, server.url()).error.kind is ErrorKind.TIMEOUT
    assert time.monotonic() - started < LIMITS.total_seconds + 2
