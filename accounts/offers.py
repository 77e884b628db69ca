"""What every invitation has in common: a mail with a link, a deadline, and budgets (T27)."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.models import User

INVITATION_DAYS = 14
# Budgets: an invitation is a mail to an address that somebody else typed.
OPEN_INVITATIONS = 20
DAILY_INVITATIONS = 50


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Offer(models.Model):
    """An offer to join something, sent by mail. Only a hash of its token is kept."""

    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()


def begin(actor: User, address: str) -> tuple[str, dict[str, Any]]:
    """The token for the mail, and the fields of the row that it belongs to."""
    token = secrets.token_urlsafe(32)
    ends = timezone.now() + timedelta(days=INVITATION_DAYS)
    return token, {"email": address, "token_hash": token_hash(token), "invited_by": actor, "expires_at": ends}


def check_budget(offers: models.QuerySet[Any]) -> None:
    """Whether one more may be sent, beside `offers` of the same company or workspace. Raises ValidationError."""
    now = timezone.now()
    if offers.filter(accepted_at=None, revoked_at=None, expires_at__gt=now).count() >= OPEN_INVITATIONS:
        raise ValidationError(
            f"{OPEN_INVITATIONS} invitations are waiting for an answer, which is the most there can be. "
            "Revoke one that is not needed.",
            code="budget",
        )
    if offers.filter(created_at__gt=now - timedelta(days=1)).count() >= DAILY_INVITATIONS:
        raise ValidationError(
            f"{DAILY_INVITATIONS} invitations were sent within a day, which is the most there can be. "
            "Try again tomorrow.",
            code="budget",
        )
