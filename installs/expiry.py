"""What is over by itself: codes, tokens, and consents that nobody came back from (devcenter.purging)."""

from datetime import datetime, timedelta

from django.db.models import Q

from audit.recording import SYSTEM
from installs.lifecycle import end
from installs.models import AccessToken, Grant, Install, RefreshToken
from installs.states import EndReason, InstallState
from installs.tokens import REFRESH_KEPT
from installs.trials import SECRET_FOR

# A code lives for a minute. Whoever has not exchanged it by now will not do so.
PENDING_KEPT = timedelta(hours=1)


def purge_codes(now: datetime) -> int:
    """Codes that nobody used; and used ones once the tokens that they gave are over too (RFC 9700, T17)."""
    unused = Q(used_at__isnull=True, expires__lt=now - PENDING_KEPT)
    return Grant.objects.filter(unused | Q(used_at__lt=now - REFRESH_KEPT)).delete()[0]


def purge_tokens(now: datetime) -> int:
    """Tokens that are over. A used refresh token stays as long as it could have been good, to be known again (T18)."""
    gone = AccessToken.objects.filter(expires__lt=now).delete()[1].get(AccessToken._meta.label, 0)
    old = RefreshToken.objects.filter(created__lt=now - REFRESH_KEPT)
    return gone + old.delete()[1].get(RefreshToken._meta.label, 0)


def end_unfinished(now: datetime) -> int:
    """Installs whose code was never exchanged, and those whose source, scope or trial is gone; how many ended."""
    rows = Install.objects.select_related("client__app", "workspace").exclude(state=InstallState.ENDED).order_by("pk")
    over = {
        EndReason.EXPIRED: rows.filter(state=InstallState.PENDING, consented_at__lt=now - PENDING_KEPT),
        EndReason.SOURCE: rows.filter(source__removed_at__isnull=False),
        EndReason.SCOPE: rows.lost(),
        # Its trial ends it. This is for one that was deleted, or closed before it knew of its install.
        EndReason.TRIAL: rows.filter(is_trial=True, state=InstallState.ACTIVE, consented_at__lt=now - SECRET_FOR),
    }
    return sum(end(install, SYSTEM, reason) for reason, found in over.items() for install in found)
