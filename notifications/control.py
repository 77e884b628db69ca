"""What staff may do with a message of the outbox: hold it, let it go, send it again, cancel it."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.recording import System, record
from leases.doorbell import ring
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from notifications.outbox import DELIVER, DELIVER_TO_SLACK, WIPED
from notifications.states import MOVES, MessageState

AUDIT_CHAIN = "mail"
Actor = User | System


@transaction.atomic
def hold(message: OutboxMessage, actor: Actor) -> None:
    """Keep a queued message back until it is released. Raises StaleState when it is on its way or gone.

    It keeps its time, so that a decision that can still be undone is not told early by a release.
    """
    _move(message, MessageState.HELD, {MessageState.QUEUED})
    record(actor, "mail.held", message, chain=AUDIT_CHAIN, kind=message.kind)


@transaction.atomic
def release(message: OutboxMessage, actor: Actor) -> None:
    """Send a held message when its time has come, which mostly is now."""
    _move(message, MessageState.QUEUED, {MessageState.HELD})
    record(actor, "mail.released", message, chain=AUDIT_CHAIN, kind=message.kind)
    _wake(message)


@transaction.atomic
def retry(message: OutboxMessage, actor: Actor) -> None:
    """Send a failed message once more. Raises StaleState when it is not (or no longer) failed."""
    _move(
        message, MessageState.QUEUED, {MessageState.FAILED},
        due_at=timezone.now(), tries=0, possible_repeats=0, sending_since=None,
    )  # fmt: skip
    record(actor, "mail.retried", message, chain=AUDIT_CHAIN, kind=message.kind)
    _wake(message)


@transaction.atomic
def cancel(message: OutboxMessage, actor: Actor) -> None:
    """Never send it; its text is wiped, its notice stays: what it says is true. Raises StaleState when it is gone."""
    from_ = {state for state, moves in MOVES.items() if MessageState.DROPPED in moves}
    _move(message, MessageState.DROPPED, from_, due_at=None, dedupe_key=None, **WIPED)
    record(actor, "mail.cancelled", message, chain=AUDIT_CHAIN, kind=message.kind)


def _move(message: OutboxMessage, to: str, from_: set[str], **also: Any) -> None:
    """Compare-and-set that also loses against a worker that has the message in hand."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now())
    rows = OutboxMessage.objects.filter(free, pk=message.pk, state__in=from_)
    if not rows.update(state=to, **also):
        message.refresh_from_db()
        raise StaleState(message, "state")
    message.refresh_from_db()


def _wake(message: OutboxMessage) -> None:
    ring(DELIVER_TO_SLACK if message.channel_id else DELIVER)
