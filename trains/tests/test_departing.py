"""What leaves and when: the train of a day, the emergency lane, rollbacks, and holding back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from apps_catalog.lifecycle import move_stage
from apps_catalog.models import App, CatalogEntry
from apps_catalog.states import Stage
from apps_catalog.versions import freeze
from audit.models import Record
from audit.recording import SYSTEM
from leases.transitions import StaleState
from partners.models import ClosedDay, Membership
from partners.states import Role
from pulls.models import PullRequest
from runtime.github.pulls import Checks, Verdict
from trains import boarding, carrying, departing
from trains.departing import depart, emergency, hold, roll_back, unhold
from trains.models import Departure, Freeze, Passenger
from trains.refusals import Refused
from trains.signals import rolled_back
from trains.states import Lane, PassengerState
from trains.tests.conftest import CUTOFF, RELEASE_DAY, WEDNESDAY, app_in_review, make_pull, merge, newest, pacific
from trains.tests.test_boarding import mails

pytestmark = pytest.mark.django_db
NEXT = date(2026, 12, 2)


@pytest.fixture
def out(ready, clock, rita):
    """The first version has left with Wednesday's train."""
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)
    ready.refresh_from_db()
    return ready


def board_update(out, alice, rita, number=8):
    """The second version of the App is approved and merged."""
    app = App.objects.get(pk=out.app_id)
    return boarding.board(app, freeze(app, alice), make_pull(app, number, merged_at=out.departed_at), rita)


# --- The train --------------------------------------------------------------------------------------


def test_a_first_version_opens_the_private_beta(out, rita):
    app = App.objects.get(pk=out.app_id)

    assert (out.state, out.departed_at, out.replaced_version) == (PassengerState.DEPARTED, RELEASE_DAY, None)
    assert (out.departure.day, out.departure.lane, out.departure.released_by) == (WEDNESDAY, Lane.REGULAR, rita)
    assert (app.stage, app.live_version) == (Stage.PRIVATE_BETA, out.version)
    assert CatalogEntry.objects.get(app=app).listed_at is None
    [mail] = mails("train_released")
    assert "/goto-my-workspace/destinations/catalog/pulled" in mail.text


def test_an_update_replaces_the_live_version(out, alice, rita, clock):
    update = board_update(out, alice, rita)
    clock(pacific(2026, 12, 2, 9))
    depart(NEXT, SYSTEM)

    update.refresh_from_db()
    app = App.objects.get(pk=out.app_id)
    assert (update.replaced_version, app.live_version, app.stage) == (out.version, update.version, Stage.PRIVATE_BETA)
    assert "special URL" not in mails("train_released")[-1].text
    assert update.departure.released_by is None


def test_a_train_takes_only_what_was_ready_in_time(ready, clock, alice, rita):
    def boards(name, number, merged_at):
        app = app_in_review(alice, ready.app.company, name)
        return boarding.board(app, newest(app), make_pull(app, number, merged_at), rita)

    in_time = boards("Just in time", 21, CUTOFF)
    held, waiting = boards("Kept here", 23, CUTOFF), boards("Not merged", 24, None)
    hold(held, rita, "Not yet.")
    clock(CUTOFF)
    late = boards("Too late", 22, CUTOFF + timedelta(microseconds=1))
    clock(RELEASE_DAY)
    late.refresh_from_db()
    boarding.merged(late.pull)

    departure = depart(WEDNESDAY, rita)
    assert set(departure.passengers.all()) == {ready, in_time}
    late.refresh_from_db()
    assert late.state == PassengerState.READY
    assert waiting.is_travelling


def test_the_same_train_leaves_once(out, rita, alice):
    again = depart(WEDNESDAY, SYSTEM)

    assert again == out.departure
    assert Departure.objects.count() == 1
    assert len(mails("train_released")) == 1
    assert Record.objects.filter(action__in=["train.left", "train.released"]).count() == 2


def test_a_second_call_takes_what_the_first_left(ready, clock, rita):
    hold(ready, rita, "A moment.")
    clock(RELEASE_DAY)
    departure = depart(WEDNESDAY, rita)
    assert not departure.passengers.exists()
    unhold(ready, rita)

    assert depart(WEDNESDAY, rita).passengers.get() == ready


