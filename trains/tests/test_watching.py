"""What the beat tells, and whom: makers whose train changed, and the team on cut-off and release day."""

from datetime import date, timedelta

import pytest

from apps_catalog.states import Stage
from notifications.models import OutboxMessage
from notifications.states import MessageState
from trains.departing import depart
from trains.models import Freeze
from trains.states import PassengerState
from trains.tests.conftest import CUTOFF, MONDAY, RELEASE_DAY, WEDNESDAY, merge, pacific
from trains.tests.test_boarding import mails
from trains.watching import watch

pytestmark = pytest.mark.django_db
AFTER_CUTOFF = CUTOFF + timedelta(minutes=1)


def test_a_freeze_is_told_once_to_those_it_moves(ready, clock):
    assert watch(MONDAY) == 0
    OutboxMessage.objects.update(state=MessageState.SENT)
    Freeze.objects.create(first=WEDNESDAY, last=WEDNESDAY, reason="Big sale")

    assert (watch(MONDAY), watch(MONDAY)) == (1, 0)
    ready.refresh_from_db()
    assert ready.told_day == date(2026, 12, 2)
    [mail] = mails("train_changed")
    assert "Wednesday, 2 December 2026" in mail.subject
    assert "(Big sale)" in mail.text


def test_who_is_moved_twice_before_they_were_told_hears_the_last(ready, clock, settings):
    settings.UNDO_SECONDS = 600
    ready.told_day = None
    ready.save()
    watch(MONDAY)
    Freeze.objects.create(first=WEDNESDAY, last=WEDNESDAY, reason="Big sale")
    watch(MONDAY)

    assert mails("train_changed") == []
    assert "2 December" in mails("train_boarded")[-1].subject


def test_a_train_that_is_leaving_moves_nobody(ready, clock, rita):
    clock(RELEASE_DAY)
    depart(WEDNESDAY, rita)
    ready.state = PassengerState.READY
    ready.save()

    assert watch(RELEASE_DAY + timedelta(minutes=1)) == 0
    assert watch(RELEASE_DAY + timedelta(minutes=16)) == 1


def test_a_missed_merge_is_found(boarded, pull):
    merge(pull, boarded.approved_at)
    watch()
    boarded.refresh_from_db()
    assert boarded.state == PassengerState.READY


@pytest.mark.parametrize("change", [{"deleted_at": MONDAY}, {"stage": Stage.DEPRECATED}])
def test_an_app_that_ended_is_seen_off(ready, change):
    type(ready.app).objects.filter(pk=ready.app_id).update(**change)
    watch(MONDAY)
    ready.refresh_from_db()
    assert ready.state == PassengerState.TAKEN_OFF


def test_the_team_reads_at_the_cut_off_who_is_on_board(ready, clock):
    watch(CUTOFF)
    assert mails("train_digest") == []
    watch(AFTER_CUTOFF)
    watch(AFTER_CUTOFF + timedelta(hours=1))

    [mail] = mails("train_digest")
    assert (mail.recipient, "On board: Pulled v1" in mail.text) == ("rita@segment.example", True)


def test_the_digest_names_what_did_not_make_it(boarded, clock, time_machine):
    boarded.approved_at = MONDAY
    boarded.save()
    watch(AFTER_CUTOFF)

    assert "not on board: Pulled v1 (approved, not merged yet)" in mails("train_digest")[0].text


def test_on_release_day_the_team_is_reminded_as_the_office_opens(ready, clock, rita):
    watch(pacific(2026, 11, 25, 8))
    assert mails("train_today") == []
    watch(pacific(2026, 11, 25, 9))
    watch(pacific(2026, 11, 25, 12))
    assert len(mails("train_today")) == 1


def test_without_passengers_nobody_is_bothered(rita, clock):
    watch(AFTER_CUTOFF)
    watch(RELEASE_DAY)
    assert mails("train_digest") == mails("train_today") == []
