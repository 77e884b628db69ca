"""Mail on or off by kind; the notice comes anyway, and decisions always by mail."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import leaving
from audit.models import Record
from notifications import outbox, preferences
from notifications.delivery import Tally, drain
from notifications.line import Line
from notifications.models import OutboxMessage, Preference
from notifications.states import MessageState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_templates")]


class Deaf(Line):
    def send(self, mail):
        return None


@pytest.fixture
def no_messages(alice):
    Preference.objects.create(user=alice, kind="thread_message", by_mail=False)
    Preference.objects.create(user=alice, kind="rejected", by_mail=False)  # somebody tried


def tell(user, kind="thread_message", **options) -> OutboxMessage:
    return outbox.queue(kind, user, "probe", {}, notice="Look", **options)


@pytest.mark.usefixtures("no_messages")
def test_a_muted_kind_leaves_the_notice_and_sends_nothing(alice, bob):
    tell(alice, dedupe_key="a:1")
    tell(alice, dedupe_key="a:1")
    tell(bob)

    assert drain(line=Deaf()) == Tally(sent=1, muted=1)
    assert alice.notices.count() == 1
    assert OutboxMessage.objects.get(recipient=alice.email).state == MessageState.MUTED


@pytest.mark.usefixtures("no_messages")
def test_decisions_secrets_and_unknown_kinds_are_sent(alice):
    for kind, options in (("rejected", {}), ("thread_message", {"secret": True}), ("no_such_kind", {})):
        tell(alice, kind, **options)
    outbox.queue("thread_message", alice.email, "probe", {})  # an address is nobody's account

    assert drain(line=Deaf()) == Tally(sent=4)


@pytest.mark.usefixtures("no_messages")
def test_an_undo_takes_the_notice_of_a_muted_message_back(alice):
    tell(alice, hold=timedelta(minutes=10), dedupe_key="decision:1")

    assert outbox.drop("decision:1") == 1
    assert not alice.notices.exists()


def test_a_person_sets_their_ticks(alice, client_for):
    client, url = client_for(alice), reverse("account-mail")
    shown = [choice.kind.name for _, choices in preferences.choices(alice) for choice in choices]
    wanted = [name for name in shown if name != "thread_message"]

    for _ in range(2):  # twice is once
        assert client.post(url, {"page": "1", "mail": wanted}).status_code == 303
    assert Preference.objects.get().kind == "thread_message"
    assert Record.objects.filter(action="mail_preferences.changed").count() == 1
    assert leaving.export(alice)["switched_off_mails"] == {"thread_message": False}

    client.post(url, {"page": "1", "mail": shown})
    assert not Preference.objects.filter(by_mail=False).exists()


def test_nothing_can_switch_decisions_off(alice, client_for):
    client_for(alice).post(reverse("account-mail"), {"page": "1", "mail": []})

    assert not Preference.objects.filter(kind__in=["rejected", "changes_requested", "access_declined"]).exists()
    page = client_for(alice).get(reverse("account-mail")).content.decode()
    assert 'value="rejected" id="mail-rejected" checked disabled' in page


def test_the_desk_is_for_staff(alice, rita, client_for):
    assert "A submission waits for review" not in client_for(alice).get(reverse("account-mail")).content.decode()
    assert "A submission waits for review" in client_for(rita).get(reverse("account-mail")).content.decode()
