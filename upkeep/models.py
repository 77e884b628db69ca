"""Nightly checks, Apps at risk, launch content, and inquiries that support staff pass on (S23, S36, S37)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps_catalog.models import App
from upkeep.states import Found, LaunchKind, RiskState


class NightlyCheck(models.Model):
    """What one night's look at a live App found; `problems` are sentences for its makers."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="nightly_checks")
    # The day where the office is: one check a night.
    night = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    found = models.CharField(max_length=8, choices=Found)
    problems = models.JSONField(default=list, blank=True)
    # Not a single address of it answered at all; when that is so of most Apps, the fault is ours.
    is_silent = models.BooleanField(default=False)
    # A row without it is being looked at, or was when its worker died. Then: what followed from it, once.
    looked_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-night", "-pk"]
        constraints = [models.UniqueConstraint(fields=["app", "night"], name="nightly_check_once")]

    def __str__(self) -> str:
        return f"{self.app} {self.night}: {self.found}"


class Risk(models.Model):
    """An App that fails its nightly checks: its makers are told, and have until `grace_until`."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="risks")
    state = models.CharField(max_length=10, choices=RiskState, default=RiskState.OPEN)
    problems = models.JSONField(default=list, blank=True)
    since = models.DateTimeField(default=timezone.now)
    grace_until = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["app"], condition=Q(state="open"), name="risk_one_open"),
            models.CheckConstraint(condition=Q(state__in=RiskState.values), name="risk_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.app}: {self.get_state_display()}"


class LaunchItem(models.Model):
    """A piece of launch content that the partner plans; optional, with a reminder as its day comes (S36)."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="launch_items")
    kind = models.CharField(max_length=12, choices=LaunchKind)
    planned_on = models.DateField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)
    note = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["app", "kind"], name="launch_item_once")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Inquiry(models.Model):
    """A customer's question about an App that Segment's support passes on to its maker (S23).

    The maker's support address is shown to nobody; the text goes by mail, and is removed from here after a while.
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="inquiries")
    # How the maker reaches the customer; given with the customer's consent.
    customer_email = models.EmailField(blank=True)
    subject = models.CharField(max_length=200)
    text = models.TextField(max_length=10_000)
    forwarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    forwarded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-forwarded_at", "-pk"]
        verbose_name_plural = "inquiries"

    def __str__(self) -> str:
        return self.subject
