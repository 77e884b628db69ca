"""Leaving: export of what we hold about a person, and deletion after a grace period.

Packages above know more about a person than this one; they add a `Part` from their `AppConfig.ready`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User

log = structlog.get_logger(__name__)


def _nothing(user: User) -> list[Any]:
    return []


@dataclass(frozen=True)
class Part:
    """What one package holds about people.

    `export` gives plain JSON values; `obstacles` gives sentences that say why the person cannot leave
    yet; `erase` removes what the deletion of the user row alone would leave behind.
    """

    name: str
    export: Callable[[User], Any] = _nothing
    obstacles: Callable[[User], list[str]] = _nothing
    erase: Callable[[User], Any] = _nothing


class Stays(Exception):
    """The person cannot leave yet; `obstacles` says why."""

    def __init__(self, obstacles: list[str]) -> None:
        super().__init__(" ".join(obstacles))
        self.obstacles = obstacles


_parts: list[Part] = []
# Called with (user, action) inside the transaction of each verb; the audit record listens.
_listeners: list[Callable[[User, str], None]] = []


def register(part: Part) -> None:
    _parts.append(part)


def listen(listener: Callable[[User, str], None]) -> None:
    _listeners.append(listener)


def obstacles(user: User) -> list[str]:
    return [sentence for part in _parts for sentence in part.obstacles(user)]


def export(user: User) -> dict[str, Any]:
    """Everything we hold about `user`, as plain JSON values."""
    account = {
        "email": user.email,
        "name": user.name,
        "time_zone": user.time_zone,
        "joined_at": user.date_joined.isoformat(),
        "last_login": user.last_login and user.last_login.isoformat(),
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "second_factors": list(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
    }
    return {"account": account} | {part.name: part.export(user) for part in _parts}


@transaction.atomic
def request_deletion(user: User) -> None:
    """Starts the grace period. Raises Stays when somebody still depends on this account."""
    if reasons := obstacles(user):
        raise Stays(reasons)
    ends = timezone.now() + timedelta(days=settings.DELETION_GRACE_DAYS)
    if User.objects.filter(pk=user.pk, delete_after__isnull=True).update(delete_after=ends):
        user.delete_after = ends
        _tell(user, "account.deletion_requested")


@transaction.atomic
def keep(user: User) -> None:
    """Takes the request back."""
    if User.objects.filter(pk=user.pk, delete_after__isnull=False).update(delete_after=None):
        user.delete_after = None
        _tell(user, "account.deletion_cancelled")


def purge_accounts(now: datetime) -> int:
    """Erases accounts whose grace period is over; returns how many. One that cannot go keeps no other from it."""
    due = list(User.objects.filter(delete_after__lte=now).order_by("pk").values_list("pk", flat=True))
    return sum(_purge(pk, now) for pk in due)


def _purge(pk: int, now: datetime) -> bool:
    try:
        return _erase(pk, now)
    except Exception:  # of any package above; the account is whole again, and tried again by the next purge
        log.exception("account_purge_failed", user=pk)
        return False


@transaction.atomic
def _erase(pk: int, now: datetime) -> bool:
    user = User.objects.select_for_update().filter(pk=pk, delete_after__lte=now).first()
    if user is None or obstacles(user):
        return False
    _tell(user, "account.deleted")
    # What stands on top goes first: it still finds what it stands on as it was.
    for part in reversed(_parts):
        part.erase(user)
    user.delete()
    return True


def _tell(user: User, action: str) -> None:
    for listener in _listeners:
        listener(user, action)
