"""The verbs: a test event, replays, resuming, and who may."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import Record
from delivery import lifecycle, replaying
from delivery.engine import drain
from delivery.models import Delivery, Event, Lane, Replay, Tally
from delivery.replaying import advance
from delivery.states import DeliveryKind, DeliveryState, Fault, Origin
from delivery.tests.lines import due, ids_of, lead_to
from delivery.tests.rows import make_delivery, make_event
from leases.transitions import StaleState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8,::1/128"


@pytest.fixture
def line(source, app, receiver):
    return lead_to(source, app, f"{receiver.url}/hook")


def actions(row):
    return list(Record.objects.filter(target=f"destination:{row.pk}").order_by("pk").values_list("action", flat=True))


def test_a_test_event_is_really_sent_and_stays_out_of_the_numbers(line, receiver, alice):
    sent = lifecycle.send_test(alice, line, {"type": "track", "event": "Tried", "userId": "u", "messageId": "mine"})
    event = sent.event
    assert (sent.kind, sent.state) == (DeliveryKind.TEST, DeliveryState.WAITING)
    assert (event.origin, event.message_id, event.type, event.name) == (Origin.TESTER, "mine", "track", "Tried")
    assert not event.is_waiting
    drain(5)
    sent.refresh_from_db()
    assert (sent.state, sent.status, sent.tries) == ("delivered", 200, 1)
    body = json.loads(receiver.requests[0].body)
    assert body["messageId"] == "mine"
    assert body["projectId"] == line.source.project_id
    assert {"timestamp", "originalTimestamp", "sentAt", "receivedAt", "version"} <= set(body)
    assert not Tally.objects.exists()
    assert actions(line) == ["destination.tested"]


def test_the_same_event_can_be_tried_again_and_one_without_id_gets_one(line, receiver, alice):
    for event in ({"type": "page", "messageId": "m"}, {"type": "page", "messageId": "m"}, {"type": "page"}):
        lifecycle.send_test(alice, line, event)
    drain(5)
    ids = ids_of(receiver.requests)
    assert ids.count("m") == 2
    assert len(set(ids)) == 2


def test_there_is_nothing_to_test_without_an_endpoint(line, alice):
    line.app.components.update(endpoint="")
    with pytest.raises(ValidationError, match="neither an endpoint nor a function"):
        lifecycle.send_test(alice, line, {"type": "page"})
    assert not Event.objects.exists()


def test_tests_that_wait_are_limited(line, alice, monkeypatch):
    monkeypatch.setattr(lifecycle, "MAX_TESTS", 2)
    for _ in range(2):
        lifecycle.send_test(alice, line, {"type": "page"})
    with pytest.raises(ValidationError, match="wait already"):
        lifecycle.send_test(alice, line, {"type": "page"})


@pytest.mark.parametrize("verb", ["send_test", "replay", "resume", "cancel_replay"])
def test_strangers_may_do_nothing(line, charlie, adam, verb):
    given = {"send_test": [line, {"type": "page"}], "replay": [line, {"events": [1]}], "resume": [line],
             "cancel_replay": [Replay.objects.create(destination=line)]}[verb]  # fmt: skip
    for person in (charlie, adam):
        with pytest.raises(PermissionDenied):
            getattr(lifecycle, verb)(person, *given)


def test_a_replay_sends_what_its_filter_names_and_nothing_twice(line, receiver, alice):
    now = timezone.now()
    kinds = {}
    for name, kind, state, age in (
        ("wanted", "track", "failed", 1), ("delivered", "track", "delivered", 1), ("page", "page", "failed", 1),
        ("filtered", "track", "filtered", 1), ("old", "track", "failed", 9),
    ):  # fmt: skip
        event = make_event(line.source, kind, at=now - timedelta(hours=age), message_id=name)
        make_delivery(line, event, state)
        kinds[name] = event
    make_event(line.source, message_id="refused", fault=Fault.NO_USER)
    make_event(line.source, message_id="elsewhere")
    selection = {"type": "track", "state": "failed", "from": (now - timedelta(hours=2)).isoformat(), "name": ""}
    replay = lifecycle.replay(alice, line, selection)
    advance(5)
    drain(5)
    assert ids_of(receiver.requests) == ["wanted"]
    replay.refresh_from_db()
    assert (replay.taken, replay.finished_at is not None, replay.due_at) == (1, True, None)

    lifecycle.replay(alice, line, {"type": "track"})
    advance(5)
    drain(5)
    assert sorted(ids_of(receiver.requests[1:])) == ["delivered", "old", "wanted"]
    assert not Tally.objects.exists()
    # What was delivered before stays as it was: a replay has rows of its own.
    assert Delivery.objects.get(event=kinds["wanted"], kind=DeliveryKind.LIVE).state == "failed"


def test_a_long_replay_goes_on_where_it_was(line, receiver, alice, monkeypatch):
    monkeypatch.setattr(replaying, "EVENTS_AT_ONCE", 3)
    monkeypatch.setattr(replaying, "MAX_WAITING", 6)
    for _ in range(10):
        make_delivery(line)
    replay = lifecycle.replay(alice, line, {})
    advance(5)
    replay.refresh_from_db()
    assert (replay.taken, replay.finished_at) == (6, None)
    drain(5)
    assert not replaying.is_due()
    Replay.objects.update(due_at=timezone.now())
    advance(5)
    drain(5)
    replay.refresh_from_db()
    assert replay.taken == 10
    assert len(set(ids_of(receiver.requests))) == len(receiver.requests) == 10


def test_a_worker_that_was_overtaken_makes_no_deliveries(line, alice):
    make_delivery(line)
    lifecycle.replay(alice, line, {})
    (old,) = Replay.objects.claim(lease=timedelta(seconds=-1))
    (new,) = Replay.objects.claim(lease=timedelta(seconds=30))
    replaying._take_step(old)
    assert not Delivery.objects.filter(kind=DeliveryKind.REPLAY).exists()
    replaying._take_step(new)
    assert Delivery.objects.filter(kind=DeliveryKind.REPLAY).count() == 1


def test_one_event_is_sent_again_and_may_be_cancelled_before(line, receiver, alice):
    row = make_delivery(line)
    replay = lifecycle.replay(alice, line, {"events": [row.event_id]})
    advance(5)
    lifecycle.cancel_replay(alice, replay)
    assert drain(5) == 0
    assert replay.deliveries.get().state == DeliveryState.CANCELLED
    with pytest.raises(StaleState):
        lifecycle.cancel_replay(alice, replay)
    assert actions(line) == ["destination.replayed", "destination.replay_cancelled"]


def test_a_replay_that_is_over_cannot_be_cancelled(line, receiver, alice):
    make_delivery(line)
    replay = lifecycle.replay(alice, line, {})
    advance(5)
    drain(5)
    with pytest.raises(StaleState):
        lifecycle.cancel_replay(alice, replay)


@pytest.mark.parametrize(
    "selection",
    [{"events": []}, {"events": "1"}, {"events": [True]}, {"events": list(range(2000))}, {"state": "odd"},
     {"from": "yesterday"}, {"from": "2026-01-01"}, {"colour": "red"}, {"type": 5}],
)  # fmt: skip
def test_a_selection_that_nobody_understands(line, alice, selection):
    with pytest.raises(ValidationError):
        lifecycle.replay(alice, line, selection)


def test_replays_are_few_and_only_where_events_are_taken(line, alice):
    for _ in range(lifecycle.MAX_REPLAYS):
        lifecycle.replay(alice, line, {})
    with pytest.raises(ValidationError, match="under way"):
        lifecycle.replay(alice, line, {})
    line.is_enabled = False
    line.save()
    with pytest.raises(ValidationError, match="no events at the moment"):
        lifecycle.replay(alice, line, {})


def test_resuming_begins_anew(line, receiver, alice):
    line.paused_at = timezone.now()
    line.save()
    Lane.objects.create(destination=line, failures=9, failing_since=timezone.now() - timedelta(days=4))
    lifecycle.resume(alice, line)
    line.refresh_from_db()
    lane = line.lane
    assert (line.paused_at, lane.failures, lane.failing_since) == (None, 0, None)
    due(line)
    assert drain(5) == 1
    with pytest.raises(StaleState):
        lifecycle.resume(alice, line)
    assert actions(line) == ["destination.resumed"]
