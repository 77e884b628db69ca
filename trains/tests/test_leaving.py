"""A company that leaves, with an App on board and one that was released."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.leaving import purge_companies
from partners.lifecycle import export_company
from partners.models import Company
from pulls.models import PullRequest
from trains.departing import depart
from trains.models import Departure, Passenger
from trains.states import PassengerState
from trains.tests.conftest import RELEASE_DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


def test_its_export_tells_what_was_released(ready, clock, alice, rita):
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)
    [ride] = export_company(ready.app.company, alice)["releases"]

    assert (ride["app"], ride["version"], ride["state"]) == ("pulled", 1, "departed")
    assert ride["released_at"] == RELEASE_DAY.isoformat()


def test_on_its_way_out_it_stays_behind_and_goes_on_when_it_stays(ready, clock, rita):
    Company.objects.update(delete_after=RELEASE_DAY + timedelta(days=30))
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)
    ready.refresh_from_db()
    assert ready.state == PassengerState.READY

    Company.objects.update(delete_after=None)
    assert depart(WEDNESDAY, rita).passengers.get() == ready


@pytest.mark.parametrize("is_out", [False, True])
def test_it_goes_with_all_its_rides(ready, clock, rita, is_out):
    clock(RELEASE_DAY)
    if is_out:
        depart(WEDNESDAY, rita)
    Company.objects.filter(pk=ready.app.company_id).update(delete_after=timezone.now() - timedelta(days=1))

    assert purge_companies(timezone.now()) == 1
    assert not Passenger.objects.exists()
    assert Departure.objects.count() == is_out
    # What GitHub told about its own pull requests is not the company's.
    assert PullRequest.objects.get().app is None
