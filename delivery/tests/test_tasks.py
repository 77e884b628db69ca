"""Wake-ups: one drain at a time in a process, and none for nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery import lifecycle, tasks
from delivery.models import Delivery, Lane
from delivery.tests.lines import due, lead_to
from delivery.tests.rows import make_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(source, app, receiver, settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8"
    return lead_to(source, app, f"{receiver.url}/hook")


@pytest.fixture
def rung(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "ring", lambda task, *args: calls.append(task))
    return calls


def test_the_sweep_wakes_nobody_for_nothing(line, rung):
    tasks.sweep_deliveries()
    row, leased = due(line, 2)
    Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    Delivery.objects.filter(pk=leased.pk).update(lease_until=timezone.now() + timedelta(minutes=1))
    tasks.sweep_deliveries()
    Delivery.objects.update(due_at=timezone.now(), lease_until=None)
    Lane.objects.create(destination=line, open_at=timezone.now() + timedelta(minutes=1))
    tasks.sweep_deliveries()
    assert rung == []
    Lane.objects.update(open_at=None)
    tasks.sweep_deliveries()
    assert rung == ["delivery.tasks.drain"]


def test_the_sweep_sees_tests_and_replays(line, rung, alice):
    make_delivery(line)
    lifecycle.replay(alice, line, {})
    tasks.sweep_deliveries()
    assert len(rung) == 1
    tasks.drain()
    assert Delivery.objects.filter(kind="replay", state="delivered").count() == 1
    Lane.objects.create(destination=line, open_at=timezone.now() + timedelta(minutes=1))
    lifecycle.send_test(alice, line, {"type": "page"})
    tasks.sweep_deliveries()
    assert len(rung) == 2


def test_a_second_drain_in_a_process_does_nothing_until_the_first_passes_on(line, rung, receiver):
    due(line)
    first = tasks._Turn()
    assert first.take()
    tasks.drain()
    assert receiver.requests == []
    first.pass_on()
    first.give_back()
    assert rung == ["delivery.tasks.drain"]
    tasks.drain()
    assert len(receiver.requests) == 1
    assert tasks._Turn._lock.acquire(blocking=False)
    tasks._Turn._lock.release()
