"""The contract of a function (D15 to D20), through real processes."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.egress import Exchange, Request, Response, SentRequest
from runtime.functions import Confinement, Limits, NotConfined, Outcome, Outline, Pool, Shape, Stopped, detect, outline
from runtime.functions.tests.conftest import KEY

# One function with every way to end, so that one process shows them all.
ALL_ENDS = """
async function onTrack(event, settings) {
  console.log("saw", event.end);
  switch (event.end) {
    case "value": return { key: settings.apiKey };
    case "nothing": return;
    case "plain":
      throw new Error("it broke");
    case "text": throw "only text";
    default: throw new ({ EventNotSupported, InvalidEventPayload, ValidationError, RetryError }[event.end])("told so");
  }
}
"""
ENDS = {
    "value": (Outcome.SUCCESS, 200, "", ""),
    "nothing": (Outcome.SUCCESS, 200, "", ""),
    "plain": (Outcome.ERROR, 400, "Error", "it broke"),
    "text": (Outcome.ERROR, 400, "Error", "only text"),
    "EventNotSupported": (Outcome.NOT_SUPPORTED, 501, "EventNotSupported", "told so"),
    "InvalidEventPayload": (Outcome.INVALID_PAYLOAD, 400, "InvalidEventPayload", "told so"),
    "ValidationError": (Outcome.VALIDATION_ERROR, 400, "ValidationError", "told so"),
    "RetryError": (Outcome.RETRY, 503, "RetryError", "told so"),
}  # fmt: skip
BATCH = """
async function onBatch(events) {
  return events.map((event) => ({ status: event.status, errormessage: "no " + event.status }));
}
"""
WRONG = "const a = 1;\nasync function onTrack() {\n  const b = ;\n}\n"


def test_every_way_to_end(pool: Pool) -> None:
    runs = {end: pool.run(ALL_ENDS, "track", {"end": end}, KEY, key="a/1") for end in ENDS}

    found = {end: (run.outcome, run.status, run.error_name, run.message) for end, run in runs.items()}
    assert found == ENDS
    assert [end for end, run in runs.items() if run.is_retryable] == ["RetryError"]
    assert [(log.level, log.text) for log in runs["plain"].logs] == [("log", "saw plain")]
    assert runs["plain"].stack == "    at onTrack (function.js:8:13)"
    assert [run.cold_ms > 0 for run in runs.values()] == [True] + [False] * 7
    missing = pool.run(ALL_ENDS, "onPage", {}, KEY, key="a/1")
    assert (missing.outcome, missing.message) == (Outcome.NOT_SUPPORTED, "There is no handler onPage.")
    # An event's type may be the name of what every object has.
    inherited = [
        pool.run(ALL_ENDS, name, {}, KEY, key="a/1").outcome for name in ("toString", "__proto__", "constructor")
    ]
    assert inherited == [Outcome.NOT_SUPPORTED] * 3


def test_the_outline_says_what_there_is_and_where_it_is_wrong(pool: Pool) -> None:
    assert outline("const onPage = () => 1\nasync function onTrack() {}", pool) == Outline(
        ("onTrack", "onPage"), Shape.HANDLERS
    )
    assert outline("exports.processEvents = () => 1", pool) == Outline(("processEvents",), Shape.PROCESS_EVENTS)
    assert outline("1", pool) == Outline()
    wrong = outline(WRONG, pool)
    assert (wrong.line, wrong.column, wrong.shape) == (3, 13, Shape.NONE)
    assert pool.run(WRONG, "track", {}, {}, key="a/1").error_name == "SyntaxError"


def test_a_batch_is_answered_event_by_event(pool: Pool) -> None:
    events = [{"type": "track", "status": status} for status in (200, 400, 429, 501)]

    runs = pool.run_batch(BATCH, events, KEY, key="a/1")
    assert [run.outcome for run in runs] == ["success", "error", "retry", "not_supported"]
    assert runs[1].message == "no 400"
    alone = pool.run_batch("async function onTrack(event) { return event.status }", events, KEY, key="a/2")
    assert [run.returned for run in alone] == ["200", "400", "429", "501"]


def test_a_call_that_is_listed_and_one_too_many() -> None:
    code = """async function onTrack() {
      const answer = await fetch("https://good.example/a", { method: "POST", body: "abc", headers: { "X-Key": "k" } });
      for (let n = 0; n < 3; n++) await fetch("https://good.example/b");
      return answer.status;
    }"""

    def fetch(request: Request) -> Exchange:
        sent = SentRequest(f"{request.method} / HTTP/1.1", request.headers, request.body)
        return Exchange(sent, Response(200, "OK", (("X-B", "c"),), b"fine"))

    needs_confinement()
    with Pool(1, fetch, Limits(fetches=3, start_seconds=30)) as pool:
        run = pool.run(code, "track", {}, {}, key="a/1")

    first = run.calls[0]
    assert (first.method, first.url, first.request_body, first.status, first.response_body) == (
        "POST", "https://good.example/a", b"abc", 200, b"fine",
    )  # fmt: skip
    assert ("x-key", "k") in first.request_headers
    assert len(run.calls) == 3
    assert (run.outcome, run.message) == (Outcome.LIMIT, "More than 3 requests in one run.")


def needs_confinement() -> None:
    if not detect().is_full:
        pytest.skip(detect().fault)


def no_fetch(request: Request) -> Exchange:
    raise ValueError("no fetch here")


def test_one_process_never_serves_two_owners_and_the_oldest_makes_room() -> None:
    needs_confinement()
    code = "async function onTrack() { return await cache.load('k', 60000, async () => Math.random()) }"
    with Pool(2, no_fetch, Limits(start_seconds=30)) as pool:
        ask: Callable[[str], str | None] = lambda key: pool.run(code, "track", {}, {}, key=key).returned  # noqa: E731
        first, again, other = ask("a/1"), ask("a/1"), ask("b/1")
        assert first == again != other
        ask("c/1")  # a third: a's process goes
        assert len(pool._live) == 2
        assert ask("b/1") == other
        assert ask("a/1") != first


def test_a_forked_child_has_a_pool_of_its_own_and_leaves_ours_alone(pool: Pool) -> None:
    code = "async function onTrack(event) { return event }"
    pool.run(code, "track", {}, {}, key="a/1")

    pid = os.fork()
    if pid == 0:
        os._exit(0 if not pool._live and pool._count == 0 else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert pool.run(code, "track", {"a": 1}, {}, key="a/1").cold_ms == 0


def test_what_cannot_be_cleared_up_ends_the_process_and_costs_the_next_event_nothing_but_time(pool: Pool) -> None:
    code = """async function onTrack(event) {
      const before = typeof globalThis.left;
      if (event.leaves) Object.defineProperty(globalThis, "left", { value: 1, configurable: false });
      return before;
    }"""
    events = [{"leaves": True}, {"leaves": True}, {}, {}]

    runs = [pool.run(code, "track", event, {}, key="a/1") for event in events]

    assert [run.returned for run in runs] == ['"undefined"'] * 4
    assert [run.cold_ms > 0 for run in runs] == [True, True, True, False]


def test_closing_ends_a_run_that_is_under_way(pool: Pool) -> None:
    with ThreadPoolExecutor(1) as threads:
        run = threads.submit(pool.run, "for(;;);", "track", {}, {}, key="a/1")
        pids = ids_of_living(pool)
        pool.close()

        with pytest.raises(Stopped):
            run.result(timeout=5)
    assert_gone(pids)


def test_a_run_that_nobody_wants_any_more_ends_with_its_process(pool: Pool) -> None:
    """Half a second after it was told; the next run has a process of its own."""
    told, code = threading.Event(), "async function onTrack(event) { while (event.hangs); return 1 }"
    with ThreadPoolExecutor(1) as threads:
        options = {"key": "a/1", "should_stop": told.is_set}
        run = threads.submit(pool.run, code, "track", {"hangs": True}, {}, **options)
        pids = ids_of_living(pool)
        told.set()

        with pytest.raises(Stopped):
            run.result(timeout=0.8)
    assert_gone(pids)
    assert pool.run(code, "track", {}, {}, key="a/1").cold_ms > 0


def ids_of_living(pool: Pool) -> list[int]:
    while not pool._live:
        time.sleep(0.01)
    return [process.pid for process in pool._live.values()]


def assert_gone(pids: list[int]) -> None:
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_without_walls_functions_do_not_run_unless_told_to() -> None:
    bare = Confinement(deno="/usr/bin/true", fault="bubblewrap is missing.")

    with pytest.raises(NotConfined, match="bubblewrap is missing"):
        Pool(1, no_fetch, confinement=bare)
    assert "bubblewrap is missing" in bare.describe()
    with Pool(1, no_fetch, Limits(start_seconds=5), bare, allow_unconfined=True) as pool:
        assert pool.run("1", "track", {}, {}, key="a/1").error_name == "NotStarted"
    with pytest.raises(NotConfined):
        Confinement().check(allow_unconfined=True)
