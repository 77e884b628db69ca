"""Settings that were removed from a draft and can still come back."""

from django.db import models

from apps_catalog.models.apps import App


class RemovedSetting(models.Model):
    """One removed setting, whole: `values` holds its columns by name, `place` where it stood (0 is the first).

    `setting_drafts.restore_setting` brings it back; a setting with the same key that was made since stays.
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="removed_settings")
    key = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    values = models.JSONField()
    place = models.PositiveIntegerField()
    removed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-removed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["app", "key"], name="app_one_removed_setting_per_key")]

    def __str__(self) -> str:
        return self.label
