"""What the draft of an App is made of: components and settings."""

import json
from typing import Any

from django.db import models
from django.db.models import Q

from apps_catalog.models.apps import App
from apps_catalog.states import CODE_KINDS, ComponentKind, PluginShape, SettingType
from vault.sealing import seal, unseal


class StandingComponents(models.Manager):
    """The components a draft has; those that were removed are only in `Component.every`."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(removed_at__isnull=True)


class Component(models.Model):
    """One component of the draft. Which fields count depends on `kind`.

    A removed one keeps its row, its endpoint and its runs, so that `drafting.restore_component` brings all back.
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="components")
    kind = models.CharField(max_length=24, choices=ComponentKind)
    endpoint = models.CharField(max_length=500, blank=True)
    # The draft; what was saved of it is in `code_versions`. Only `code_lifecycle` and a manifest write it.
    code = models.TextField(blank=True)
    # How a web plugin's code hands itself over, and the name by which a destination script is found.
    shape = models.CharField(max_length=14, choices=PluginShape, blank=True)
    library_name = models.CharField(max_length=100, blank=True)
    # The version that runs on live events; the draft is what tests run (D21).
    deployed = models.ForeignKey(
        "apps_catalog.CodeVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    mode = models.CharField(max_length=10, blank=True)
    pull_request = models.CharField(max_length=300, blank=True)
    # Values of the App's settings that tests use, sealed as one JSON object; never exported.
    test_settings_sealed = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    # The first one is also what `app.components` and prefetches use.
    objects = StandingComponents()
    every = models.Manager()  # noqa: DJ012  a manager, though its name does not end like one

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["app", "kind"], name="app_one_component_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=ComponentKind.values), name="app_known_kind"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def lacks(self) -> str:
        """What must be filled in before it can be tested: “endpoint”, “code”, “pull request” or ""."""
        if self.kind == ComponentKind.ACTIONS_DESTINATION:
            return "" if self.pull_request else "pull request"
        if self.kind in CODE_KINDS:
            return "" if self.code.strip() else "code"
        return "" if self.endpoint else "endpoint"

    def put_test_settings(self, values: dict[str, Any]) -> None:
        """Seal the test values by setting key; an empty mapping clears them. Does not save."""
        self.test_settings_sealed = seal(json.dumps(values), self._context()) if values else ""

    def open_test_settings(self) -> dict[str, Any]:
        """The test values by setting key, `apiKey` among them."""
        return json.loads(unseal(self.test_settings_sealed, self._context())) if self.test_settings_sealed else {}

    def _context(self) -> str:
        return f"component-test-settings:{self.pk}"


class Setting(models.Model):
    """One setting that a customer fills in (D8, D9). `key` is made once and never follows the label."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="settings")
    key = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    hint = models.TextField(blank=True)
    type = models.CharField(max_length=10, choices=SettingType, default=SettingType.STRING)
    required = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)
    default = models.JSONField(null=True, blank=True)
    choices = models.JSONField(default=list, blank=True)
    pattern = models.CharField(max_length=300, blank=True)
    visible_if = models.JSONField(null=True, blank=True)
    # The kinds of component that use it; empty means all of them.
    components = models.JSONField(default=list, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["app", "key"], name="app_one_setting_per_key")]

    def __str__(self) -> str:
        return self.label
