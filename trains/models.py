"""The release train: what is on its way out, what left when, and the days on which nothing leaves (S31)."""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps_catalog.models import App, AppVersion
from pulls.models import PullRequest
from trains.states import TRAVELLING, Lane, PassengerState


class Freeze(models.Model):
    """Days, both ends included, on which no train leaves. The emergency lane stays open."""

    first = models.DateField()
    last = models.DateField()
    reason = models.CharField(max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["first", "pk"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="freeze_has_days")]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}: {self.reason}"

    def clean(self) -> None:
        if self.first and self.last and self.last < self.first:
            raise ValidationError({"last": "The last day comes before the first."})


class Departure(models.Model):
    """A release that left: a train of its day, or one App in the emergency lane."""

    # The release day where the office is; for the emergency lane the day on which it happened.
    day = models.DateField()
    lane = models.CharField(max_length=10, choices=Lane, default=Lane.REGULAR)
    left_at = models.DateTimeField(default=timezone.now)
    # Null when the clock or a command did it.
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-left_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["day"], condition=Q(lane="regular"), name="departure_one_train_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.get_lane_display()} of {self.day}"


class PassengerQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(app__in=App.objects.visible_to(user))

    def travelling(self) -> Self:
        return self.filter(state__in=sorted(TRAVELLING))


class Passenger(models.Model):
    """An approved version whose code goes out by pull request. Customers get the version when it departs.

    `ready_at` is the later of approval and merge: it decides which train takes it.
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="passengers")
    version = models.ForeignKey(AppVersion, on_delete=models.CASCADE, related_name="passengers")
    pull = models.ForeignKey(PullRequest, on_delete=models.PROTECT, related_name="passengers")
    state = models.CharField(max_length=12, choices=PassengerState, default=PassengerState.APPROVED)
    # The commit that was approved.
    head_sha = models.CharField(max_length=64)
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    ready_at = models.DateTimeField(null=True, blank=True)
    lane = models.CharField(max_length=10, choices=Lane, default=Lane.REGULAR)
    # Why the emergency lane, why it is held back, why it was rolled back: the newest of them; the record keeps all.
    reason = models.TextField(blank=True)
    # The day of the train that its makers were last told, so that they hear of a change.
    told_day = models.DateField(null=True, blank=True)
    departure = models.ForeignKey(Departure, null=True, blank=True, on_delete=models.PROTECT, related_name="passengers")
    departed_at = models.DateTimeField(null=True, blank=True)
    # What was live before, so that a rollback can put it back; null when nothing was.
    replaced_version = models.ForeignKey(AppVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = PassengerQuerySet.as_manager()

    class Meta:
        ordering = ["-approved_at", "-pk"]
        indexes = [models.Index(fields=["state", "ready_at"], name="passenger_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["app"], condition=Q(state__in=sorted(TRAVELLING)), name="passenger_one_travels"
            ),
            models.CheckConstraint(condition=Q(state__in=PassengerState.values), name="passenger_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.app} v{self.version.number}"

    @property
    def is_travelling(self) -> bool:
        return self.state in TRAVELLING
