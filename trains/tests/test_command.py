"""`release_train` from a terminal: exit codes, JSON, and a dry run that changes nothing."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps_catalog.models import App
from notifications.models import OutboxMessage
from trains.models import Departure, Passenger
from trains.states import PassengerState
from trains.tests.conftest import RELEASE_DAY, WEDNESDAY

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("release_train", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def state_of(passenger):
    return Passenger.objects.get(pk=passenger.pk).state


def test_it_lets_the_train_that_waits_leave(ready, clock):
    clock(RELEASE_DAY)
    told = run()

    assert "The train of 2026-11-25 left with 1 on board.\n  pulled version 1: private_beta" in told
    assert state_of(ready) == PassengerState.DEPARTED
    with pytest.raises(CommandError, match=r"No train waits to leave\. The next one leaves on Wednesday, 2 December"):
        run()


def test_a_dry_run_says_all_and_changes_nothing(ready, clock):
    clock(RELEASE_DAY)
    mails = OutboxMessage.objects.count()
    found = json.loads(run("--day", str(WEDNESDAY), "--dry-run", "--json"))

    assert found["dry_run"]
    assert found["released"] == [{"app": "pulled", "version": 1, "stage": "private_beta", "state": "departed"}]
    assert (state_of(ready), Departure.objects.count()) == (PassengerState.READY, 0)
    assert OutboxMessage.objects.count() == mails
    assert App.objects.get(pk=ready.app_id).stage == "in_review"


def test_what_is_left_behind_is_named_and_is_no_success(ready, clock):
    ready.app.company.archived_at = RELEASE_DAY
    ready.app.company.save()
    clock(RELEASE_DAY)
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("release_train", stdout=out, stderr=out)

    assert end.value.code == 1
    assert "pulled version 1 was left behind. Its company is archived or about to be deleted." in out.getvalue()


def test_one_app_at_a_time(ready, clock):
    assert "pulled version 1: held" in run("--hold", "pulled", "--reason", "Wait.")
    assert "pulled version 1: ready" in run("--unhold", "pulled")
    found = json.loads(run("--emergency", "pulled", "--reason", "It leaks.", "--json"))
    assert (found["verb"], found["state"], found["stage"]) == ("emergency", "departed", "private_beta")
    assert "pulled version 1: rolled_back" in run("--roll-back", "pulled", "--reason", "It leaks more.")
    with pytest.raises(CommandError, match="Nothing of Pulled is on its way"):
        run("--hold", "pulled", "--reason", "Wait.")


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("--day", "tomorrow"), "is no day", 2),
        (("--hold", "pulled"), "--reason", 2),
        (("--reason", "So."), "belongs to", 2),
        (("--hold", "nothing", "--reason", "So."), "There is no App", 2),
        (("--hold", "pulled", "--reason", "So.", "--day", "2026-11-25"), "--day goes", 2),
        (("--day", "2026-11-26"), "no release day", 1),
        (("--unhold", "pulled"), "already on board", 1),
    ],
)
def test_what_cannot_be_done_says_why(ready, clock, arguments, words, code):
    clock(RELEASE_DAY)
    with pytest.raises(CommandError, match=words) as error:
        run(*arguments)
    assert error.value.returncode == code
