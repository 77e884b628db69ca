"""An appeal of the partner against a decision, and what another reviewer made of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.submissions import Submission
from reviews.states import AppealState, SubmissionState


class AppealQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(state=AppealState.WAITING)

    def visible_to(self, user: Any) -> Self:
        return self.filter(submission__in=Submission.objects.visible_to(user))


class Appeal(models.Model):
    """One per decision. It keeps the decision it is about, so that overturning it can be undone."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="appeals")
    state = models.CharField(max_length=10, choices=AppealState, default=AppealState.WAITING)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    # The decision as it was: state, message, who and when.
    decision = models.CharField(max_length=18, choices=SubmissionState)
    decision_message = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    former_due_at = models.DateTimeField(null=True, blank=True)
    # The verdict; never by the one who decided.
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["state", "due_at"], name="appeal_queue")]
        constraints = [
            models.UniqueConstraint(fields=["submission", "decided_at"], name="appeal_one_per_decision"),
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="appeal_known_state"),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}: {self.submission_id}"

    @property
    def is_waiting(self) -> bool:
        return self.state == AppealState.WAITING
