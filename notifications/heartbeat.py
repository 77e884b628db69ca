"""A sign of life from what runs by itself, readable from any process."""

from datetime import datetime, timedelta

from django.utils import timezone

from notifications.models import Heartbeat

SWEEP = "sweep"
# Not every beat is written: a sweep may run each second.
EVERY = timedelta(seconds=10)


def beat(name: str, now: datetime | None = None) -> None:
    now = now or timezone.now()
    last = last_beat(name)
    if last is None or abs(now - last) >= EVERY:
        Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def last_beat(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
