import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import Record
from audit.recording import SYSTEM
from delivery import regulating, regulations
from delivery.dispatch import dispatch
from delivery.ingest import take
from delivery.models import Delivery, Event, Regulation, SeenMessage, Suppressed
from delivery.states import DeliveryState, Origin
from delivery.states import RegulationKind as Kind
from delivery.states import RegulationState as State
from delivery.tests.intake import call, install, key_of, make_source
from delivery.tests.rows import make_attempt
from workspaces.models import WorkspaceMember
from workspaces.states import WorkspaceRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return make_source()


@pytest.fixture
def workspace(source):
    return source.workspace


@pytest.fixture
def key(source):
    return key_of(source)


@pytest.fixture
def destination(source, app):
    return install(source, app)


def work():
    regulating.work(30)


def ask(workspace, kind, *users):
    return regulations.ask(SYSTEM, workspace, kind, users)


def settle(regulation, *answers):
    """Its deliveries, in order, get these statuses; then it is looked at once more."""
    deliveries = list(Delivery.objects.filter(event__origin=Origin.REGULATION).order_by("id"))
    assert len(deliveries) == len(answers)
    for delivery, status in zip(deliveries, answers, strict=True):
        delivery.state = DeliveryState.DELIVERED if status < 300 else DeliveryState.FAILED
        delivery.due_at, delivery.status = None, status
        delivery.save()
    Regulation.objects.filter(finished_at=None).update(due_at=timezone.now())
    work()
    regulation.refresh_from_db()
    return regulation.state


def test_suppressed_people_are_refused_from_then_on_until_they_are_taken_back(workspace, key):
    asked = ask(workspace, Kind.SUPPRESS_ONLY, "gone", " gone ", "other", "")
    assert (asked.state, asked.people, asked.user_ids) == (State.FINISHED, 2, ["gone", "other"])
    assert take(key, [call(userId="gone")]).refused == 1

    ask(workspace, Kind.SUPPRESS_ONLY, "gone")
    ask(workspace, Kind.UNSUPPRESS, "gone")
    assert take(key, [call(userId="gone")]).accepted == 1
    assert list(Suppressed.objects.values_list("user_id", flat=True)) == ["other"]


def test_what_is_stored_about_people_is_erased_in_their_workspace_only(
    source, workspace, key, destination, monkeypatch
):
    monkeypatch.setattr(regulating, "EVENTS_AT_ONCE", 3)
    elsewhere = make_source("elsewhere")
    second = make_source("second", workspace)
    for one_key in (key, key_of(second), key_of(elsewhere)):
        take(one_key, [call(f"{user}-{number}", userId=user) for user in ("gone", "stays") for number in range(4)])
    dispatch()
    for delivery in Delivery.objects.all():
        make_attempt(delivery)

    asked = ask(workspace, Kind.DELETE_INTERNAL, "gone")
    work()

    asked.refresh_from_db()
    assert (asked.state, asked.due_at) == (State.FINISHED, None)
    left = Event.objects.values_list("source_id", "user_id").distinct()
    assert set(left) == {
        (source.pk, "stays"), (second.pk, "stays"), (elsewhere.pk, "stays"), (elsewhere.pk, "gone"),
    }  # fmt: skip
    assert Delivery.objects.count() == 4
    assert not Delivery.objects.exclude(event__in=Event.objects.all()).exists()
    assert not Event.objects.filter(origin=Origin.REGULATION).exists()
    assert take(key, [call("gone-1", userId="gone")]).duplicates == 1
    assert SeenMessage.objects.filter(source_id=source.pk).count() == 8


def test_every_destination_gets_a_delete_event_for_each_person(source, workspace, key, destination, monkeypatch):
    monkeypatch.setattr(regulating, "PEOPLE_AT_ONCE", 2)
    make_source("silent", workspace)
    asked = ask(workspace, Kind.SUPPRESS_WITH_DELETE, "a", "b", "c")
    work()
    asked.refresh_from_db()
    assert asked.state == State.RUNNING
    assert asked.due_at > timezone.now()
    dispatch()

    events = list(Event.objects.order_by("id"))
    assert [(event.source_id, event.type, event.user_id, event.fault) for event in events] == [
        (source.pk, "delete", user, "") for user in "abc"
    ]
    payload = json.loads(events[0].payload)
    assert payload["type"] == "delete"
    assert payload["channel"] == "server"
    assert payload["userId"] == "a"
    assert payload["messageId"].startswith("delete-")
    assert payload["projectId"] == source.project_id
    assert (payload["context"], payload["integrations"]) == (None, None)
    assert {"timestamp", "originalTimestamp", "sentAt", "receivedAt"} <= set(payload)
    assert [one.destination_id for one in Delivery.objects.all()] == [destination.pk] * 3
    assert settle(asked, 200, 200, 200) == State.FINISHED
    assert asked.finished_at
    assert asked.due_at is None


