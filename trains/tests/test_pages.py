"""The release calendar, the note about the train on an App's pages, and the page of the desk."""

import time

import pytest
from django.template import Context, Template
from django.urls import reverse

from apps_catalog.models import App
from partners.models import Membership
from partners.states import Role
from trains.departing import depart, hold, roll_back
from trains.models import Departure, Freeze, Passenger
from trains.page import ride_of
from trains.states import PassengerState
from trains.tests.conftest import CUTOFF, RELEASE_DAY, WEDNESDAY, pacific

pytestmark = pytest.mark.django_db
DESK = "/admin/review/trains/"


def text_of(response):
    return response.content.decode()


@pytest.fixture
def desk(client_for, rita):
    return client_for(rita)


def freshly(client):
    """`client` as after a password that was given again a moment ago."""
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    return client


def press(client, act, passenger=None, reason="", **more):
    body = {"act": act, "passenger": passenger.pk if passenger else "", "reason": reason, **more}
    return freshly(client).post(DESK, body)


# --- The note -----------------------------------------------------------------------------------------


def test_an_app_without_an_approval_has_no_ride(app, pulled):
    assert ride_of(app) is None
    assert ride_of(pulled) is None


def test_the_ride_says_what_has_to_happen(boarded, clock):
    ride = ride_of(boarded.app)

    assert ride.title.startswith("Approved.")
    assert "It has to be merged by Tuesday, 24 November 2026, 17:00 PST" in ride.text


def test_the_ride_names_the_train_and_both_cut_offs(ready, clock):
    ride = ride_of(ready.app)

    assert ride.title == "On board of the train of Wednesday, 25 November 2026"
    assert (ride.cutoff, ride.office_cutoff) == (CUTOFF, "Tuesday, 24 November 2026, 17:00 PST")


def test_the_ride_goes_on_to_its_end(ready, clock, rita):
    hold(ready, rita, "We wait.")
    assert (ride_of(ready.app).text, ride_of(ready.app).boarding) == ("We wait.", None)
    Passenger.objects.update(state=PassengerState.READY)
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)
    assert ride_of(ready.app).title == "Released"
    roll_back(ready, rita, "It leaks.")
    assert ride_of(ready.app).text == "It leaks."
    Passenger.objects.update(state=PassengerState.TAKEN_OFF)
    assert ride_of(ready.app) is None


def test_the_tag_shows_it_in_any_page(ready, app, clock):
    page = Template("{% load trains %}{% app_ride app %}")

    assert "On board of the train of Wednesday, 25 November" in page.render(Context({"app": ready.app}))
    assert page.render(Context({"app": app})).strip() == ""


def test_half_a_year_of_freezes_is_said(ready):
    Freeze.objects.create(first="2026-11-01", last="2027-12-31", reason="Closed for good")
    ride = ride_of(ready.app)

    assert (ride.title, ride.boarding) == ("Approved. No release day is planned yet", None)


# --- The calendar -------------------------------------------------------------------------------------


def test_the_calendar_shows_eight_days_and_why_there_is_none(ready, clock, client_for, alice):
    alice.time_zone = "Europe/Berlin"
    alice.save()
    Freeze.objects.create(first="2026-12-30", last="2026-12-30", reason="Year's end")
    page = text_of(client_for(alice).get(reverse("release-calendar")))

    assert "Wednesday, 13 January 2027" in page
    assert "Wednesday, 20 January 2027" not in page
    assert "Year&#x27;s end" in page
    assert "Tuesday, 24 November 2026, 17:00 PST" in page
    assert "25 Nov 2026, 02:00 CET" in page
    assert page.count(f'href="/apps/{ready.app.slug}/"') == 2


def test_a_train_that_is_late_stays_in_the_calendar(ready, clock, client_for, alice):
    clock(pacific(2026, 11, 27, 9))
    page = text_of(client_for(alice).get(reverse("release-calendar")))

    assert "Cut-off is over" in page
    assert page.index("Wednesday, 25 November 2026") < page.index("Wednesday, 2 December 2026")


def test_others_see_the_days_and_nobody_elses_apps(ready, clock, client_for, carol, rita):
    for person in (carol, rita):
        page = text_of(client_for(person).get(reverse("release-calendar")))
        assert "Wednesday, 2 December 2026" in page
        assert "Pulled" not in page
        assert "Nothing on its way" in page


# --- The desk -----------------------------------------------------------------------------------------


