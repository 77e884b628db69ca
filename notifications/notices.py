"""Notices: what the product says to a person, inside the product."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from notifications.models import Notice


def notices_of(user: User) -> QuerySet[Notice]:
    """The notices `user` may see now, newest first; held ones are not among them."""
    return Notice.objects.filter(user=user, visible_at__lte=timezone.now())


def unread_count(user: User) -> int:
    return notices_of(user).filter(read_at__isnull=True).count()


def mark_read(user: User, notice: Notice | None = None) -> int:
    """Mark one notice, or all of them; returns how many were unread."""
    unread = notices_of(user).filter(read_at__isnull=True)
    return (unread if notice is None else unread.filter(pk=notice.pk)).update(read_at=timezone.now())


def export(user: User) -> list[dict[str, Any]]:
    """What a person gets when they export their account."""
    return [
        {"at": notice.visible_at.isoformat(), "text": notice.text, "url": notice.url} for notice in notices_of(user)
    ]
