"""The way into the public catalog, and how long answers take."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App
from partners.claimable import Claimable
from partners.promises import Promised


class Release(Promised, Claimable):
    """The partner's request to go public, and the reviewer's release (S34)."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="release")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    # The launch that was picked: the day in the office's zone, and the moment on it. Null: as soon as it is released.
    launch_on = models.DateField(null=True, blank=True)
    launch_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    # When the App came into the catalog; between release and launch it waits for its day.
    listed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at"]
        indexes = [
            models.Index(fields=["released_at", "due_at"], name="release_queue"),
            models.Index(fields=["launch_at"], condition=Q(listed_at__isnull=True), name="release_to_launch"),
        ]

    def __str__(self) -> str:
        return f"release of {self.app}"

    @property
    def is_scheduled(self) -> bool:
        """Released, and waiting for the day of its launch."""
        return self.released_at is not None and self.listed_at is None


class ServiceLevels(models.Model):
    """What the page of service levels shows, as the last hourly run found it. The newest row counts."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    # {kind: {"answered", "median_hours", "p90_hours", "late", …}} (reviews.service_levels).
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]
        verbose_name_plural = "service levels"

    def __str__(self) -> str:
        return f"service levels of {self.at:%Y-%m-%d %H:%M}"
