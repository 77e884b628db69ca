"""What an App was before it ended, for as long as its end can be undone, and for the record after that."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps_catalog.models import App
from apps_catalog.states import Stage


class Ending(models.Model):
    """The deprecation of an App. Undoing it deletes the row; the audit record keeps both."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="ending")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    former_stage = models.CharField(max_length=20, choices=Stage)
    # Since when it was at that stage: the days of a public beta go on counting from there.
    former_since = models.DateTimeField()
    # When the catalog first listed it, so that an undone end does not make it new again.
    listed_at = models.DateTimeField(null=True, blank=True)
    was_noteworthy = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"end of {self.app}"

    @property
    def undo_until(self) -> datetime:
        """When the mails go out that are held so that the end can be undone unseen."""
        return self.at + timedelta(seconds=settings.UNDO_SECONDS)

    @property
    def can_be_undone(self) -> bool:
        return timezone.now() < self.undo_until
