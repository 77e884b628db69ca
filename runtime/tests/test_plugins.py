"""A web plugin in a real browser: what the report says, how long it takes, and what a kill leaves behind."""

import contextlib
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.egress import EgressPolicy
from runtime.plugins import (
    BrowserMissing,
    BrowserSpec,
    EventResult,
    Limits,
    Outcome,
    PluginRun,
    Shape,
    browser,
    find,
    run,
)
from runtime.plugins.calls import NotFromBrowser, call_for
from runtime.plugins.site import ANALYTICS, ORIGIN, WRITE_KEY, SampleSite
from runtime.plugins.watching import cut
from runtime.samples import Case, core_events, delete_event, suite_cases
from runtime.tests.many_plugins import ManyPlugins
from tests.counts import FULL

ROOT = Path(__file__).resolve().parents[2]

# Registers itself (D23); throws, changes the page, asks another host, and lacks a method.
PLUGIN = """
analytics.register({
  name: "Demo", version: "1.0.0", type: "destination",
  isLoaded: () => Boolean(window.demoQueue),
  load: async () => { window.demoQueue = [window.pluginSettings.apiKey]; console.info("loaded", window.demoQueue[0]); },
  page: async (ctx) => { console.log("page", ctx.event.name); return ctx; },
  track(ctx) {
    const image = document.createElement("img");
    image.src = "https://collect.example.com/i?" + ctx.event.event;
    document.body.append(image);
    ctx.updateEvent("properties.seen", window.demoQueue[0]);
    return ctx;
  },
  identify: () => { throw new Error("no such person"); },
  screen: (ctx) => ctx,
});
"""
# A device-mode destination: a factory on window under a name of its own (D24).
REMOTE = """
window["example-webDestination"] = async (settings) => ({
  name: "Example", version: "2.0.0", type: "destination", isLoaded: () => true,
  load: async () => { document.title = settings.apiKey; },
  page: async (ctx) => ctx, track: async (ctx) => ctx, identify: async (ctx) => ctx,
  group: async (ctx) => ctx, screen: async (ctx) => ctx, alias: async (ctx) => ctx,
});
"""
MODULE = """
export default (settings) => ({
  name: `Module ${settings.apiKey}`, version: "3", type: "enrichment", isLoaded: () => true, load: async () => {},
  track: async (ctx) => { ctx.updateEvent("properties.plan", "pro"); return ctx; },
});
"""


def events() -> list[Case]:
    """The eight core events, and a delete."""
    return [*core_events(), delete_event()]


def run_plugin(code: str, shape: Shape, cases: list[Case], **options: object) -> PluginRun:
    """In this machine's browser, with every name pointing to a private address."""
    return run(
        code, cases, {"apiKey": "key-1"}, shape=shape, browser=find(), policy=EgressPolicy(),
        resolver=lambda host: ["10.0.0.1"], **options,
    )  # type: ignore[arg-type] # fmt: skip


@pytest.fixture(scope="module")
def one_browser() -> Iterator[ManyPlugins]:
    """For what needs no browser of its own."""
    runner = ManyPlugins(find())
    yield runner
    runner.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_core_events_through_a_plugin_that_registers_itself() -> None:
    told: list[EventResult] = []
    cases = events()

    began = time.monotonic()
    made = run_plugin(PLUGIN, "plugin", cases, on_result=told.append)
    took = time.monotonic() - began

    of = {result.event_id: result for result in made.results}
    assert (made.problem, told) == ("", made.results)
    assert took < 20  # the eight of them, browser start included
    assert [result.outcome.value for result in made.results] == [
        "success", "success", "error", "success", "not_supported", "success", "success", "success", "not_supported",
    ]  # fmt: skip
    assert of["core-1-page-home"].methods == ("page",)
    assert [(line.level, line.text) for line in of["core-1-page-home"].console] == [("log", "page Home")]
    assert of["core-2-page-signup"].returned_context["context"]["page"]["path"] == "/signup"
    assert of["core-3-identify"].error == "Error: no such person"
    track = of["core-4-track-signed-up"]
    assert track.returned_context["properties"]["seen"] == "key-1"
    assert track.returned_context["messageId"] == cases[3].event["messageId"]
    assert [(each.method, each.host, each.refused) for each in track.requests] == [("GET", "collect.example.com", True)]
    assert track.dom_changes == ["added <img https://collect.example.com/i?Signed up>"]
    assert "group" in of["core-5-group"].error
    assert "delete" in of["deletion-1-user"].error
    assert (made.globals_added, made.plugin_names) == (["demoQueue"], ["Demo 1.0.0 destination"])
    assert [line.text for line in made.console] == ["loaded key-1"]
    assert (made.screenshot_png or b"").startswith(b"\x89PNG")
    assert made.script_bytes == len(PLUGIN)
    assert 0 < (made.load_ms or 0) < (made.started_ms or 0)
    assert track.as_record()["outcome"] == "success"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("code", "shape"), [(REMOTE, "remote_plugin"), (MODULE, "plugin")])
