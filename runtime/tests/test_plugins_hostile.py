"""T15 by effect: what canaries hear, how long it takes, and what is left afterwards."""

import contextlib
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.egress import EgressPolicy
from runtime.plugins import BrowserSpec, Limits, Outcome, PluginRun, find, run
from runtime.samples import Case, core_events
from runtime.tests.hostile_plugins import ASKING, BREAKING, hostile, plugin
from runtime.tests.listeners import Canary, Conversation, Listener
from runtime.tests.many_plugins import ManyPlugins
from tests.counts import FULL, count

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., PluginRun]
LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128")
LIMITS = Limits(wall_seconds=20, load_seconds=3, event_seconds=1.5)
# Whether the machine is busy is not the plugin's doing.
GRACE = 1.0 if FULL else 5.0


def two_events() -> list[Case]:
    """A page view and a track call."""
    events = core_events()
    return [events[0], events[3]]


@pytest.fixture(scope="module", params=["confined", "bare"] if FULL else ["bare"])
def spec(request: pytest.FixtureRequest) -> BrowserSpec:
    """Confined, and without: there the flags and the proxy alone have to hold."""
    found = find()
    if request.param == "confined":
        assert found.confined, "bubblewrap does not work here; install it to test the confinement"
        return found
    return replace(found, confined=False, sandboxed=os.geteuid() != 0)


@pytest.fixture(scope="module")
def visit(spec: BrowserSpec) -> Iterator[Visit]:
    """Run one hostile plugin over two events."""
    runner = ManyPlugins(spec)
    yield lambda code, policy=EgressPolicy(): runner(code, two_events(), policy=policy, limits=LIMITS)  # noqa: B008
    runner.close()


def everything_said(made: PluginRun) -> str:
    """All console lines of a run."""
    return " ".join(line.text for part in (made, *made.results) for line in part.console)


def some(names: list[str], small: int) -> list[str]:
    """All of them in the full run, and otherwise every n-th, so that each family is there."""
    wanted = count(small, len(names))
    return names[:: max(1, len(names) // wanted)][:wanted]


@pytest.fixture
def datagrams(canary: Canary) -> Iterator[socket.socket]:
    """The canary's port for UDP: WebRTC and QUIC would be heard here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", canary.port))
        listener.setblocking(False)
        yield listener


# --- What they may not reach -----------------------------------------------------------------------


@pytest.mark.parametrize("name", some(list(hostile("HOST")), small=5))
def test_no_plugin_reaches_a_canary_or_outlives_its_limit(
    name: str, visit: Visit, canary: Canary, datagrams: socket.socket
) -> None:
    began = time.monotonic()

    made = visit(hostile(f"127.0.0.1:{canary.port}")[name])

    assert canary.is_silent
    with pytest.raises(BlockingIOError):
        datagrams.recv(10)
    assert time.monotonic() - began < LIMITS.wall_seconds + GRACE
    assert "STOLEN" not in everything_said(made)


@pytest.mark.parametrize("name", some(list(ASKING), small=2))
def test_the_benign_twin_reaches_what_the_policy_allows(
    name: str, visit: Visit, serve: Callable[..., Listener]
) -> None:
    listener = serve(answer_anything)
    code = plugin(load=ASKING[name].replace("HOST", f"127.0.0.1:{listener.port}"))

    made = visit(code, LOOPBACK)

    assert [result.outcome for result in made.results] == [Outcome.SUCCESS] * 2
    assert any(request.startswith((b"GET /x", b"POST /x")) for request in listener.requests), made
    assert not any(request.refused for request in made.requests)


def answer_anything(conversation: Conversation) -> None:
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\r\nok")


# --- What they may not break -----------------------------------------------------------------------


def test_a_refused_request_is_in_the_report(visit: Visit) -> None:
    made = visit(plugin(load="fetch('https://169.254.169.254/').catch(() => {});"))

    assert [(request.host, request.refused) for request in made.requests] == [("169.254.169.254", True)]


def test_the_event_that_hangs_is_named_and_the_next_one_still_runs(visit: Visit) -> None:
    made = visit(BREAKING["endless loop in a method"])

    assert [result.outcome for result in made.results] == [Outcome.TIMEOUT, Outcome.SUCCESS]


def test_nothing_is_left_of_a_browser_whose_plugin_hangs(spec: BrowserSpec) -> None:
    limits = replace(LIMITS, wall_seconds=8, load_seconds=1)
    before = browsers_of_ours()
    began = time.monotonic()

    made = run(BREAKING["endless loop at the top"], two_events(), {}, shape="plugin", browser=spec,
               policy=EgressPolicy(), limits=limits)  # fmt: skip

    assert time.monotonic() - began < limits.wall_seconds + GRACE
    assert {result.outcome for result in made.results} == {Outcome.NOT_LOADED}
    assert made.problem
    end = time.monotonic() + 2  # the kernel's own time to take them down
    while not browsers_of_ours() <= before and time.monotonic() < end:
        time.sleep(0.02)
    assert browsers_of_ours() <= before


def browsers_of_ours() -> set[str]:
    """Profiles of the browsers that run and were started by this very process: each carries its number."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_text(errors="replace")
            found |= set(re.findall(rf"/(web-plugin-{os.getpid()}-\w+)", command))
    return found
