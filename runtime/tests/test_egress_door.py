"""T1 to T4 by effect: what canaries hear, not what functions raise."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runtime.egress import EgressPolicy, ErrorKind, Limits, Request, send
from runtime.tests.corpora import lines, refused_urls

LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128")
FAST = Limits(total_seconds=2, dns_seconds=1, connect_seconds=1)
# Towards these the canary can be reached from here; the others have no route in a test.
REACHABLE = [
    "127.0.0.1",
    "127.0.0.2",
    "127.1.2.3",
    "::1",
    "0.0.0.0",
    "::",
    "::ffff:127.0.0.1",
    "127.255.255.254",
]


def post(url: str, policy: EgressPolicy, **options: Any) -> Any:
    return send(Request("POST", url, (), b"secret"), policy=policy, limits=FAST, **options)


def answering(*addresses: str):
    return lambda host: list(addresses)


def ok(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def test_the_canary_hears_us_when_the_door_is_open(canary):
    for address in ("127.0.0.2", "[::1]"):
        post(f"http://{address}:{canary.port}/", LOOPBACK)

    assert canary.connections == 2
    assert b"secret" in canary.heard


def test_odd_urls_reach_nobody(canary):
    policy = EgressPolicy(ports=frozenset({443, canary.port}))

    exchanges = [post(url, policy) for url in refused_urls(canary.port)]

    assert {exchange.error.kind for exchange in exchanges} == {ErrorKind.BAD_URL}
    assert canary.is_silent


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_names_that_point_inside_reach_nobody(canary, scheme):
    policy = EgressPolicy(EgressPolicy.from_setting("192.0.2.1").allow, ports=frozenset({canary.port}))
    url = f"{scheme}://hook.example.com:{canary.port}/"

    kinds = {
        post(url, policy, resolver=answering(a)).error.kind for a in lines("addresses_refused.txt") if a != "192.0.2.1"
    }

    assert kinds == {ErrorKind.REFUSED_ADDRESS}
    assert canary.is_silent


@pytest.mark.parametrize("inside", REACHABLE)
def test_one_bad_answer_among_good_ones_refuses_them_all(canary, inside):
    policy = EgressPolicy(ports=frozenset({canary.port}))
    for answers in ((inside, "8.8.8.8"), ("8.8.8.8", inside), ("2606:4700:4700::1111", "8.8.8.8", inside)):
        exchange = post(f"https://hook.example.com:{canary.port}/", policy, resolver=answering(*answers))

        assert exchange.error.kind is ErrorKind.REFUSED_ADDRESS
        assert inside not in exchange.error.message
    assert canary.is_silent


def test_http_is_refused_when_a_name_is_not_wholly_inside_the_allow_list(serve):
    server = serve(ok)
    url = f"http://hook.example.com:{server.port}/"

    mixed = post(url, LOOPBACK, resolver=answering("127.0.0.1", "8.8.8.8"))
    inside = post(url, LOOPBACK, resolver=answering("127.0.0.1", "127.0.0.2"))

    assert mixed.error.kind is ErrorKind.REFUSED_ADDRESS
    assert inside.response.status == 200
    assert len(server.requests) == 1


def test_a_host_allowed_by_name_may_have_any_address(serve):
    server = serve(ok)
    policy = EgressPolicy.from_setting("receiver.internal")

    exchange = post(f"http://receiver.internal:{server.port}/", policy, resolver=answering("127.0.0.1"))

    assert exchange.response.status == 200


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/x",
        "https://[::1]:{port}/",
        "//localhost:{port}/",
        "gopher://127.0.0.1:{port}/",
    ],
)
def test_redirects_are_reported_and_not_followed(serve, canary, status, location):
    where = location.format(port=canary.port)

    def redirect(conversation):
        conversation.read_request()
        conversation.send(f"HTTP/1.1 {status} Go\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())

    server = serve(redirect)

    exchange = post(server.url(), LOOPBACK)

    assert (exchange.error, exchange.response.status) == (None, status)
    assert exchange.response.header("location") == where
    assert len(server.requests) == 1
    assert canary.is_silent


def test_proxies_from_the_environment_are_ignored(serve, canary, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.2:{canary.port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.2:{canary.port}")

    assert post(serve(ok).url(), LOOPBACK).response.status == 200
    assert canary.is_silent


def test_in_a_network_of_its_own_public_is_reached_and_private_is_not():
    """Real sockets on 8.8.4.4, 169.254.169.254, 10.0.0.1 and others, where namespaces can be made."""
    tools = [shutil.which("unshare"), shutil.which("ip")]
    if not all(tools) or subprocess.run(["unshare", "-Urn", "true"], capture_output=True).returncode:
        pytest.skip("needs unprivileged user namespaces, and the packages util-linux and iproute2")
    script = Path(__file__).with_name("own_network.py")
    root = Path(__file__).parents[2]

    run = subprocess.run(
        ["unshare", "-Urn", sys.executable, str(script)], capture_output=True, text=True, timeout=60, cwd=root
    )

    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["public"] == {"8.8.4.4": 200, "2620:fe::fe": 200}
    assert set(report["refused"].values()) == {"refused_address"}
    assert report["without_route"] == "unreachable"
    assert report["heard_by_canaries"] == 0