def test_the_other_ways_to_hand_over_a_plugin(code: str, shape: Shape, one_browser: ManyPlugins) -> None:
    cases = list(suite_cases()) if FULL else events()

    made = one_browser(code, cases, shape=shape)

    assert made.problem == ""
    track = made.results[3]
    if shape == "remote_plugin":
        deletes = {case.id for case in cases if case.type == "delete"}
        assert {each.event_id for each in made.results if each.outcome is not Outcome.SUCCESS} == deletes
        assert made.globals_added == ["example-webDestination"]
        assert (made.load_ms or 0) > 0.5
    else:
        assert (track.outcome, track.returned_context["properties"]["plan"]) == (Outcome.SUCCESS, "pro")
        assert made.plugin_names == ["Module key-1 3 enrichment"]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("analytics.register({name: 'X', version: '1', type: 'destination', isLoaded: () => true,"
         " load: async () => { throw new Error('no licence') }})", "load() failed. Error: no licence"),
        ("this is no script", "registered no plugin"),
    ],
)  # fmt: skip
def test_a_plugin_that_does_not_load_says_why(code: str, why: str, one_browser: ManyPlugins) -> None:
    made = one_browser(code, events()[:2], limits=Limits(load_seconds=1))

    assert why in made.problem
    assert made.results == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_factory_is_looked_for_under_the_name_that_was_given(one_browser: ManyPlugins) -> None:
    script, quick = f"window.version = 3; {REMOTE}", Limits(load_seconds=1)

    def load(name: str) -> PluginRun:
        return one_browser(script, events()[:1], shape="remote_plugin", library_name=name, limits=quick)

    assert load("example-webDestination").results[0].outcome is Outcome.SUCCESS
    assert 'window["acmePlugin"] is not there' in load("acmePlugin").problem
    assert 'a function under window["example-webDestination"]' in load("acmePlugin").problem
    assert 'window["version"] is no function' in load("version").problem


@pytest.mark.browser
@pytest.mark.slow
def test_a_run_that_is_stopped_ends_at_once_with_a_result_for_every_event() -> None:
    seen: list[EventResult] = []

    made = run_plugin(PLUGIN, "plugin", events(), on_result=seen.append, should_stop=lambda: len(seen) >= 2)

    assert made.problem == "The run was stopped."
    assert [result.outcome for result in made.results[1:]] == [Outcome.SUCCESS] + [Outcome.NOT_LOADED] * 7


WORKER = """
import sys
from runtime.egress import EgressPolicy
from runtime.plugins import Limits, find, run
from runtime.samples import core_events
code = "for (;;);"
print("go", flush=True)
run(code, core_events(), {}, shape="plugin", browser=find(), policy=EgressPolicy(), limits=Limits(load_seconds=50))
"""


@pytest.mark.processes
@pytest.mark.slow
def test_no_browser_survives_the_process_that_started_it() -> None:
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert until(lambda: len(browsers_of(worker.pid)) >= 3, 20)
    finally:
        worker.kill()
        worker.communicate()

    assert until(lambda: browsers_of(worker.pid) == [], 5), browsers_of(worker.pid)


