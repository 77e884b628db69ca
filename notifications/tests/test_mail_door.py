"""The door for mail providers: a mail is ours once it is a row, and is read once, whatever happens meanwhile."""

import http.client
import socket
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Record
from notifications import arrivals, mail_door, reply
from notifications.arrivals import GAPS, read_due
from notifications.inbound import MAX_BYTES
from notifications.models import ArrivedMail, InboundMail, OutboxMessage
from reviews.models import ThreadEntry
from reviews.tasks import read_arrived_mails

pytestmark = pytest.mark.django_db
SECRET, OLDER = "s" * 40, "o" * 40
URL = "/mail/in/"


@pytest.fixture(autouse=True)
def door(settings):
    settings.REPLY_ADDRESS = "reply@in.example.com"
    settings.MAIL_DOOR_SECRETS = [SECRET, OLDER]


def mail(app, user, text: str = "All of them.", to: str = "") -> bytes:
    to = to or reply.address_for(f"app:{app.pk}", user)
    return f"From: {user.email}\r\nTo: {to}\r\nMessage-ID: <1@mail.example>\r\n\r\n{text}".encode()


def post(client, raw: bytes = b"x", secret: str = SECRET, **headers: str):
    headers = {"Authorization": f"Bearer {secret}", **headers}
    return client.post(URL, raw, content_type="message/rfc822", headers=headers)


def send_half(port: int) -> bytes:
    """The provider goes away in the middle of a mail; what it would be told."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        head = f"POST {URL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: 5000"
        line.sendall(head.encode() + b"\r\n\r\nFrom: half")
        line.shutdown(socket.SHUT_WR)
        return line.recv(12)


@pytest.mark.django_db(transaction=True)
def test_a_mail_comes_in_over_a_real_socket_and_lands_once(live_server, app, alice, settings):
    """As a provider sends it: no cookies, no token of a form; and twice, because it did not hear the first answer."""
    line = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=10)
    settings.ALLOWED_HOSTS = ["*"]
    answers = []
    for secret in (SECRET, OLDER, "wrong"):
        line.request("POST", URL, mail(app, alice), {"Authorization": f"Bearer {secret}"})
        with line.getresponse() as response:
            answers.append((response.status, response.read()[:11]))
    line.request("POST", URL, mail(app, alice, "x" * (MAX_BYTES + 200_000)), {"Authorization": f"Bearer {SECRET}"})
    assert line.getresponse().status == 202
    line.close()

    assert answers == [(202, b'{"message":'), (202, b'{"message":'), (401, b'{"message":')]
    assert send_half(urlsplit(live_server.url).port) == b"HTTP/1.1 400"
    assert ArrivedMail.objects.filter(due_at__isnull=False).count() == 3
    assert len(ArrivedMail.objects.latest("pk").raw) == MAX_BYTES + 1 < ArrivedMail.objects.latest("pk").size
    assert not ThreadEntry.objects.exists()
    read_arrived_mails()
    assert list(ThreadEntry.objects.values_list("text", flat=True)) == ["All of them."]
    assert not ArrivedMail.objects.exists()


def test_the_door_is_shut_until_there_is_a_secret(client, settings):
    settings.MAIL_DOOR_SECRETS = []
    assert post(client, secret="").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Authorization": ""}, 401), ({"Authorization": f"Basic {SECRET}"}, 401), ({"Authorization": "Bearer "}, 401),
     ({"Authorization": f"bearer  {SECRET} "}, 202), ({"Authorization": f"Bearer {SECRET}x"}, 401),
     ({"Authorization": "Bearer ü"}, 401), ({"X-Envelope-To": "x" * 400}, 413), ({"Content-Length": ""}, 411),
     ({"Content-Length": "1e3"}, 411), ({"Content-Length": str(mail_door.MOST_BYTES + 1)}, 413),
     ({"Content-Length": "0"}, 400)],
)  # fmt: skip
def test_what_is_not_taken(client, headers, status):
    answer = post(client, **headers)

    assert (answer.status_code, ArrivedMail.objects.count()) == (status, int(status == 202))
    assert SECRET not in answer.content.decode()


def test_when_too_many_wait_the_provider_is_asked_to_come_again(client, monkeypatch):
    monkeypatch.setattr(mail_door, "MOST_WAITING", 1)
    assert [post(client).status_code, post(client).status_code] == [202, 503]


def test_the_envelope_the_provider_tells_decides(client, app, alice):
    address = reply.address_for(f"app:{app.pk}", alice)
    post(client, mail(app, alice, to="list@example.com"), **{"X-Envelope-To": address})
    read_arrived_mails()

    assert ThreadEntry.objects.get().author == alice


def test_a_mail_that_is_too_large_is_answered_to_its_sender(client, app, alice):
    post(client, mail(app, alice, "x" * MAX_BYTES))
    read_arrived_mails()

    assert OutboxMessage.objects.get(kind="reply_refused").recipient == alice.email


def test_junk_leaves_nothing_behind(client):
    post(client, b"\x00\xff nonsense")
    read_arrived_mails()

    assert not ArrivedMail.objects.exists()
    assert not InboundMail.objects.exists()


def fail(raw: bytes, recipient: str) -> None:
    InboundMail.objects.create(digest="half", state="landed")
    raise RuntimeError("the text of the mail")


def test_what_cannot_be_read_waits_and_then_waits_for_staff(client, app, alice, adam, client_for):
    post(client, mail(app, alice))
    for _ in range(len(GAPS) + 1):
        ArrivedMail.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
        assert read_due(fail) == 0
    row = ArrivedMail.objects.get()
    assert (row.due_at, row.last_error, row.tries) == (None, "RuntimeError", len(GAPS) + 1)
    assert not InboundMail.objects.exists()  # what the failed try had done went back

    staff, url = client_for(adam), reverse("admin:notifications_arrivedmail_changelist")
    page = staff.get(reverse("admin:notifications_arrivedmail_change", args=[row.pk])).content.decode()
    assert "All of them" not in page
    assert "reply+" not in page
    staff.post(url, {"action": "read_again", "_selected_action": [row.pk]})
    staff.post(url, {"action": "throw_away", "_selected_action": [row.pk]})  # a worker has it again
    read_arrived_mails()
    assert ThreadEntry.objects.get().text == "All of them."
    assert Record.objects.filter(action__startswith="arrived_mail").count() == 1


def test_one_bad_mail_does_not_stop_the_next(client, app, alice):
    post(client, b"bad")
    post(client, mail(app, alice))

    assert read_due(lambda raw, _: fail(raw, "") if raw == b"bad" else None) == 1
    assert bytes(ArrivedMail.objects.get().raw) == b"bad"


def test_a_reader_that_lost_its_lease_writes_nothing(client, app, alice):
    post(client, mail(app, alice))

    def slow(raw: bytes, recipient: str) -> None:
        InboundMail.objects.create(digest="late", state="landed")
        ArrivedMail.objects.update(lease_token=None)

    assert read_due(slow) == 0
    assert not InboundMail.objects.exists()


def test_what_nobody_looked_after_is_purged(client):
    post(client)
    ArrivedMail.objects.update(at=timezone.now() - timedelta(days=3))
    assert arrivals.purge(timezone.now()) == 0  # a worker will read it
    ArrivedMail.objects.update(due_at=None)
    assert arrivals.purge(timezone.now()) == 1
