"""What GitHub told about pull requests: the newest fact of each thing, by GitHub's own clock (runtime.github).

Facts are kept for every pull request of a watched repository, linked to an App or not: what was told before the
partner linked it counts, too.
"""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App
from pulls.states import Outcome
from runtime.github.pulls import Checks, Verdict

SHA_LENGTH = 64


class Repository(models.Model):
    """A repository whose pull requests count. Its row is locked while a delivery about it is applied."""

    # “owner/name”, in lower case as GitHub compares it.
    name = models.CharField(max_length=140, unique=True)
    is_watched = models.BooleanField(default=True, help_text="Off: deliveries change nothing, none is linked.")
    # The branch that is released, and its newest commit as far as GitHub told.
    branch = models.CharField(max_length=200, default="main")
    branch_sha = models.CharField(max_length=SHA_LENGTH, blank=True, editable=False)
    branch_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The poll that heals what was lost: when it last went through, and why it did not since.
    polled_at = models.DateTimeField(null=True, blank=True, editable=False)
    poll_error = models.CharField(max_length=200, blank=True, editable=False)
    # GitHub asks for a pause by the clock.
    poll_after = models.DateTimeField(null=True, blank=True, editable=False)
    # Of GitHub's newest list, so that an unchanged one costs nothing.
    poll_tag = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return self.name


class PullRequestQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(app__in=App.objects.visible_to(user))


class PullRequest(models.Model):
    """A pull request as GitHub last described it; `at` is null until GitHub has said anything.

    `pulls.ingest` writes what GitHub says, `pulls.lifecycle` to which App it belongs. `verdict` and `checks` are what
    reviews and suites come to (runtime.github.pulls), kept so that lists need no sums.
    """

    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="pulls")
    number = models.PositiveIntegerField()
    app = models.ForeignKey(App, null=True, blank=True, on_delete=models.SET_NULL, related_name="pulls")
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    linked_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    is_polled = models.BooleanField(default=False)
    is_open = models.BooleanField(default=True)
    is_draft = models.BooleanField(default=False)
    merged_at = models.DateTimeField(null=True, blank=True)
    merge_sha = models.CharField(max_length=SHA_LENGTH, blank=True)
    head_sha = models.CharField(max_length=SHA_LENGTH, blank=True)
    base = models.CharField(max_length=250, blank=True)
    author = models.CharField(max_length=100, blank=True)
    title = models.TextField(blank=True)
    body = models.TextField(blank=True)
    verdict = models.CharField(max_length=18, choices=[(one.value, one.value) for one in Verdict], default=Verdict.NONE)
    checks = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Checks], default=Checks.NONE)
    # When its state here last changed, by our clock.
    changed_at = models.DateTimeField(default=timezone.now)
    # When GitHub was to be asked about it, when it was asked, and why that told nothing.
    asked_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    poll_error = models.CharField(max_length=200, blank=True)

    objects = PullRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["repository", "number"], name="pull_once")]
        indexes = [
            models.Index(fields=["app", "-linked_at"], name="pull_by_app", condition=Q(app__isnull=False)),
            models.Index(fields=["repository", "head_sha"], name="pull_by_head"),
        ]

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"

    @property
    def url(self) -> str:
        """Made here, from what was checked, and never taken from a payload."""
        return f"https://github.com/{self.repository.name}/pull/{self.number}"

    @property
    def is_seen(self) -> bool:
        """Whether GitHub has said anything about it yet."""
        return self.at is not None

    @property
    def is_merged(self) -> bool:
        return self.merged_at is not None

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for GitHub's answer."""
        return self.asked_at is not None and (self.polled_at is None or self.polled_at < self.asked_at)


class PullReview(models.Model):
    """A review, as it was last described (`runtime.github.facts.ReviewSeen`)."""

    pull = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="reviews")
    github_id = models.BigIntegerField()
    at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    state = models.CharField(max_length=20)
    author = models.CharField(max_length=100, blank=True)
    # How GitHub calls the author; only members judge (runtime.github.pulls.JUDGES).
    association = models.CharField(max_length=40, blank=True)
    body = models.TextField(blank=True)
    commit_sha = models.CharField(max_length=SHA_LENGTH, blank=True)
    is_polled = models.BooleanField(default=False)

    class Meta:
        ordering = ["-submitted_at", "-github_id"]
        constraints = [models.UniqueConstraint(fields=["pull", "github_id"], name="pull_review_once")]

    def __str__(self) -> str:
        return f"{self.author}: {self.state}"


class CheckSuite(models.Model):
    """A suite of checks on a commit; `conclusion` is empty while it runs."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="suites")
    github_id = models.BigIntegerField()
    at = models.DateTimeField()
    head_sha = models.CharField(max_length=SHA_LENGTH)
    status = models.CharField(max_length=20)
    conclusion = models.CharField(max_length=20, blank=True)
    program = models.CharField(max_length=100, blank=True)
    is_polled = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-github_id"]
        constraints = [models.UniqueConstraint(fields=["repository", "github_id"], name="check_suite_once")]
        indexes = [models.Index(fields=["repository", "head_sha"], name="check_suite_by_head")]

    def __str__(self) -> str:
        return f"{self.program}: {self.conclusion or self.status}"


class Delivery(models.Model):
    """A signed delivery that was taken in: its id counts once, for ever (SECURITY, T8)."""

    guid = models.CharField(max_length=80, unique=True)
    event = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, choices=Outcome)
    pull = models.ForeignKey(PullRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries")
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.event} {self.guid}"
