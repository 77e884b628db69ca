"""The built-in endpoint of each App."""

import secrets

from django.db import models
from django.db.models import Q

from apps_catalog.models.apps import App
from apps_catalog.states import EchoScript, SignatureState


def new_echo_token() -> str:
    return secrets.token_urlsafe(16)


class EchoInbox(models.Model):
    """The built-in endpoint of an App: remembers what it was sent, and answers as its script says."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="echo")
    token = models.CharField(max_length=40, unique=True, default=new_echo_token)
    script = models.CharField(max_length=16, choices=EchoScript, default=EchoScript.OK)
    # How many requests are still answered by the script; None: until it is changed.
    script_left = models.PositiveSmallIntegerField(null=True, blank=True)
    # For Retry-After and for the slow answer.
    script_seconds = models.PositiveSmallIntegerField(default=0)
    script_message = models.CharField(max_length=500, blank=True)
    # Requests up to this one are out of sight, and come back until they are swept.
    cleared_to = models.BigIntegerField(default=0)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "echo inboxes"
        constraints = [models.CheckConstraint(condition=Q(script__in=EchoScript.values), name="echo_known_script")]

    def __str__(self) -> str:
        return f"echo of {self.app}"


class EchoRequest(models.Model):
    """One request received by an echo inbox and what it was answered; the newest 100 are kept. Secrets are masked."""

    inbox = models.ForeignKey(EchoInbox, on_delete=models.CASCADE, related_name="requests")
    at = models.DateTimeField(auto_now_add=True)
    method = models.CharField(max_length=10)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    # Bytes as they came, and what a list says of the event: “track · Signed up”.
    size = models.PositiveIntegerField(default=0)
    summary = models.CharField(max_length=120, blank=True)
    # Judged before anything was masked: a masked body fits no signature.
    signature = models.CharField(max_length=10, choices=SignatureState, default=SignatureState.NONE)
    script = models.CharField(max_length=16, choices=EchoScript, default=EchoScript.OK)
    status = models.PositiveSmallIntegerField(default=200)
    # {"headers": [[name, value]], "body": text}; empty for the plain 200.
    answer = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-pk"]
