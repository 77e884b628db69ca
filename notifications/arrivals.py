"""Mails that came through the door and are not read yet: kept as rows, read once, and never lost on the way.

What reading means is told by the package that owns the threads (`read_due` takes it as a callable).
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.recording import record
from leases.doorbell import ring
from leases.transitions import StaleState
from notifications.control import AUDIT_CHAIN
from notifications.models import ArrivedMail

log = structlog.get_logger(__name__)
# The task that reads them; it lives with the threads.
READ = "reviews.tasks.read_arrived_mails"
BATCH = 5
LEASE = timedelta(seconds=60)
# Then the worker is free for other tasks; the next sweep goes on.
READ_SECONDS = 20.0
# A mail that cannot be read now is tried again after each of these; then it waits for staff.
GAPS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 10 * 60, 3600, 6 * 3600))


def keep(raw: bytes, recipient: str, size: int) -> ArrivedMail:
    """A row that is due at once. `size` is that of the whole mail, of which `raw` may be the beginning."""
    return ArrivedMail.objects.create(raw=raw, recipient=recipient, size=size, due_at=timezone.now())


def read_due(read: Callable[[bytes, str], object]) -> int:
    """Hand what is due to `read(raw, recipient)`, oldest first; returns how many were read.

    The row goes in the transaction of what `read` has done, so that a mail is neither lost nor read twice.
    """
    number, until = 0, time.monotonic() + READ_SECONDS
    while time.monotonic() < until and (rows := ArrivedMail.objects.all().claim(limit=BATCH, lease=LEASE)):
        number += sum(_read(row, read) for row in rows)
    return number


def _read(row: ArrivedMail, read: Callable[[bytes, str], object]) -> bool:
    if not row.still_held(extend=LEASE):
        return False
    try:
        with transaction.atomic():
            read(bytes(row.raw), row.recipient)
            is_ours = bool(ArrivedMail.objects.filter(pk=row.pk, lease_token=row.lease_token).delete()[0])
            transaction.set_rollback(not is_ours)
    except Exception as error:  # whatever is wrong with one mail, the next one is read
        _put_off(row, error)
        return False
    return is_ours


def _put_off(row: ArrivedMail, error: Exception) -> None:
    tries = row.tries + 1
    due_at = timezone.now() + GAPS[tries - 1] if tries <= len(GAPS) else None
    log.error("mail_not_read", mail=row.pk, tries=tries, gave_up=due_at is None, exc_info=error)
    # The kind of error only: its text may quote the mail.
    row.settle(tries=tries, last_error=type(error).__name__, due_at=due_at)


# --- What staff do with one that could not be read ------------------------------------------------------------


@transaction.atomic
def read_again(mail: ArrivedMail, actor: User) -> None:
    """Try once more, from the beginning. Raises StaleState when it does not wait for staff (any more)."""
    if not ArrivedMail.objects.filter(pk=mail.pk, due_at__isnull=True).update(due_at=timezone.now(), tries=0):
        raise StaleState(mail, "due_at")
    record(actor, "arrived_mail.read_again", mail, chain=AUDIT_CHAIN)
    ring(READ)


@transaction.atomic
def throw_away(mail: ArrivedMail, actor: User) -> None:
    """Raises StaleState when it does not wait for staff (any more)."""
    if not ArrivedMail.objects.filter(pk=mail.pk, due_at__isnull=True).delete()[0]:
        raise StaleState(mail, "due_at")
    record(actor, "arrived_mail.thrown_away", mail, chain=AUDIT_CHAIN)


def purge(before: datetime) -> int:
    """Remove those that nobody could read and nobody has looked after since; returns how many."""
    return ArrivedMail.objects.filter(due_at__isnull=True, at__lt=before).delete()[0]
