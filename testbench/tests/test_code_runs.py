"""The Test Suite on code: functions in the real sandbox, from the form's values to the stored details."""

import json

import pytest

from apps_catalog.models import Component
from apps_catalog.states import ComponentKind
from runtime.samples import GROUPS
from testbench.drivers import sandboxes
from testbench.lifecycle import start_single, start_suite
from testbench.report import as_json, read_run
from testbench.tests.runs import KEY, VALUES, columns_that_hold, spellings, verdicts, work
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db

ALL = ("onIdentify", "onTrack", "onPage", "onScreen", "onGroup", "onAlias", "onDelete")
SENDS = """
async function onTrack(event, settings) {
  console.log("key is", settings.apiKey);
  const response = await fetch("%s/in", {method: "POST", headers: {Authorization: settings.apiKey},
    body: JSON.stringify({name: event.event})});
  if (response.status === 401) throw new ValidationError("bad key " + settings.apiKey);
  return {status: response.status, zero: "a\\u0000b"};
}
"""


@pytest.fixture
def function(app):
    def make(code):
        return Component.objects.create(app=app, kind=ComponentKind.SUBSCRIPTION_FUNCTION, code=code)

    yield make
    for pool in sandboxes._pools.values():
        pool.close()
    sandboxes._pools.clear()


def handlers(body, names=ALL):
    return "\n".join(f"async function {name}(event, settings) {{ {body} }}" for name in names)


def test_a_function_that_takes_everything_is_green(function, alice):
    run = work(start_suite(alice, function(handlers("return event.messageId")), VALUES, list(GROUPS)))

    found = {case["id"]: case for case in as_json(run)["cases"]}
    assert run.verdict == "green"
    assert {case["group"] for case in found.values() if case["verdict"] == "red"} == {"bad_key"}
    first = next(iter(found.values()))
    assert (first["status"], first["details"]["kind"]) == (200, "function")
    assert json.loads(first["details"]["returned"])


def test_a_handler_that_is_missing_is_no_failure_and_each_error_has_its_verdict(function, alice):
    code = (
        handlers("return true", ALL[2:])
        + """
    async function onIdentify(event) { throw new InvalidEventPayload("no e-mail"); }
    """
    )
    run = work(start_suite(alice, function(code), VALUES))

    rows = {row.case.type: row for row in read_run(run).rows}
    assert run.verdict == "red"
    assert rows["track"].state == "yellow"
    assert (rows["identify"].state, rows["identify"].own_message) == ("red", "InvalidEventPayload: no e-mail")
    assert rows["page"].state == "green"


def test_what_a_function_sends_is_listed_and_the_key_is_nowhere_in_the_database(function, alice, receiver, settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8"
    receiver.default = Reply(401)
    event = {"type": "track", "event": "Order Completed", "messageId": "m-1"}
    run = work(start_single(alice, function(SENDS % receiver.url), VALUES, event))

    (row,) = read_run(run).rows
    assert receiver.requests[0].header("Authorization") == KEY
    assert (row.state, row.details["error_name"]) == ("red", "ValidationError")
    assert row.calls[0]["response"]["status"] == 401
    assert "****" in row.details["logs"][0]["text"]
    assert columns_that_hold(spellings(KEY)) == []


def test_three_endless_handlers_end_the_run(function, alice, settings, monkeypatch):
    monkeypatch.setattr(sandboxes, "LIMITS", sandboxes.LIMITS.__class__(wall_seconds=0.3))
    run = work(start_suite(alice, function(handlers("for (;;) {}")), VALUES))

    assert verdicts(run) == ["red"] * 3 + ["not_run"] * 6


def test_a_machine_without_a_sandbox_says_what_to_install(function, alice, monkeypatch):
    monkeypatch.setattr(sandboxes, "_new_pool", _refused)
    run = work(start_suite(alice, function(handlers("return 1")), VALUES))

    assert run.verdict == "red"
    assert "bubblewrap" in run.message


def _refused():
    raise sandboxes.CannotRun("Functions cannot run on this machine. bubblewrap is missing.")


PLUGIN = """
analytics.register({name: "Loop", type: "destination", version: "1.0.0", isLoaded: () => true, load: async () => {},
  track: (ctx) => { console.log("tracked", ctx.event.event); return ctx; }, page: (ctx) => ctx,
  identify: (ctx) => ctx, group: (ctx) => { throw new Error("no groups here"); }});
"""


@pytest.mark.processes
def test_a_web_plugin_runs_in_a_browser(app, alice, client_for):
    plugin = Component.objects.create(app=app, kind=ComponentKind.WEB_PLUGIN, code=PLUGIN)
    run = work(start_suite(alice, plugin, VALUES))

    report = read_run(run)
    rows = {row.case.type: row for row in report.rows}
    assert {name: row.state for name, row in rows.items()} == {
        "page": "green", "identify": "green", "track": "green", "group": "red", "screen": "yellow", "delete": "yellow",
    }  # fmt: skip
    assert rows["track"].details["console"][0]["text"].startswith("tracked")
    assert "no groups here" in rows["group"].own_message
    assert run.facts["plugins"] == ["Loop 1.0.0 destination"]
    page = client_for(alice).get(f"/apps/{app.slug}/test/runs/{run.pk}/")
    assert b"In the browser" in page.content
    picture = client_for(alice).get(f"/apps/{app.slug}/test/runs/{run.pk}/screenshot.png")
    assert picture.content.startswith(b"\x89PNG")
