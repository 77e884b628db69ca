import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from delivery import ingest, storing, storing_at_once
from delivery.arrivals import REFUSED_KEPT
from delivery.ingest import NOBODY, Taken, put, take
from delivery.models import Event, SeenMessage, Suppressed, Uncounted
from delivery.states import Fault, Origin, Stage
from delivery.tests.intake import call, calls, key_of, make_source
from tests.counts import count
from tests.racing import Crew
from tests.services.processes import wait_until
from workspaces.states import Region

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["steps", pytest.param("statement", marks=pytest.mark.postgres)])
def way(request, monkeypatch):
    """Both ways of storing do the same."""
    chosen = storing.store if request.param == "steps" else storing_at_once.store
    monkeypatch.setattr(ingest, "_way", lambda: chosen)


@pytest.fixture
def source():
    return make_source()


@pytest.fixture
def key(source):
    return key_of(source)


def test_events_are_stored_as_they_go_out(way, source, key):
    one = call("id-1", properties={"plan": "größer", "half": "\ud83d", "zero": "a\x00b"}, projectId="another")

    taken = take(key, [one, call("id-2", kind="page", name="Home")])

    first, second = Event.objects.order_by("id")
    assert taken == Taken(source.pk, source.workspace_id, 2, 0, 0, (first.pk, second.pk))
    assert (first.message_id, first.type, first.name, first.user_id) == ("id-1", "track", "Signed up", "user-1")
    assert (second.type, second.name, second.origin, second.fault) == ("page", "Home", Origin.API, "")
    assert first.is_waiting
    assert abs(first.received_at - timezone.now()) < timedelta(minutes=1)
    assert json.loads(first.payload) == one.event | {"projectId": source.project_id}
    assert next(iter(json.loads(first.payload))) == "messageId"  # the keys keep their order


def test_a_repetition_is_stored_once_for_each_source(way, source, key):
    other = make_source("other")
    first = take(key, [call("id-1"), call("id-2")])
    again = take(key, [call("id-2"), call("id-3"), call("id-1"), call("id-3")])
    elsewhere = take(key_of(other), [call("id-1")])

    assert (first.accepted, first.duplicates) == (2, 0)
    assert (again.accepted, again.duplicates, len(again.event_ids)) == (1, 3, 1)
    assert (elsewhere.source_id, elsewhere.accepted) == (other.pk, 1)
    assert list(Event.objects.filter(source=source).order_by("id").values_list("message_id", flat=True)) == [
        "id-1", "id-2", "id-3",
    ]  # fmt: skip
    assert sum(Uncounted.objects.filter(source=source, stage=Stage.DUPLICATE).values_list("count", flat=True)) == 3


def test_another_event_under_a_known_id_is_refused(way, key):
    take(key, [call("id-1")])

    taken = take(key, [call("id-1", event="Other"), call("id-2"), call("id-2", event="Other")])

    assert (taken.accepted, taken.duplicates, taken.refused) == (1, 0, 2)
    faults = Event.objects.order_by("id").values_list("message_id", "fault")
    assert list(faults) == [("id-1", ""), ("id-1", Fault.REUSED_ID), ("id-2", ""), ("id-2", Fault.REUSED_ID)]


def test_what_is_refused_takes_no_id(way, key):
    take(key, [call("id-1", event="")])
    taken = take(key, [call("id-1")])

    assert taken.accepted == 1
    assert list(Event.objects.order_by("id").values_list("fault", flat=True)) == [Fault.NO_EVENT, ""]


def test_of_many_refused_calls_a_few_are_kept(way, source, key):
    taken = take(key, calls(REFUSED_KEPT + 5, userId=""))

    assert (taken.accepted, taken.refused) == (0, REFUSED_KEPT + 5)
    assert Event.objects.count() == REFUSED_KEPT
    noted = Uncounted.objects.values_list("source_id", "stage", "code", "count")
    assert list(noted) == [(source.pk, Stage.REFUSED, Fault.NO_USER, 5)]