def test_the_train_leaves_from_the_desk_once(desk, ready, clock):
    assert "Let the train leave" not in text_of(desk.get(DESK))
    clock(RELEASE_DAY)
    assert "Let the train leave" in text_of(desk.get(DESK))

    assert [press(desk, "depart", day=str(WEDNESDAY)).status_code for _ in range(2)] == [303, 303]
    assert Departure.objects.get().passengers.get() == ready
    page = text_of(desk.get(f"{DESK}?tab=out"))
    assert "Roll it back" in page
    assert "The train of Wednesday, 25 November 2026 has left with 1 on board." in page


@pytest.mark.parametrize(("day", "words"), [("soon", "Choose a release day"), ("2026-12-02", "This train leaves on")])
def test_no_train_leaves_early(desk, ready, clock, day, words):
    clock(RELEASE_DAY)
    answer = press(desk, "depart", day=day)
    assert (answer.status_code, words in text_of(answer)) == (422, True)


def test_holding_back_asks_for_a_reason_and_keeps_what_was_typed(desk, ready, clock):
    answer = press(desk, "hold", ready, "  ")
    assert (answer.status_code, "Give the reason" in text_of(answer)) == (422, True)
    long = "x" * 100_000
    assert long in text_of(press(desk, "hold", ready, long))
    assert press(desk, "hold", ready, "A word with the partner first.").status_code == 303
    page = text_of(desk.get(f"{DESK}?tab=held"))
    assert "A word with the partner first." in page

    assert [press(desk, "unhold", ready).status_code for _ in range(2)] == [303, 303]
    ready.refresh_from_db()
    assert ready.state == PassengerState.READY
    assert "already on board: nothing was changed" in text_of(desk.get(DESK))


def test_the_emergency_lane_and_back(desk, ready):
    assert press(desk, "emergency", ready, "It leaks keys.").status_code == 303
    assert App.objects.get(pk=ready.app_id).stage == "private_beta"
    assert press(desk, "roll_back", ready, "It leaks more.").status_code == 303
    ready.refresh_from_db()
    assert ready.state == PassengerState.ROLLED_BACK


def test_what_cannot_be_done_keeps_the_reason(desk, boarded):
    answer = press(desk, "emergency", boarded, "Now, please.")
    assert (answer.status_code, "not merged yet" in text_of(answer)) == (422, True)
    shown = desk.post(f"{DESK}?tab=merge", {"act": "emergency", "passenger": boarded.pk, "reason": "Now, please."})
    assert "Now, please." in text_of(shown)


@pytest.mark.parametrize("act", ["depart", "emergency", "roll_back"])
def test_what_lets_something_out_asks_for_the_password_again(client_for, rita, ready, clock, act):
    clock(RELEASE_DAY)
    body = {"act": act, "passenger": ready.pk, "reason": "Now.", "day": str(WEDNESDAY)}
    answer = client_for(rita).post(DESK, body)
    assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)
    ready.refresh_from_db()
    assert ready.state == PassengerState.READY


def test_a_reviewer_only_looks_at_apps_of_their_own_company(desk, ready, rita):
    Membership.objects.create(company=ready.app.company, user=rita, role=Role.VIEWER)

    assert "Of your own company" in text_of(desk.get(DESK))
    assert press(desk, "hold", ready, "Mine.").status_code == 403


def test_unknown_things_are_no_error(desk, ready):
    assert press(desk, "explode").status_code == 422
    for odd in ("", "x", "999999999", "9" * 400):
        assert desk.post(DESK, {"act": "unhold", "passenger": odd}).status_code == 404
    assert desk.get(f"{DESK}?tab=none&page=none").status_code == 200


# --- The admin ----------------------------------------------------------------------------------------


def test_reviewers_enter_freeze_days(desk, rita):
    add = reverse("admin:trains_freeze_add")
    day = {"first": "2026-12-23", "last": "2026-12-30", "reason": "End of the year"}
    assert desk.post(add, day | {"last": "2027-06-30"}).status_code == 200
    assert desk.post(add, day | {"last": "2026-12-01"}).status_code == 200
    assert desk.post(add, day).status_code == 302
    freeze = Freeze.objects.get()
    assert freeze.created_by == rita
    assert desk.post(reverse("admin:trains_freeze_delete", args=[freeze.pk]), {"post": "yes"}).status_code == 302
    assert not Freeze.objects.exists()