@pytest.mark.parametrize(
    ("now", "day", "words"),
    [
        (RELEASE_DAY, date(2026, 11, 26), "no release day"),
        (CUTOFF, WEDNESDAY, "after its cut-off"),
        (pacific(2026, 11, 24, 20), WEDNESDAY, "leaves on Wednesday"),
        (RELEASE_DAY, NEXT, "leaves on Wednesday, 2 December"),
        (pacific(2026, 12, 2, 0), WEDNESDAY, "is past"),
    ],
)
def test_no_train_leaves_at_another_time(ready, clock, rita, now, day, words):
    clock(now)
    with pytest.raises(Refused, match=words):
        depart(day, rita)
    assert not Departure.objects.exists()


def test_a_day_late_is_still_its_train(ready, clock, rita):
    clock(pacific(2026, 12, 1, 23))
    assert depart(WEDNESDAY, rita).passengers.count() == 1


def test_nothing_leaves_in_a_freeze_or_on_a_closed_day(ready, clock, rita):
    clock(RELEASE_DAY)
    freeze = Freeze.objects.create(first=WEDNESDAY, last=WEDNESDAY, reason="Big sale")
    with pytest.raises(Refused, match="Big sale"):
        depart(WEDNESDAY, rita)
    clock(pacific(2026, 11, 26, 9))
    freeze.first = freeze.last = date(2026, 11, 26)
    freeze.save()
    with pytest.raises(Refused, match="Nothing leaves today: Big sale"):
        depart(WEDNESDAY, rita)
    freeze.delete()
    ClosedDay.objects.create(day=WEDNESDAY, reason="Company day")
    with pytest.raises(Refused, match="Company day"):
        depart(WEDNESDAY, rita)


def test_one_that_fails_holds_up_nobody(ready, clock, alice, rita, monkeypatch):
    other = app_in_review(alice, ready.app.company, "Other")
    second = boarding.board(other, newest(other), make_pull(other, 31, merged_at=ready.ready_at), rita)
    clock(RELEASE_DAY)
    publish = carrying.with_changes

    def fail(app, *rest):
        if app.pk == ready.app_id:
            raise RuntimeError("the disk is full")
        return publish(app, *rest)

    monkeypatch.setattr("trains.departing.with_changes", fail)
    departure = depart(WEDNESDAY, rita)

    assert departure.passengers.get() == second
    ready.refresh_from_db()
    assert (ready.state, ready.departure) == (PassengerState.READY, None)
    assert App.objects.get(pk=ready.app_id).stage == Stage.IN_REVIEW
    monkeypatch.undo()
    assert depart(WEDNESDAY, rita).passengers.count() == 2


def test_killed_half_way_everybody_is_out_or_on_board(ready, clock, alice, rita, monkeypatch):
    """The process ends in the middle of the second App; the next call takes it."""
    other = app_in_review(alice, ready.app.company, "Other")
    second = boarding.board(other, newest(other), make_pull(other, 31, merged_at=ready.ready_at), rita)
    clock(RELEASE_DAY)
    told = departing.emails.released

    def die(passenger, **how):
        if passenger.pk == second.pk:
            raise SystemExit(137)
        told(passenger, **how)

    monkeypatch.setattr(departing.emails, "released", die)
    with pytest.raises(SystemExit):
        depart(WEDNESDAY, rita)
    states = [Passenger.objects.get(pk=one.pk).state for one in (ready, second)]
    stages = [App.objects.get(pk=one.app_id).stage for one in (ready, second)]
    assert states == [PassengerState.DEPARTED, PassengerState.READY]
    assert stages == [Stage.PRIVATE_BETA, Stage.IN_REVIEW]
    monkeypatch.undo()
    assert set(depart(WEDNESDAY, rita).passengers.all()) == {ready, second}


@pytest.mark.parametrize("change", [{"deleted_at": RELEASE_DAY}, {"stage": Stage.DEPRECATED}])
def test_an_app_that_ended_leaves_the_train(ready, clock, rita, change):
    App.objects.filter(pk=ready.app_id).update(**change)
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)

    ready.refresh_from_db()
    assert ready.state == PassengerState.TAKEN_OFF