def test_nothing_at_all_is_taken_as_well(way, source, key):
    assert take(key, []) == Taken(source.pk, source.workspace_id)
    assert take("unknown", []) == NOBODY


def test_suppressed_people_are_refused_but_for_their_deletion(way, source, key):
    Suppressed.objects.create(workspace=source.workspace, user_id="gone")
    Suppressed.objects.create(workspace=make_source("other").workspace, user_id="user-1")

    taken = take(key, [call("id-1", userId="gone"), call("id-2"), call("id-3", userId="", anonymousId="gone")])
    assert (taken.accepted, taken.refused) == (2, 1)
    assert Event.objects.get(message_id="id-1").fault == Fault.SUPPRESSED
    assert not SeenMessage.objects.filter(message_id="id-1").exists()
    assert put(source, [call("delete-1", userId="gone")], origin=Origin.REGULATION).accepted == 1


@pytest.mark.parametrize(
    "fields",
    [{"disabled_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(seconds=1)}],
    ids=["disabled", "expired"],
)
def test_a_key_that_is_over_opens_nothing(way, source, fields):
    assert take(key_of(source, **fields), [call()]) == NOBODY
    assert not Event.objects.exists()
    assert not SeenMessage.objects.exists()


def test_a_rotated_key_works_until_its_time_is_over(way, source):
    assert take(key_of(source, expires_at=timezone.now() + timedelta(hours=1)), [call()]).accepted == 1


@pytest.mark.parametrize("key", ["", "unknown", "a\x00b", "\ud800", "ключ", "x" * 10_000, "' OR 1=1 --"])
def test_strange_keys_open_nothing(way, source, key):
    assert take(key, [call()]) == NOBODY


def test_a_source_that_is_off_or_removed_takes_nothing_from_outside(way, source, key):
    source.is_enabled = False
    source.save()
    assert take(key, [call()]) == NOBODY
    assert put(source, [call()], origin=Origin.REGULATION).accepted == 1

    source.is_enabled, source.removed_at = True, timezone.now()
    source.save()
    assert take(key, [call()]) == NOBODY


@pytest.mark.parametrize(
    ("here", "there", "accepted"), [("us", "eu", 0), ("eu", "us", 0), ("eu", "eu", 1), ("", "eu", 1)]
)
def test_keys_of_the_other_region_are_refused(way, source, key, settings, here, there, accepted):
    settings.TRACKING_REGION = here
    source.workspace.region = Region(there)
    source.workspace.save()
    assert take(key, [call()]).accepted == accepted


def test_values_of_any_kind_fit_their_columns(way, source, key):
    odd = [
        call("i" * 99, userId=12345, event="e" * 1000),
        call("null\x00byte", userId="u" * 5000),
        call("half \ud83d", event="\ud83d"),
        replace(call("empty"), event={}),
        call("lists", kind="page", name=["no", "text"], userId=["no"], anonymousId="a"),
    ]
    assert take(key, odd).accepted == 5

    rows = list(Event.objects.order_by("id"))
    assert rows[0].user_id == "12345"
    assert rows[0].name == "e" * 200
    assert rows[1].user_id == "u" * 200
    assert "\x00" not in rows[1].message_id
    assert json.loads(rows[3].payload) == {"projectId": source.project_id}
    assert (rows[4].name, rows[4].user_id) == ("", "")
    assert take(key, odd).duplicates == 5


def test_the_worker_is_woken_after_the_commit(source, key, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(
        "leases.doorbell._busy_bell", type("Bell", (), {"ring": lambda self, task: rung.append(task)})()
    )
    with django_capture_on_commit_callbacks(execute=True):
        take(key, [call()])
        assert not rung
    assert rung == ["delivery.tasks.sweep_events"]


@pytest.mark.postgres
def test_one_round_trip_stores_a_request(key, django_assert_num_queries):
    take(key, calls(2))
    with django_assert_num_queries(1):
        take(key, [*calls(20), call(userId="")])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_requests_with_one_id_one_event_is_stored(source, key):
    """T10: a hundred threads, one id; some of them bring another event under it, and those are refused."""
    threads, rounds = count(20, 100), count(3, 10)
    with Crew() as crew:
        for number in range(rounds):
            other = call(f"id-{number}", event="Other")
            same, differing = call(f"id-{number}"), threads // 10
            acts = [
                lambda one=one: take(key, [one, call()]) for one in [same] * (threads - differing) + [other] * differing
            ]
            answers = crew.at_once(*acts)
            assert not [answer for answer in answers if not isinstance(answer, Taken)]
            assert sum(answer.accepted for answer in answers) == threads + 1
            stored = Event.objects.get(message_id=f"id-{number}", fault="")
            losers = differing if stored.name == "Signed up" else threads - differing
            assert sum(answer.refused for answer in answers) == losers
            assert sum(answer.duplicates for answer in answers) == threads - 1 - losers
            assert losers >= Event.objects.filter(message_id=f"id-{number}", fault=Fault.REUSED_ID).count()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_batches_that_share_their_ids_never_lock_each_other_out(source, key):
    """Each request brings the same ids in another order."""
    shared = [call(f"shared-{number}") for number in range(50)]
    with Crew() as crew:
        acts = [lambda turn=turn: take(key, shared[turn:] + shared[:turn]) for turn in range(0, 50, 5)]
        answers = crew.at_once(*acts)
    assert sum(answer.accepted for answer in answers) == 50
    assert sum(answer.duplicates for answer in answers) == 9 * 50
    assert Event.objects.count() == SeenMessage.objects.count() == 50


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("commits", "event", "expected"), [
    (True, "Signed up", (0, 1, 0)), (True, "Other", (0, 0, 1)), (False, "Signed up", (1, 0, 0)),
], ids=["repetition", "another event", "first one fails"])  # fmt: skip
def test_a_request_waits_for_one_that_has_its_id_in_hand(source, key, commits, event, expected):
    """And knows its id only after that: the view that its statement began with is older."""
    is_taken = threading.Event()

    def first():
        with transaction.atomic():
            take(key, [call("id-1")])
            is_taken.set()
            wait_until(somebody_waits, seconds=10, what="the second request")
            transaction.set_rollback(not commits)

    def second():
        assert is_taken.wait(10)
        return take(key, [call("id-1", event=event)])

    with Crew() as crew:
        _, answer = crew.at_once(first, second)
    assert (answer.accepted, answer.duplicates, answer.refused) == expected
    assert Event.objects.filter(fault="").count() == 1


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
        return cursor.fetchone()[0]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_id_whose_request_failed_is_free_again(source, key):
    with transaction.atomic():
        take(key, [call("id-1")])
        transaction.set_rollback(True)
    assert take(key, [call("id-1")]).accepted == 1


@pytest.mark.postgres
def test_each_lookup_of_the_statement_is_by_its_whole_key(key):
    """However little the planner knows about the tables: a workspace may have suppressed 100,000 people."""
    with connection.cursor() as cursor:
        # What other tests left behind may have told it that a table is tiny, and is read faster as a whole.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        take(key, [call()])
        values = ", ".join(["''", "'api'", "now()", *7 * ["'{x}'"], *3 * ["'{}'"]])
        cursor.execute(f"EXPLAIN EXECUTE events_by_key ('{key}', {values})")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "((workspace_id = s_1.workspace_id) AND ((user_id)::text = c.user_id))" in plan
    assert "delivery_seenmessage_pkey on delivery_seenmessage old" in plan


@pytest.mark.postgres
def test_a_new_connection_has_the_statement_prepared_again(key):
    take(key, [call()])
    storing_at_once._prepared.discard(connection.connection)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert take(key, [call()]).accepted == 1
