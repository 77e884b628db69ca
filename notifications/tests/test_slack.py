"""Slack: the same rows, leases and retries as mail, through the door out."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications import control, outbox, slack
from notifications.delivery import MAX_TRIES, Tally, drain
from notifications.models import Notice, OutboxMessage, SlackChannel
from notifications.states import MessageState
from notifications.tasks import deliver_to_slack
from tests.services.receiver import Receiver, Reply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_templates")]
OK = Reply(200, b"ok")


@pytest.fixture
def slack_server(settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8"
    with Receiver() as receiver:
        receiver.default = OK
        yield receiver


@pytest.fixture
def channel(slack_server) -> SlackChannel:
    return SlackChannel.objects.create(
        name="#reviews", address_sealed=slack.seal_address(f"http://127.0.0.1:{slack_server.port}/services/T/B/secret"),
        kinds=["live"],
    )  # fmt: skip


def announce(who: str = "Acme", **options) -> list[OutboxMessage]:
    return outbox.announce("live", "probe", {"who": who}, **options)


def send() -> Tally:
    return drain(line=slack.SlackLine(SlackChannel.objects.get()))


def test_a_message_is_posted_once_as_plain_text(channel, slack_server):
    announce("Acme & <!channel> <https://evil.example|ok>", url="/apps/acme/", dedupe_key="a:1")
    announce("Acme", dedupe_key="a:1")

    deliver_to_slack()

    (request,) = slack_server.requests
    body = json.loads(request.body)
    assert request.header("Content-Type") == "application/json; charset=utf-8"
    assert "Acme &amp; &lt;!channel&gt; &lt;https://evil.example|ok&gt;" in body["text"]
    assert "http://localhost:8000/apps/acme/" in body["text"]
    assert "You get this mail" not in body["text"]
    assert (body["mrkdwn"], body["unfurl_links"]) == (False, False)
    assert OutboxMessage.objects.get().state == MessageState.SENT


def test_which_kinds_go_to_which_channel_is_data(channel):
    assert announce() != []
    assert outbox.announce("rejected", "probe", {}) == []
    assert outbox.announce("invitation", "probe", {}) == []
    SlackChannel.objects.update(is_on=False)
    assert announce() == []


def test_mails_do_not_leave_by_slack_nor_posts_by_mail(channel, make_mail, slack_server):
    make_mail()
    announce()

    assert send() == Tally(sent=1)
    assert OutboxMessage.objects.queued().get().channel is None
    assert len(slack_server.requests) == 1


def test_429_is_obeyed_counts_no_try_and_holds_the_others(channel, slack_server):
    for number in range(3):
        announce(dedupe_key=f"a:{number}")
    slack_server.on("/services/T/B/secret", Reply(429, b"", headers=(("Retry-After", "120"),)), then_default=True)

    assert send().deferred == 1

    assert len(slack_server.requests) == 1
    for row in OutboxMessage.objects.all():
        assert (row.state, row.tries) == (MessageState.QUEUED, 0)
        assert row.due_at > timezone.now() + timedelta(seconds=100)
    announce(dedupe_key="a:new")
    deliver_to_slack()  # the channel is quiet
    assert len(slack_server.requests) == 1

    SlackChannel.objects.update(quiet_until=None)
    OutboxMessage.objects.update(due_at=timezone.now())
    deliver_to_slack()
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.SENT}
    assert len(slack_server.requests) == 5


@pytest.mark.parametrize(
    "reply", [Reply(500, b"rollup_error"), Reply(503), Reply(hang_up=True), Reply(raw=b"nonsense\r\n\r\n")]
)
def test_trouble_is_tried_again_until_it_works(channel, slack_server, reply):
    announce()
    slack_server.on("/services/T/B/secret", reply, then_default=True)

    assert send().deferred == 1
    row = OutboxMessage.objects.get()
    assert (row.state, row.tries) == (MessageState.QUEUED, 1)
    assert "secret" not in row.last_error

    OutboxMessage.objects.update(due_at=timezone.now())
    assert send() == Tally(sent=1)


def test_after_the_last_try_staff_can_send_it_again(channel, slack_server, adam):
    announce()
    slack_server.default = Reply(500)
    for _ in range(MAX_TRIES):
        OutboxMessage.objects.update(due_at=timezone.now())
        send()
    row = OutboxMessage.objects.get()
    assert row.state == MessageState.FAILED

    slack_server.default = OK
    control.retry(row, adam)
    assert send() == Tally(sent=1)


@pytest.mark.parametrize(
    "reply", [Reply(200, b"no_service"), Reply(404, b"channel_not_found"), Reply(403, b"invalid_token"), Reply(410)]
)
def test_a_revoked_webhook_parks_its_channel_and_tells_once(channel, slack_server, reply, adam, client_for):
    for number in range(3):
        announce(dedupe_key=f"a:{number}")
    slack_server.default = reply

    deliver_to_slack()
    deliver_to_slack()

    assert len(slack_server.requests) == 1
    channel.refresh_from_db()
    assert channel.parked_at is not None
    assert OutboxMessage.objects.queued().filter(channel=channel, tries=0).count() == 3
    assert OutboxMessage.objects.filter(kind="slack_parked").count() == Notice.objects.filter(user=adam).count() == 1

    # A new address, and they all go out.
    slack_server.default = OK
    address = f"http://127.0.0.1:{slack_server.port}/services/new"
    change = reverse("admin:notifications_slackchannel_change", args=[channel.pk])
    form = {"name": "#reviews", "address": address, "kinds": ["live"], "is_on": "on"}
    assert client_for(adam).post(change, form).status_code == 302
    deliver_to_slack()
    assert OutboxMessage.objects.filter(channel=channel, state=MessageState.SENT).count() == 3


def test_an_undone_decision_is_not_posted(channel):
    announce(dedupe_key="decision:1:5", hold=timedelta(minutes=10))

    assert outbox.drop("decision:1:") == 1
    assert OutboxMessage.objects.get().state == MessageState.DROPPED


def test_the_address_is_sealed_and_never_shown(channel, adam, rita, client_for):
    change = reverse("admin:notifications_slackchannel_change", args=[channel.pk])

    assert "secret" not in channel.address_sealed
    for user in (adam, rita):
        page = client_for(user).get(change).content.decode()
        assert "services/T/B" not in page
        assert channel.address_sealed not in page


@pytest.mark.parametrize("address", ["http://10.0.0.1/x", "ftp://hooks.example.com/x", "nonsense", ""])
def test_a_bad_address_is_refused(adam, client_for, address):
    add = reverse("admin:notifications_slackchannel_add")

    assert client_for(adam).post(add, {"name": "#x", "address": address, "is_on": "on"}).status_code == 200
    assert not SlackChannel.objects.exists()


def test_an_address_that_turns_private_is_not_connected_to(channel, slack_server, settings):
    announce()
    settings.EGRESS_ALLOW = ""

    send()

    channel.refresh_from_db()
    assert slack_server.requests == []
    assert channel.parked_at is not None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("5", 5), ("0", 1), ("999999999999999", 3600), ("soon", 30), ("", 30), ("-5", 30), ("²", 30),
     ("Thu, 01 Jan 2026 00:00:50 GMT", 50), ("Thu, 01 Jan 2025 00:00:50 GMT", 1),
     ("Fri, 01 Jan 2027 00:00:00 GMT", 3600)],
)  # fmt: skip
def test_retry_after_is_read_within_bounds(header, seconds):
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert slack.retry_at(header, now) == now + timedelta(seconds=seconds)
