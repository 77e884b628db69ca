from datetime import UTC, datetime, timedelta

import pytest

from audit.recording import SYSTEM
from delivery import expiry, regulations
from delivery.counting import Counted, add
from delivery.dispatch import dispatch
from delivery.ingest import take
from delivery.models import Attempt, Delivery, Event, Regulation, SeenMessage, Tally
from delivery.states import RegulationKind, Stage
from delivery.tests.intake import call, calls, install, key_of, make_source
from delivery.tests.rows import make_attempt

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def source():
    return make_source()


def test_old_events_go_with_all_that_was_sent_of_them(source, app, settings, monkeypatch):
    monkeypatch.setattr(expiry, "ROWS_AT_ONCE", 3)
    settings.EVENTS_KEPT_DAYS = 10
    install(source, app)
    old = take(key_of(source), calls(8)).event_ids
    new = take(key_of(source), calls(2)).event_ids
    dispatch()
    for delivery in Delivery.objects.all():
        make_attempt(delivery)
    Event.objects.filter(pk__in=old).update(received_at=NOW - timedelta(days=10, seconds=1))
    Event.objects.filter(pk__in=new).update(received_at=NOW - timedelta(days=10))

    assert expiry.purge_events(NOW) == 8
    assert list(Event.objects.order_by("id").values_list("id", flat=True)) == list(new)
    assert Delivery.objects.count() == Attempt.objects.count() == 2
    assert expiry.purge_events(NOW) == 0


def test_a_purge_ends_when_its_time_is_over(source, monkeypatch):
    monkeypatch.setattr(expiry, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(expiry, "PURGE_SECONDS", 0)
    take(key_of(source), calls(6))
    assert expiry.purge_events(NOW + timedelta(days=365)) == 0


@pytest.mark.parametrize(("kept", "age", "is_known"), [(7, 8, False), (7, 6, True), (0, 0.9, True), (0, 1.1, False)])
def test_an_id_is_remembered_for_its_days_and_for_one_at_least(source, settings, kept, age, is_known):
    settings.MESSAGE_IDS_KEPT_DAYS = kept
    key = key_of(source)
    take(key, [call("id-1")])
    SeenMessage.objects.update(at=NOW - timedelta(days=age))

    assert expiry.purge_message_ids(NOW) == (0 if is_known else 1)
    assert take(key, [call("id-1")]).duplicates == (1 if is_known else 0)


def test_many_ids_go_in_slices(source, monkeypatch):
    monkeypatch.setattr(expiry, "ROWS_AT_ONCE", 2)
    take(key_of(source), calls(5))
    for number, row in enumerate(SeenMessage.objects.all()):
        SeenMessage.objects.filter(pk=row.pk).update(at=NOW - timedelta(days=30 + number // 2))
    assert expiry.purge_message_ids(NOW) == 5


def test_numbers_stay_longer_than_they_are_shown(source):
    for days in (36, 34, 14):
        add([Counted(source.pk, 0, NOW - timedelta(days=days), Stage.RECEIVED)])
    assert expiry.purge_tallies(NOW) == 1
    assert Tally.objects.count() == 2


def test_people_are_forgotten_long_after_they_were_deleted(source, settings):
    for user in ("a", "b"):
        regulations.ask(SYSTEM, source.workspace, RegulationKind.SUPPRESS_ONLY, [user])
    first = Regulation.objects.order_by("pk").first()
    Regulation.objects.update(finished_at=NOW)
    Regulation.objects.filter(pk=first.pk).update(finished_at=NOW - timedelta(days=31))

    assert [expiry.forget_people(NOW), expiry.forget_people(NOW)] == [1, 0]
    first.refresh_from_db()
    assert (first.user_ids, first.people) == ([], 1)
    assert Regulation.objects.order_by("pk").last().user_ids == ["b"]
