"""The engine against a real receiver: what is sent, stored, retried, counted, and left alone."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps_catalog.models import Component, Setting
from delivery import claiming, engine, sandboxes
from delivery.claiming import claim, release
from delivery.engine import drain
from delivery.models import Attempt, Delivery, Lane, Tally
from delivery.sending import Answer, Reach
from delivery.settling import settle
from delivery.states import DeliveryKind, DeliveryState, Stage
from delivery.targets import targets_of
from delivery.tests.lines import KEY, another, due, function, ids_of, lead_to
from runtime.egress import KeptLine
from runtime.signing import HEADERS, is_signed_with, key_of
from tests.services.ports import free_port
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8,::1/128"
    settings.EGRESS_TOTAL_SECONDS = 5


@pytest.fixture
def line(source, app, receiver):
    Setting.objects.create(app=app, key="pin", label="PIN", type="password", sensitive=True, position=2)
    return lead_to(source, app, f"{receiver.url}/hook", {"pin": "pin-98765432", "region": "eu"})


def fresh(row):
    row.refresh_from_db()
    return row


def tallies():
    """How many, by stage and code."""
    found = {}
    for row in Tally.objects.all():
        found[row.stage, row.code] = found.get((row.stage, row.code), 0) + row.count
    return found


def test_an_event_arrives_as_it_is_stored_with_the_contracts_headers(line, receiver):
    (row,) = due(line)

    assert drain(5) == 1

    (request,) = receiver.requests
    fresh(row)
    assert (row.state, row.status, row.code, row.tries, row.due_at) == (DeliveryState.DELIVERED, 200, "", 1, None)
    assert row.settled_at is not None
    assert row.first_tried_at is not None
    assert row.lease_token is None
    assert request.body == row.event.payload.encode()
    assert [name for name, _ in request.headers][1:8] == [
        "Authorization", "Content-Type", "Accept", "Cache-Control", "Connection", "Content-Length", "User-Agent",
    ]  # fmt: skip
    component = Component.objects.get(app=line.app, kind="subscription_webhook")
    secret = component.signing_secrets.get().open()
    assert is_signed_with(key_of(secret), *(request.header(name) for name in HEADERS), request.body)
    assert tallies() == {(Stage.DELIVERED, ""): 1}


def test_the_attempt_holds_the_exact_exchange_without_secrets(line, receiver):
    body = json.dumps({"message": f"No account for {KEY}", "pin": "pin-98765432"}).encode()
    receiver.default = Reply(400, body, (("Content-Type", "application/json"), ("X-Echo", f"Basic {KEY}")))
    (row,) = due(line)
    drain(5)

    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.status, attempt.code) == (1, 400, "errors.discarded.400")
    stored = json.dumps([attempt.request, attempt.response, attempt.message, attempt.cause, attempt.fix])
    assert KEY not in stored
    assert "pin-98765432" not in stored
    assert "No account for ****6789" in attempt.message
    sent, kept = receiver.requests[0], dict(attempt.request["headers"])
    assert set(kept) == {name for name, _ in sent.headers}
    different = {name for name, value in sent.headers if kept[name] != value}
    assert different == {"Authorization", "X-Segment-Settings"}
    assert attempt.request["body"]["content"].encode() == sent.body
    assert fresh(row).state == DeliveryState.FAILED
    assert tallies() == {(Stage.FAILED, "errors.discarded.400"): 1}


def test_a_key_within_an_event_is_masked_in_what_is_stored_of_it(line, receiver):
    (row,) = due(line)
    row.event.payload = json.dumps({"messageId": "m", "properties": {"key": KEY}})
    row.event.save()
    drain(5)
    assert KEY.encode() in receiver.requests[0].body
    assert KEY not in json.dumps(Attempt.objects.get().request)


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [(200, "delivered", ""), (202, "delivered", ""), (301, "failed", "errors.discarded.INVALID_SETTINGS"),
     (400, "failed", "errors.discarded.400"), (401, "failed", "errors.discarded.401"),
     (403, "failed", "errors.discarded.403"), (404, "failed", "errors.discarded.INVALID_SETTINGS"),
     (408, "failed", "errors.discarded.MESSAGE_REJECTED"), (410, "failed", "errors.discarded.MESSAGE_REJECTED"),
     (429, "retrying", "errors.awaiting-retry.429"), (500, "retrying", "errors.awaiting-retry.5xx"),
     (501, "failed", "errors.discarded.MESSAGE_REJECTED"), (503, "retrying", "errors.awaiting-retry.5xx"),
     (504, "retrying", "errors.awaiting-retry.5xx")],
)  # fmt: skip
def test_what_each_status_makes_of_a_delivery(line, receiver, status, state, code):
    receiver.default = Reply(status)
    (row,) = due(line)
    drain(5)
    fresh(row)
    assert (row.state, row.code, row.status) == (state, code, status)
    assert (row.due_at is not None) == (state == "retrying")
    if state == "retrying":
        assert timedelta(seconds=5) < row.due_at - timezone.now() < timedelta(seconds=30)
    assert len(receiver.requests) == 1


def test_a_retry_carries_the_same_id_and_is_given_up_after_four_hours(line, receiver):
    receiver.default = Reply(500)
    (row,) = due(line)
    tries = 0
    while fresh(row).due_at is not None:
        tries += 1
        # As if the time had passed: what counts is how long ago the first try was.
        ago = row.first_tried_at and row.first_tried_at - (row.due_at - timezone.now())
        Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now(), first_tried_at=ago)
        drain(5)
        assert tries < 30
    assert 8 <= tries <= 16
    assert (row.state, row.code, row.tries) == (DeliveryState.FAILED, "errors.awaiting-retry.5xx", tries)
    assert len({request.header("webhook-id") for request in receiver.requests}) == 1
    assert list(row.made.values_list("number", flat=True)) == list(range(1, tries + 1))
    assert tallies() == {
        (Stage.RETRIED, "errors.awaiting-retry.5xx"): tries - 1,
        (Stage.FAILED, "errors.awaiting-retry.5xx"): 1,
    }


@pytest.mark.parametrize(("value", "state"), [("600", "retrying"), ("80000", "failed")])
def test_retry_after_is_obeyed_for_the_event_and_for_its_destination(line, receiver, value, state):
    receiver.default = Reply(429, headers=(("Retry-After", value),))
    first, second = due(line, 2)
    drain(5)
    assert len(receiver.requests) == 1
    assert fresh(first).state == state
    if state == "retrying":
        assert first.due_at >= timezone.now() + timedelta(seconds=590)
    assert (fresh(second).state, second.tries, second.attempts, second.lease_token) == ("waiting", 0, 0, None)
    assert Lane.objects.get().open_at >= timezone.now() + timedelta(seconds=590)
    assert drain(5) == 0


def test_a_dead_endpoint_costs_one_try_at_a_time_and_the_first_answer_opens_it(line, receiver):
    receiver.default = Reply(hang_up=True)
    rows = due(line, 30)
    gaps = []
    for failures in range(1, 5):
        drain(5)
        lane = Lane.objects.get()
        assert lane.failures >= failures
        gaps.append(lane.open_at - timezone.now())
        before = len(receiver.requests)
        assert drain(5) == 0  # left alone
        Lane.objects.update(open_at=timezone.now())
    assert gaps[-1] > gaps[0]
    tried = Delivery.objects.filter(tries__gt=0).count()
    assert tried <= 2 + 3  # the groups that were on their way at first, and one for each later try
    assert before == tried
    receiver.default = Reply(200)
    drain(5)
    lane.refresh_from_db()
    assert (lane.failures, lane.failing_since, lane.open_at) == (0, None, None)
    states = [fresh(row).state for row in rows]
    assert states.count("delivered") == 30 - tried
    assert states.count("retrying") == tried


def test_a_refused_connection_and_a_timeout_have_their_codes(line, receiver, settings):
    settings.EGRESS_TOTAL_SECONDS = 0.5
    line.app.components.update(endpoint=f"http://127.0.0.1:{free_port()}/")
    (refused,) = due(line)
    slow = another(line, f"{receiver.url}/slow")
    receiver.on("/slow", Reply(delay_seconds=1))
    (late,) = due(slow)
    drain(5)
    assert fresh(refused).code == "errors.awaiting-retry.ECONNREFUSED"
    assert fresh(late).code == "errors.awaiting-retry.ECONNABORTED"
    assert Attempt.objects.get(delivery=late).error["kind"] == "timeout"


def test_events_of_the_tester_are_tried_once_at_once_and_not_counted(line, receiver):
    receiver.default = Reply(503)
    line.is_enabled = False
    line.save()
    Lane.objects.create(destination=line, open_at=timezone.now() + timedelta(hours=1), failures=5)
    (test,) = due(line, kind=DeliveryKind.TEST)
    (live,) = due(line)
    drain(5)
    assert (fresh(test).state, test.code, test.due_at) == ("failed", "errors.awaiting-retry.5xx", None)
    assert fresh(live).state == "waiting"
    assert Lane.objects.get().failures == 5
    assert tallies() == {}


def test_what_is_switched_off_meanwhile_is_not_sent(line, receiver):
    rows = due(line, 3)
    line.is_enabled = False
    line.save()
    assert drain(5) == 0
    assert {fresh(row).state for row in rows} == {DeliveryState.CANCELLED}
    assert receiver.requests == []


def test_new_settings_count_for_the_next_drain(line, receiver):
    due(line)
    drain(5)
    line.put_values({"apiKey": "another"})
    line.save()
    due(line)
    drain(5)
    first, second = (request.header("Authorization") for request in receiver.requests)
    assert first != second


def test_settings_that_no_header_can_carry_fail_with_a_code(line, receiver):
    line.put_values({"apiKey": KEY, "region": "x" * 20_000})
    line.save()
    (row,) = due(line)
    drain(5)
    assert (fresh(row).state, row.code) == ("failed", "errors.discarded.INVALID_SETTINGS")
    assert receiver.requests == []


def test_events_of_a_destination_go_over_few_connections_in_any_number(line, receiver):
    due(line, 230)
    assert drain(20) == 230
    assert Delivery.objects.filter(state="delivered").count() == 230
    assert len(set(ids_of(receiver.requests))) == 230
    assert receiver.connections <= 8


def test_a_batch_is_shared_fairly(line):
    others = [another(line, "http://127.0.0.1:9/") for _ in range(3)]
    due(line, 60)
    for one in others:
        due(one, 5)
    Lane.objects.create(destination=others[0], failures=3)
    found, after = claiming.waiting(0)
    assert after == 0
    assert [one.destination_id for one in found] == [line.pk, *(one.pk for one in others)]
    jobs = claim(claiming.shares(found, 40))
    number = {pk: sum(job.destination_id == pk for job in jobs) for pk in {job.destination_id for job in jobs}}
    assert number == {line.pk: 13, others[0].pk: 1, others[1].pk: 5, others[2].pk: 5}
    release(jobs)
    assert Delivery.objects.filter(attempts__gt=0).count() == 0
    assert claiming.waiting(line.pk)[0] == found[1:]


def test_one_worker_tries_a_destination_that_failed(line):
    Lane.objects.create(destination=line, failures=1, open_at=timezone.now())
    assert [claiming.begin_probe(line.pk) for _ in range(2)] == [True, False]


def test_a_worker_that_was_overtaken_changes_nothing(line, receiver):
    (row,) = due(line)
    (old,) = claim({line.pk: 1})
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    (new,) = claim({line.pk: 1})
    reach = Reach(targets_of([line.pk])[line.pk])
    answers: list[Answer] = []
    with KeptLine() as kept:
        for job in (old, new):
            answers += next(iter(reach.try_all([job], kept)))
    settle(answers[:1])
    assert (fresh(row).state, row.tries, row.lease_token) == ("waiting", 0, new.token)
    settle(answers[1:])
    assert (fresh(row).state, row.tries) == ("delivered", 1)
    assert Attempt.objects.count() == 1
    assert tallies() == {(Stage.DELIVERED, ""): 1}
    first, second = (request.header("webhook-id") for request in receiver.requests)
    assert first == second


def test_a_delivery_that_brings_down_every_worker_is_given_up(line, receiver):
    (row,) = due(line, attempts=claiming.MAX_LOST)
    drain(5)
    assert (fresh(row).state, receiver.requests) == ("failed", [])


def test_an_event_that_was_purged_is_not_sent(line, receiver):
    gone, kept = due(line, 2)
    gone.event.__class__.objects.filter(pk=gone.event_id)._raw_delete("default")
    drain(5)
    assert (fresh(gone).state, fresh(kept).state) == ("cancelled", "delivered")


def test_a_function_gets_the_event_and_its_errors_have_their_meaning(source, app):
    function(app, """
    async function onTrack(event, settings) {
      if (event.properties.revenue === 1) throw new RetryError("later");
      if (event.properties.revenue === 2) throw new EventNotSupported("no");
      console.log("key", settings.apiKey);
      return event.messageId;
    }""")  # fmt: skip
    line = lead_to(source, app, "")
    rows = due(line, 3)
    for number, row in enumerate(rows):
        row.event.payload = json.dumps({**json.loads(row.event.payload), "properties": {"revenue": number}})
        row.event.save()
    try:
        drain(20)
    finally:
        sandboxes.close()
    assert [(fresh(row).state, row.status, row.code) for row in rows] == [
        ("delivered", 200, ""), ("retrying", 503, "errors.awaiting-retry.5xx"),
        ("failed", 501, "errors.discarded.MESSAGE_REJECTED"),
    ]  # fmt: skip
    details = Attempt.objects.get(delivery=rows[0]).details
    assert json.loads(details["returned"]) == rows[0].event.message_id
    assert KEY not in json.dumps(details)


def test_on_batch_gets_all_events_of_a_group(source, app):
    function(app, """
    async function onBatch(events, settings) {
      return events.map((event, number) => ({status: number === 1 ? 429 : 200}));
    }""")  # fmt: skip
    line = lead_to(source, app, "")
    rows = due(line, 3)
    try:
        drain(20)
    finally:
        sandboxes.close()
    assert [fresh(row).state for row in rows] == ["delivered", "retrying", "delivered"]


def test_without_sandboxes_events_wait_and_nobody_is_blamed(source, app, monkeypatch):
    def missing():
        raise sandboxes.CannotRun("No bubblewrap.")

    monkeypatch.setattr("delivery.sending.pool", missing)
    function(app, "async function onTrack() {}")
    line = lead_to(source, app, "")
    (row,) = due(line)
    drain(5)
    assert (fresh(row).state, row.tries) == ("waiting", 0)
    lane = Lane.objects.get()
    assert (lane.failures, lane.failing_since) == (0, None)
    assert lane.open_at > timezone.now()


def test_a_fault_of_ours_costs_one_event_its_lease_and_no_other_event(line, receiver, monkeypatch):
    rows = due(line, 3)
    real = Reach._post

    def post(self, job, kept):
        if job.pk == rows[0].pk:
            raise ZeroDivisionError
        return real(self, job, kept)

    monkeypatch.setattr(Reach, "_post", post)
    drain(5)
    assert [fresh(row).state for row in rows] == ["waiting", "delivered", "delivered"]
    assert fresh(rows[0]).lease_until > timezone.now()


def test_time_that_is_up_hands_on_and_keeps_nothing(line, receiver, monkeypatch):
    receiver.default = Reply(delay_seconds=0.1)
    monkeypatch.setattr(engine, "GROUP_SIZE", 60)
    due(line, 60)
    handed_on = []
    drain(1.5, on_time_up=lambda: handed_on.append(True))
    assert handed_on == [True]
    assert 0 < Delivery.objects.filter(state="delivered").count() < 60
    assert not Delivery.objects.filter(lease_token__isnull=False).exists()
