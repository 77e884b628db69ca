"""Client secrets as values: how one is made, how it is kept, how one that was sent is recognised."""

import hashlib
import hmac
import secrets

from django.db.models import Q
from django.utils import timezone

from installs.models import Client, ClientSecret

# 256 random bits, which URL-safe base64 writes as 43 characters.
_RANDOM_BYTES = 32


def new_value() -> str:
    """A new secret: 43 characters that need no escaping in a header, a URL or a shell."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def digest(value: str) -> str:
    """The SHA-256 under which a secret is kept, as 64 hexadecimal characters."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()


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
