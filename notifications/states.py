"""The life of one message in the outbox."""

from django.db.models import TextChoices


class MessageState(TextChoices):
    QUEUED = "queued", "queued"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"  # refused for good, or out of tries
    DROPPED = "dropped", "dropped"  # its cause was undone before it went out


MOVES: dict[str, frozenset[str]] = {
    MessageState.QUEUED: frozenset({MessageState.SENT, MessageState.FAILED, MessageState.DROPPED}),
    MessageState.FAILED: frozenset({MessageState.QUEUED}),
    MessageState.SENT: frozenset(),
    MessageState.DROPPED: frozenset(),
}
