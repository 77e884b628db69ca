"""Filled-in templates of the catalog's metadata (S23), kept until somebody has looked at them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App
from metadata.states import Way


class TemplateDraft(models.Model):
    """One filled-in template as `runtime.catalog_mail` reads it; nothing of the App changes until it is taken over.

    `entry` are the fields of `catalog_mail.Entry`, `remarks` [{field, line, text, code}].
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="template_drafts")
    way = models.CharField(max_length=8, choices=Way)
    text = models.TextField()
    entry = models.JSONField(default=dict)
    remarks = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # Pictures that came along, cleaned, by the field they are for: {"logo": {"name", "svg", "report"}}. They are
    # no assets yet, so that what is dropped is gone.
    pictures = models.JSONField(default=dict, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["app", "-at"], name="template_open", condition=Q(taken_at__isnull=True, dropped_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"template for {self.app}"

    @property
    def remarks_in_words(self) -> str:
        number = len(self.remarks)
        return f"{number} remark{'' if number == 1 else 's'}"

    @property
    def is_open(self) -> bool:
        return self.taken_at is None and self.dropped_at is None
