"""Test Suite runs and their results, kept (S12, D26)."""

import json
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps_catalog.models import App, Component
from leases.models import LeasedQuerySet, LeasedRow
from runtime.suite.plan import Planned, read_plan
from testbench.states import ACTIVE, FINAL, PASSING, RunKind, RunState, Verdict
from vault.sealing import seal, unseal


class SuiteRunQuerySet(LeasedQuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(app__in=App.objects.visible_to(user))

    def suites(self) -> Self:
        return self.filter(kind=RunKind.SUITE)

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE)

    def proofs(self) -> Self:
        """Finished suites of the partner that ran every required group: what the checklist believes."""
        return self.suites().filter(state=RunState.FINISHED, covers_required=True, submission_id__isnull=True)


class SuiteRun(LeasedRow):
    """One run of the suite, or of one single event, against one component of a draft."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="runs")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=RunKind, default=RunKind.SUITE)
    groups = models.JSONField(default=list)
    covers_required = models.BooleanField(default=False, editable=False)
    # The cases with their events, as `runtime.suite.plan` writes them. Made with the run, so that a worker that
    # takes over sends the same messageIds. Text, because jsonb would reorder the keys of what is sent.
    plan = models.TextField(default="[]")
    # Where the events go: the component's endpoint, or its code and how that hands itself over, when it was asked for.
    endpoint = models.CharField(max_length=500, blank=True)
    code = models.TextField(blank=True)
    shape = models.CharField(max_length=14, blank=True)
    library_name = models.CharField(max_length=100, blank=True)
    # What concerns the run as a whole; of a web plugin, what loading it did (`drivers.plugin.facts_of`).
    facts = models.JSONField(default=dict, editable=False)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    # What was tested, as `testbench.fingerprint` says it; a run is stale once the draft's differs.
    fingerprint = models.CharField(max_length=64)
    # The same by part ({"endpoint": "…", "settings": "…"}), to say what changed since.
    fingerprint_parts = models.JSONField(default=dict)
    # The API key and settings of this run, sealed; wiped when the run is over.
    settings_sealed = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The keys of the settings that are secret in this run, so that no later edit of the draft unmasks them.
    sensitive = models.JSONField(default=list, editable=False)
    # Set for a reviewer's re-run from the desk; the partner sees the result, never the circumstances.
    submission_id = models.UUIDField(null=True, blank=True, db_index=True)
    # A review rests on it (`testbench.lifecycle.keep`): the purge leaves it.
    kept = models.BooleanField(default=False, editable=False)
    planned = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = SuiteRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["app", "-created_at"], name="run_by_app"),
            models.Index(fields=["component", "kind", "-created_at"], name="run_by_component"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_known_state"),
            # A double click starts one run. A reviewer's run does not stand in the partner's way.
            models.UniqueConstraint(
                fields=["component", "kind"],
                condition=Q(state__in=sorted(ACTIVE), submission_id__isnull=True),
                name="run_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["component", "submission_id"],
                condition=Q(state__in=sorted(ACTIVE), submission_id__isnull=False),
                name="run_one_per_submission",
            ),
        ]

    def __str__(self) -> str:
        return f"run {str(self.pk)[:8]} of {self.app}"

    @property
    def is_over(self) -> bool:
        return self.state in FINAL

    @property
    def has_passed(self) -> bool:
        return self.state == RunState.FINISHED and self.verdict in PASSING

    @property
    def cases(self) -> list[Planned]:
        """What is sent, in order. The event of a single run is masked here; `open_secrets` has the real one."""
        return read_plan(self.plan)

    def put_secrets(self, values: dict[str, Any], event: dict[str, Any] | None = None) -> None:
        """Seal what only the worker may read. Does not save."""
        self.settings_sealed = seal(json.dumps({"values": values, "event": event}), f"suite-run:{self.pk}")

    def open_secrets(self) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The settings of the run, “apiKey” among them, and the single event; wiped when the run is over.

        Raises vault.sealing.CannotOpen.
        """
        opened = json.loads(unseal(self.settings_sealed, f"suite-run:{self.pk}")) if self.settings_sealed else {}
        return opened.get("values", {}), opened.get("event")


class CaseResult(models.Model):
    """What one case sent, got, and what that means. Secrets are masked before they are stored."""

    run = models.ForeignKey(SuiteRun, on_delete=models.CASCADE, related_name="results")
    position = models.PositiveSmallIntegerField()
    case_id = models.CharField(max_length=60)
    group = models.CharField(max_length=20)
    type = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    verdict = models.CharField(max_length=10, choices=Verdict)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    duration_ms = models.FloatField(null=True, blank=True)
    # What code did: `kind` “function” or “plugin”, and the fields that testbench/drivers/ write.
    details = models.JSONField(null=True, blank=True)
    # As runtime.egress.Exchange writes itself: start line, headers, body, timings.
    request = models.JSONField(null=True, blank=True)
    response = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    timings = models.JSONField(null=True, blank=True)
    # In plain words: what the answer means, the likely cause, and the fix.
    message = models.TextField(blank=True)
    cause = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="run_one_result_per_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.verdict}"


class Screenshot(models.Model):
    """The sample site at the end of a run of a web plugin, as a PNG; it goes with the run."""

    run = models.OneToOneField(SuiteRun, on_delete=models.CASCADE, related_name="screenshot")
    png = models.BinaryField()

    def __str__(self) -> str:
        return f"screenshot of {self.run}"
