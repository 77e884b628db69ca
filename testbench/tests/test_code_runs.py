"""The Test Suite on code: functions in the real sandbox, from the form's values to the stored details."""

import json
import re

import pytest
from django.core.management import call_command

from apps_catalog.models import Component
from apps_catalog.states import ComponentKind
from delivery import sandboxes
from runtime.code_words import NOT_RUN_FIX
from runtime.plugins import EventResult, Outcome
from runtime.samples import GROUPS
from runtime.suite.plan import suite_plan
from testbench.comparison import compare
from testbench.drivers.plugin import Replayed
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
    sandboxes.close()


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
    assert found["burst-1-ten-at-once"]["message"].startswith("10 events at once: 10 handled.")


BATCH = "async function onBatch(events) { return events.map((event, n) => ({status: n ? 200 : 429})) }"


def test_a_burst_goes_through_on_batch_and_its_worst_event_counts(function, alice):
    run = work(start_suite(alice, function(handlers("throw new Error()") + BATCH), VALUES, ["burst"]))

    (row,) = read_run(run).rows
    assert (row.is_advice, row.details["outcome"], row.details["returned"]) == (True, "retry", '{"status": 429}')
    assert row.meaning.startswith("10 events at once: 9 handled, 1 to be sent again later.")


def test_the_cases_ask_of_code_what_code_can_do(function, app, alice, client_for):
    """And not for an answer of 401; there is nothing to copy for a terminal, either."""
    run = work(start_suite(alice, function(handlers("throw new Error()")), VALUES, list(GROUPS)))
    address = f"/apps/{app.slug}/test/runs/{run.pk}/"

    for page in (address, f"{address}report/"):
        text = client_for(alice).get(page).content.decode()
        assert [word for word in ("2xx", "401", "501", "Answer with", "endpoint said") if word in text] == []
        assert "Throw ValidationError when your API refuses the key." in text
        assert "Copy as curl" not in text
        for names in (re.findall(r' id="([^"]+)"', text), re.findall(r'role="region" aria-label="([^"]+)"', text)):
            assert len(names) == len(set(names))
    for copy in ("curl", "pytest"):
        assert client_for(alice).get(f"{address}cases/1/{copy}/").status_code == 404


def test_runs_of_code_are_compared_and_printed_as_those_of_endpoints(function, app, alice, client_for, capsys):
    component = function(handlers("return 1"))
    earlier = work(start_suite(alice, component, VALUES))
    component.code = (
        handlers("return 1", ALL[:4] + ALL[5:]) + "async function onGroup() { throw new RetryError('busy') }"
    )
    component.save()
    with pytest.raises(SystemExit):
        call_command("run_suite", app.slug, "--component", component.kind, "--api-key", KEY, "--json")
    run = component.runs.first()

    comparison = compare(run, earlier)
    assert [pair.case_id for pair in comparison.regressions] == ["core-5-group"]
    assert [comparison.fixed, comparison.only_once] == [[], []]
    page = client_for(alice).get(f"/apps/{app.slug}/test/runs/{run.pk}/compare/?with={earlier.pk}")
    assert b"Got worse" in page.content
    assert b"<code>503</code>" in page.content
    printed = json.loads(capsys.readouterr().out)
    downloaded = client_for(alice).get(f"/apps/{app.slug}/test/runs/{run.pk}/report.json").json()
    assert printed == downloaded == as_json(run)
    group = printed["cases"][4]
    assert (group["status"], group["request"], group["details"]["error_name"]) == (503, None, "RetryError")


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
    assert read_run(run).rows[-1].fix == NOT_RUN_FIX


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


def test_the_ten_events_of_a_burst_are_one_case_of_a_plugin_and_its_worst_one_counts():
    cases = [case for case in suite_plan(list(GROUPS)) if case.group in ("large", "burst", "bad_key")]
    replayed = Replayed(cases)
    results = [EventResult(event.id, Outcome.SUCCESS, duration_ms=5) for event in replayed.events]
    results[7].outcome, results[7].error = Outcome.ERROR, "TypeError: no"

    made = [taken for result in results if (taken := replayed.take(result))]
    assert len({event.event["messageId"] for event in replayed.events}) == len(results) == 13
    assert [(result.case.group, result.verdict) for result in made] == [
        ("bad_key", "yellow"), ("bad_key", "yellow"), ("large", "green"), ("burst", "red"),
    ]  # fmt: skip
    assert made[-1].outcome.message == "TypeError: no"


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
