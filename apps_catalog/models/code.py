"""The code of functions and plugins: a draft in `Component.code`, and numbered versions that never change (D21)."""

import hashlib
from typing import Any

from django.conf import settings as django_settings
from django.db import models
from django.utils import timezone

from apps_catalog.models.components import Component
from apps_catalog.states import PluginShape

MAX_NOTE = 200


class CodeVersion(models.Model):
    """One saved version of a component's code. The newest is LATEST; `Component.deployed` names the one that runs."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="code_versions")
    number = models.PositiveIntegerField()
    code = models.TextField()
    # Of a web plugin; empty for a function.
    shape = models.CharField(max_length=14, choices=PluginShape, blank=True)
    library_name = models.CharField(max_length=100, blank=True)
    # SHA-256 of the code in UTF-8, in hex.
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    saved_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    saved_at = models.DateTimeField(default=timezone.now)
    restored_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["component", "number"], name="code_one_version_per_number")]

    def __str__(self) -> str:
        return f"version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only ever once. Raises TypeError for a version that exists."""
        if not self._state.adding:
            raise TypeError("a version of code never changes")
        super().save(*args, **kwargs)

    @property
    def size(self) -> int:
        """Bytes in UTF-8."""
        return len(self.code.encode())

    @property
    def content(self) -> dict[str, str]:
        """What a version is a version of, by column of the component."""
        return {"code": self.code, "shape": self.shape, "library_name": self.library_name}


def digest(code: str) -> str:
    """SHA-256 of the code in UTF-8, in hex."""
    return hashlib.sha256(code.encode()).hexdigest()
