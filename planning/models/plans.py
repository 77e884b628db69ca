"""The plan (S14, S15). The mode is the component's, the settings are the App's: neither is kept twice."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App
from planning.states import AuthMethod, FieldType, Section

TEXT_LIMIT = 5_000
MOST_ACTIONS = 40
MOST_FIELDS = 60


class Plan(models.Model):
    """What is going to be built. `revision` counts saved changes of it, its actions and their fields."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="plan")
    summary = models.TextField("what the destination does", max_length=TEXT_LIMIT, blank=True)
    auth_method = models.CharField(max_length=10, choices=AuthMethod, blank=True)
    auth_notes = models.TextField("how the log-in works", max_length=TEXT_LIMIT, blank=True)
    revision = models.PositiveIntegerField(default=0)
    # When the partner asked the team to look, and when somebody of the team had no (more) objections.
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_revision = models.PositiveIntegerField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    looked_revision = models.PositiveIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"plan of {self.app}"


class StandingActions(models.Manager):
    """The actions of a plan; those that were removed are only in `PlannedAction.every`."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(removed_at__isnull=True)


class PlannedAction(models.Model):
    """One action. `trigger` is a condition such as `type = "track" and event = "Order Completed"`.

    `revision` counts saved changes of it and its fields. A removed one keeps its row until the purge.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="actions")
    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    description = models.TextField(max_length=TEXT_LIMIT, blank=True)
    trigger = models.CharField(max_length=1_000, blank=True)
    position = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)

    # The first one is also what `plan.actions` and prefetches use.
    objects = StandingActions()
    every = models.Manager()  # noqa: DJ012  a manager, though its name does not end like one

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="planned_action_key_once"),
            models.UniqueConstraint(
                fields=["plan", "name"], name="planned_action_name_once", condition=Q(removed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FieldMapping(models.Model):
    """A field that an action takes, and where its value comes from by default: `$.userId`, `$.properties.total`."""

    action = models.ForeignKey(PlannedAction, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(max_length=80)
    label = models.CharField(max_length=120)
    type = models.CharField(max_length=10, choices=FieldType, default=FieldType.STRING)
    required = models.BooleanField(default=False)
    default = models.CharField(max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["action", "key"], name="field_mapping_key_once")]

    def __str__(self) -> str:
        return self.label


class PlanComment(models.Model):
    """What somebody of the team or of the partner says about a part of the plan, before building starts."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="comments")
    section = models.CharField(max_length=10, choices=Section, default=Section.PLAN)
    # The key of the action that it is about.
    action_key = models.CharField(max_length=80, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    is_segment = models.BooleanField(default=False)
    text = models.TextField(max_length=TEXT_LIMIT)
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["plan"], name="plan_open_comments", condition=Q(settled_at__isnull=True))]

    def __str__(self) -> str:
        return self.text[:60]
