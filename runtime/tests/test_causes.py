"""The likely cause of each recorded failure, as it comes over a real connection.

`recorded/` holds answers as servers gave them, named `<cause>--<where from>.http`; Django's and Flask's are taken
from running applications. What has no answer to record is done by real servers on loopback.
"""

import socket
import ssl
import struct
import time
from pathlib import Path
from typing import Any

import pytest

from runtime.causes import CAUSES, Cause, likely_cause
from runtime.egress import (
    EgressPolicy,
    ErrorKind,
    Exchange,
    Failure,
    Limits,
    NameLookupFailed,
    NameNotFound,
    Request,
    Response,
    SentRequest,
    send,
)
from runtime.egress.failures import Phase, explain
from runtime.tests.listeners import Authority
from runtime.webhooks import read_answer

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.http"))
LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128")
LIMITS = Limits(total_seconds=0.4, dns_seconds=0.2, connect_seconds=0.2)
OK = b"HTTP/1.1 200 OK\r\n"


def ask(url: str, **options: Any) -> Exchange:
    request = Request("POST", url, (("Content-Type", "application/json"),), options.pop("body", b"{}"))
    return send(request, **{"policy": LOOPBACK, "limits": LIMITS} | options)


def wire_bytes(recorded: Path) -> bytes:
    """The answer with the line ends and the length that it had on the wire."""
    head, _, body = recorded.read_text(encoding="utf-8").partition("\n\n")
    if recorded.stem == "answer-too-large":
        body *= 1_000
    content = body.encode()
    lines = [*head.split("\n"), f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_the_cause_of_a_recorded_answer_is_found(serve, recorded):
    def answer(conversation):
        conversation.read_request()
        conversation.send(wire_bytes(recorded))

    exchange = ask(serve(answer).url())

    assert exchange.error is None
    cause = likely_cause(exchange)
    assert cause is not None
    assert cause.id == recorded.stem.partition("--")[0]
    outcome = read_answer(exchange)
    assert (outcome.cause, outcome.fix) == (cause.text, cause.fix)


# What has no answer


def _silent(conversation):
    conversation.hold()


def _silent_after_request(conversation):
    conversation.read_request()
    conversation.hold()


def _drips(conversation):
    conversation.read_request()
    conversation.send(OK + b"Content-Length: 1000\r\n\r\n")
    conversation.drip(b"x" * 1000, 0.05)


def _resets_in_body(conversation):
    conversation.read_request()
    conversation.send(OK + b"Content-Length: 1000\r\n\r\nhalf")
    time.sleep(0.05)
    conversation.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _says(answer: bytes):
    def handler(conversation):
        conversation.read_request()
        conversation.send(answer)

    return handler


SERVERS = {
    "no-first-byte": _silent_after_request,
    "body-stalled": _drips,
    "empty-reply": _says(b""),
    "connection-reset": _resets_in_body,
    "chunks-broken": _says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n"),
    "body-too-short": _says(OK + b"Content-Length: 10\r\n\r\nhalf"),
    "headers-too-large": _says(OK + b"Set-Cookie: a=b\r\n" * 150 + b"\r\n"),
    "not-http": _says(b"SSH-2.0-OpenSSH_9.2\r\n"),
}


@pytest.mark.parametrize("cause", SERVERS)
def test_the_cause_of_a_broken_answer_is_found(serve, cause):
    assert _cause_of(ask(serve(SERVERS[cause]).url())) == cause


def test_a_server_that_reads_nothing_is_told_from_a_slow_one(serve):
    exchange = ask(serve(_silent).url(), body=b"x" * 20_000_000)
    assert _cause_of(exchange) == "request-not-read"


def _fails(error: Exception):
    def resolver(host):
        raise error

    return resolver


def _dawdles(host):
    time.sleep(1)
    return ["127.0.0.1"]


LOOKUPS = {
    "dns-no-such-name": _fails(NameNotFound("unknown")),
    "dns-no-address": lambda host: [],
    "dns-server-failure": _fails(NameLookupFailed("SERVFAIL")),
    "dns-slow": _dawdles,
    "private-address": lambda host: ["10.0.0.7"],
}


@pytest.mark.parametrize("cause", LOOKUPS)
def test_the_cause_of_a_name_that_does_not_lead_there_is_found(cause):
    exchange = ask("https://hook.example.com/", resolver=LOOKUPS[cause], policy=EgressPolicy.from_setting(""))
    assert _cause_of(exchange) == cause


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (socket.EAI_NONAME, "dns-no-such-name"),
        (getattr(socket, "EAI_NODATA", socket.EAI_NONAME), "dns-no-address"),
        (socket.EAI_AGAIN, "dns-server-failure"),
        (socket.EAI_FAIL, "dns-server-failure"),
    ],
)
def test_what_the_systems_resolver_says_is_told_apart(monkeypatch, code, cause):
    def getaddrinfo(*_: Any, **__: Any):
        raise socket.gaierror(code, "no")

    monkeypatch.setattr("runtime.egress.resolver.socket.getaddrinfo", getaddrinfo)
    assert _cause_of(ask("https://hook.example.com/")) == cause


def test_plain_http_towards_the_public_internet_is_named():
    exchange = ask("http://hook.example.com:9000/", resolver=lambda host: ["93.184.215.14"])
    assert _cause_of(exchange) == "public-needs-https"


def test_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert _cause_of(ask(f"http://127.0.0.1:{port}/")) == "connection-refused"


