"""Work that must survive anything: rows that are due, claimed under a lease, and settled once.

A row that asks for work carries `due_at`. A worker claims it by a conditional update that sets a lease
and a fresh token, does the work outside any transaction, and settles the row only if the token is still
its own. A worker that died leaves a lease that runs out; the sweep finds the row again. A worker that
was merely slow finds its token replaced, and its late result is dropped.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connections, models, transaction
from django.db.models import F, Q
from django.utils import timezone


class LeasedQuerySet(models.QuerySet):
    def claimable(self, now: datetime | None = None) -> Self:
        """Rows that are due and that nobody holds."""
        now = now or timezone.now()
        return self.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now), due_at__lte=now)

    def claim(self, *, limit: int = 1, lease: timedelta, now: datetime | None = None) -> list[Any]:
        """Take up to `limit` claimable rows, oldest first, and return those that are now ours.

        Workers that claim at the same time get different rows. Call it outside any transaction: a claim
        that is rolled back is none.
        """
        now = now or timezone.now()
        if not self.claimable(now).exists():  # the usual answer of a sweep, without a lock
            return []
        token = uuid.uuid4()
        rows: Any = self.model._default_manager.using(self.db)
        with transaction.atomic(using=self.db):
            candidates = self._candidates(limit, now)
            rows.filter(pk__in=candidates).claimable(now).update(
                lease_token=token, lease_until=now + lease, attempts=F("attempts") + 1
            )
        return list(rows.filter(pk__in=candidates, lease_token=token).order_by("due_at", "pk"))

    def _candidates(self, limit: int, now: datetime) -> list[Any]:
        due = self.claimable(now).order_by("due_at", "pk")
        if connections[self.db].features.has_select_for_update_skip_locked:
            # Without this, all workers would pick the same oldest rows, and all but one go away empty.
            due = due.select_for_update(skip_locked=True, of=("self",))
        return list(due.values_list("pk", flat=True)[:limit])


class LeasedRow(models.Model):
    """Abstract. `due_at` is null when nothing is to be done (any more)."""

    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def settle(self, *, due_at: datetime | None = None, **fields: Any) -> bool:
        """Write the result and let go of the row; False (and nothing written) when the lease was lost."""
        return self._write_if_held({**fields, "due_at": due_at, "lease_until": None, "lease_token": None})

    def still_held(self, *, extend: timedelta, **fields: Any) -> bool:
        """Extend the lease to `extend` from now, writing `fields` too; False when the row was taken over."""
        return self._write_if_held({**fields, "lease_until": timezone.now() + extend})

    def _write_if_held(self, fields: dict[str, Any]) -> bool:
        if self.lease_token is None:  # filter(lease_token=None) would find rows that nobody holds
            return False
        held = type(self)._default_manager.filter(pk=self.pk, lease_token=self.lease_token)
        if not held.update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True
