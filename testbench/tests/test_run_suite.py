"""The command `run_suite` (CONTRACT)."""

import json

import pytest
from django.core.management import CommandError, call_command

from apps_catalog.models import Component
from delivery import sandboxes
from runtime.samples import GROUPS
from testbench.drivers import CannotRun
from testbench.lifecycle import start_suite
from testbench.models import SuiteRun
from testbench.tests.runs import KEY, VALUES
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db

CASE_KEYS = ["id", "group", "type", "name", "verdict", "status", "duration_ms", "request", "response", "message"]
ARGUMENTS = ("--component", "subscription_webhook", "--api-key", KEY)


@pytest.fixture
def suite(app, webhook, capsys):
    """Runs the command; gives back (exit code, standard output or complaint)."""

    def run(*extra):
        code, complaint = 0, ""
        try:
            call_command("run_suite", app.slug, *ARGUMENTS, *extra)
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            code, complaint = error.returncode, str(error)
        return code, capsys.readouterr().out + complaint

    return run


def test_green_prints_one_object_of_the_agreed_shape(suite, receiver):
    code, out = suite("--json", "--setting", "region=eu", "pin=1234")
    report = json.loads(out)
    assert code == 0
    assert list(report) == ["verdict", "cases"]
    assert report["verdict"] == "green"
    assert [list(case) for case in report["cases"]] == [CASE_KEYS] * 9
    assert [case["status"] for case in report["cases"]] == [200] * 9
    assert KEY not in out
    assert len(receiver.requests) == 9
    run = SuiteRun.objects.get()
    assert (run.requested_by, run.settings_sealed) == (None, "")


@pytest.mark.parametrize("status, code, verdict", [(501, 0, "yellow"), (401, 1, "red")])
def test_the_exit_code_follows_the_verdict(suite, receiver, status, code, verdict):
    receiver.default = Reply(status)
    found, out = suite("--json")
    assert (found, json.loads(out)["verdict"]) == (code, verdict)


def test_cases_that_were_not_run_are_listed(suite, receiver, settings):
    settings.EGRESS_TOTAL_SECONDS = 0.2
    receiver.default = Reply(delay_seconds=30)
    code, out = suite("--json")
    report = json.loads(out)
    assert (code, report["verdict"]) == (1, "red")
    assert [case["verdict"] for case in report["cases"]] == ["red"] * 3 + ["not_run"] * 6
    assert report["cases"][-1]["status"] is report["cases"][-1]["request"] is None


def test_groups_choose_the_cases(suite):
    _, out = suite("--json", "--group", "deletion")
    assert [case["type"] for case in json.loads(out)["cases"]] == ["delete"]
    assert not SuiteRun.objects.proofs().exists()


def test_all_groups_can_be_named(suite, receiver):
    receiver.default = Reply(200)
    code, out = suite("--json", "--group", *GROUPS)
    report = json.loads(out)
    assert (code, report["verdict"]) == (0, "green")
    assert [list(case) for case in report["cases"]] == [CASE_KEYS] * len(report["cases"])
    assert {case["group"] for case in report["cases"]} == set(GROUPS)
    assert {case["verdict"] for case in report["cases"] if case["group"] == "bad_key"} == {"red"}


def test_advice_alone_does_not_fail_the_command(suite, receiver):
    receiver.default = Reply(500)
    code, out = suite("--json", "--group", "alias", "--group", "casing")
    assert (code, json.loads(out)["verdict"]) == (0, "green")
    assert {case["verdict"] for case in json.loads(out)["cases"]} == {"red"}


def test_a_dry_run_sends_and_stores_nothing(suite, receiver):
    code, out = suite("--json", "--dry-run")
    assert code == 0
    assert len(json.loads(out)["cases"]) == 9
    assert receiver.requests == []
    assert not SuiteRun.objects.exists()


def test_without_json_people_can_read_it(suite, receiver):
    receiver.default = Reply(401)
    code, out = suite()
    assert code == 1
    assert "failed" in out
    assert "API key refused" in out
    assert out.endswith("Verdict: red\n")


@pytest.mark.parametrize(
    "extra, words",
    [
        (["--setting", "colour=red"], "no setting"),
        (["--setting", "region"], "no setting"),
        (["--setting", "apiKey=x"], "no setting"),
        (["--group", "load"], "core, deletion"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(suite, extra, words):
    code, out = suite("--json", *extra)
    assert code == 2
    assert words in out
    assert not SuiteRun.objects.exists()


@pytest.mark.parametrize("slug, kind", [("nothing-here", "subscription_webhook"), ("acme-analytics", "web_plugin")])
def test_an_unknown_app_or_component_ends_with_2(app, webhook, slug, kind):
    with pytest.raises(CommandError) as caught:
        call_command("run_suite", slug, "--component", kind, "--api-key", "k", "--json")
    assert caught.value.returncode == 2


def test_a_run_under_way_is_not_disturbed(suite, alice, webhook, receiver):
    start_suite(alice, webhook, VALUES)
    code, out = suite("--json")
    assert code == 1
    assert "under way" in out
    assert receiver.requests == []


def test_a_run_that_cannot_take_place_is_red_and_says_why(app, capsys, monkeypatch):
    def missing():
        raise CannotRun("Functions cannot run on this machine. bubblewrap is missing.")

    monkeypatch.setattr(sandboxes, "_new_pool", missing)
    Component.objects.create(app=app, kind="subscription_function", code="async function onTrack() {}")
    with pytest.raises(SystemExit) as end:
        call_command("run_suite", app.slug, "--component", "subscription_function", "--api-key", KEY, "--json")
    told = capsys.readouterr()
    assert (end.value.code, json.loads(told.out)["verdict"]) == (1, "red")
    assert "bubblewrap is missing" in told.err
