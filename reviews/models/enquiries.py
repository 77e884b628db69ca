"""What only the partner can tell: answers to a reviewer's questions, and what they have seen themselves."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps_catalog.models import App
from reviews.states import Attested, EnquiryKind


class Enquiry(models.Model):
    """A request for replay compatibility or for OAuth, and the partner's answer as data (S8, D35)."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="enquiries")
    kind = models.CharField(max_length=10, choices=EnquiryKind)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # Moves on when a reviewer asks again.
    asked_at = models.DateTimeField(default=timezone.now)
    # Replay: {"timestamp", "order", "rate", "limits"}; OAuth: {"plan", "when", "notes"} (reviews.forms).
    answer = models.JSONField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-asked_at"]
        verbose_name_plural = "enquiries"
        constraints = [models.UniqueConstraint(fields=["app", "kind"], name="enquiry_one_per_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.app}"

    @property
    def is_open(self) -> bool:
        """Whether the partner's answer is awaited."""
        return self.answered_at is None


class Attestation(models.Model):
    """Something only the partner can see, with who said so and when."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="attestations")
    item = models.CharField(max_length=20, choices=Attested)
    note = models.CharField(max_length=300, blank=True)
    # The revision of the listing that was looked at; a newer listing wants a new look. Null: not about the listing.
    listing_revision = models.PositiveIntegerField(null=True, blank=True)
    # What the data went through, as `testbench.fingerprint.of_all` says it. Blank: not about the components.
    components = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "item"], name="attestation_one_per_item")]

    def __str__(self) -> str:
        return f"{self.item} of {self.app}"
