from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps_catalog.lifecycle import create_app
from apps_catalog.states import ComponentKind
from delivery import tasks
from delivery.dispatch import dispatch
from delivery.ingest import put, take
from delivery.models import Delivery, Event, Tally, Uncounted
from delivery.states import DeliveryKind, DeliveryState, Fault, Origin, Stage
from delivery.tests.intake import call, calls, install, key_of, make_source
from tests.racing import Crew
from workspaces.models import Destination
from workspaces.states import ConnectionMode

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return make_source()


@pytest.fixture
def key(source):
    return key_of(source)


@pytest.fixture
def destination(source, app):
    return install(source, app)


@pytest.fixture
def other_app(alice, company):
    return create_app(alice, company, "Acme Mail")


def tallies():
    rows = Tally.objects.order_by("destination_number", "stage", "code")
    return list(rows.values_list("source_id", "destination_number", "stage", "code", "count"))


def test_an_event_goes_to_every_destination_that_is_on(source, key, destination, app, other_app):
    second = install(source, other_app)
    install(make_source("other"), app)
    taken = take(key, calls(2))

    assert dispatch() == 2
    rows = Delivery.objects.order_by("event_id", "destination_id")
    assert [(row.event_id, row.destination_id) for row in rows] == [
        (event, to.pk) for event in taken.event_ids for to in (destination, second)
    ]
    for row in rows:
        assert (row.kind, row.state, row.tries) == (DeliveryKind.LIVE, DeliveryState.WAITING, 0)
        assert row.due_at == row.received_at == Event.objects.get(pk=row.event_id).received_at
    assert not Event.objects.filter(is_waiting=True).exists()
    assert tallies() == [(source.pk, 0, Stage.RECEIVED, "", 2)]


def test_there_is_nothing_to_do_twice(key, destination):
    take(key, [call()])
    assert [dispatch(), dispatch()] == [1, 0]
    assert Delivery.objects.count() == 1

    Event.objects.update(is_waiting=True)  # as after a mark that was lost
    dispatch()
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [{"is_enabled": False}, {"paused_at": timezone.now()}, {"removed_at": timezone.now()}],
    ids=["off", "paused", "removed"],
)
def test_a_destination_that_takes_no_events_gets_none(source, key, app, fields):
    install(source, app, **fields)
    take(key, [call()])
    assert dispatch() == 1
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("kind", [ComponentKind.WEB_PLUGIN, ComponentKind.ACTIONS_DESTINATION])
def test_an_app_that_runs_elsewhere_only_gets_none(kind, source, key, app, other_app):
    install(source, app, kind)
    both = install(source, other_app, kind)
    other_app.components.create(kind=ComponentKind.SUBSCRIPTION_FUNCTION)
    take(key, [call()])
    dispatch()
    assert list(Delivery.objects.values_list("destination_id", flat=True)) == [both.pk]


def test_a_destination_that_was_told_to_run_in_browsers_gets_none(source, key, destination):
    Destination.objects.update(connection_mode=ConnectionMode.DEVICE)
    take(key, [call("id-1")])
    dispatch()
    assert not Delivery.objects.exists()

    Destination.objects.update(connection_mode=ConnectionMode.CLOUD)
    take(key, [call("id-2")])
    dispatch()
    assert Delivery.objects.get().destination == destination


def test_integrations_filter_and_the_filtered_are_counted(source, key, destination, other_app):
    second = install(source, other_app)
    take(
        key,
        [call("id-1", integrations={"All": False, "Acme Mail": True}), call("id-2", integrations={"Acme Mail": False})],
    )
    dispatch()

    found = {(row.event.message_id, row.destination_id): row for row in Delivery.objects.select_related("event")}
    assert {place: row.state for place, row in found.items()} == {
        ("id-1", destination.pk): DeliveryState.FILTERED,
        ("id-1", second.pk): DeliveryState.WAITING,
        ("id-2", destination.pk): DeliveryState.WAITING,
        ("id-2", second.pk): DeliveryState.FILTERED,
    }
    for row in found.values():
        is_filtered = row.state == DeliveryState.FILTERED
        assert (row.due_at is None, row.settled_at is not None) == (is_filtered, is_filtered)
    assert tallies()[1:] == [
        (source.pk, destination.pk, Stage.FILTERED, "", 1), (source.pk, second.pk, Stage.FILTERED, "", 1),
    ]  # fmt: skip


