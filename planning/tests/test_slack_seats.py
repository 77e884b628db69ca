"""A seat in the partners' Slack workspace: asked for, given by a link or by staff, told."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts import leaving
from audit.models import Record
from notifications.models import Notice, OutboxMessage
from partners.models import Membership
from planning.models import SlackSeat

pytestmark = pytest.mark.django_db
LINK = "https://join.slack.example/partners"


def page(company) -> str:
    return reverse("partner-slack", args=[company.slug])


def invite(client, seat: SlackSeat) -> list[str]:
    form = {"action": "invited", "_selected_action": [seat.pk]}
    answer = client.post(reverse("admin:planning_slackseat_changelist"), form)
    return [str(one) for one in get_messages(answer.wsgi_request)]


def test_staff_invite_by_hand(company, bob, rita, client_for):
    client = client_for(bob)
    assert "Ask for a seat" in client.get(page(company)).content.decode()
    for _ in range(2):
        assert client.post(page(company), {"do": "ask"}).status_code == 303
    seat = SlackSeat.objects.get()
    assert "Ask no more" in client.get(page(company)).content.decode()
    assert not OutboxMessage.objects.exists()

    assert invite(client_for(rita), seat) == ["1 told."]
    assert invite(client_for(rita), seat) == ["1 left alone: told before, or no longer a member."]
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.recipient) == ("partner_slack_invited", bob.email)
    assert "Slack sends you an invitation" in mail.text
    assert Notice.objects.filter(user=bob).count() == 1
    assert "Slack sent an invitation" in client.get(page(company)).content.decode()
    assert list(Record.objects.order_by("pk").values_list("action", flat=True)) == [
        "slack.seat_asked",
        "slack.seat_given",
    ]


def test_with_a_link_the_seat_is_there_at_once(company, viv, alice, client_for, settings):
    settings.PARTNER_SLACK_URL = LINK
    client = client_for(viv)
    assert LINK not in client.get(page(company)).content.decode()
    client.post(page(company), {"do": "ask"})
    assert LINK in client.get(page(company)).content.decode()
    assert LINK in OutboxMessage.objects.get().text
    assert LINK not in client_for(alice).get(page(company)).content.decode()
    [kept] = leaving.export(viv)["slack_seats"]
    assert kept["company"] == company.name


def test_who_waited_gets_the_link_too(company, viv, client_for, settings):
    client = client_for(viv)
    client.post(page(company), {"do": "ask"})
    settings.PARTNER_SLACK_URL = LINK
    assert "Get the link" in client.get(page(company)).content.decode()
    client.post(page(company), {"do": "ask"})
    assert LINK in client.get(page(company)).content.decode()
    assert SlackSeat.objects.count() == 1


def test_asking_is_taken_back(company, bob, client_for):
    client = client_for(bob)
    client.post(page(company), {"do": "ask"})
    for _ in range(2):
        client.post(page(company), {"do": "withdraw"})
    assert not SlackSeat.objects.exists()
    assert Record.objects.filter(action="slack.seat_withdrawn").count() == 1


def test_only_members_have_a_seat_here(company, bob, charlie, rita, client_for):
    assert client_for(charlie).get(page(company)).status_code == 404
    assert client_for(charlie).post(page(company), {"do": "ask"}).status_code == 404
    assert client_for(rita).post(page(company), {"do": "ask"}).status_code == 403
    client_for(bob).post(page(company), {"do": "ask"})
    Membership.objects.filter(user=bob).delete()
    assert invite(client_for(rita), SlackSeat.objects.get())[0].startswith("1 left alone")
    assert not OutboxMessage.objects.exists()
