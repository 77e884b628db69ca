"""Codes and tokens. None of them can be used from a dump of the database: all are kept as digests."""

from typing import Any

from django.db import models
from oauth2_provider.models import AbstractAccessToken, AbstractGrant, AbstractRefreshToken

from installs.digests import digest
from installs.models.installs import Install


class DigestField(models.CharField):
    """Keeps the SHA-256 of what is written to it, and finds by the plain value.

    A row that was read holds the digest: it is changed by `update`, never saved again as a whole.
    """

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return plain if plain is None else digest(plain)


class Grant(AbstractGrant):
    """A code between the consent and its exchange, 60 s at most.

    A used one stays as a tombstone: used again, it ends the tokens that it gave (RFC 9700, T17).
    """

    code = DigestField(max_length=64, unique=True)
    install = models.ForeignKey(Install, on_delete=models.CASCADE, related_name="grants")
    used_at = models.DateTimeField(null=True, blank=True)

    objects: models.Manager["Grant"] = models.Manager()


class AccessToken(AbstractAccessToken):
    """What a partner's server calls the Config API with, for an hour. `token` stays empty, the checksum finds it."""

    user = None
    id_token = None
    install = models.ForeignKey(Install, on_delete=models.CASCADE, related_name="access_tokens")

    objects: models.Manager["AccessToken"] = models.Manager()


class RefreshToken(AbstractRefreshToken):
    """For the standard way to a new access token. Each is good once; used twice, it ends its family."""

    user = None  # type: ignore[assignment]  # nobody: tokens belong to an install
    install = models.ForeignKey(Install, on_delete=models.CASCADE, related_name="refresh_tokens")

    objects: models.Manager["RefreshToken"] = models.Manager()