def browsers_of(pid: int) -> list[str]:
    """Processes of browsers that this process started: their profile carries its number."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if f"web-plugin-{pid}-" in command and "Z (zombie)" not in (folder / "status").read_text():
                found.append(f"{folder.name} {command[:80]}")
    return found


def until(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


# --- Without a browser -----------------------------------------------------------------------------


def test_without_a_browser_the_text_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BrowserMissing, match="no program “no-such-browser”"):
        find("no-such-browser")
    monkeypatch.setattr(browser, "PROGRAMS", ("no-such-browser",))
    with pytest.raises(BrowserMissing, match="apt-get install chromium"):
        find()


def test_profiles_that_killed_workers_left_are_removed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stale, fresh, other = (tmp_path / name for name in ("web-plugin-4711-abc", "web-plugin-4712-abc", "other"))
    for folder in (stale, fresh, other):
        (folder / "Default").mkdir(parents=True)
    (tmp_path / "web-plugin-link").symlink_to(other)
    for folder in (stale, other, tmp_path / "web-plugin-link"):
        os.utime(folder, (0, 0), follow_symlinks=False)

    with browser._profile(BrowserSpec("chromium", confined=False, sandboxed=True)) as mine:
        assert {path.name for path in tmp_path.iterdir()} == {fresh.name, "other", "web-plugin-link", Path(mine).name}
    assert (other / "Default").is_dir()


def test_a_browser_that_is_none_is_a_problem_and_no_exception() -> None:
    spec = replace(find(), program="/bin/true")

    made = run(PLUGIN, events(), {}, shape="plugin", browser=spec, policy=EgressPolicy())

    assert "The browser did not start" in made.problem
    assert {result.outcome for result in made.results} == {Outcome.NOT_LOADED}


def test_a_script_that_is_too_large_is_not_run() -> None:
    made = run_plugin("x" * 2000, "plugin", events(), limits=Limits(max_script=1000))

    assert made.problem == "The script has 2,000 bytes; at most 1,000 are run."
    assert len(made.results) == 9


def test_what_a_spec_lacks_is_said_to_the_operator() -> None:
    spec = find()

    assert replace(spec, confined=True).weakness == ""
    assert "Install bubblewrap" in replace(spec, confined=False, sandboxed=True).weakness
    assert "root" in replace(spec, confined=False, sandboxed=False).weakness


def test_calls_of_every_type_that_analytics_has() -> None:
    made = {case.id: call_for(case.event) for case in core_events()}

    assert (made["core-1-page-home"].method, made["core-1-page-home"].path) == ("page", "/")
    assert made["core-1-page-home"].arguments[0] == "Home"
    assert made["core-4-track-signed-up"].arguments[:1] == ("Signed up",)
    assert made["core-5-group"].arguments[0] == "myUsers"
    assert set(made["core-3-identify"].arguments[2]) == {"anonymousId", "timestamp", "messageId"}
    assert call_for({"type": "identify", "anonymousId": "a"}).arguments == ({}, {"anonymousId": "a"})
    assert call_for({"type": "page", "properties": {"path": "//evil.example"}}).path == ""
    for odd in ("delete", None, "constructor"):
        with pytest.raises(NotFromBrowser):
            call_for({"type": odd})


def test_the_site_has_what_analytics_asks_for_and_nothing_else() -> None:
    site = SampleSite("let a = 1;", {"k": "</script>"}, core_events(), "remote_plugin")

    status = {
        path: site.answer("GET", f"{ORIGIN}{path}").status
        for path in (
            "/", "/site.css", "/plugin.js", f"/analytics.js/v1/{WRITE_KEY}/analytics.min.js",
                     f"/v1/projects/{WRITE_KEY}/settings", *(f"/analytics-next/bundles/{name}" for name in bundles()),
                     "/analytics-next/bundles/../standalone.js",
                     "/analytics-next/bundles/a.bundle.ff.js", "/etc/passwd")
    }  # fmt: skip
    missing = [path for path, code in status.items() if code != 200]

    assert missing == list(status)[-3:]
    assert site.answer("POST", f"{ORIGIN}/v1/t").status == 200
    assert (
        b"&lt;b&gt;"
        in SampleSite("", {}, [replace(events()[0], name="<b>")], "plugin").answer("GET", ORIGIN + "/").body
    )


def bundles() -> Iterator[str]:
    yield from (path.name for path in ANALYTICS.glob("*.bundle.*.js"))


def test_the_vendored_files_are_those_of_the_recipe() -> None:
    lines = (ANALYTICS / "VERSION").read_text().splitlines()
    sums = {line.split()[1]: line.split()[0] for line in lines if re.fullmatch(r"[0-9a-f]{64}  \S+", line)}

    assert lines[0] == "@segment/analytics-next 1.84.3"
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in ANALYTICS.glob("*.js")}
    assert set(re.findall(r'"[0-9a-f]{20}"', (ANALYTICS / "standalone.js").read_text())) <= {
        f'"{name.split(".")[2]}"' for name in bundles()
    }
    assert "sourceMappingURL" not in "".join(path.read_text() for path in ANALYTICS.glob("*.js"))
    assert (ANALYTICS / "LICENSE").read_text().startswith("The MIT License")


def test_text_of_a_page_can_be_stored() -> None:
    assert cut("a\x00b\ud800c" + "x" * 100, 5) == "a\ufffdb?c"
    assert cut(7, 5) == "7"
