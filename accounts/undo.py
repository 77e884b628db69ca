"""Taking back a deletion: how long it can be, and the message that offers it."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

# Removed people and revoked invitations come back within this time. Apps and components have their own, longer one
# (DELETION_GRACE_DAYS).
UNDO_FOR = timedelta(days=1)
# How templates/partials/messages.html recognises the address of the button.
TAG = "undo:"


def undo_until(done_at: datetime) -> datetime:
    """The moment after which something done at `done_at` stays done."""
    return done_at + UNDO_FOR


def can_be_undone(done_at: datetime | None) -> bool:
    return done_at is not None and timezone.now() < undo_until(done_at)


def say_with_undo(request: HttpRequest, text: str, undo_path: str) -> None:
    """Say that something is gone, with a button that posts to `undo_path` (a path of this site)."""
    messages.success(request, text, extra_tags=TAG + undo_path)
