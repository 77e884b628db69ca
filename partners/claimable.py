"""The columns of a row that one reviewer at a time works on."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Claimable(models.Model):
    """Abstract. A claim is a lease: it counts while `claimed_until` lies ahead (`partners.claims`)."""

    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_claimed(self) -> bool:
        """Whether somebody works on it at this moment."""
        return self.claimed_by_id is not None and self.claimed_until is not None and self.claimed_until > timezone.now()

    def is_claimed_by(self, user: Any) -> bool:
        return self.is_claimed and self.claimed_by_id == user.pk
