"""The built-in endpoint of each App."""

import secrets

from django.db import models

from apps_catalog.models.apps import App


def new_echo_token() -> str:
    return secrets.token_urlsafe(16)


class EchoInbox(models.Model):
    """The built-in endpoint of an App: answers 200 and remembers what it was sent."""

    app = models.OneToOneField(App, on_delete=models.CASCADE, related_name="echo")
    token = models.CharField(max_length=40, unique=True, default=new_echo_token)

    class Meta:
        verbose_name_plural = "echo inboxes"

    def __str__(self) -> str:
        return f"echo of {self.app}"


class EchoRequest(models.Model):
    """One request received by an echo inbox; the newest 100 are kept."""

    inbox = models.ForeignKey(EchoInbox, on_delete=models.CASCADE, related_name="requests")
    at = models.DateTimeField(auto_now_add=True)
    method = models.CharField(max_length=10)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
