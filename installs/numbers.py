"""Installs in numbers: what a partner sees of its customers. Never a workspace's name: that is the customer's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from installs.models import Client, Install
from installs.states import InstallState

LATELY = timedelta(days=30)
TODAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of real installs, without trials; all but the first two and the last are of the last 30 days.

    `started` counts consents, `finished` those of them whose code was exchanged, `ended` what had worked before.
    """

    active: int
    used_today: int
    started: int
    finished: int
    ended: int
    last_used_at: datetime | None


def numbers_of(client: Client) -> Numbers:
    """In one query."""
    now = timezone.now()
    lately = Q(consented_at__gte=now - LATELY)
    active = Q(state=InstallState.ACTIVE)
    found = Install.objects.real().filter(client=client).aggregate(
        active=Count("pk", filter=active),
        used_today=Count("pk", filter=active & Q(last_used_at__gte=now - TODAY)),
        started=Count("pk", filter=lately),
        finished=Count("pk", filter=lately & Q(activated_at__isnull=False)),
        ended=Count("pk", filter=Q(state=InstallState.ENDED, activated_at__isnull=False, ended_at__gte=now - LATELY)),
        last_used_at=Max("last_used_at"),
    )  # fmt: skip
    return Numbers(**found)