def test_refused_and_repeated_events_are_counted_and_go_nowhere(source, key, destination):
    take(key, [call("id-1"), call("id-1"), *calls(25, userId=""), call("id-2", event="")])
    take(key, [call("id-1")])
    dispatch()

    assert Delivery.objects.count() == 1
    assert tallies() == [
        (source.pk, 0, Stage.DUPLICATE, "", 2),
        (source.pk, 0, Stage.RECEIVED, "", 1),
        (source.pk, 0, Stage.REFUSED, Fault.NO_EVENT, 1),
        (source.pk, 0, Stage.REFUSED, Fault.NO_USER, 25),
    ]
    assert not Uncounted.objects.exists()


def test_the_event_testers_events_are_left_to_it(source, destination):
    put(source, [call()], origin=Origin.TESTER)
    assert dispatch() == 1
    assert not Delivery.objects.exists()
    assert tallies() == [(source.pk, 0, Stage.RECEIVED, "", 1)]


def test_no_more_than_the_limit_oldest_first(key, destination):
    ids = take(key, calls(5)).event_ids
    assert dispatch(3) == 3
    assert list(Event.objects.filter(is_waiting=True).order_by("id").values_list("id", flat=True)) == list(ids[3:])


def test_the_number_of_queries_does_not_grow(source, key, destination, django_assert_max_num_queries):
    take(key, calls(50))
    for number in range(3):
        take(key_of(make_source(f"more-{number}")), calls(3))
    with django_assert_max_num_queries(10):
        assert dispatch() == 59


def test_the_sweep_dispatches_all_there_is(key, destination, monkeypatch):
    monkeypatch.setattr(tasks, "EVENTS_AT_ONCE", 3)
    take(key, calls(8))
    tasks.sweep_events()
    assert Delivery.objects.count() == 8


def test_a_flood_lets_others_have_their_turn(key, destination, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "EVENTS_AT_ONCE", 3)
    monkeypatch.setattr(tasks, "DISPATCH_SECONDS", -1)
    monkeypatch.setattr(tasks, "ring", rung.append)
    take(key, calls(8))
    for _ in range(3):
        tasks.sweep_events()
    assert rung == ["delivery.tasks.sweep_events"] * 2
    assert Delivery.objects.count() == 8


@pytest.mark.parametrize("payload", ["", "[]", "{", "[" * 100_000])
def test_an_event_that_cannot_be_read_holds_up_no_other(key, destination, payload):
    broken = take(key, calls(2)).event_ids[0]
    Event.objects.filter(pk=broken).update(payload=payload)
    assert dispatch() == 2
    assert Delivery.objects.count() == 2


def test_the_engine_is_woken_only_when_it_has_work(key, destination, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    bell = type("Bell", (), {"ring": lambda self, task: rung.append(task)})()
    monkeypatch.setattr("leases.doorbell._busy_bell", bell)
    with django_capture_on_commit_callbacks(execute=True):
        take(key, [call(integrations={"All": False})])
        dispatch()
    assert rung == ["delivery.tasks.sweep_events"]
    with django_capture_on_commit_callbacks(execute=True):
        take(key, [call()])
        dispatch()
    assert rung[2:] == ["delivery.tasks.drain"]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_dispatch_each_event_once(source, key, destination):
    """And none waits for another: each takes different events."""
    for _ in range(4):
        take(key, [*calls(50), call("same")])
    with Crew() as crew:
        answers = crew.at_once(*[lambda: [dispatch(20) for _ in range(12)]] * 4)
    assert sum(sum(answer) for answer in answers) + dispatch() == 201
    while dispatch():
        pass
    assert Delivery.objects.count() == 201
    assert tallies() == [(source.pk, 0, Stage.DUPLICATE, "", 3), (source.pk, 0, Stage.RECEIVED, "", 201)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_events_come_in_while_others_are_dispatched(source, key, destination):
    with Crew() as crew:
        acts = [lambda: [take(key, calls(3)) for _ in range(20)]] * 4 + [lambda: [dispatch(7) for _ in range(30)]] * 3
        answers = crew.at_once(*acts)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    while dispatch():
        pass
    assert Delivery.objects.count() == Event.objects.count() == 240
    assert tallies() == [(source.pk, 0, Stage.RECEIVED, "", 240)]


@pytest.mark.postgres
def test_what_waits_is_found_by_its_index(key):
    """Among a million events, looking for those that wait must not go through the others."""
    take(key, calls(5))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "event_waiting" in Event.objects.filter(is_waiting=True).order_by("id")[:10].explain()


def test_times_of_events_decide_which_window_they_count_in(source, key):
    take(key, [call()])
    Event.objects.update(received_at=timezone.now() - timedelta(days=1))
    dispatch()
    assert Tally.objects.get().at < timezone.now() - timedelta(hours=23)
