"""Submissions, what reviewers find and decide, and the proof that a beta gathers."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App, AppVersion
from partners.models import Policy
from reviews.states import Attested, EnquiryKind, ReviewStep, StepOutcome, SubmissionState


class SubmissionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(app__in=App.objects.visible_to(user))

    def waiting(self) -> Self:
        return self.filter(state=SubmissionState.WAITING)


class Submission(models.Model):
    """A frozen version of an App, handed in for review. Only `submissions` and `decisions` write `state`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="submissions")
    version = models.OneToOneField(AppVersion, on_delete=models.RESTRICT, related_name="submission")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=18, choices=SubmissionState, default=SubmissionState.WAITING)
    # What changed and why (S27).
    note = models.TextField("what changed, and why", blank=True)
    # The checklist and the runs as they stood at submission: {"checklist": […], "runs": [ids]}.
    evidence = models.JSONField(default=dict)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # What the partner reads with the decision.
    message = models.TextField(blank=True)
    # The version that was live before an approval, so that undo can put it back.
    replaced_version = models.ForeignKey(AppVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="submission_queue"),
            models.Index(fields=["app", "-submitted_at"], name="submission_by_app"),
            models.Index(fields=["-decided_at"], name="submission_decided"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["app"], condition=Q(state="waiting"), name="submission_one_waiting"),
            models.CheckConstraint(condition=Q(state__in=SubmissionState.values), name="submission_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.app} v{self.version.number}"

    @property
    def is_waiting(self) -> bool:
        return self.state == SubmissionState.WAITING

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_at < timezone.now()


class StepVerdict(models.Model):
    """What a reviewer found on one step of S29."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="verdicts")
    step = models.CharField(max_length=20, choices=ReviewStep)
    outcome = models.CharField(max_length=10, choices=StepOutcome)
    evidence = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "step"], name="submission_one_verdict")]

    def __str__(self) -> str:
        return f"{self.step}: {self.outcome}"


class Finding(models.Model):
    """One thing to change: the step, what was seen, and what to do (S30)."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="findings")
    step = models.CharField(max_length=20, choices=ReviewStep)
    observed = models.TextField("what was seen")
    todo = models.TextField("what to do")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.observed[:60]}"


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


class BetaInvite(models.Model):
    """A personal link into a private beta: revocable, expiring. Only a hash of its token is kept."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="beta_invites")
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
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
    """A customer's word that a beta works (S33). Never from inside the partner's company."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="verifications")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.ForeignKey(AppVersion, on_delete=models.RESTRICT, related_name="+")
    invite = models.ForeignKey(BetaInvite, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField()
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


class Release(models.Model):
    """The partner's request to go public, and the reviewer's release (S34)."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="release")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at"]
        indexes = [models.Index(fields=["released_at", "due_at"], name="release_queue")]

    def __str__(self) -> str:
        return f"release of {self.app}"
