"""Segment's own SDKs, unmodified, through the real server, worker and a receiving webhook (S19, D29).

All three send at the same time: each event once, 30 in 100 of them again under the same messageId, and in the middle
the worker is killed. Every event arrives; what arrives twice was under way at the kill, and carries the same
`webhook-id`.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

from tests.counts import count
from tests.fixtures import HOW_TO_GET_CHROMIUM
from tests.foreign import HOW_TO_GET_NODE, node_is_there
from tests.sdk.calls import KINDS, Call, calls
from tests.sdk.senders import NODE, ROOT, BrowserSender, NodeSender, PythonSender, node_folder, website
from tests.services.browser import find_program
from tests.services.processes import wait_until
from tests.services.receiver import Receiver, Reply, Request
from tests.services.redis import Redis
from tests.services.site import Site

pytestmark = [pytest.mark.processes, pytest.mark.slow]

DISTINCT = count(60, 1000)
# The worker is killed when so large a part of all events has arrived.
KILLED_AT = 0.3
SECONDS = count(60, 600)
NAMES = {"python": "analytics-python", "node": "@segment/analytics-node", "javascript": "analytics.js"}
# Where each kind of call carries what it is about.
FACTS = {"identify": "traits", "group": "traits", "track": "properties", "page": "properties", "screen": "properties"}
UNSETTLED = """
SELECT event.message_id FROM delivery_delivery AS delivery JOIN delivery_event AS event ON event.id = delivery.event_id
WHERE delivery.settled_at IS NULL AND event.source_id = ANY(%s)
"""
TAKEN = f"{UNSETTLED} AND delivery.lease_until IS NOT NULL"


class Sender(Protocol):
    def start(self, calls: list[Call]) -> None: ...
    def finish(self) -> list[str]: ...
    def stop(self) -> None: ...


class Endpoint:
    """The partner's webhook. From request `hold_at` on it answers nobody until `release`: these are under way."""

    def __init__(self, receiver: Receiver, hold_at: int) -> None:
        self.receiver, self._hold_at = receiver, hold_at
        self.is_reached, self._released = threading.Event(), threading.Event()
        self.restarted_at = 0.0
        receiver.on("/hook", self._answer)

    def _answer(self, request: Request) -> Reply:
        if len(self.requests) >= self._hold_at:
            self.is_reached.set()
            self._released.wait(10)
        return Reply()

    def release(self) -> None:
        self._released.set()

    @property
    def requests(self) -> list[Request]:
        return self.receiver.to("/hook")

    def arrived(self) -> Counter[str]:
        """How often each messageId came."""
        return Counter(json.loads(request.body)["messageId"] for request in self.requests)


@dataclass
class Outcome:
    """What the SDKs were told to send, and what the webhook got."""

    sent: Mapping[str, list[Call]]
    sources: Mapping[str, int]
    senders: Mapping[str, Sender]
    under_way: set[str] = field(default_factory=set)
    restarted_at: float = 0.0
    errors: dict[str, list[str]] = field(default_factory=dict)
    stored: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def bodies(self, library: str) -> list[dict[str, Any]]:
        """What arrived of one SDK, once for each event."""
        bodies = {body["messageId"]: body for body in (json.loads(request.body) for request in self.requests)}
        return [body for body in bodies.values() if body["context"]["library"]["name"] == NAMES[library]]


@pytest.fixture(scope="module")
def outcome(_breakable_site: tuple[Site, Redis]) -> Iterator[Outcome]:
    site, broker = _breakable_site
    broker.start()
    site.mend()
    with Receiver() as receiver:
        yield play(site, receiver)


def play(site: Site, receiver: Receiver) -> Outcome:
    """Send everything, with a kill in the middle, and wait until nothing is left to deliver."""
    libraries = [library for library in NAMES if not missing(library)]
    sent = {library: calls(library, DISTINCT) for library in libraries}
    told = {call.message_id for library in libraries for call in sent[library]}
    endpoint = Endpoint(receiver, hold_at=round(len(told) * KILLED_AT))
    made = make(site, f"{receiver.url}/hook", libraries)
    senders = {library: sender(library, site, receiver, made[library]["write_key"]) for library in libraries}
    sources = [made[library]["source"] for library in libraries]
    outcome = Outcome(sent, dict(zip(libraries, sources, strict=True)), senders)
    try:
        for library in libraries:
            senders[library].start(sent[library])
        outcome.under_way = kill(site, endpoint, sources)
        outcome.errors = {library: senders[library].finish() for library in libraries}
        wait_until(lambda: is_over(site, endpoint, told, sources), seconds=SECONDS, what="the last delivery", every=0.2)
    finally:
        endpoint.release()
        for one in senders.values():
            one.stop()
    outcome.requests, outcome.restarted_at = endpoint.requests, endpoint.restarted_at
    rows = "SELECT message_id, fault FROM delivery_event WHERE source_id = %s"
    outcome.stored = {library: site.query(rows, source) for library, source in outcome.sources.items()}  # type: ignore[misc]
    return outcome


