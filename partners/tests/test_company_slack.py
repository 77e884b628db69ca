"""A company's own Slack channel: only its own Apps' messages, only for owners, with the guarantees of the outbox."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from audit.models import Record
from notifications import outbox
from notifications.kinds import for_company
from notifications.models import OutboxMessage, SlackChannel
from notifications.states import MessageState
from notifications.tasks import deliver_to_slack
from partners import company_slack, lifecycle
from partners.leaving import purge_companies
from partners.models import Company
from reviews import threads
from tests.services.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db
EVERY = [kind.name for kind in for_company()]


@pytest.fixture
def slack_server(settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8"
    with Receiver() as receiver:
        receiver.default = Reply(200, b"ok")
        yield receiver


@pytest.fixture
def address(slack_server) -> str:
    return f"http://127.0.0.1:{slack_server.port}/services/T/B/hidden"


def page(company: Company, name: str = "company-slack") -> str:
    return reverse(name, args=[company.slug])


def test_connect_try_and_get_what_is_about_the_own_apps(company, app, alice, rita, client_for, slack_server, address):
    owner = client_for(alice)
    assert owner.post(page(company), {"address": address, "kinds": EVERY}).status_code == 303
    assert owner.post(page(company, "company-slack-test")).status_code == 303
    owner.post(page(company, "company-slack-test"))  # within a minute: the same one
    threads.post(app, rita, "Which events do you accept?")
    deliver_to_slack()

    bodies = [request.body.decode() for request in slack_server.requests]
    assert ["test from the Segment" in body for body in bodies] == [True, False]
    assert "Which events do you accept?" in bodies[1]
    shown = owner.get(page(company)).content.decode()
    assert shown.count("Posted") == 2
    assert "B/hidden" not in shown
    assert "B/hidden" not in SlackChannel.objects.get().address_sealed
    actions = Record.objects.filter(chain=company.chain, action__startswith="slack").order_by("seq")
    assert list(actions.values_list("action", flat=True)) == ["slack.connected", "slack.tested", "slack.tested"]


def test_nothing_of_others_and_nothing_for_the_desk(company, other_company, app, alice, charlie, address):
    company_slack.connect(company, alice, address, EVERY)
    company_slack.connect(other_company, charlie, address, EVERY)
    SlackChannel.objects.update(kinds=[*EVERY, "desk_message", "wait_overdue", "mail_stuck"])

    for kind in ("live", "desk_message", "wait_overdue", "mail_stuck"):
        outbox.announce(kind, "live", {"app": app}, company=company.chain, dedupe_key=f"a:{kind}")
    outbox.announce("live", "live", {"app": app}, dedupe_key="b")

    posts = OutboxMessage.objects.select_related("channel")
    assert [(post.kind, post.channel.scope) for post in posts] == [("live", company.chain)]


def test_a_decision_taken_back_is_not_posted(company, app, alice, address, slack_server):
    company_slack.connect(company, alice, address, EVERY)
    outbox.announce("live", "live", {"app": app}, company=company.chain, dedupe_key="d:1:5", hold=timedelta(minutes=9))

    assert outbox.drop("d:1:") == 1
    deliver_to_slack()
    assert slack_server.requests == []


def test_the_address_is_kept_changed_and_forgotten(company, alice, client_for, address):
    owner = client_for(alice)
    assert owner.post(page(company), {"kinds": EVERY}).status_code == 422
    assert owner.post(page(company), {"address": "http://10.0.0.1/x", "kinds": EVERY}).status_code == 422
    assert owner.post(page(company), {"address": address, "kinds": []}).status_code == 422
    assert not SlackChannel.objects.exists()

    owner.post(page(company), {"address": address, "kinds": EVERY})
    sealed = SlackChannel.objects.get().address_sealed
    owner.post(page(company), {"address": "", "kinds": ["live"]})
    assert (SlackChannel.objects.get().address_sealed, SlackChannel.objects.get().kinds) == (sealed, ["live"])
    assert company_slack.data_of(company) == {"kinds": ["live"], "is_on": True}
    owner.post(page(company, "company-slack-test"))
    for _ in range(2):
        assert owner.post(page(company, "company-slack-off")).status_code == 303
    assert not SlackChannel.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_only_owners_of_an_active_company(company, alice, bob, rita, address):
    for user in (bob, rita):
        with pytest.raises(PermissionDenied):
            company_slack.connect(company, user, address, EVERY)
    company_slack.connect(company, alice, address, EVERY)
    lifecycle.archive(company, alice)
    for verb in (company_slack.disconnect, company_slack.send_trial):
        with pytest.raises(PermissionDenied):
            verb(company, alice)


def test_a_revoked_webhook_is_told_to_the_owners(company, alice, bob, adam, address, slack_server, client_for):
    company_slack.connect(company, alice, address, EVERY)
    slack_server.default = Reply(404, b"no_service")
    company_slack.send_trial(company, alice)
    deliver_to_slack()

    told = OutboxMessage.objects.get(kind="slack_parked")
    assert told.recipient == alice.email
    assert page(company) in told.text
    assert "Stopped" in client_for(alice).get(page(company)).content.decode()
    slack_server.default = Reply(200, b"ok")
    company_slack.connect(company, alice, address, EVERY)
    deliver_to_slack()
    assert OutboxMessage.objects.get(kind="slack_trial").state == MessageState.SENT


def test_a_channel_that_does_not_answer_is_left_alone_for_a_while(company, alice, address, slack_server):
    company_slack.connect(company, alice, address, EVERY)
    slack_server.default = Reply(503)
    company_slack.send_trial(company, alice)
    for _ in range(3):
        OutboxMessage.objects.update(due_at=timezone.now())
        deliver_to_slack()

    assert len(slack_server.requests) == 1


def test_it_goes_with_its_company(company, alice, address):
    company_slack.connect(company, alice, address, EVERY)
    company_slack.send_trial(company, alice)
    lifecycle.request_deletion(company, alice)

    assert purge_companies(timezone.now() + timedelta(days=30)) == 1
    assert not SlackChannel.objects.exists()
