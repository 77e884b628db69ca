"""Runs from start to end against a real receiver: results, masking, time, takeover, cancelling."""

import base64
import json
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps_catalog.models import Setting
from audit.models import Record
from runtime.egress import Exchange, Response, SentRequest
from runtime.samples import BURST, GROUPS
from runtime.suite.webhook import judge
from testbench.claims import claim
from testbench.execution import GAVE_UP, MAX_ATTEMPTS, LeaseLost, _Worker, finish, work_on
from testbench.lifecycle import cancel, start_single, start_suite
from testbench.models import CaseResult, SuiteRun
from testbench.sending import Sending
from testbench.states import RunState, Verdict
from testbench.tests.runs import KEY, PIN, VALUES, columns_that_hold, spellings, verdicts, work
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db


def let_lease_run_out(run):
    SuiteRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_good_endpoint_makes_everything_green(finished, receiver):
    run = finished()
    assert (run.state, run.verdict) == (RunState.FINISHED, Verdict.GREEN)
    assert verdicts(run) == ["green"] * 9
    assert [json.loads(request.body)["type"] for request in receiver.requests][-1] == "delete"
    assert Record.objects.get(action="suite.finished").data == {"run": str(run.pk), "verdict": "green"}


def test_the_endpoint_gets_the_key_and_the_settings_as_the_original_sent_them(finished, receiver):
    finished()
    request = receiver.requests[0]
    assert base64.b64decode(request.header("authorization").split()[1]).decode() == f"{KEY}:"
    assert json.loads(base64.b64decode(request.header("x-segment-settings"))) == {"region": "eu", "pin": PIN}


@pytest.mark.parametrize("status, verdict", [(501, "yellow"), (401, "red"), (202, "green"), (503, "red")])
def test_the_answer_decides(finished, receiver, status, verdict):
    receiver.default = Reply(status)
    run = finished()
    assert run.verdict == verdict
    assert verdicts(run) == [verdict] * 9


def test_one_event_not_supported_is_enough_for_yellow(finished, receiver):
    receiver.default = lambda request: Reply(501 if json.loads(request.body)["type"] == "delete" else 200)
    assert finished().verdict == "yellow"


def test_the_endpoints_own_explanation_is_shown(finished, receiver):
    receiver.default = Reply(401, b'{"message": "Unknown key"}', headers=(("Content-Type", "application/json"),))
    result = finished().results.first()
    assert "Unknown key" in result.message
    assert result.cause
    assert result.fix


def test_a_silent_endpoint_costs_three_timeouts_and_no_more(finished, receiver, settings):
    settings.EGRESS_TOTAL_SECONDS = 0.3
    receiver.default = Reply(delay_seconds=30)
    started = time.monotonic()
    run = finished()
    assert time.monotonic() - started < 15
    assert verdicts(run) == ["red"] * 3 + ["not_run"] * 6
    assert run.verdict == "red"
    assert "three times in a row" in run.message
    assert len(receiver.requests) == 3


def test_a_dripping_endpoint_counts_as_silent(finished, receiver, settings):
    settings.EGRESS_TOTAL_SECONDS = 0.3
    receiver.default = Reply(body=(b"x" for _ in iter(int, 1)), pause_seconds=0.05)
    assert verdicts(finished())[3:] == ["not_run"] * 6


def test_nothing_is_connected_to_when_the_address_is_not_allowed(finished, receiver, settings):
    settings.EGRESS_ALLOW = ""
    run = finished()
    assert run.verdict == "red"
    assert receiver.connections == 0


def test_no_secret_is_left_in_any_column(finished, receiver, webhook, alice):
    def echo(request):
        """A partner's server that throws everything back."""
        text = request.head + b"\n" + request.body + f"\nkey={KEY}&pin={PIN}".encode()
        return Reply(400, text, headers=(("X-Key", KEY), ("Content-Type", "text/plain")))

    receiver.default = echo
    run = finished()
    single = work(start_single(alice, webhook, VALUES, {"type": "track", "event": "x", "properties": {"key": KEY}}))
    assert KEY.encode() in receiver.requests[-1].body
    assert columns_that_hold(spellings(KEY) | spellings(PIN)) == []
    assert "testbench_caseresult.case_id" in columns_that_hold({"core-1-page-home"})  # the search does find things
    assert run.settings_sealed == single.settings_sealed == ""
    assert "****" in json.dumps(run.results.first().request)


def test_a_setting_that_was_secret_when_the_run_was_asked_for_stays_masked(webhook, alice, receiver):
    receiver.default = lambda request: Reply(400, f"pin={PIN}".encode())
    frozen = [Setting(key="pin", label="PIN", sensitive=True)]
    Setting.objects.filter(app=webhook.app, key="pin").delete()
    work(start_suite(alice, webhook, VALUES, settings=frozen))
    assert columns_that_hold(spellings(PIN)) == []