@pytest.mark.parametrize(
    ("answers", "state"),
    [((200, 400), State.PARTIAL_SUCCESS), ((401, 500), State.FAILED), ((501, 501), State.NOT_SUPPORTED)],
)
def test_its_state_says_what_the_destinations_answered(workspace, destination, answers, state):
    asked = ask(workspace, Kind.DELETE_ONLY, "a", "b")
    work()
    dispatch()
    assert settle(asked, *answers) == state


def test_a_request_waits_for_deliveries_that_are_under_way(workspace, destination):
    asked = ask(workspace, Kind.DELETE_ONLY, "a")
    work()
    for _ in range(2):
        dispatch()
        Regulation.objects.update(due_at=timezone.now())
        work()
        asked.refresh_from_db()
        assert asked.state == State.RUNNING


def test_without_destinations_there_is_nobody_to_tell(workspace):
    asked = ask(workspace, Kind.DELETE_ONLY, "a")
    work()
    asked.refresh_from_db()
    assert asked.state == State.FINISHED
    assert not Event.objects.exists()


def test_a_worker_that_dies_anywhere_is_followed_by_one_that_sends_nothing_twice(workspace, destination, monkeypatch):
    monkeypatch.setattr(regulating, "PEOPLE_AT_ONCE", 1)
    asked = ask(workspace, Kind.DELETE_ONLY, "a", "b", "c")
    steps = iter(range(100))

    def die(regulation):
        if next(steps) == 1:
            raise KeyboardInterrupt
        return tell(regulation)

    tell = regulating._tell_some
    monkeypatch.setattr(regulating, "_tell_some", die)
    with pytest.raises(KeyboardInterrupt):
        work()
    Regulation.objects.update(lease_until=timezone.now(), due_at=timezone.now())
    work()
    assert list(Event.objects.order_by("id").values_list("user_id", flat=True)) == ["a", "b", "c"]
    dispatch()
    assert settle(asked, 200, 200, 200) == State.FINISHED


def test_what_is_asked_is_recorded_without_names(workspace):
    asked = ask(workspace, Kind.SUPPRESS_ONLY, "secret-person")
    entry = Record.objects.get(action="workspace.regulation_asked")
    assert entry.chain.name == workspace.chain
    assert entry.target == f"regulation:{asked.pk}"
    assert entry.data == {"kind": "SUPPRESS_ONLY", "people": 1}


@pytest.mark.parametrize(
    ("kind", "users", "code"),
    [
        ("ERASE_EVERYTHING", ["a"], "kind"),
        (Kind.DELETE_ONLY, [], "required"),
        (Kind.DELETE_ONLY, ["  "], "required"),
        (Kind.DELETE_ONLY, [f"user-{n}" for n in range(5001)], "too_many"),
        (Kind.DELETE_ONLY, ["x" * 201], "bad_id"),
        (Kind.DELETE_ONLY, ["a\x00b"], "bad_id"),
    ],
    ids=["kind", "nobody", "blank", "too many", "too long", "unprintable"],
)
def test_what_cannot_be_is_refused_with_a_reason(workspace, kind, users, code):
    with pytest.raises(ValidationError) as caught:
        regulations.ask(SYSTEM, workspace, kind, users)
    assert caught.value.code == code
    assert not Regulation.objects.exists()


def test_a_month_has_its_limit(workspace, monkeypatch):
    monkeypatch.setattr(regulations, "MOST_USERS_A_MONTH", 3)
    ask(workspace, Kind.SUPPRESS_ONLY, "a", "b")
    with pytest.raises(ValidationError) as caught:
        ask(workspace, Kind.SUPPRESS_ONLY, "c", "d")
    assert caught.value.code == "budget"
    assert "1 are left" in caught.value.message
    ask(workspace, Kind.SUPPRESS_ONLY, "c")


def test_who_may_ask(workspace, carol, viv):
    WorkspaceMember.objects.create(workspace=workspace, user=carol, role=WorkspaceRole.MEMBER)
    WorkspaceMember.objects.create(workspace=workspace, user=viv, role=WorkspaceRole.VIEWER)
    assert regulations.ask(carol, workspace, Kind.SUPPRESS_ONLY, ["a"]).requested_by == carol
    with pytest.raises(PermissionDenied):
        regulations.ask(viv, workspace, Kind.SUPPRESS_ONLY, ["a"])