def test_an_app_of_an_archived_company_stays_behind(ready, clock, rita):
    company = ready.app.company
    company.archived_at = RELEASE_DAY
    company.save()
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)

    ready.refresh_from_db()
    assert ready.state == PassengerState.READY


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"app": None}, "not linked"),
        ({"head_sha": "d4e5f6"}, "another commit"),
        ({"verdict": Verdict.CHANGES_REQUESTED}, "does not say approved"),
        ({"base": "next"}, "the branch “next”"),
        ({"checks": Checks.FAILED}, "checks failed"),
    ],
)
def test_what_github_says_is_looked_at_once_more(ready, pull, clock, rita, client_for, change, words):
    """Nobody acted on it, as for an App that was deprecated for a while."""
    PullRequest.objects.filter(pk=pull.pk).update(**change)
    clock(RELEASE_DAY)
    assert words in client_for(rita).get(reverse("review-trains")).content.decode()
    assert not depart(WEDNESDAY, rita).passengers.exists()
    with pytest.raises(Refused, match=words):
        emergency(ready, rita, "Now.")

    ready.refresh_from_db()
    assert (ready.state, ready.departure) == (PassengerState.READY, None)
    assert App.objects.get(pk=ready.app_id).stage == Stage.IN_REVIEW


def test_what_changed_live_meanwhile_goes_along(out, alice, rita, clock, monkeypatch):
    """What `reviews` registers is asked for the changes since the version was handed in."""
    asked = []

    def carry(app, version, since, actor):
        asked.append((app.pk, version, since))
        return version

    monkeypatch.setattr(carrying, "_carriers", [carry])
    update = board_update(out, alice, rita)
    clock(pacific(2026, 12, 2, 9))
    depart(NEXT, rita)

    assert asked == [(out.app_id, update.version, update.version.created_at)]


# --- The emergency lane -------------------------------------------------------------------------------


def test_the_emergency_lane_is_open_on_any_day(ready, clock, rita):
    Freeze.objects.create(first=date(2026, 11, 1), last=date(2026, 12, 31), reason="Freeze")
    clock(pacific(2026, 11, 28, 22))
    departure = emergency(ready, rita, " The old one leaks keys. ")

    ready.refresh_from_db()
    assert (ready.state, ready.lane, ready.departure) == (PassengerState.DEPARTED, Lane.EMERGENCY, departure)
    assert (departure.day, departure.reason) == (date(2026, 11, 28), "The old one leaks keys.")
    assert Record.objects.get(action="train.emergency").data["reason"] == "The old one leaks keys."
    assert App.objects.get(pk=ready.app_id).stage == Stage.PRIVATE_BETA


def test_two_emergencies_of_a_day_are_two_departures(ready, alice, rita):
    other = app_in_review(alice, ready.app.company, "Other")
    second = boarding.board(other, newest(other), make_pull(other, 31, merged_at=ready.ready_at), rita)

    assert emergency(ready, rita, "One.") != emergency(second, rita, "Two.")


def test_the_emergency_lane_needs_a_merge_a_reason_and_no_hold(boarded, pull, rita):
    with pytest.raises(Refused, match="reason"):
        emergency(boarded, rita, "  ")
    with pytest.raises(Refused, match="not merged"):
        emergency(boarded, rita, "Now.")
    boarding.merged(merge(pull, boarded.approved_at))
    hold(boarded, rita, "Wait.")
    with pytest.raises(Refused, match="Lift the hold"):
        emergency(boarded, rita, "Now.")


def test_what_left_does_not_leave_again(out, rita):
    with pytest.raises(StaleState):
        emergency(out, rita, "Again.")
    assert Departure.objects.count() == 1


# --- Rolling back -------------------------------------------------------------------------------------


def test_nothing_is_rolled_back_under_what_is_on_its_way(out, alice, rita):
    update = board_update(out, alice, rita)
    with pytest.raises(Refused, match=f"Version {update.version.number} of this App is on its way out. Hold it back"):
        roll_back(out, rita, "It drops events.")
    assert App.objects.get(pk=out.app_id).live_version == out.version
    hold(update, rita, "The one before it drops events.")
    roll_back(out, rita, "It drops events.")
    update.refresh_from_db()
    assert (update.state, App.objects.get(pk=out.app_id).live_version) == (PassengerState.HELD, None)


