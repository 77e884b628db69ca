"""Changes of a live App that went live without a submission, in proportion to what they touch."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps_catalog.models import App, AppVersion
from reviews.states import LiveChangeState


class LiveChangeQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(state=LiveChangeState.WAITING, app__deleted_at__isnull=True)

    def visible_to(self, user: Any) -> Self:
        return self.filter(app__in=App.objects.visible_to(user))


class LiveChange(models.Model):
    """What one save of the partner put live: the version it made, and which fields differ from the one before.

    Where a field is reviewed after, the change waits on the desk; where all are instant, nobody has to look.
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="live_changes")
    version = models.OneToOneField(AppVersion, on_delete=models.RESTRICT, related_name="live_change")
    before = models.ForeignKey(AppVersion, on_delete=models.RESTRICT, related_name="+")
    # Paths as reviews.proportion has them ("listing.description"), the instant ones too.
    fields = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=LiveChangeState)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    # What the partner reads when a change is taken back.
    reason = models.TextField(blank=True)

    objects = LiveChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="live_change_queue"),
            models.Index(fields=["app", "-at"], name="live_change_by_app"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["app"], condition=Q(state="waiting"), name="live_change_one_waiting"),
            models.CheckConstraint(condition=Q(state__in=LiveChangeState.values), name="live_change_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.app} v{self.version.number}"

    @property
    def is_waiting(self) -> bool:
        return self.state == LiveChangeState.WAITING
