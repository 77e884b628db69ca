from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.models import Notice, OutboxMessage
from notifications.states import MessageState

pytestmark = pytest.mark.django_db


def make_notice(user, text="Something happened", **fields) -> Notice:
    return Notice.objects.create(user=user, kind="test", text=text, **{"visible_at": timezone.now(), **fields})


# --- Notices -----------------------------------------------------------------------------------------


def test_a_person_sees_their_own_notices_that_are_not_held(alice, charlie, client_for):
    make_notice(alice, "For Alice")
    make_notice(charlie, "For Charlie")
    make_notice(alice, "Not yet", visible_at=timezone.now() + timedelta(minutes=5))

    page = client_for(alice).get(reverse("notice-list")).content.decode()

    assert "For Alice" in page
    assert "For Charlie" not in page
    assert "Not yet" not in page


def test_an_empty_list_says_what_it_is_for(alice, client_for):
    assert "No notices yet" in client_for(alice).get(reverse("notice-list")).content.decode()


def test_a_notice_shows_hostile_names_as_text(alice, client_for):
    make_notice(alice, "<script>alert(1)</script>")

    assert "<script>alert(1)" not in client_for(alice).get(reverse("notice-list")).content.decode()


def test_opening_a_notice_reads_it_and_goes_there(alice, client_for):
    notice, other = make_notice(alice, url="/account/"), make_notice(alice)

    response = client_for(alice).post(reverse("notice-open", args=[notice.pk]))

    assert (response.status_code, response["Location"]) == (303, "/account/")
    notice.refresh_from_db()
    other.refresh_from_db()
    assert notice.read_at is not None
    assert other.read_at is None


def test_reading_all_twice_is_reading_all_once(alice, client_for):
    make_notice(alice)
    client = client_for(alice)

    for _ in range(2):
        assert client.post(reverse("notice-read-all")).status_code == 303
        assert not alice.notices.filter(read_at__isnull=True).exists()


def test_a_strangers_notice_does_not_exist(alice, charlie, client_for):
    notice = make_notice(alice)

    assert client_for(charlie).post(reverse("notice-open", args=[notice.pk])).status_code == 404
    assert client_for(charlie).post(reverse("notice-read-all")).status_code == 303
    notice.refresh_from_db()
    assert notice.read_at is None


@pytest.mark.parametrize("name", ["notice-list", "notice-read-all"])
def test_visitors_are_asked_to_log_in(client, name):
    assert client.post(reverse(name)).status_code == 302


def test_reading_takes_a_post(alice, client_for):
    notice = make_notice(alice)

    assert client_for(alice).get(reverse("notice-open", args=[notice.pk])).status_code == 405
    assert client_for(alice).get(reverse("notice-read-all")).status_code == 405


def test_the_list_costs_the_same_however_long_it_is(alice, client_for):
    client = client_for(alice)
    make_notice(alice)
    client.get(reverse("notice-list"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("notice-list"))
    for _ in range(60):
        make_notice(alice)

    with CaptureQueriesContext(connection) as many:
        page = client.get(reverse("notice-list"))

    assert len(many) == len(few)
    assert len(page.context["page_obj"].object_list) == 25
    assert "Page 1 of 3" in page.content.decode()


# --- The admin ----------------------------------------------------------------------------------------


def test_staff_see_the_outbox_but_no_codes(adam, client_for, make_mail):
    open_mail = make_mail(text="Your App is approved")
    secret = make_mail(text="ABCD-EFGH", is_secret=True)
    client = client_for(adam)

    assert client.get(reverse("admin:notifications_outboxmessage_changelist")).status_code == 200
    assert "is approved" in client.get(_change(open_mail)).content.decode()
    assert "ABCD-EFGH" not in client.get(_change(secret)).content.decode()


def _change(message: OutboxMessage) -> str:
    return reverse("admin:notifications_outboxmessage_change", args=[message.pk])


def test_staff_change_nothing_by_hand(adam, client_for, make_mail):
    message = make_mail()
    client = client_for(adam)

    assert client.get(reverse("admin:notifications_outboxmessage_add")).status_code == 403
    assert client.post(_change(message), {"recipient": "x@demo.example"}).status_code == 403
    delete = reverse("admin:notifications_outboxmessage_delete", args=[message.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_staff_send_failed_messages_again(adam, client_for, make_mail):
    failed = make_mail(state=MessageState.FAILED, due_at=None, tries=8)
    wiped = make_mail(state=MessageState.FAILED, due_at=None, text="", is_secret=True)
    sent = make_mail(state=MessageState.SENT, due_at=None)

    page = client_for(adam).post(
        reverse("admin:notifications_outboxmessage_changelist"),
        {"action": "send_again", "_selected_action": [message.pk for message in (failed, wiped, sent)]},
        follow=True,
    )

    assert "1 queued again." in page.content.decode()
    assert "2 left alone" in page.content.decode()
    assert list(OutboxMessage.objects.queued()) == [failed]


def test_the_outbox_list_costs_the_same_however_long_it_is(adam, client_for, make_mail):
    client, url = client_for(adam), reverse("admin:notifications_outboxmessage_changelist")
    make_mail()
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(30):
        make_mail()

    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(many) == len(few)
