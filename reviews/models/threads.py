"""The one conversation of an App: what partner and reviewers write to each other, and whose turn it is."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps_catalog.models import App
from reviews.states import EntryKind, Side


class Thread(models.Model):
    """Whose turn it is, kept beside the App so that a queue can show it as a column (`app__thread__turn`)."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, primary_key=True, related_name="thread")
    # Who is to answer; blank: nobody waits for a word.
    turn = models.CharField(max_length=8, choices=Side, blank=True)
    turn_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(turn__in=["", *Side.values]), name="thread_known_turn")]

    def __str__(self) -> str:
        return f"thread of {self.app_id}"


class ThreadEntry(models.Model):
    """A message, or a note that only reviewers see. Decisions and questions are read from the audit record."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="thread_entries")
    kind = models.CharField(max_length=8, choices=EntryKind)
    side = models.CharField(max_length=8, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # What the author was when they wrote, for the other side to read: “Owner”, “Reviewer”.
    role = models.CharField(max_length=20)
    text = models.TextField()
    by_mail = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)
    # Made by the form: the same form sent twice is one message. Replies by mail have none.
    token = models.UUIDField(unique=True, null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name_plural = "thread entries"
        indexes = [models.Index(fields=["app", "at"], name="thread_by_app")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="thread_known_kind"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="thread_known_side"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def author_for_others(self) -> str:
        """Who wrote, as the other side reads it: a partner's name and role, of Segment's people only the role."""
        if self.side == Side.SEGMENT:
            return f"{self.role} at Segment"
        name = self.author.name if self.author else ""
        return f"{name}, {self.role.lower()}" if name else self.role

    @property
    def author_for_own_side(self) -> str:
        return f"{self.author.display_name}, {self.role.lower()}" if self.author else f"{self.role} who left"


class ThreadReader(models.Model):
    """How far a person has read: the newest entry that was on their page."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    last_entry = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "user"], name="thread_read_once")]

    def __str__(self) -> str:
        return f"read to {self.last_entry}"