def test_no_secret_is_readable_while_the_run_waits(webhook, alice):
    start_single(alice, webhook, VALUES, {"type": "track", "event": "x", "properties": {"key": KEY}})
    assert columns_that_hold(spellings(KEY) | spellings(PIN)) == []


def test_a_worker_that_takes_over_sends_the_rest_with_the_same_message_ids(webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    planned = [case.event["messageId"] for case in run.cases]
    dead = _Worker(claim(run.pk), 20)
    dead.note([_judged(case) for case in dead.left[:4]])
    dead.store()
    assert claim(run.pk) is None  # the lease still runs
    let_lease_run_out(run)
    work(run)
    assert verdicts(run) == ["green"] * 9
    assert [json.loads(request.body)["messageId"] for request in receiver.requests] == planned[4:]
    assert run.attempts == 2


def test_what_was_sent_but_not_stored_goes_out_again_with_the_same_id(webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    dead = _Worker(claim(run.pk), 20)
    dead._driver.put(dead.left[0])
    dead._driver._cases.close()  # as its death does
    let_lease_run_out(run)
    work(run)
    ids = [json.loads(request.body)["messageId"] for request in receiver.requests]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 9


def test_a_worker_that_was_only_slow_changes_nothing_any_more(webhook, alice):
    run = start_suite(alice, webhook, VALUES)
    zombie_run = claim(run.pk)
    zombie = _Worker(zombie_run, 20)
    case = zombie.left[0]
    let_lease_run_out(run)
    work(run)
    with pytest.raises(LeaseLost):
        zombie.store()
    with pytest.raises(LeaseLost):
        _store(zombie, _judged(case, status=500))
    assert finish(zombie_run) is False
    assert work_on(zombie_run) is False
    run.refresh_from_db()
    assert run.verdict == "green"
    assert verdicts(run) == ["green"] * 9


def test_a_long_run_goes_back_to_the_queue_and_counts_on(webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    turns = 0
    while (claimed := claim(run.pk)) is not None:
        work_on(claimed, turn_seconds=0.02 if turns else 0.0)
        turns += 1
    run.refresh_from_db()
    assert turns > 1
    assert run.verdict == "green"
    assert len(receiver.requests) == 9


def test_timeouts_count_across_turns(webhook, alice, receiver, settings):
    settings.EGRESS_TOTAL_SECONDS = 0.2
    receiver.default = Reply(delay_seconds=30)
    run = start_suite(alice, webhook, VALUES)
    while (claimed := claim(run.pk)) is not None:
        work_on(claimed, turn_seconds=0.1)
    run.refresh_from_db()
    assert verdicts(run) == ["red"] * 3 + ["not_run"] * 6


def test_cancelling_in_the_middle_stops_before_the_next_event(webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    claimed = claim(run.pk)
    worker = _Worker(claimed, 20)
    worker.note([_judged(case) for case in worker.left[:3]])
    worker.store()
    cancel(SuiteRun.objects.get(pk=run.pk), alice)
    assert work_on(claimed) is False
    run.refresh_from_db()
    assert (run.state, run.verdict, run.settings_sealed) == (RunState.CANCELLED, "", "")
    assert verdicts(run) == ["green"] * 3
    assert receiver.requests == []


def test_a_run_that_brings_workers_down_is_given_up(webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    SuiteRun.objects.filter(pk=run.pk).update(attempts=MAX_ATTEMPTS)
    work(run)
    assert (run.state, run.verdict, run.message) == (RunState.FINISHED, "red", GAVE_UP)
    assert receiver.requests == []


def test_settings_that_cannot_be_opened_end_the_run(webhook, alice, settings):
    run = start_suite(alice, webhook, VALUES)
    settings.VAULT_KEYS = "other:" + "A" * 43
    assert work(run).verdict == "red"
    assert "could not be opened" in run.message


# Groups that give advice


def strict(request):
    """A model endpoint: it knows its key, and remembers what it has seen."""
    known = base64.b64encode(f"{KEY}:".encode()).decode()
    return Reply(200 if request.header("authorization") == f"Basic {known}" else 401)


def test_all_groups_are_green_on_a_model_endpoint(finished, receiver):
    receiver.default = strict
    run = finished(groups=list(GROUPS))
    assert run.verdict == Verdict.GREEN
    assert set(verdicts(run)) == {"green"}
    assert len(receiver.requests) == run.planned - 1 + BURST
    assert columns_that_hold(spellings(KEY)) == []


def test_a_wrong_key_and_none_are_sent_where_they_should_be(finished, receiver):
    finished(groups=["bad_key"])
    keys = [base64.b64decode(each.header("authorization").split()[1]).decode() for each in receiver.requests]
    assert keys == ["this-key-does-not-exist:", ":"]
    assert [result.verdict for result in SuiteRun.objects.get().results.all()] == ["red", "red"]


def test_advice_never_colours_the_run(finished, receiver):
    required = {"page", "identify", "group", "screen", "delete"}

    def picky(request):
        event = json.loads(request.body)
        is_story = (event["type"] in required and "previousId" not in event) or event.get("event", "").startswith(
            ("Signed", "Integration", "Invited")
        )
        return Reply(200 if is_story else 500)

    receiver.default = picky
    run = finished(groups=list(GROUPS))
    assert run.verdict == Verdict.GREEN
    assert run.covers_required
    assert "red" in verdicts(run)


def test_timeouts_among_the_advice_end_it_without_colouring_the_run(finished, receiver, settings):
    settings.EGRESS_TOTAL_SECONDS = 0.3
    receiver.default = lambda request: Reply(delay_seconds=30 if len(receiver.requests) > 9 else 0)
    run = finished(groups=list(GROUPS))
    assert run.verdict == Verdict.GREEN
    assert verdicts(run)[9:] == ["red"] * 3 + ["not_run"] * (run.planned - 12)


def test_a_burst_comes_at_once_and_shows_its_worst_answer(finished, receiver):
    lock, under_way, most = threading.Lock(), [], []

    def answer(request):
        with lock:
            under_way.append(request)
            most.append(len(under_way))
        time.sleep(0.1)
        with lock:
            under_way.remove(request)
        is_last = json.loads(request.body)["messageId"].endswith("-10")
        return Reply(429, headers=(("Retry-After", "7"),)) if is_last else Reply(202)

    receiver.default = answer
    run = finished(groups=["burst"])
    (result,) = run.results.all()
    assert (result.status, result.verdict, run.verdict) == (429, "red", "green")
    assert max(most) > 3
    assert "9 answered 202, 1 answered 429" in result.message
    assert "says when to come back" in result.cause
    assert len({json.loads(each.body)["messageId"] for each in receiver.requests}) == BURST


def test_a_run_uses_one_connection_when_it_may(finished, receiver):
    run = finished()
    assert len(receiver.requests) == run.planned
    assert receiver.connections == 1
    first, second, *_ = run.results.all()
    assert first.timings["connect"] is not None
    assert second.timings["connect"] is None


def test_results_are_stored_while_the_rest_is_still_on_its_way(webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    receiver.default = Reply(delay_seconds=0.15)
    stored = []
    real = CaseResult.objects.bulk_create
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CaseResult.objects, "bulk_create", lambda rows: (stored.append(len(rows)), real(rows))[1])
        work(run)
    assert sum(stored) == 9
    assert max(stored) <= 3


def test_cancelling_while_it_runs_stops_within_a_second(webhook, alice, receiver):
    run = start_suite(alice, webhook, VALUES)
    claimed = claim(run.pk)
    worker = _Worker(claimed, 20)
    receiver.default = Reply(delay_seconds=0.3)
    worker.store()
    with Sending(worker.put_all) as sending:
        cancel(SuiteRun.objects.get(pk=run.pk), alice)
        with pytest.raises(LeaseLost):
            _follow(worker, sending)
    assert len(receiver.requests) <= 3
    assert not run.results.exists()


def test_what_goes_wrong_on_our_side_leaves_the_run_to_another_worker(webhook, alice, monkeypatch):
    run = start_suite(alice, webhook, VALUES)
    monkeypatch.setattr("runtime.suite.webhook.build_request", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work_on(claim(run.pk))
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    monkeypatch.undo()
    let_lease_run_out(run)
    assert work(run).verdict == "green"


@pytest.mark.parametrize("message_id", [None, 7, "line\nbreak", "ü", "x" * 5_000])
def test_a_message_id_that_no_header_can_carry_is_replaced(webhook, alice, receiver, message_id):
    run = work(start_single(alice, webhook, VALUES, {"type": "track", "event": "x", "messageId": message_id}))
    assert run.verdict == "green"
    (request,) = receiver.requests
    assert json.loads(request.body)["messageId"] == message_id
    assert len(request.header("webhook-id")) == 36


def _store(worker, result):
    worker.note([result])
    worker.store()


def _follow(worker, sending):
    while not sending.wait(0.02):
        worker.note(sending.take())


def _judged(case, status=200):
    return judge(case, [Exchange(SentRequest("POST / HTTP/1.1", (), b"{}"), Response(status, "OK", (), b""))])
