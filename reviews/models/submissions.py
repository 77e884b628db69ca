"""What is handed in for review, what reviewers find, and the document a decision rests on."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App, AppVersion
from partners.claimable import Claimable
from partners.models import Policy
from partners.promises import Promised
from reviews.states import ReviewStep, Side, StepOutcome, SubmissionState


class SubmissionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(app__in=App.objects.visible_to(user))

    def waiting(self) -> Self:
        return self.filter(state=SubmissionState.WAITING)


class Submission(Promised, Claimable):
    """A frozen version of an App, handed in for review. Only `submissions` and `decisions` write `state`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="submissions")
    version = models.OneToOneField(AppVersion, on_delete=models.RESTRICT, related_name="submission")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=18, choices=SubmissionState, default=SubmissionState.WAITING)
    # What changed and why (S27).
    note = models.TextField("what changed, and why", blank=True)
    # The pull request as it stood at submission (`reviews.pull_evidence`), and the tests that were ticked (S27).
    pull = models.JSONField(default=dict, blank=True)
    tests_done = models.JSONField(default=list, blank=True)
    # The checklist and the runs as they stood at submission: {"checklist": […], "runs": [ids]}.
    evidence = models.JSONField(default=dict)
    # SHA-256 of the canonical document (`Evidence`), which every decision quotes.
    evidence_digest = models.CharField(max_length=64, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Of the last decision: the commit at which GitHub made it (`reviews.github_verdicts`); empty where a person did.
    github_commit = models.CharField(max_length=64, blank=True, editable=False)
    # What the partner reads with the decision.
    message = models.TextField(blank=True)
    # The version that was live before an approval, so that undo can put it back.
    replaced_version = models.ForeignKey(AppVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # The submission whose change request this one answers; its place in the queue is kept (docs/review.md).
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followers")
    # A hold is over by itself at `held_until`. The clock stands still only while the partner is waited for.
    held_until = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hold_reason = models.TextField(blank=True)
    hold_waits_for = models.CharField(max_length=10, choices=Side, blank=True)
    # What was due before the hold, so that the time that was left can be given back.
    due_before_hold = models.DateTimeField(null=True, blank=True)
    # Counts the saves of the partner's answers to the findings.
    answers_revision = models.PositiveIntegerField(default=0)

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
    def is_held(self) -> bool:
        return self.is_waiting and self.held_until is not None and self.held_until > timezone.now()

    @property
    def is_paused(self) -> bool:
        """Whether the clock stands still: held, and it is the partner who is waited for."""
        return self.is_held and self.hold_waits_for == Side.PARTNER

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
    """One thing to change: the rule or step, what was seen where, what to do, how it is tested again (S30).

    The partner's answer can be changed until the next submission; from then on it stands beside the new version.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="findings")
    step = models.CharField(max_length=20, choices=ReviewStep)
    observed = models.TextField("what was seen")
    todo = models.TextField("what to do")
    # The id of the rule of the rubric, where one was broken.
    rule_id = models.CharField(max_length=60, blank=True)
    where = models.TextField(blank=True)
    retest = models.TextField("how it will be tested again", blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # When an appeal overturned the decision; the finding is kept, and asks for nothing any more.
    struck_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.observed[:60]}"


class Evidence(models.Model):
    """All that a submission rests on, in one canonical JSON document (runtime.evidence); written once."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="frozen")
    digest = models.CharField(max_length=64)
    # Text, because jsonb would reorder and reformat what the digest is of.
    document = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"evidence {self.digest[:12]}"