def test_a_machine_that_drops_our_packets():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(address)
        cause = _cause_of(ask(f"http://127.0.0.1:{address[1]}/"))
        for sock in waiting:
            sock.close()
    assert cause == "connect-timeout"


def test_a_network_without_a_route():
    """No machine of a test has such a network, so this one is the exchange as it would be."""
    assert _cause_of(_failed(ErrorKind.UNREACHABLE, "There is no route to the server.")) == "no-route"


# TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def ask_tls(serve, authority):
    def ask_server(context, *, trusted=True, handler=None):
        server = serve(handler or _says(OK + b"\r\n"), tls=context)
        url = f"https://hook.example.com:{server.port}/"
        tls = authority.client_context() if trusted else None
        return ask(url, resolver=lambda _: ["127.0.0.1"], tls=tls)

    return ask_server


@pytest.mark.parametrize(
    ("certificate", "trusted", "cause"),
    [
        ({"host": "hook.example.com", "expired": True}, True, "tls-expired"),
        ({"host": "other.example.com"}, True, "tls-wrong-host"),
        ({"host": "hook.example.com", "self_signed": True}, True, "tls-self-signed"),
        ({"host": "hook.example.com"}, False, "tls-unknown-issuer"),
    ],
)
def test_the_cause_of_a_bad_certificate_is_found(ask_tls, authority, certificate, trusted, cause):
    assert _cause_of(ask_tls(authority.server_context(**certificate), trusted=trusted)) == cause


@pytest.mark.parametrize(
    ("code", "cause"), [(9, "tls-not-yet-valid"), (19, "tls-private-authority"), (18, "tls-self-signed")]
)
def test_openssls_other_verdicts_on_certificates(code, cause):
    error = ssl.SSLCertVerificationError()
    error.verify_code = code
    failure = explain(error, Phase.TLS)
    assert _cause_of(_failed(failure.kind, failure.message)) == cause


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_that_is_too_old(ask_tls, authority):
    old = authority.server_context("hook.example.com")
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    assert _cause_of(ask_tls(old)) == "tls-too-old"


def test_a_server_that_does_not_know_the_name(ask_tls, authority):
    context = authority.server_context("hook.example.com")
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    assert _cause_of(ask_tls(context)) == "tls-refused"


def test_no_cipher_in_common(ask_tls, authority):
    context = authority.server_context("hook.example.com")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-SHA")  # for RSA keys, and ours is not
    assert _cause_of(ask_tls(context)) == "tls-refused"


def test_a_server_that_wants_our_certificate():
    """In TLS 1.3 it says so after the handshake, often in a race with the end of the connection."""
    error = ssl.SSLError(1, "alert")
    error.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    failure = explain(error, Phase.TALK)
    assert _cause_of(_failed(failure.kind, failure.message)) == "client-certificate-wanted"


@pytest.mark.parametrize(
    ("handler", "cause"),
    [
        (lambda c: c.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls-plain-http"),
        (lambda c: c.sock.recv(5), "tls-broken-off"),
        (_silent, "tls-timeout"),
    ],
    ids=["plain", "closes", "silent"],
)
def test_the_cause_of_a_handshake_that_fails_is_found(serve, handler, cause):
    assert _cause_of(ask(f"https://127.0.0.1:{serve(handler).port}/")) == cause


# The table


def test_every_cause_is_recorded_or_played():
    """Reads this file: a cause that is only in the table has no test that fails without it."""
    source = Path(__file__).read_text(encoding="utf-8")
    recorded = {path.stem.partition("--")[0] for path in RECORDED}
    missing = [cause.id for cause in CAUSES if cause.id not in recorded and f'"{cause.id}"' not in source]
    assert missing == []
    assert recorded <= {cause.id for cause in CAUSES}


def test_there_are_enough_and_each_has_one_name():
    assert len(CAUSES) >= 30
    assert len({cause.id for cause in CAUSES}) == len(CAUSES)
    assert len({cause.text for cause in CAUSES}) == len(CAUSES)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_every_cause_says_why_and_what_to_do(cause: Cause):
    for text in (cause.text, cause.fix):
        assert text.endswith((".", ".)"))
        assert 15 < len(text) < 240
        assert text[0].isupper()


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (200, "", b""),
        (200, "application/json", b'{"success": true, "error": null, "errors": [], "code": 0}'),
        (202, "text/plain", b"queued"),
        (204, "", b""),
        (501, "application/json", b'{"message": "alias is not supported"}'),
        (401, "application/json", b'{"message": "This key has expired"}'),
        (500, "application/json", b'{"message": "oops"}'),
    ],
)
def test_an_ordinary_answer_gets_no_cause_of_its_own(status, content_type, body):
    exchange = Exchange(_sent(), Response(status, "", (("Content-Type", content_type),), body))
    assert likely_cause(exchange) is None


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"[" * 100_000, b"{" * 60_000, "🎉".encode() * 9_000])
@pytest.mark.parametrize("location", ["", "https://[broken", "//", "http://:x/"])
def test_hostile_answers_do_not_break_it(body, location):
    for status in (200, 302, 400, 404, 500):
        exchange = Exchange(_sent(), Response(status, "", (("Location", location),), body))
        likely_cause(exchange)


def _sent() -> SentRequest:
    return SentRequest("POST /hook HTTP/1.1", (("Host", "hooks.example.com"),), b"{}")


def _failed(kind: ErrorKind, message: str) -> Exchange:
    return Exchange(_sent(), error=Failure(kind, message))


def _cause_of(exchange: Exchange) -> str | None:
    cause = likely_cause(exchange)
    return cause and cause.id
