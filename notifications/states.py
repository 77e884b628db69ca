"""The life of one message in the outbox."""

from django.db.models import TextChoices


class MessageState(TextChoices):
    QUEUED = "queued", "queued"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"  # refused for good, or out of tries
    DROPPED = "dropped", "dropped"  # its cause was undone before it went out, or staff cancelled it
    HELD = "held", "held by staff"
    MUTED = "muted", "not wanted by mail"  # its reader has switched this kind off; the notice is there


MOVES: dict[str, frozenset[str]] = {
    MessageState.QUEUED: frozenset(
        {MessageState.SENT, MessageState.FAILED, MessageState.DROPPED, MessageState.HELD, MessageState.MUTED}
    ),
    MessageState.HELD: frozenset({MessageState.QUEUED, MessageState.DROPPED}),
    MessageState.FAILED: frozenset({MessageState.QUEUED, MessageState.DROPPED}),
    MessageState.SENT: frozenset(),
    MessageState.DROPPED: frozenset(),
    MessageState.MUTED: frozenset(),
}


class InboundState(TextChoices):
    """What became of a mail that came in."""

    LANDED = "landed", "in the thread"
    HELD = "held", "waits for staff"
    REFUSED = "refused", "refused"
    IGNORED = "ignored", "ignored"  # an automatic answer
    DISCARDED = "discarded", "thrown away by staff"