def missing(library: str) -> str:
    """How to get what the SDK runs in; "" when it is there."""
    if library == "node":
        return "" if node_is_there() else HOW_TO_GET_NODE
    return HOW_TO_GET_CHROMIUM if library == "javascript" and not find_program() else ""


def make(site: Site, endpoint: str, libraries: list[str]) -> dict[str, dict[str, Any]]:
    code = f"from tests.sdk.setup import make; make({endpoint!r}, {libraries!r})"
    done = site.manage("shell", "--no-imports", "--verbosity", "0", "-c", code)
    made: dict[str, dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return made


def sender(library: str, site: Site, receiver: Receiver, write_key: str) -> Sender:
    if library == "python":
        return PythonSender(site.base_url, write_key)
    if library == "node":
        return NodeSender(site.base_url, write_key, node_folder(ROOT / "var"))
    receiver.on("/shop", website(site.base_url, write_key))
    return BrowserSender(f"{receiver.url}/shop")


def kill(site: Site, endpoint: Endpoint, sources: list[int]) -> set[str]:
    """Kill the worker in the middle, and start another; the messageIds of what was under way."""
    assert endpoint.is_reached.wait(SECONDS), f"only {len(endpoint.requests)} requests"
    time.sleep(0.1)  # the other threads of the worker are under way, too
    site.worker.kill()
    endpoint.release()
    under_way = {row[0] for row in site.query(TAKEN, sources)}
    # The leases of the dead run out at once, so that nobody has to wait for it.
    site.query("UPDATE delivery_delivery SET lease_until = now() WHERE lease_until IS NOT NULL RETURNING id")
    endpoint.restarted_at = time.monotonic()
    site.worker.start()
    return under_way


def is_over(site: Site, endpoint: Endpoint, told: set[str], sources: list[int]) -> bool:
    return told <= endpoint.arrived().keys() and not site.query(UNSETTLED, sources)


def test_the_lock_of_the_node_sdk_names_no_registry() -> None:
    text = (NODE / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    wanted = json.loads((NODE / "package.json").read_text())["dependencies"]

    assert "resolved" not in text
    assert all(part.get("integrity") for name, part in locked.items() if name)
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


@pytest.fixture(params=NAMES)
def library(request: pytest.FixtureRequest) -> str:
    if how_to_get := missing(request.param):
        pytest.skip(how_to_get)
    name: str = request.param
    return name


def test_every_event_of_the_sdk_arrives(outcome: Outcome, library: str) -> None:
    told = {call.message_id: call for call in outcome.sent[library]}
    arrived = {body["messageId"]: body for body in outcome.bodies(library)}

    assert outcome.errors[library] == []
    assert told.keys() - arrived.keys() == set()
    for message_id, call in told.items():
        body = arrived[message_id]
        assert body["type"] == call.kind
        if call.kind in FACTS:
            assert body[FACTS[call.kind]]["number"] == call.number
        assert {"timestamp", "originalTimestamp", "sentAt", "receivedAt", "projectId"} <= body.keys()


def test_what_was_said_twice_is_stored_once(outcome: Outcome, library: str) -> None:
    told = {call.message_id for call in outcome.sent[library]}
    assert len(outcome.sent[library]) == len(told) * 1.3

    stored = [message_id for message_id, _ in outcome.stored[library]]
    assert len(stored) == len(set(stored))
    # What the website calls before the script is there gets ids of the SDK's own: who visits, and the first page.
    others = set(stored) - told
    assert len(others) == (2 if library == "javascript" else 0)
    assert {fault for _, fault in outcome.stored[library]} == {""}


def test_only_what_was_under_way_at_the_kill_arrives_twice(outcome: Outcome) -> None:
    """Taken by the worker that was killed, sent by it, and not stored as delivered when it died."""
    by_message: dict[str, list[Request]] = {}
    for request in outcome.requests:
        by_message.setdefault(json.loads(request.body)["messageId"], []).append(request)
    repeated = {message_id: both for message_id, both in by_message.items() if len(both) > 1}

    assert repeated, "the kill met nothing under way: this shows nothing"
    assert repeated.keys() <= outcome.under_way
    for both in repeated.values():
        first, second = both
        assert first.at < outcome.restarted_at < second.at
        assert first.header("webhook-id")
        assert first.header("webhook-id") == second.header("webhook-id")
    sys.stderr.write(f"{len(outcome.requests):,} requests, {len(repeated)} of them again after the kill\n")


def test_the_device_mode_plugin_of_the_destination_runs_on_the_website(outcome: Outcome) -> None:
    browser = outcome.senders.get("javascript")
    if browser is None:
        pytest.skip(HOW_TO_GET_CHROMIUM)
    assert isinstance(browser, BrowserSender)
    assert set(browser.plugin) == set(KINDS)
