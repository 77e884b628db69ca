"""Customers of a beta: who is invited, and what they say."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App, AppVersion
from workspaces.models import Workspace


class BetaInvite(models.Model):
    """A personal link into a private beta: revocable, expiring. Only a hash of its token is kept."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="beta_invites")
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The newer link that was sent instead; this one is then revoked for good.
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="beta_invites"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["app", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="beta_one_open_invite",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.app}"

    @property
    def is_open(self) -> bool:
        """Whether the link still waits to be opened."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class Verification(models.Model):
    """A customer's word that a beta works (S33), with what had been delivered when it was given.

    Never from inside the partner's company, nor from a workspace of its people. Whether it counts today, says
    `thresholds.counting_verifications`.
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="verifications")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.ForeignKey(AppVersion, on_delete=models.RESTRICT, related_name="+")
    invite = models.ForeignKey(BetaInvite, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # What was seen, in the customer's words.
    note = models.TextField()
    # Where the App was tried, and what the workspace was called then; the name stays when the workspace goes.
    workspace = models.ForeignKey(Workspace, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    workspace_name = models.CharField(max_length=120, blank=True)
    # How many events had been delivered, of which types and origins, and when: reviews.delivered.Delivered.as_json.
    evidence = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["app", "user"], name="verification_one_per_customer")]

    def __str__(self) -> str:
        return f"{self.app} verified by {self.user_id}"


class Problem(models.Model):
    """What a customer reported about an App, told to the partner and to Segment (PRODUCT, Leaving)."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="problems")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.ForeignKey(AppVersion, null=True, blank=True, on_delete=models.RESTRICT, related_name="+")
    text = models.TextField()
    # SHA-256 of the text: the same report twice (a double click) is one.
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["app", "user", "digest"], name="problem_told_once")]

    def __str__(self) -> str:
        return f"problem {self.pk} with {self.app}"
