"""The code that the docs show is run: what a partner copies works."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.egress import Exchange, Request, Response, SentRequest
from runtime.functions import Outcome, Pool, detect
from runtime.samples import suite_cases

DOCS = Path(__file__).resolve().parents[1] / "docs"
EVENTS = {case.type: case.event for case in suite_cases() if case.group in ("core", "deletion", "alias")}
# Examples that show how to say no.
REFUSALS = {"onGroup": Outcome.NOT_SUPPORTED}
# What a page of a browser has, as far as the examples ask for it, and a person who uses what they made.
PAGE = """
const window = {}, made = [], analytics = { register: (plugin) => made.push(plugin) };
%s
async function onTrack(event, settings) {
  const plugin = made[0] ?? window.acmeDestination(settings), ctx = { event };
  const before = plugin.isLoaded();
  await plugin.load(ctx, analytics);
  return [plugin.name, before, plugin.isLoaded(), plugin.track(ctx) === ctx];
}
"""


def examples(page: str) -> list[str]:
    found = re.findall(
        r"^```javascript\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found
    return found


def acme(request: Request) -> Exchange:
    """The API of the examples."""
    assert request.url.startswith("https://api.acme.example/")
    sent = SentRequest(f"{request.method} / HTTP/1.1", request.headers, request.body)
    return Exchange(sent, Response(200, "OK", (), b'{"token": "t"}'))


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    confinement = detect()
    if not confinement.is_full:
        pytest.skip(confinement.fault)
    with Pool(2, acme) as made:
        yield made


def test_every_function_of_the_docs_runs(pool: Pool) -> None:
    for code in examples("functions.md"):
        outline = pool.outline(code, key=code)
        assert not outline.error, f"{outline}\n{code}"
        assert outline.handlers, code
        for name in outline.handlers:
            run = run_of(pool, code, name)
            assert (run.outcome, run.message) == (REFUSALS.get(name, Outcome.SUCCESS), run.message), f"{run}\n{code}"


def run_of(pool: Pool, code: str, name: str):
    if name == "onBatch":
        [run] = pool.run_batch(code, [EVENTS["track"]], {"apiKey": "key"}, key=code)
        return run
    kind = "track" if name == "processEvents" else name.removeprefix("on").lower()
    return pool.run(code, kind, EVENTS[kind], {"apiKey": "key"}, key=code)


def test_every_plugin_of_the_docs_loads_and_hands_the_event_on(pool: Pool) -> None:
    for code in examples("web-plugins.md"):
        run = pool.run(PAGE % code, "track", EVENTS["track"], {"apiKey": "key"}, key=code)
        assert (run.outcome, run.returned) == (Outcome.SUCCESS, '["Acme",false,true,true]'), f"{run}\n{code}"