def test_a_first_release_rolls_back_into_review(out, rita):
    heard = []
    rolled_back.connect(lambda passenger, **_: heard.append(passenger.pk), weak=False, dispatch_uid="test")
    try:
        roll_back(out, rita, "It drops events.")
    finally:
        rolled_back.disconnect(dispatch_uid="test")

    app = App.objects.get(pk=out.app_id)
    assert (app.stage, app.live_version) == (Stage.IN_REVIEW, None)
    assert not CatalogEntry.objects.filter(app=app).exists()
    assert heard == [out.pk]
    assert "It drops events." in mails("train_rolled_back")[0].text
    with pytest.raises(StaleState):
        roll_back(out, rita, "Once more.")


def test_an_update_rolls_back_to_the_version_before(out, alice, rita, clock):
    update = board_update(out, alice, rita)
    clock(pacific(2026, 12, 2, 9))
    depart(NEXT, rita)
    with pytest.raises(Refused, match="newer release"):
        roll_back(out, rita, "The wrong one.")
    roll_back(update, rita, "It drops events.")

    app = App.objects.get(pk=out.app_id)
    assert (app.stage, app.live_version) == (Stage.PRIVATE_BETA, out.version)
    assert CatalogEntry.objects.get(app=app).version == out.version
    roll_back(out, rita, "And this one, too.")
    assert App.objects.get(pk=out.app_id).stage == Stage.IN_REVIEW


def test_the_first_version_of_a_listed_app_stays(out, rita):
    app = App.objects.get(pk=out.app_id)
    move_stage(app, "open_public_beta", SYSTEM)
    with pytest.raises(Refused, match="catalog"):
        roll_back(out, rita, "It drops events.")


def test_a_deprecated_app_has_nothing_to_roll_back(out, rita):
    move_stage(App.objects.get(pk=out.app_id), "deprecate", SYSTEM)
    with pytest.raises(Refused, match="not live any more"):
        roll_back(out, rita, "It drops events.")


# --- Holding back -------------------------------------------------------------------------------------


def test_what_is_held_back_stays_and_its_makers_read_why(ready, clock, rita):
    hold(ready, rita, "A partner asked us to wait.")
    with pytest.raises(StaleState):
        hold(ready, rita, "Again.")
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)

    ready.refresh_from_db()
    assert (ready.state, ready.reason, ready.told_day) == (PassengerState.HELD, "A partner asked us to wait.", None)
    [mail] = mails("train_held")
    assert "A partner asked us to wait." in mail.text


def test_without_the_hold_it_takes_the_next_train(ready, clock, rita):
    hold(ready, rita, "Wait.")
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)
    unhold(ready, rita)

    ready.refresh_from_db()
    assert (ready.state, ready.reason, ready.told_day) == (PassengerState.READY, "", NEXT)
    assert "was not on the train of Wednesday, 25 November 2026" in mails("train_boarded")[-1].text
    with pytest.raises(StaleState):
        unhold(ready, rita)


def test_without_the_hold_and_without_a_merge_it_waits_for_the_merge(boarded, rita):
    hold(boarded, rita, "Wait.")
    unhold(boarded, rita)

    boarded.refresh_from_db()
    assert boarded.state == PassengerState.APPROVED
    assert len(mails("train_unheld")) == 1


# --- Who may ------------------------------------------------------------------------------------------


def test_partners_and_other_staff_run_no_train(ready, clock, alice, charlie):
    clock(RELEASE_DAY)
    for person in (alice, charlie):
        for verb in (lambda who: depart(WEDNESDAY, who), lambda who: emergency(ready, who, "Now."),
                     lambda who: hold(ready, who, "No."), lambda who: unhold(ready, who),
                     lambda who: roll_back(ready, who, "No.")):  # fmt: skip
            with pytest.raises(PermissionDenied):
                verb(person)


def test_a_reviewer_handles_no_app_of_their_own_company(ready, rita):
    Membership.objects.create(company=ready.app.company, user=rita, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        emergency(ready, rita, "Mine.")
