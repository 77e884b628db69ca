"""The columns of a row that waits for Segment until a promised date."""

from datetime import datetime
from typing import Any

from django.db import models


class Promised(models.Model):
    """Abstract. Beside it stands `due_at`: the date that holds now.

    `promised_at` is the first promise, kept when a late wait got a new date; null while the first one holds.
    `chased_at` says when the team was reminded that the new date has passed, too.
    """

    promised_at = models.DateTimeField(null=True, blank=True, editable=False)
    chased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


# What a fresh promise writes beside `due_at`.
FRESH: dict[str, Any] = {"promised_at": None, "chased_at": None}


def told(due_at: datetime | None) -> dict[str, str]:
    """What the audit record keeps of a promise, so that service levels can be computed from it for ever."""
    return {"due": due_at.isoformat()} if due_at else {}
