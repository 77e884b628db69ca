"""Getting on and off: approvals and merges in any order, what the makers are told, and what is taken back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps_catalog.versions import freeze
from audit.models import Record
from notifications.models import OutboxMessage
from notifications.states import MessageState
from pulls.models import PullRequest
from pulls.signals import pull_changed
from pulls.standing import snapshot
from trains.boarding import board, heal, merged, take_off
from trains.departing import hold
from trains.models import Passenger
from trains.states import PassengerState
from trains.tests.conftest import CUTOFF, FRIDAY, MONDAY, WEDNESDAY, merge, newest, pacific

pytestmark = pytest.mark.django_db


def mails(kind: str) -> list[OutboxMessage]:
    unsent = OutboxMessage.objects.filter(kind=kind, channel__isnull=True)
    return list(unsent.exclude(state=MessageState.DROPPED).order_by("created_at"))


def test_an_approval_waits_for_the_merge(boarded, pull):
    assert (boarded.state, boarded.ready_at, boarded.head_sha) == (PassengerState.APPROVED, None, pull.head_sha)
    assert mails("train_boarded") == []


def test_what_was_merged_before_is_ready_with_its_approval(ready):
    assert (ready.state, ready.ready_at, ready.told_day) == (PassengerState.READY, MONDAY, WEDNESDAY)


def test_what_is_merged_later_is_ready_with_the_merge_by_the_clock_of_github(clock, boarded, pull):
    """Told late: the word of Tuesday afternoon comes on Wednesday morning."""
    clock(pacific(2026, 11, 25, 9))
    merge(pull, CUTOFF)

    assert merged(pull)
    boarded.refresh_from_db()
    assert (boarded.state, boarded.ready_at, boarded.told_day) == (PassengerState.READY, CUTOFF, WEDNESDAY)
    assert not merged(pull)


def test_the_makers_read_which_train_and_why(clock, boarded, pull):
    clock(pacific(2026, 11, 24, 18))
    merge(pull, pacific(2026, 11, 24, 17, 30))
    merged(pull)

    [mail] = mails("train_boarded")
    assert mail.recipient == "alice@acme.example"
    assert "Wednesday, 2 December 2026" in mail.subject
    assert "after Tuesday, 24 November 2026, 17:00 PST, the cut-off" in mail.text


def test_the_word_is_held_as_long_as_the_approval_can_be_undone(ready, settings):
    settings.UNDO_SECONDS = 600
    again = board(ready.app, ready.version, ready.pull, ready.approved_by)

    [mail] = mails("train_boarded")
    assert mail.due_at == again.approved_at + timedelta(seconds=600)


def test_a_signal_of_github_is_enough(boarded, pull):
    before = snapshot(pull)
    merge(pull, timezone.now())
    pull_changed.send(PullRequest, pull=pull, before=before)

    boarded.refresh_from_db()
    assert boarded.state == PassengerState.READY


def test_another_commit_than_the_approved_one_is_not_ready(boarded, pull):
    pull.head_sha = "another"
    assert not merged(merge(pull, timezone.now()))


def test_a_merge_during_the_approval_is_found_later(boarded, pull):
    merge(pull, timezone.now())

    assert (heal(), heal()) == (1, 0)
    boarded.refresh_from_db()
    assert boarded.state == PassengerState.READY


def test_a_merge_of_what_belongs_to_another_makes_nothing_ready(boarded, pull):
    """Its claim was released, and nobody acted on it."""
    pull.app = None
    pull.save(update_fields=["app"])

    assert not merged(merge(pull, timezone.now()))
    assert heal() == 0
    boarded.refresh_from_db()
    assert boarded.state == PassengerState.APPROVED


def test_a_held_one_stays_held_when_it_is_merged(boarded, pull, adam):
    hold(boarded, adam, "We wait for a contract.")
    merged(merge(pull, timezone.now()))

    boarded.refresh_from_db()
    assert (boarded.state, boarded.ready_at) == (PassengerState.HELD, max(boarded.approved_at, pull.merged_at))
    assert heal() == 0


def test_a_newer_approval_takes_the_seat(ready, alice, rita):
    version = freeze(ready.app, alice)
    newer = board(ready.app, version, ready.pull, rita)

    ready.refresh_from_db()
    assert (ready.state, ready.reason) == (PassengerState.TAKEN_OFF, "Version 2 was approved in its place.")
    assert Passenger.objects.travelling().get() == newer


@pytest.mark.parametrize("state", ["approved", "ready", "held"])
def test_an_approval_that_is_taken_back_leaves_the_train(ready, rita, state):
    Passenger.objects.filter(pk=ready.pk).update(state=state)

    assert take_off(ready.app, ready.version, rita, "The approval was dismissed.")
    assert not take_off(ready.app, ready.version, rita, "Again.")
    ready.refresh_from_db()
    assert (ready.state, ready.reason) == (PassengerState.TAKEN_OFF, "The approval was dismissed.")
    assert mails("train_boarded") == []
    assert Record.objects.filter(action="train.taken_off").count() == 1


def test_what_left_cannot_be_taken_off(ready, rita):
    Passenger.objects.filter(pk=ready.pk).update(state=PassengerState.DEPARTED)

    assert not take_off(ready.app, newest(ready.app), rita, "Too late.")


def test_the_days_are_those_of_the_office():
    assert FRIDAY.date() == date(2026, 11, 20)
