"""The outbox: one row for each message that leaves the product, and the notices shown inside it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from leases.models import LeasedQuerySet, LeasedRow
from notifications.states import InboundState, MessageState


class SlackChannel(models.Model):
    """An incoming webhook of Slack, and what is posted there. The address lets everybody post: it is sealed."""

    name = models.CharField(max_length=80, unique=True, help_text="For yourselves, for example “#partner-news”.")
    # Whose channel it is: a company's audit chain (“company:12”), or empty for the team's own.
    scope = models.CharField(max_length=40, blank=True, default="", editable=False)
    address_sealed = models.TextField(editable=False)
    # Names of kinds (notifications.kinds).
    kinds = models.JSONField(default=list, blank=True)
    is_on = models.BooleanField("is on", default=True, help_text="Off: nothing new is queued for it.")
    # Slack said that the address no longer works: what is queued stays until staff give a new one.
    parked_at = models.DateTimeField(null=True, blank=True, editable=False)
    parked_reason = models.CharField(max_length=300, blank=True, editable=False)
    # Slack asked us to wait (429).
    quiet_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = "Slack channel"
        constraints = [models.UniqueConstraint(fields=["scope"], condition=~Q(scope=""), name="slack_one_per_company")]

    def __str__(self) -> str:
        return self.name


class OutboxQuerySet(LeasedQuerySet):
    def queued(self) -> Self:
        return self.filter(state=MessageState.QUEUED)

    def mails(self) -> Self:
        return self.filter(channel__isnull=True)

    def to_slack(self, channel: SlackChannel) -> Self:
        return self.filter(channel=channel)

    def next_in_line(self) -> Self:
        """Queued mails that no earlier mail of the same case to the same person is still in front of.

        Mails outside a case (log-in codes) wait for nothing but their own time.
        """
        under_way = Q(tries__gt=0) | Q(lease_token__isnull=False)
        # A post to Slack has no recipient: it waits for those to the same channel.
        same_way = Q(channel__isnull=True) | Q(channel=OuterRef("channel"))
        earlier = OutboxMessage.objects.queued().filter(
            under_way, same_way, case=OuterRef("case"), recipient=OuterRef("recipient"),
            created_at__lt=OuterRef("created_at"),
        )  # fmt: skip
        return self.queued().filter(Q(case="") | ~Exists(earlier))


class OutboxMessage(LeasedRow):
    """One mail to one address, or one post to one Slack channel, written in the same transaction as its cause.

    The Message-ID is fixed here, so that the one window nobody can close (accepted by the mail server,
    not yet recorded by us) shows as the same mail twice and never as a lost one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, db_index=True)
    # Empty for a post to Slack, which has a `channel` instead.
    recipient = models.EmailField(blank=True)
    channel = models.ForeignKey(SlackChannel, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    # Where an answer by mail goes: signed, and this recipient's own (notifications.reply). Empty: nowhere.
    reply_to = models.CharField(max_length=254, blank=True)
    # Its reader had switched this kind off when it was queued: its time comes, and nothing is sent.
    is_muted = models.BooleanField(default=False)
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
        return f"{self.kind} to {self.recipient or self.channel}"


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


class Preference(models.Model):
    """Whether a person wants one kind of message by mail. Without a row they do; the notice comes anyway."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_preferences")
    kind = models.CharField(max_length=40)
    by_mail = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="preference_one_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind}: {'by mail' if self.by_mail else 'no mail'}"


class TemplateOverride(models.Model):
    """Words that staff put in the place of a template's own. Plain text with {{ placeholders }}, never code."""

    template = models.CharField(max_length=40, unique=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["template"]
        verbose_name = "changed template"

    def __str__(self) -> str:
        return self.template


class ArrivedMail(LeasedRow):
    """A mail as it came through the door for providers, until a worker has read it; then the row is gone.

    `due_at` is null once no try could read it: it waits for staff then.
    """

    # The envelope's recipient, where the provider tells it. Signed: staff never see it.
    recipient = models.CharField(max_length=320, blank=True)
    raw = models.BinaryField()
    size = models.PositiveIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        verbose_name = "mail that was not read yet"
        verbose_name_plural = "mails that were not read yet"

    def __str__(self) -> str:
        return f"arrived mail {self.pk}"


class InboundMail(models.Model):
    """A mail that came in, known again by its Message-ID. Its text is kept only while it waits for staff."""

    # SHA-256 of the Message-ID, or of the whole mail if it has none.
    digest = models.CharField(max_length=64, unique=True)
    # Whose reply address it was sent to.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="inbound_mails"
    )
    case = models.CharField(max_length=80, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=InboundState)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["state", "-at"], name="inbound_by_state")]
        constraints = [models.CheckConstraint(condition=Q(state__in=InboundState.values), name="inbound_known_state")]

    def __str__(self) -> str:
        return f"mail {self.pk}"
