"""reviews.releases: the release train, the thresholds, and the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps_catalog.models import App
from apps_catalog.states import Stage
from audit.models import Record
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from notifications.states import MessageState
from partners.clock import calendar
from partners.lifecycle import archive
from partners.models import ClosedDay, Policy
from reviews import decisions, launches, release_dates, releases, submissions
from reviews.models import Release, Verification
from reviews.refusals import NotReady, Refused
from reviews.road import Station, road_of
from reviews.tests.conftest import number_live, pass_all
from tests.sandbox import verified

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked_at", "due_at"),
    [
        # Tuesday 17:00 in Los Angeles is the cut-off for Wednesday 17:00 (S31).
        (datetime(2026, 11, 3, 17, 0, tzinfo=UTC), datetime(2026, 11, 5, 1, 0, tzinfo=UTC)),
        (datetime(2026, 11, 4, 1, 0, tzinfo=UTC), datetime(2026, 11, 5, 1, 0, tzinfo=UTC)),
        (datetime(2026, 11, 4, 1, 1, tzinfo=UTC), datetime(2026, 11, 13, 1, 0, tzinfo=UTC)),
        (datetime(2026, 7, 6, 17, 0, tzinfo=UTC), datetime(2026, 7, 9, 0, 0, tzinfo=UTC)),
    ],
)
def test_the_release_day(asked_at, due_at) -> None:
    # Wednesday 11 November 2026 is Veterans Day, so the third case would go on to the 18th.
    found = releases.next_release(Policy(), asked_at)
    expected = due_at if due_at.day != 13 else datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
    assert found == expected


def test_a_closed_release_day_is_left_out() -> None:
    ClosedDay.objects.create(day="2026-07-08")
    found = releases.next_release(Policy(), datetime(2026, 7, 6, 17, 0, tzinfo=UTC))
    assert found == datetime(2026, 7, 16, 0, 0, tzinfo=UTC)


def test_asking_needs_the_thresholds_and_says_what_is_missing(in_beta: App, alice, carol) -> None:
    with pytest.raises(NotReady, match="1 customer has to confirm"):
        releases.ask_to_go_public(in_beta, alice)
    verified(in_beta, carol, "Works.")
    first = releases.ask_to_go_public(in_beta, alice)
    assert releases.ask_to_go_public(in_beta, alice) == first
    assert Record.objects.filter(action="release.requested").count() == 1


def test_reviewers_are_told_of_the_request(in_beta: App, alice, carol, rita) -> None:
    verified(in_beta, carol, "Works.")
    releases.ask_to_go_public(in_beta, alice)
    assert [mail.recipient for mail in OutboxMessage.objects.filter(kind="release_requested")] == [rita.email]


def test_only_a_private_beta_asks(submission, alice) -> None:
    with pytest.raises(Refused, match="private beta"):
        releases.ask_to_go_public(submission.app, alice)


@pytest.mark.parametrize("who", ["viv", "charlie", "carol", "rita"])
def test_who_may_not_ask(who, in_beta: App, request) -> None:
    with pytest.raises(PermissionDenied):
        releases.ask_to_go_public(in_beta, request.getfixturevalue(who))


def test_release_lists_the_app_as_public_beta(asked: Release, rita) -> None:
    releases.release(asked, rita)
    app = App.objects.get(pk=asked.app_id)
    assert app.stage == Stage.PUBLIC_BETA
    assert app.entry.listed_at is not None
    assert app.entry.is_beta
    assert OutboxMessage.objects.filter(kind="live").count() == 1
    with pytest.raises(StaleState) as error:
        releases.release(Release.objects.get(pk=asked.pk), rita)
    assert "Rita" in decisions.who_was_first(error.value)
    assert OutboxMessage.objects.filter(kind="live").count() == 1


def test_without_beta_days_it_is_public_at_once(ready: App, alice, rita, carol) -> None:
    Policy.objects.create(public_beta_days=0)
    made = submissions.submit(ready, alice)
    pass_all(made, rita)
    decisions.approve(made, rita)
    app = App.objects.get(pk=ready.pk)
    verified(app, carol, "Works.")
    releases.release(releases.ask_to_go_public(app, alice), rita)
    app = App.objects.get(pk=ready.pk)
    assert app.stage == Stage.PUBLIC
    assert not app.entry.is_beta


@pytest.mark.parametrize("who", ["alice", "viv", "charlie", "carol"])
def test_only_reviewers_release(who, asked: Release, request) -> None:
    with pytest.raises(PermissionDenied):
        releases.release(asked, request.getfixturevalue(who))


def test_a_lost_customer_stops_the_release(asked: Release, rita) -> None:
    Verification.objects.all().delete()
    with pytest.raises(NotReady):
        releases.release(asked, rita)


def test_undoing_a_release(asked: Release, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    releases.release(asked, rita)
    releases.undo_release(asked, rita)
    app = App.objects.get(pk=asked.app_id)
    assert app.stage == Stage.PRIVATE_BETA
    assert app.entry.listed_at is None
    assert OutboxMessage.objects.get(kind="live").state == MessageState.DROPPED
    with pytest.raises(StaleState):
        releases.undo_release(asked, rita)
    releases.release(Release.objects.get(pk=asked.pk), rita)
    assert OutboxMessage.objects.filter(kind="live", state=MessageState.QUEUED).count() == 1


def test_a_release_cannot_be_undone_for_ever(asked: Release, rita, settings) -> None:
    settings.UNDO_SECONDS = 0
    releases.release(asked, rita)
    with pytest.raises(Refused, match="told"):
        releases.undo_release(asked, rita)


def test_the_clock_takes_the_badge_off_after_the_days(listed: App) -> None:
    assert releases.advance_stages(timezone.now() + timedelta(days=13)) == 0
    assert releases.advance_stages(timezone.now() + timedelta(days=15)) == 1
    assert releases.advance_stages(timezone.now() + timedelta(days=15)) == 0
    app = App.objects.get(pk=listed.pk)
    assert app.stage == Stage.PUBLIC
    assert not app.entry.is_beta
    assert OutboxMessage.objects.filter(kind="beta_badge_off").count() == 1


def test_the_clock_publishes_the_version_that_is_live_by_then(listed: App, alice, rita) -> None:
    """It reads each App under its lock: an update approved a moment ago is never published back."""
    update = submissions.submit(listed, alice, "Update.")
    pass_all(update, rita)
    decisions.approve(update, rita)
    assert releases.advance_stages(timezone.now() + timedelta(days=15)) == 1
    app = App.objects.get(pk=listed.pk)
    assert number_live(app) == app.entry.version.number == 2


def test_the_clock_waits_for_customers(listed: App) -> None:
    Verification.objects.all().delete()
    assert releases.advance_stages(timezone.now() + timedelta(days=15)) == 0


def test_an_app_of_an_archived_company_is_not_released(asked: Release, company, alice, rita) -> None:
    archive(company, alice)
    with pytest.raises(NotReady, match="archived"):
        releases.release(Release.objects.get(pk=asked.pk), rita)


# --- A launch with a day ------------------------------------------------------------------------------------

MONDAY = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)


@pytest.fixture
def proven(in_beta: App, carol) -> App:
    verified(in_beta, carol, "Works.")
    return in_beta


def launch_date(days: int) -> date:
    """A working day at least `days` from now, after the next release day."""
    day = timezone.now().date() + timedelta(days=days)
    while not calendar().is_business_day(day):
        day += timedelta(days=1)
    return day


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 3), "4 November 2026 or later"),  # before the release day that is still to be reached
        (date(2026, 11, 7), "closed on Saturday"),
        (date(2026, 11, 11), "closed on Wednesday"),  # Veterans Day
        (date(2027, 6, 1), "or earlier"),
        (date(2026, 11, 4), ""),
        (date(2026, 11, 5), ""),
    ],
)
def test_which_days_can_be_picked(day, words) -> None:
    if not words:
        release_dates.check_launch_day(Policy(), day, MONDAY)
        return
    with pytest.raises(Refused, match=words):
        release_dates.check_launch_day(Policy(), day, MONDAY)


def test_a_launch_is_at_nine_at_the_office_in_summer_and_in_winter() -> None:
    assert release_dates.launch_moment(date(2026, 11, 5)) == datetime(2026, 11, 5, 17, 0, tzinfo=UTC)
    assert release_dates.launch_moment(date(2026, 7, 9)) == datetime(2026, 7, 9, 16, 0, tzinfo=UTC)


def test_a_picked_day_waits_for_the_beat(proven: App, alice, rita) -> None:
    asked = releases.ask_to_go_public(proven, alice, launch_date(20))
    assert asked.due_at < asked.launch_at
    releases.release(asked, rita)
    assert App.objects.get(pk=proven.pk).stage == Stage.PRIVATE_BETA
    assert OutboxMessage.objects.filter(kind="release_scheduled").count() == 1
    assert not OutboxMessage.objects.filter(kind="live").exists()
    assert launches.launch_due(asked.launch_at - timedelta(minutes=1)) == 0
    assert [launches.launch_due(asked.launch_at) for _ in range(2)] == [1, 0]
    app = App.objects.get(pk=proven.pk)
    assert app.stage == Stage.PUBLIC_BETA
    assert app.entry.listed_at is not None
    assert OutboxMessage.objects.filter(kind="live").count() == 1


def test_a_scheduled_launch_can_be_moved_and_cancelled(proven: App, alice, rita) -> None:
    asked = releases.ask_to_go_public(proven, alice, launch_date(20))
    releases.release(asked, rita)
    moved = releases.change_launch(proven, alice, launch_date(40))
    assert moved.is_scheduled
    assert launches.launch_due(asked.launch_at) == 0
    releases.change_launch(proven, alice, launch_date(40))
    assert Record.objects.filter(action="release.changed").count() == 1
    sooner = releases.change_launch(proven, alice, None)
    assert sooner.launch_at == release_dates.next_release(Policy.current(), timezone.now())
    assert releases.cancel_request(proven, alice)
    assert not releases.cancel_request(proven, alice)
    assert not Release.objects.exists()
    with pytest.raises(Refused, match="taken the request back"):
        releases.release(asked, rita)
    with pytest.raises(Refused, match="no launch to move"):
        releases.change_launch(proven, alice, None)


def test_another_day_gives_whoever_waits_a_fresh_date_and_one_that_was_missed_stays(proven: App, alice) -> None:
    near = launch_date(20)
    asked = releases.ask_to_go_public(proven, alice, near)
    Release.objects.update(due_at=timezone.now() + timedelta(hours=1))
    moved = releases.change_launch(proven, alice, launch_date(40))
    assert moved.due_at == release_dates.next_release(Policy.current(), timezone.now()) > asked.requested_at
    told = Record.objects.get(action="release.changed").data
    assert (told["due"], told["launch"]) == (moved.due_at.isoformat(), moved.launch_at.isoformat())
    missed = timezone.now() - timedelta(hours=1)
    Release.objects.update(due_at=missed)
    assert releases.change_launch(proven, alice, near).due_at == missed


def test_a_planned_launch_is_moved_and_recalled_long_after_the_undo_interval(proven: App, alice, rita) -> None:
    """Its makers read the day that holds, and a mail with another day that has not gone out yet never does."""
    asked = releases.ask_to_go_public(proven, alice, launch_date(20))
    releases.release(asked, rita)
    Release.objects.update(released_at=timezone.now() - timedelta(days=3))
    moved = releases.change_launch(proven, alice, launch_date(40))
    first, second = OutboxMessage.objects.filter(kind="release_scheduled").order_by("created_at")
    assert (first.state, second.state) == (MessageState.DROPPED, MessageState.QUEUED)
    assert second.due_at <= timezone.now()
    assert f"{moved.launch_at:%B %Y}" in second.text
    assert "due" not in Record.objects.get(action="release.changed").data
    assert releases.cancel_request(proven, alice)
    assert launches.launch_due(moved.launch_at) == 0


@pytest.mark.parametrize("who", ["viv", "charlie", "carol", "rita"])
def test_who_may_not_move_or_cancel(who, asked: Release, request) -> None:
    actor = request.getfixturevalue(who)
    for act in (releases.cancel_request, lambda app, person: releases.change_launch(app, person, None)):
        with pytest.raises(PermissionDenied):
            act(asked.app, actor)


def test_a_launch_that_lost_its_customer_moves_to_the_next_release_and_says_why(proven: App, alice, rita) -> None:
    asked = releases.ask_to_go_public(proven, alice, launch_date(20))
    releases.release(asked, rita)
    Verification.objects.all().delete()
    assert [launches.launch_due(asked.launch_at) for _ in range(2)] == [0, 0]
    now = Release.objects.get(pk=asked.pk)
    assert now.launch_at == release_dates.next_release(Policy.current(), asked.launch_at)
    mail = OutboxMessage.objects.get(kind="release_postponed")
    assert "1 customer has to confirm" in mail.text
    assert road_of(proven).station == Station.SCHEDULED
    assert road_of(proven).blocks


def test_undoing_a_planned_launch_drops_its_mail(proven: App, alice, rita, settings) -> None:
    settings.UNDO_SECONDS = 600
    asked = releases.ask_to_go_public(proven, alice, launch_date(20))
    releases.release(asked, rita)
    releases.undo_release(asked, rita)
    assert OutboxMessage.objects.get(kind="release_scheduled").state == MessageState.DROPPED
    assert launches.launch_due(asked.launch_at) == 0
    assert App.objects.get(pk=proven.pk).stage == Stage.PRIVATE_BETA


def test_the_days_in_beta_are_those_of_the_policy_at_submission(listed: App) -> None:
    """D48: whoever changes the policy later changes nothing for this App."""
    Policy.objects.create(public_beta_days=90, customers_to_verify=10)
    assert road_of(listed).policy.public_beta_days == 14
    assert releases.advance_stages(timezone.now() + timedelta(days=15)) == 1
