"""An endpoint that fails for hours, and for days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Record
from delivery.engine import drain
from delivery.models import Delivery, Lane, Tally
from delivery.states import DeliveryKind
from delivery.tests.lines import due, lead_to
from notifications.models import Notice, OutboxMessage
from tests.cast import make_user
from tests.services.receiver import Reply
from workspaces.models import WorkspaceMember

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8,::1/128"


@pytest.fixture
def line(source, app, receiver):
    return lead_to(source, app, f"{receiver.url}/hook")


def failing(line, **ago):
    Lane.objects.update_or_create(
        destination=line, defaults={"failures": 7, "failing_since": timezone.now() - timedelta(**ago), "open_at": None}
    )


@pytest.mark.parametrize("status", [500, 503, 401, 404])
def test_after_days_it_is_paused_and_its_owners_are_told_once(line, receiver, alice, status):
    colleague = make_user("colleague")
    WorkspaceMember.objects.create(workspace=line.source.workspace, user=colleague)
    receiver.default = Reply(status)
    failing(line, days=3, minutes=1)
    due(line, 5)
    drain(5)
    line.refresh_from_db()
    assert line.paused_at is not None
    mails = OutboxMessage.objects.filter(kind="destination_paused")
    assert [mail.recipient for mail in mails] == [alice.email]
    assert "resume the destination" in mails[0].text
    notice = Notice.objects.get(kind="destination_paused", user=alice)
    assert notice.url.endswith(f"/destinations/{line.app.slug}/deliveries/")
    assert Record.objects.filter(action="destination.paused", target=f"destination:{line.pk}").count() == 1
    assert not Delivery.objects.filter(due_at__isnull=False).exists()
    assert sum(row.count for row in Tally.objects.filter(stage="failed")) == 5
    assert drain(5) == 0


@pytest.mark.parametrize("answer", [200, 400, 501])
def test_one_answer_about_an_event_ends_the_days(line, receiver, answer):
    """An endpoint that judges events works, whatever it thinks of them."""
    receiver.default = Reply(answer)
    failing(line, days=30)
    due(line)
    drain(5)
    line.refresh_from_db()
    assert line.paused_at is None
    assert Lane.objects.get().failing_since is None


def test_what_waited_behind_the_tries_expires_after_four_hours(line, receiver):
    receiver.default = Reply(503)
    failing(line, hours=5)
    long_ago = timezone.now() - timedelta(hours=4, minutes=1)
    old, new = due(line, 20, at=long_ago), due(line, 3)
    replayed = due(line, at=timezone.now(), kind=DeliveryKind.REPLAY)
    Delivery.objects.filter(pk=replayed[0].pk).update(received_at=long_ago)
    drain(5)
    states = dict(Delivery.objects.values_list("pk", "state"))
    tried = Delivery.objects.get(tries=1)
    assert tried.pk == old[0].pk  # the oldest one; it has just begun its own four hours
    assert {states[row.pk] for row in old[1:]} == {"failed"}
    assert {states[row.pk] for row in [*new, *replayed]} == {"waiting"}
    codes = Tally.objects.filter(stage="failed").values_list("code", "count")
    assert list(codes) == [("errors.awaiting-retry.5xx", 19)]
    line.refresh_from_db()
    assert line.paused_at is None
