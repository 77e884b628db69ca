"""The one judge: versions of the rubric with their rules, and the probes that feed it."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone

from apps_catalog.models import App
from apps_catalog.states import ComponentKind
from leases.models import LeasedQuerySet, LeasedRow
from leases.prepared import Prepared, Slot
from reviews.models.submissions import Submission
from reviews.states import ProbeReason, ReviewStep, RubricState, Severity

CANNED_LIMIT = 10
CANNED_LENGTH = 500
rule_id_shape = RegexValidator(r"^[a-z][a-z0-9_]*$", "Small letters, digits and underscores, a letter first.")


def check_canned(value: Any) -> None:
    """Canned reasons are a short list of short texts."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValidationError("Give a list of sentences.")
    if len(value) > CANNED_LIMIT or any(len(one) > CANNED_LENGTH for one in value):
        raise ValidationError(f"At most {CANNED_LIMIT} reasons of {CANNED_LENGTH} characters each.")


def check_kinds(value: Any) -> None:
    """A list of kinds of component."""
    if not isinstance(value, list) or set(map(str, value)) - set(ComponentKind.values):
        raise ValidationError("Give a list of kinds of component.")


class Rubric(models.Model):
    """One version of the rules. A draft is edited; from the moment it is switched on, nothing in it changes.

    A submission is judged by the version that was in force when it was submitted, as with `Policy`.
    """

    state = models.CharField(max_length=10, choices=RubricState, default=RubricState.DRAFT, editable=False)
    note = models.CharField("why it changes", max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    switched_on_at = models.DateTimeField(null=True, blank=True, editable=False)
    switched_on_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RubricState.values), name="rubric_known_state"),
            # One draft at a time, and one version in force.
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state__in=[RubricState.DRAFT, RubricState.IN_FORCE]),
                name="rubric_one_each",
            ),
            models.CheckConstraint(
                condition=Q(state=RubricState.DRAFT) ^ Q(switched_on_at__isnull=False), name="rubric_switched_on"
            ),
        ]

    def __str__(self) -> str:
        return f"rubric {self.pk}"

    @property
    def is_draft(self) -> bool:
        return self.state == RubricState.DRAFT

    @classmethod
    def in_force(cls, at: datetime | None = None) -> "Rubric | None":
        """The version in force at that moment, by default now; what came before the first is judged by it.

        None only where the first version, which a migration makes, was removed by hand.
        """
        return cls._switched_on(at).first() or cls._first().first()

    @classmethod
    def _switched_on(cls, at: "datetime | Slot | None") -> "models.QuerySet[Rubric]":
        """The newest of those that were switched on by then, if any."""
        return cls.objects.filter(switched_on_at__lte=at or timezone.now()).order_by("-switched_on_at")[:1]

    @classmethod
    def _first(cls) -> "models.QuerySet[Rubric]":
        return cls.objects.filter(switched_on_at__isnull=False).order_by("switched_on_at")[:1]


class RuleQuerySet(models.QuerySet["Rule"]):
    def in_force(self, at: datetime | None = None) -> "list[Rule]":
        """The rules of `Rubric.in_force(at)`; in one query, and one more for what came before the first version."""
        found = _made(tuple(_rules_in_force.ask(at=at or timezone.now())))
        return list(found) or list(self._of(Rubric._first()))

    def _of(self, newest: "models.QuerySet[Rubric]") -> Self:
        return self.filter(rubric=models.Subquery(newest.values("pk")))


class Rule(models.Model):
    """One thing that a submission has to be: said to the partner, looked at by a machine, judged by a person."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="rules")
    # Stable over versions: findings, links into the docs and statistics name it.
    rule_id = models.CharField("id", max_length=40, validators=[rule_id_shape])
    position = models.PositiveSmallIntegerField(default=100)
    step = models.CharField(max_length=20, choices=ReviewStep)
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=1_000)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.BLOCKING)
    # The name of a function in `reviews.rubric_checks`; blank: only a person can tell.
    check_name = models.CharField("machine check", max_length=40, blank=True)
    canned = models.JSONField("canned reasons", default=list, blank=True, validators=[check_canned])
    # A rule that is announced ahead: submissions before this day are not judged by it.
    applies_from = models.DateField(null=True, blank=True)
    # The kinds of component that the rule is about; empty means that every App is judged by it.
    kinds = models.JSONField("kinds of component", default=list, blank=True, validators=[check_kinds])

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "rule_id"], name="rule_once_in_a_rubric"),
            models.CheckConstraint(condition=Q(step__in=ReviewStep.values), name="rule_known_step"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="rule_known_severity"),
        ]

    def __str__(self) -> str:
        return self.rule_id


def _write_rules() -> "models.QuerySet[Rule, tuple[Any, ...]]":
    """The rows as they are, lists as their text."""
    columns = [
        Cast(column.attname, models.TextField()) if isinstance(column, models.JSONField) else models.F(column.attname)
        for column in Rule._meta.concrete_fields
    ]
    return Rule.objects.all()._of(Rubric._switched_on(Slot("at", models.DateTimeField()))).values_list(*columns)


_rules_in_force = Prepared(_write_rules)


@lru_cache(maxsize=16)
def _made(rows: tuple[tuple[Any, ...], ...]) -> "tuple[Rule, ...]":
    """Rules of those rows. A version never changes, and every page of a submission asks for the whole of it."""
    columns = Rule._meta.concrete_fields
    return tuple(
        Rule.from_db(None, [column.attname for column in columns], [
            json.loads(value) if isinstance(column, models.JSONField) else value
            for column, value in zip(columns, row, strict=True)
        ])
        for row in rows
    )  # fmt: skip


class ProbeQuerySet(LeasedQuerySet):
    def of(self, app: App, submission: Submission | None = None) -> Self:
        """Probes of that submission, or else of the draft."""
        return self.filter(app=app, submission=submission)


class Probe(LeasedRow):
    """One look at everything of an App that has to answer from outside: endpoint, links, website, log-in page."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="probes")
    # Set at pick-up: the submitted version is probed. Null: the draft, before submitting.
    submission = models.ForeignKey(Submission, null=True, blank=True, on_delete=models.CASCADE, related_name="probes")
    why = models.CharField(max_length=10, choices=ProbeReason)
    # What is looked at and what became of it: [{"kind", "url", "state", "status", "message", "at"}].
    targets = models.JSONField(default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ProbeQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        indexes = [
            models.Index(fields=["app", "submission", "-requested_at"], name="probe_newest"),
        ]
        constraints = [
            # Asking twice is one look.
            models.UniqueConstraint(
                fields=["app"],
                condition=Q(submission__isnull=True, finished_at__isnull=True),
                name="probe_one_of_draft",
            ),
            models.UniqueConstraint(
                fields=["submission"], condition=Q(finished_at__isnull=True), name="probe_one_of_submission"
            ),
        ]

    def __str__(self) -> str:
        return f"probe {self.pk} of {self.app_id}"

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None

    @property
    def done_count(self) -> int:
        return sum(bool(target.get("state")) for target in self.targets)
