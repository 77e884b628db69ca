"""The outbox: one row for each message that leaves the product, and the notices shown inside it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from leases.models import LeasedQuerySet, LeasedRow
from notifications.states import MessageState


class OutboxQuerySet(LeasedQuerySet):
    def queued(self) -> Self:
        return self.filter(state=MessageState.QUEUED)

    def next_in_line(self) -> Self:
        """Queued mails that no earlier mail of the same case to the same person is still in front of.

        Mails outside a case (log-in codes) wait for nothing but their own time.
        """
        under_way = Q(tries__gt=0) | Q(lease_token__isnull=False)
        earlier = OutboxMessage.objects.queued().filter(
            under_way, case=OuterRef("case"), recipient=OuterRef("recipient"), created_at__lt=OuterRef("created_at")
        )
        return self.queued().filter(Q(case="") | ~Exists(earlier))


class OutboxMessage(LeasedRow):
    """One mail to one address, written in the same transaction as its cause.

    The Message-ID is fixed here, so that the one window nobody can close (accepted by the mail server,
    not yet recorded by us) shows as the same mail twice and never as a lost one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, db_index=True)
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=300, unique=True)
    # Mails of one case (an App, an access request) thread together in the reader's mail program.
    case = models.CharField(max_length=80, blank=True, db_index=True)
    # The same effect asked for twice is one mail.
    dedupe_key = models.CharField(max_length=120, unique=True, null=True, blank=True)
    # Carries a code or a personal link: never shown to staff, wiped once it is gone.
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # Tries that ended with an answer or an error. `attempts` counts claims, also by workers that died.
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    # Set while the mail is being handed over. Found set on a new claim: a worker died in just that moment.
    sending_since = models.DateTimeField(null=True, blank=True, editable=False)
    # How often the mail may have arrived beside the one time we know of.
    possible_repeats = models.PositiveSmallIntegerField(default=0, editable=False)
    last_error = models.TextField(blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="outbox_due"),
            models.Index(fields=["recipient", "-created_at"], name="outbox_by_recipient"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=MessageState.values), name="outbox_known_state")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class Notice(models.Model):
    """What a mail said, kept in the product: a mail is only a copy."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    message = models.OneToOneField(
        OutboxMessage, null=True, blank=True, on_delete=models.SET_NULL, related_name="notice"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # A held decision is told when its mail goes out, not before.
    visible_at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-visible_at", "-id"]
        indexes = [models.Index(fields=["user", "read_at", "visible_at"], name="notice_unread")]

    def __str__(self) -> str:
        return self.text


class Heartbeat(models.Model):
    """When a part that runs by itself was last seen at work; `doctor` reads it."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
