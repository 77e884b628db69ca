"""One destination that never answers and twenty that do (SECURITY T34): the healthy ones hardly notice."""

import statistics

import pytest
from django.utils import timezone

from delivery.engine import drain
from delivery.models import Delivery, Lane
from delivery.states import DeliveryKind
from delivery.tests.lines import another, lead_to
from delivery.tests.rows import make_event
from tests.counts import FULL, count
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db

HEALTHY = 20
EACH = count(15, 100)
QUEUED = count(500, 10_000)
LIMIT = 2.0
# With few events a busy machine outweighs what is measured.
SLACK_SECONDS = 0.0 if FULL else 1.0


def queue(destination, number, event):
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(event_id=event.pk, destination=destination, kind=DeliveryKind.REPLAY, received_at=now, due_at=now)
        for _ in range(number)
    )


def p95(destinations):
    """Seconds until the events of these destinations were delivered."""
    rows = Delivery.objects.filter(destination__in=destinations).values_list("state", "settled_at", "received_at")
    assert {state for state, _, _ in rows} == {"delivered"}
    took = sorted((settled - received).total_seconds() for _, settled, received in rows)
    return took[int(len(took) * 0.95)]


def test_a_dead_endpoint_never_takes_the_share_of_healthy_ones(source, app, receiver, settings):
    settings.EGRESS_ALLOW, settings.EGRESS_TOTAL_SECONDS = "127.0.0.0/8", 1.0
    receiver.on("/never", Reply(delay_seconds=30))
    first = lead_to(source, app, f"{receiver.url}/hook")
    healthy = [first, *(another(first, f"{receiver.url}/hook") for _ in range(HEALTHY - 1))]
    dead = another(first, f"{receiver.url}/never")
    event = make_event(source)
    found = {False: [], True: []}
    for turn in range(2 * count(2, 5)):
        with_dead = bool(turn % 2)
        for one in healthy:
            queue(one, EACH, event)
        if with_dead:
            queue(dead, QUEUED, event)
        drain(60)
        found[with_dead].append(p95(healthy))
        assert Delivery.objects.filter(destination=dead, state="delivered").count() == 0
        tried = Delivery.objects.filter(destination=dead, tries__gt=0).count()
        assert tried <= 6
        Delivery.objects.all().delete()
        Lane.objects.all().delete()
    without, beside = (statistics.median(found[key]) for key in (False, True))
    assert beside <= LIMIT * without + SLACK_SECONDS, f"p95 {beside:.2f} s beside a dead one, {without:.2f} s without"
