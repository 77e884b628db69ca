"""Events, what becomes of them at each destination, and the numbers about both (D28 to D34).

Rows that come by the thousand point to others without a constraint in the database, so that they can be cut
into partitions by day and dropped with them (docs/scaling.md).
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from delivery.states import (
    SETTLED,
    DeliveryKind,
    DeliveryState,
    Fault,
    Origin,
    RegulationKind,
    RegulationState,
    Stage,
)
from leases.models import LeasedQuerySet, LeasedRow
from workspaces.models import Destination, Source


class SeenMessage(models.Model):
    """A messageId that a source has sent (D29). `digest` tells a repetition from another event under the same id."""

    pk = models.CompositePrimaryKey("source_id", "message_id")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    message_id = models.CharField(max_length=100)
    digest = models.CharField(max_length=32)
    at = models.DateTimeField(db_index=True)


class Event(models.Model):
    """One event as it arrived, and how it goes out (D28). One with a `fault` was refused and goes nowhere."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    message_id = models.CharField(max_length=100)
    type = models.CharField(max_length=10)
    # The event of a track call, the name of a page or screen.
    name = models.CharField(max_length=200, blank=True)
    user_id = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.API)
    fault = models.CharField(max_length=20, choices=Fault, blank=True)
    # JSON text, because jsonb would reorder the keys of what is sent.
    payload = models.TextField()
    # Nobody has yet looked which destinations get it.
    is_waiting = models.BooleanField(default=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["source", "-id"], name="event_by_source"),
            models.Index(fields=["id"], name="event_waiting", condition=Q(is_waiting=True)),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"


class Uncounted(models.Model):
    """What intake saw and did not store as events: repetitions, and refusals beyond the first few of a request.

    Only ever inserted, so that no request waits for another to count; dispatching adds them to the tallies.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    at = models.DateTimeField()
    stage = models.CharField(max_length=10, choices=Stage)
    code = models.CharField(max_length=60, blank=True)
    count = models.PositiveIntegerField()


class Replay(LeasedRow):
    """A wish to send stored events once more: one, those of a filter or a time range. Never counted in health."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="replays")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # What was asked for: {"events": [ids]} or {"type", "name", "state", "from", "to"}.
    selection = models.JSONField(default=dict)
    # The last event that was looked at, and how many were taken and are to be looked at.
    reached = models.BigIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]


class Delivery(LeasedRow):
    """One event on its way to one destination. `due_at` is when it is tried next; null once it is settled."""

    id = models.BigAutoField(primary_key=True)
    due_at = models.DateTimeField(null=True, blank=True)  # found by the partial index below
    event = models.ForeignKey(Event, on_delete=models.CASCADE, db_constraint=False, related_name="deliveries")
    destination = models.ForeignKey(
        Destination, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="deliveries"
    )
    kind = models.CharField(max_length=6, choices=DeliveryKind, default=DeliveryKind.LIVE)
    replay = models.ForeignKey(
        Replay, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="deliveries"
    )
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    # When the event was received, and when this row was settled: the time end to end.
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    first_tried_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    # Of the last attempt (D31); "" when it was delivered.
    code = models.CharField(max_length=60, blank=True)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["destination", "-id"], name="delivery_by_destination"),
            models.Index(fields=["destination", "due_at"], name="delivery_due", condition=Q(due_at__isnull=False)),
            # A handful at any time: somebody waits for them.
            models.Index(fields=["due_at"], name="delivery_test_due", condition=Q(kind="test", due_at__isnull=False)),
            models.Index(fields=["replay"], name="delivery_by_replay", condition=Q(replay__isnull=False)),
        ]
        constraints = [
            # However often an event is dispatched, each destination gets it once.
            models.UniqueConstraint(
                fields=["event", "destination"], condition=Q(kind=DeliveryKind.LIVE), name="delivery_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(SETTLED)) | Q(due_at__isnull=True), name="delivery_settled_is_not_due"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Attempt(models.Model):
    """One try, with the exact exchange; secrets are masked before it is stored (T25)."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, db_constraint=False, related_name="made")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    code = models.CharField(max_length=60, blank=True)
    duration_ms = models.FloatField(null=True, blank=True)
    # As runtime.egress.Exchange writes itself; of a function, `details` as testbench keeps them.
    request = models.JSONField(null=True, blank=True)
    response = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    timings = models.JSONField(null=True, blank=True)
    details = models.JSONField(null=True, blank=True)
    # In plain words: what the answer means, with the endpoint's own message; the likely cause, and the fix.
    message = models.TextField(blank=True)
    cause = models.TextField(blank=True)
    fix = models.TextField(blank=True)

    class Meta:
        ordering = ["number", "pk"]


class Lane(models.Model):
    """How the engine stands to one destination. After a failure that others would share it waits until `open_at`."""

    destination = models.OneToOneField(Destination, on_delete=models.CASCADE, primary_key=True, related_name="lane")
    open_at = models.DateTimeField(null=True, blank=True)
    # Failures in a row that concern the endpoint itself; null `failing_since` when the last one was taken.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)


class Tally(models.Model):
    """How many events reached a stage within five minutes. `bucket`: the class of time end to end (delivery.counting).

    `destination_number` is 0 where a source alone is meant. Written by increments, so that nothing is ever counted by
    going through events.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    destination_number = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    stage = models.CharField(max_length=10, choices=Stage)
    code = models.CharField(max_length=60, blank=True)
    bucket = models.PositiveSmallIntegerField(default=0)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "destination_number", "at", "stage", "code", "bucket"], name="tally_one_row"
            )
        ]


class Story(LeasedRow):
    """“A week of Ada”: a persona's journey that is being played through a source, with its progress."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="stories")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # Makes the persona and her week the same again after a worker died.
    seed = models.CharField(max_length=32)
    planned = models.PositiveIntegerField()
    sent = models.PositiveIntegerField(default=0)
    # Events a second.
    pace = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "stories"


class Regulation(LeasedRow):
    """A request to delete or suppress people (D34)."""

    workspace = models.ForeignKey("workspaces.Workspace", on_delete=models.CASCADE, related_name="regulations")
    kind = models.CharField(max_length=30, choices=RegulationKind)
    # Kept until the request is long done; `people` says afterwards how many there were.
    user_ids = models.JSONField()
    people = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, choices=RegulationState, default=RegulationState.INITIALIZED)
    # How far the worker is; delivery.regulating reads and writes it.
    progress = models.JSONField(default=dict, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]


class Suppressed(models.Model):
    """A user whose events a workspace does not take any more (D34)."""

    # The constraint's index finds both a workspace's rows and one user; a second one would lead the planner astray.
    workspace = models.ForeignKey(
        "workspaces.Workspace", on_delete=models.CASCADE, db_index=False, related_name="suppressed"
    )
    user_id = models.CharField(max_length=200)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user_id"], name="suppressed_once")]
