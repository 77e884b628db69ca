"""Client secrets: how one that was sent is recognised."""

import hmac

from django.db.models import Q
from django.utils import timezone

from installs.digests import digest
from installs.models import Client, ClientSecret


def matching(client: Client, value: str) -> ClientSecret | None:
    """The usable secret of this client that `value` is, with its last use noted to the minute; None for anything else.

    Every usable secret is compared, each in constant time, so that the answer's time says nothing about either.
    """
    sent = digest(value)
    rows = [row for row in client.secrets.filter(retired_at__isnull=True) if row.is_usable]
    found = [row for row in rows if hmac.compare_digest(row.digest, sent)]
    if not found:
        return None
    _note_use(found[0])
    return found[0]


def _note_use(secret: ClientSecret) -> None:
    """At most one write a minute, however often it is used."""
    minute = timezone.now().replace(second=0, microsecond=0)
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lt=minute)
    if ClientSecret.objects.filter(unnoted, pk=secret.pk).update(last_used_at=minute):
        secret.last_used_at = minute
