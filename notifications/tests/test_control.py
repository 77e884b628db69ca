"""The desk of the outbox: hold, release, send again, cancel, each recorded and each once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Record
from leases.transitions import StaleState
from notifications import control, outbox
from notifications.delivery import Tally, drain
from notifications.line import Line
from notifications.models import OutboxMessage
from notifications.states import MessageState

pytestmark = pytest.mark.django_db


class Deaf(Line):
    """Takes every mail and keeps none."""

    def send(self, mail):
        return None


def state(message):
    return OutboxMessage.objects.get(pk=message.pk).state


def test_a_held_message_waits_and_a_released_one_goes(make_mail, adam):
    message = make_mail()

    control.hold(message, adam)
    assert drain(line=Deaf()) == Tally()
    with pytest.raises(StaleState):
        control.hold(message, adam)
    control.release(message, adam)
    assert drain(line=Deaf()) == Tally(sent=1)
    with pytest.raises(StaleState):
        control.release(message, adam)
    assert [record.action for record in Record.objects.order_by("pk")] == ["mail.held", "mail.released"]


def test_a_release_is_not_earlier_than_the_interval_for_undo(make_mail, adam):
    message = make_mail(due_at=timezone.now() + timedelta(minutes=9))

    control.hold(message, adam)
    control.release(message, adam)

    assert drain(line=Deaf()) == Tally()
    assert state(message) == MessageState.QUEUED


def test_what_is_undone_is_dropped_also_while_it_is_held(make_mail, adam):
    message = make_mail(dedupe_key="decision:1")
    control.hold(message, adam)

    assert outbox.drop("decision:1") == 1
    with pytest.raises(StaleState):
        control.release(message, adam)


@pytest.mark.parametrize("before", [MessageState.QUEUED, MessageState.HELD, MessageState.FAILED])
def test_a_cancelled_message_never_goes_out(make_mail, adam, before):
    message = make_mail(state=before)

    control.cancel(message, adam)

    message.refresh_from_db()
    assert (message.state, message.text, message.due_at) == (MessageState.DROPPED, "", None)
    assert drain(line=Deaf()) == Tally()


@pytest.mark.parametrize("verb", [control.hold, control.cancel])
def test_what_a_worker_has_in_hand_is_left_alone(make_mail, adam, verb):
    message = make_mail()
    OutboxMessage.objects.queued().claim(lease=timedelta(seconds=30))

    with pytest.raises(StaleState):
        verb(message, adam)
    assert not Record.objects.exists()


@pytest.mark.parametrize("verb", [control.hold, control.release, control.retry, control.cancel])
def test_a_sent_message_cannot_be_changed(make_mail, adam, verb):
    with pytest.raises(StaleState):
        verb(make_mail(state=MessageState.SENT, due_at=None), adam)


def test_the_admin_offers_the_same_verbs(make_mail, adam, client_for):
    client, url = client_for(adam), reverse("admin:notifications_outboxmessage_changelist")
    queued, sent = make_mail(), make_mail(state=MessageState.SENT, due_at=None)

    for action, words in (("hold", "1 held."), ("release", "1 released."), ("cancel", "1 cancelled.")):
        chosen = {"action": action, "_selected_action": [queued.pk, sent.pk]}
        page = client.post(url, chosen, follow=True).content.decode()
        assert words in page
        assert "1 left alone" in page
    for query in ("?state__exact=held", "?kind=live", "?is_muted__exact=1"):
        assert client.get(url + query).status_code == 200
