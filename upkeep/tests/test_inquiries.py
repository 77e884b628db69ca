"""Support staff pass a customer's question on; the maker's support address is seen by nobody on the way (S23)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from apps_catalog import lifecycle
from audit.models import Record
from notifications.models import OutboxMessage
from tests.cast import make_user
from upkeep import inquiries
from upkeep.models import Inquiry

pytestmark = pytest.mark.django_db
SUPPORT = "support@acme.example"
ADD = "/admin/upkeep/inquiry/add/"
SENT = {"subject": "Late events", "text": "Where can we see why?\n\nThanks", "reason": "Ticket 12"}


@pytest.fixture
def supported(app, alice):
    lifecycle.save_listing(alice, app, {"support_email": SUPPORT}, app.listing.revision)
    return app


def send(client, app, **more):
    return client.post(ADD, {**SENT, "app_slug": app.slug, "customer_email": "", **more})


def test_a_question_goes_to_the_support_address(supported, rita, client_for):
    client = client_for(rita)
    assert "Forward an inquiry" in client.get(ADD).content.decode()
    assert send(client, supported, customer_email="carol@customer.example").status_code == 302

    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.recipient, mail.reply_to) == ("inquiry_forwarded", SUPPORT, "")
    assert "Where can we see why?" in mail.text
    assert "You can answer them at carol@customer.example." in mail.text
    assert "mailto:carol@customer.example" in mail.html
    assert Inquiry.objects.get().forwarded_by == rita
    record = Record.objects.get(action="inquiry.forwarded")
    assert record.data["reason"] == "Ticket 12"
    assert "@" not in str(record.data)
    for page in ("", f"{Inquiry.objects.get().pk}/change/"):
        shown = client.get(f"/admin/upkeep/inquiry/{page}").content.decode()
        assert "Late events" in shown
        assert SUPPORT not in shown


def test_without_consent_no_address_goes_along(supported, rita, client_for):
    send(client_for(rita), supported)
    text = OutboxMessage.objects.get().text
    assert "They did not share their address." in text
    assert "customer.example" not in text
    assert f"/apps/{supported.slug}/thread/" in text


def test_a_second_click_is_one_mail(supported, rita, client_for):
    for _ in range(2):
        assert send(client_for(rita), supported).status_code == 302
    assert (Inquiry.objects.count(), OutboxMessage.objects.count()) == (1, 1)
    send(client_for(rita), supported, subject="Another one")
    assert OutboxMessage.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"app_slug": "nowhere"}, "There is no App with this address."),
        ({"text": ""}, "This field is required."),
        ({"reason": "asked by carol@customer.example"}, "Leave addresses out"),
        ({"customer_email": "carol"}, "Enter a valid email address."),
    ],
)
def test_what_is_missing_is_said_and_the_words_stay(supported, rita, client_for, changes, words):
    answer = send(client_for(rita), supported, **changes)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert words in shown
    assert "Late events" in shown
    assert not OutboxMessage.objects.exists()


def test_an_app_without_an_address_is_said(app, rita, client_for):
    assert "has given no support address" in send(client_for(rita), app).content.decode()
    with pytest.raises(ValidationError):
        inquiries.forward(rita, app, **SENT)


def test_who_may(supported, alice, rita, client_for):
    support = make_user("sue", domain="segment.example", is_staff=True)
    assert client_for(support).get(ADD).status_code == 403
    for user in (alice, support):
        with pytest.raises(PermissionDenied):
            inquiries.forward(user, supported, **SENT)
    support.user_permissions.add(Permission.objects.get(codename="add_inquiry"))
    assert send(client_for(type(support).objects.get(pk=support.pk)), supported).status_code == 302


def test_they_go_after_ninety_days(supported, rita):
    inquiries.forward(rita, supported, **SENT)
    now = timezone.now()
    assert inquiries.purge(now + timedelta(days=89)) == 0
    assert inquiries.purge(now + timedelta(days=91)) == 1
