"""Who works on a waiting row: a claim is a lease of a quarter of an hour, renewed by whatever its holder does.

Nothing has to be given back: an old claim counts for nothing. Whether somebody may judge the row at all is
asked by the caller; here it is only settled who does. Every change is one conditional UPDATE, so that of two
reviewers at once one gets the claim.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.recording import record
from notifications.models import Notice
from partners.claimable import Claimable

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=15)
REASON_LIMIT = 500
# Reviewers' own affairs: what partners read of their record has none of it.
DESK_CHAIN = "desk"
TAKEN_OVER = "claim.taken_over"


class Claimed(Exception):
    """Somebody else holds the claim; `str(error)` says who, until when, and what to do. `row` is as it is now."""

    def __init__(self, row: Claimable) -> None:
        self.row = row
        super().__init__(f"{holder_of(row)} works on this until {_clock(row)}. Take it over first, and say why.")


def free(now: datetime | None = None) -> Q:
    """Rows on which nobody works."""
    return Q(claimed_by__isnull=True) | Q(claimed_until__lte=now or timezone.now())


def held_by(user: User, now: datetime | None = None) -> Q:
    """Rows on which `user` works."""
    return Q(claimed_by=user, claimed_until__gt=now or timezone.now())


def holder_of(row: Claimable) -> str:
    """The name of whoever holds the claim, or held it last."""
    return row.claimed_by.display_name if row.claimed_by else "Nobody"


def take(row: Claimable, actor: User) -> None:
    """Claim `row`, or go on with one's own claim. Raises Claimed while somebody else holds it."""
    if not touch(row, actor):
        raise Claimed(row)


def touch(row: Claimable, actor: User) -> bool:
    """As `take`; False where that raises."""
    now = timezone.now()
    return _set(row, free(now) | Q(claimed_by=actor), claimed_by=actor, claimed_until=now + LEASE)


def renew(row: Claimable, actor: User) -> bool:
    """Go on with one's own claim, also one that has just run out; False when it is somebody else's, or nobody's."""
    return _set(row, Q(claimed_by=actor), claimed_by=actor, claimed_until=timezone.now() + LEASE)


def give_back(row: Claimable, actor: User) -> bool:
    """End one's own claim before its time; False when there was none."""
    return _set(row, Q(claimed_by=actor), claimed_by=None, claimed_until=None)


@transaction.atomic
def take_over(row: Claimable, actor: User, reason: str, *, target: models.Model, url: str) -> None:
    """Take the claim from whoever holds it; that person reads `reason` in a notice, and it is on the record.

    `target` is what the record is about, `url` the path of the page. A claim that has run out meanwhile is
    simply taken, one's own is kept. Raises ValidationError without a reason, Claimed when a third was faster.
    """
    former = row.claimed_by
    if touch(row, actor):
        return
    text = reason.strip()
    if not text:
        raise ValidationError("Say why you take it over: the other reviewer reads it.", code="reason")
    if len(text) > REASON_LIMIT:
        raise ValidationError(f"Use at most {REASON_LIMIT} characters for the reason.", code="reason")
    taken: dict[str, Any] = {"claimed_by": actor, "claimed_until": timezone.now() + LEASE}
    if former is None or row.claimed_by_id != former.pk or not _set(row, Q(claimed_by=former), **taken):
        raise Claimed(row)
    record(actor, TAKEN_OVER, target, chain=DESK_CHAIN, former=former.pk, reason=text)
    _tell(former, f"{actor.display_name} took over your claim of {row}: {text}", url)
    log.info("claim_taken_over", row=str(row.pk), actor=actor.pk)


def _set(row: Claimable, condition: Q, *, claimed_by: User | None, claimed_until: datetime | None) -> bool:
    """Write both columns where `condition` holds; either way `row` shows the claim as it is now."""
    rows: models.QuerySet[Any] = type(row)._default_manager.filter(condition, pk=row.pk)
    if not rows.update(claimed_by=claimed_by, claimed_until=claimed_until):
        row.refresh_from_db(fields=["claimed_by", "claimed_until"])
        return False
    row.claimed_by, row.claimed_until = claimed_by, claimed_until
    return True


def _clock(row: Claimable) -> str:
    return f"{timezone.localtime(row.claimed_until):%H:%M %Z}" if row.claimed_until else "now"


def _tell(user: User, text: str, url: str) -> None:
    """A notice alone: by the time a mail is read, the claim is over."""
    Notice.objects.create(user=user, kind=TAKEN_OVER, text=text[:300], url=url, visible_at=timezone.now())
