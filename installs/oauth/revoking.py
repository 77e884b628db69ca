"""What a partner's server gives back of its own accord (RFC 7009)."""

from django.db import transaction
from django.utils import timezone

from installs import lifecycle, tokens
from installs.digests import digest
from installs.models import AccessToken, Client, RefreshToken
from installs.states import EndReason


@transaction.atomic
def give_up(client: Client, value: str, *, is_trial: bool) -> None:
    """An access token ends alone; a refresh token stands for the consent, so with it the install ends.

    Then the customer can enable the App again. What is unknown, used up or another client's changes nothing; nor does
    what is of a trial when the secret is not, or the other way round (`is_trial`: the secret is a trial's).
    """
    mine = {"application": client, "token_checksum": digest(value), "install__is_trial": is_trial}
    access = AccessToken.objects.filter(**mine).first()
    if access is not None:
        tokens.hold(access.install_id)
        AccessToken.objects.filter(pk=access.pk).delete()
        return
    kept_since = timezone.now() - tokens.REFRESH_KEPT
    row = RefreshToken.objects.filter(**mine, revoked__isnull=True, created__gt=kept_since).first()
    if row is not None:
        install = tokens.hold(row.install_id)
        lifecycle.end(install, install.machine, EndReason.PARTNER)
