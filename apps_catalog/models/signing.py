"""The secrets with which a component's requests are signed."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models.components import Component
from runtime.signing import new_secret
from vault.sealing import seal, unseal


class SigningSecretQuerySet(models.QuerySet["SigningSecret"]):
    def active(self, now: datetime | None = None) -> Self:
        """Those that sign, the current one first: it has no end yet."""
        alive = self.filter(Q(ends_at=None) | Q(ends_at__gt=now or timezone.now()))
        return alive.order_by(models.F("ends_at").desc(nulls_first=True), "-created_at")


class SigningSecret(models.Model):
    """One signing secret of a component, sealed. The current one has no end; one that was replaced signs until its end.

    Ended ones stay for a while, so that a request signed with one can be explained.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="signing_secrets")
    value_sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = SigningSecretQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["component"], condition=Q(ends_at=None), name="signing_one_current_per_component"
            ),
        ]

    def __str__(self) -> str:
        return f"signing secret {str(self.pk)[:8]} of {self.component_id}"

    @classmethod
    def make(cls, component: Component) -> Self:
        """A new secret, not saved yet."""
        row = cls(component=component)
        row.value_sealed = seal(new_secret(), row.context)
        return row

    @property
    def context(self) -> str:
        return f"signing-secret:{self.component_id}:{self.pk}"

    def open(self) -> str:
        """The secret as it is pasted into a server (`whsec_…`). Raises vault.sealing.CannotOpen."""
        return unseal(self.value_sealed, self.context)
