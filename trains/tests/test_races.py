"""Many hands at one train (F24): every passenger is out once, with one mail and one record, whoever pressed first."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from apps_catalog.models import App, AppVersion
from audit.models import Chain, Record
from audit.recording import SYSTEM, record, verify
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from tests.counts import count
from tests.racing import Crew, meanwhile
from trains import boarding
from trains.departing import depart, emergency, hold, roll_back
from trains.models import Departure, Passenger
from trains.states import PassengerState
from trains.tests.conftest import CUTOFF, RELEASE_DAY, WEDNESDAY, app_in_review, make_pull, newest

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
APPS, ROUNDS = count(3, 20), count(2, 30)


@pytest.fixture
def loaded(ready, clock, alice, rita):
    """Several Apps on board on release day."""
    for number in range(1, APPS):
        app = app_in_review(alice, ready.app.company, f"Wagon {chr(64 + number)}")
        boarding.board(app, newest(app), make_pull(app, 100 + number, merged_at=ready.ready_at), rita)
    clock(RELEASE_DAY)
    return list(Passenger.objects.order_by("pk"))


def test_a_train_that_two_let_leave_leaves_once(loaded, rita, adam):
    with Crew() as crew:
        answers = crew.at_once(*(lambda who=who: depart(WEDNESDAY, who).pk for who in (rita, adam, SYSTEM, rita)))

    assert answers == [Departure.objects.get().pk] * 4
    assert set(Passenger.objects.values_list("state", flat=True)) == {PassengerState.DEPARTED}
    assert Record.objects.filter(action="train.released").count() == APPS
    assert OutboxMessage.objects.filter(kind="train_released", channel=None).count() == APPS
    assert [one for chain in Chain.objects.all() for one in verify(chain)] == []


def test_one_app_is_held_released_or_rolled_back_once(loaded, rita, adam):
    """Whatever comes first, what follows finds the App as it is by then."""
    passenger = loaded[0]
    with Crew() as crew:
        for _ in range(ROUNDS):
            answers = crew.at_once(
                lambda: hold(passenger, rita, "Wait."), lambda: emergency(passenger, adam, "Now.") and None,
                lambda: depart(WEDNESDAY, SYSTEM) and None,
            )  # fmt: skip
            faults = [one for one in answers if isinstance(one, Exception)]
            assert all(isinstance(one, StaleState) or "held back" in str(one) for one in faults), answers
            passenger.refresh_from_db()
            if passenger.state == PassengerState.DEPARTED:
                rolled = crew.at_once(*[lambda: roll_back(passenger, rita, "It leaks.")] * 2)
                assert sorted(isinstance(one, StaleState) for one in rolled) == [False, True]
                assert App.objects.get(pk=passenger.app_id).live_version is None
            back_on_board(passenger)


def back_on_board(passenger):
    Passenger.objects.filter(pk=passenger.pk).update(state=PassengerState.READY, departure=None, departed_at=None)
    App.objects.filter(pk=passenger.app_id).update(stage="in_review", live_version=None)
    passenger.refresh_from_db()


@pytest.mark.postgres
def test_a_dry_run_and_the_desk_never_wait_for_each_other(loaded, rita):
    """The desk has one App, and writes the company's record while the train waits for that App."""
    first, last = loaded[0], loaded[-1]
    Passenger.objects.filter(pk=last.pk).update(ready_at=first.ready_at - timedelta(hours=1))
    for passenger, behind in ((first, last), (last, first)):
        answer = meanwhile(
            lambda: call_command("release_train", "--day", str(WEDNESDAY), "--dry-run", stdout=StringIO()),
            holding=lambda held=passenger: App.objects.select_for_update().get(pk=held.app_id),
            then=lambda held=behind: record(SYSTEM, "app.touched", held.app, chain=held.app.chain),
        )
        assert answer is None
    assert Record.objects.filter(action="app.touched").count() == 2
    assert set(Passenger.objects.values_list("state", flat=True)) == {PassengerState.READY}


def test_a_merge_and_an_end_of_the_approval_at_once(ready, rita):
    """Whichever is first: off the train is off."""
    pull, version = ready.pull, AppVersion.objects.get(pk=ready.version_id)
    with Crew() as crew:
        for _ in range(ROUNDS):
            Passenger.objects.filter(pk=ready.pk).update(state=PassengerState.APPROVED, ready_at=None)
            crew.at_once(
                lambda: boarding.merged(pull), lambda: boarding.heal(),
                lambda: boarding.take_off(ready.app, version, rita, "Dismissed."),
            )  # fmt: skip
            ready.refresh_from_db()
            assert ready.state == PassengerState.TAKEN_OFF
    assert ready.ready_at is None or ready.ready_at <= CUTOFF
