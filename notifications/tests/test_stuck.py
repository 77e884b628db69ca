"""Messages that only staff can move on: seen by `doctor`, on the first page of the admin, and told once a day."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from devcenter import doctor
from devcenter.purging import PURGES
from notifications.models import ArrivedMail, InboundMail, Notice, OutboxMessage
from notifications.states import InboundState, MessageState
from notifications.stuck import alert, stuck

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD = NOW - timedelta(days=2)


@pytest.fixture
def waiting(make_mail):
    """One of each sort, two days old, and what does not count."""
    for state in MessageState.values:
        make_mail(state=state, due_at=OLD if state == MessageState.HELD else None)
    for state in InboundState.values:
        InboundMail.objects.create(digest=state, state=state)
    for due_at in (None, NOW):
        ArrivedMail.objects.create(raw=b"x", size=1, due_at=due_at)
    OutboxMessage.objects.update(created_at=OLD)
    InboundMail.objects.update(at=OLD)
    ArrivedMail.objects.update(at=OLD)


def test_each_sort_is_counted_once_it_is_old(waiting, settings):
    assert [one.number for one in stuck(NOW)] == [1, 1, 1, 1]
    settings.MAIL_ALERT_HOURS = 72
    assert stuck(NOW) == []


def test_a_held_message_whose_time_has_not_come_does_not_count(make_mail):
    make_mail(state=MessageState.HELD, due_at=NOW + timedelta(days=1))
    OutboxMessage.objects.update(created_at=OLD)
    assert stuck(NOW) == []


def test_doctor_and_the_admin_say_so(waiting, adam, rita, client_for):
    finding = doctor.waiting_mail()
    assert (finding.state, "1 could not be sent" in finding.text) == (doctor.FAIL, True)
    page = client_for(adam).get(reverse("admin:index")).content.decode()
    assert "1 came in and could not be read" in page
    for one in stuck(NOW):
        assert one.url in page
        assert client_for(adam).get(one.url).status_code == 200
    InboundMail.objects.all().delete()
    ArrivedMail.objects.all().delete()
    OutboxMessage.objects.all().delete()
    assert doctor.waiting_mail().state == doctor.OK
    assert "Mails wait for you" not in client_for(adam).get(reverse("admin:index")).content.decode()


def test_administrators_are_told_once_a_day(waiting, adam, rita):
    for moment in (NOW, NOW, NOW + timedelta(days=1)):
        alert(moment)

    assert OutboxMessage.objects.filter(kind="mail_stuck").count() == 2
    assert set(Notice.objects.values_list("user", flat=True)) == {adam.pk}


def test_inbound_rows_are_purged_after_their_time(waiting, settings):
    settings.INBOUND_KEPT_DAYS = 3
    assert PURGES["answers"](NOW) == 0
    settings.INBOUND_KEPT_DAYS = 1
    assert PURGES["answers"](NOW) == len(InboundState) + 1
    assert ArrivedMail.objects.count() == 1
